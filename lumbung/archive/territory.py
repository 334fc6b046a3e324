"""One territory's data, taken out of an installation as an archive of its own.

What belongs to it is what somebody with one mandate there would see: the same rule as
on every page (`visible_to`); but what lies elsewhere and everybody may read stays there,
such as runs and questions about published numbers. Rows that stand outside are never in it; where rows
inside lean on one, the link is emptied or the row is left out. What everybody may
read (places, packs, indicators, sources) goes along as far as it is leaned on, and so
do the names of people. Secrets never do. Integer keys are counted anew, so that they
give nothing away about the rest, and so that the same data gives the same digests.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from lumbung.accounts.abilities import ABILITIES, FUNDING
from lumbung.accounts.models import Mandate, Role, User
from lumbung.archive.rows import Row
from lumbung.archive.schema import foreign_keys, in_order, is_kept, is_table
from lumbung.core.access import Access
from lumbung.fields import below
from lumbung.measures.runs.snapshots import path_of
from lumbung.places.models import Place

Keys = set[Any]
PIECE = 500
INSIDE = {Access.WORK, Access.RESTRICTED, Access.SEALED}

# Columns that never leave: whatever lets somebody in.
SECRET: dict[str, dict[str, Any]] = {
    "accounts.user": {
        "password": "!",
        "email": "",
        "last_login": None,
        "is_superuser": False,
        "is_staff": False,
    },
}
# Rows of these may lie outside and still be leaned on: they go along as a name, with
# what they say about other places taken out.
AS_A_NAME: dict[str, dict[str, Any]] = {
    "accounts.user": {"is_active": False},
    "imports.import": {
        "sample": [],
        "touched": [],
        "header": [],
        "parameters": {},
        "failure": None,
    },
}
# Proof of the whole trail: a part of it proves nothing, and counts what others did.
LEFT_OUT = {"accounts.seal"}


def surveyor(place: Place) -> User:
    """Somebody who would see all of `place` and nothing else. Never saved."""
    role = Role(pk=-1, code="surveyor", rank=0, levels=[])
    person = User(pk=-1, username="surveyor")
    mandate = Mandate(user=person, role=role, place=place, starts_on=date.min)
    mandate.abilities = ABILITIES - {FUNDING}  # a donor would see nothing else
    person.__dict__["mandates_in_force"] = [mandate]
    return person


@dataclass
class Part:
    """What of one table goes along: rows inside, and rows as a name."""

    model: type[models.Model]
    inside: Keys = field(default_factory=set)
    named: Keys = field(default_factory=set)

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def keys(self) -> Keys:
        return self.inside | self.named


class Territory:
    """The rows of one territory, by table."""

    def __init__(self, place: Place, alias: str) -> None:
        self.place = place
        self.alias = alias
        self.parts = {
            model._meta.label_lower: Part(model) for model in ordered_models()
        }
        who = surveyor(place)
        for part in self.parts.values():
            part.inside = self.standing(part, who)
        for part in reversed(self.parts.values()):
            self.lean(part)
        for part in self.parts.values():
            self.belonging(part)
        # Numbered in the order of their keys: the same data, the same numbers.
        self.numbers: dict[str, dict[Any, int]] = {
            label: {key: n for n, key in enumerate(sorted(part.keys), start=1)}
            for label, part in self.parts.items()
            if is_counted(part.model)
        }

    def standing(self, part: Part, who: User) -> Keys:
        """The rows of a table that stand inside, with all they cannot do without."""
        rows = self.candidates(part.model, who)
        if rows is None:
            return set()
        strict = [
            (each.attname, self.parts[each.related_model._meta.label_lower])
            for each in foreign_keys(part.model)
            if not each.null and each.related_model is not part.model
            if self.is_strict(each.related_model)
        ]
        names = [attname for attname, _ in strict]
        found = set()
        for key, *values in rows.values_list("pk", *names).iterator(chunk_size=2000):
            if all(
                v in other.inside for v, (_, other) in zip(values, strict, strict=True)
            ):
                found.add(key)
        return found

    def candidates(
        self, model: type[models.Model], who: User
    ) -> "models.QuerySet[Any] | None":
        """Rows that may stand inside: by the rule, by place, or as part of such a row."""
        rows: Any = model._default_manager.using(self.alias)
        if model is Place:
            return rows.filter(below("path", self.place.path))  # type: ignore[no-any-return]
        if getattr(model, "access", None) in INSIDE:
            if hasattr(rows.all(), "visible_to"):
                return rows.visible_to(who).filter(self.lies_here(model))  # type: ignore[no-any-return]
            strict = [f for f in foreign_keys(model) if self.is_strict(f.related_model)]
            return rows.all() if strict else None
        rule = self.lies_here(model)
        return rows.filter(rule) if rule else None

    def lies_here(self, model: type[models.Model]) -> Q:
        """That all places which a row must name lie in the territory."""
        rule = Q()
        for each in foreign_keys(model):
            if each.related_model is Place and not each.null:
                rule &= below(f"{each.name}__path", self.place.path)
        return rule

    def is_strict(self, model: Any) -> bool:
        """Whether leaning on a row of `model` outside keeps a row from going along."""
        label = model._meta.label_lower
        if label in AS_A_NAME or label not in self.parts:
            return False
        # Files carry no territory; they come with the evidence that uses them.
        return bool(model.access in INSIDE) and (
            hasattr(model._default_manager.all(), "visible_to")
            or any(self.is_strict(f.related_model) for f in foreign_keys(model))
        )

    def lean(self, part: Part) -> None:
        """Let what the rows of a table lean on go along, as a name."""
        asked, seen = part.keys, set[Any]()
        while asked:
            seen |= asked
            found = self.leaned_on(part, asked)
            for label, keys in found.items():
                other = self.parts[label]
                if not self.is_strict(other.model):
                    other.named |= keys - other.inside
            # Its own rows (a place's parent, a pack's base) may lean on more.
            own = found.get(part.label, set()) - seen
            asked = set() if self.is_strict(part.model) else own
        part.named -= part.inside

    def belonging(self, part: Part) -> None:
        """Take what is a part of what goes along: the abilities of a role."""
        owners = [
            (f.attname, self.parts[f.related_model._meta.label_lower])
            for f in foreign_keys(part.model)
            if f.remote_field.on_delete is models.CASCADE
            and f.related_model._meta.label_lower in self.parts
        ]
        if not owners or part.model.access is not Access.REFERENCE:  # type: ignore[attr-defined]
            return
        names = [attname for attname, _ in owners]
        rows = part.model._base_manager.using(self.alias)
        for key, *values in rows.values_list("pk", *names):
            if all(v in o.keys for v, (_, o) in zip(values, owners, strict=True)):
                part.named.add(key)

    def leaned_on(self, part: Part, keys: Keys) -> dict[str, Keys]:
        found: dict[str, Keys] = defaultdict(set)
        links = [
            f
            for f in foreign_keys(part.model)
            if f.related_model._meta.label_lower in self.parts
        ]
        if not links:
            return found
        names = [f.attname for f in links]
        for row in self.fetch(part, keys, names):
            for link, value in zip(links, row, strict=True):
                if value is not None:
                    found[link.related_model._meta.label_lower].add(value)
        return found

    def fetch(self, part: Part, keys: Keys, names: list[str]) -> Iterator[Row]:
        """Columns of some rows by key, a few hundred at a time."""
        wanted = sorted(keys)
        for start in range(0, len(wanted), PIECE):
            some = wanted[start : start + PIECE]
            rows: Any = part.model._base_manager.using(self.alias)
            yield from rows.filter(pk__in=some).order_by("pk").values_list(*names)

    def rows(self, part: Part, names: list[str]) -> Iterator[Row]:
        """The rows of a table as they leave: numbered anew, links outside emptied."""
        key = names.index(part.model._meta.pk.attname)
        links = {
            f.attname: f.related_model._meta.label_lower
            for f in foreign_keys(part.model)
        }
        secret = SECRET.get(part.label, {})
        for row in self.fetch(part, part.keys, names):
            named = {} if row[key] in part.inside else AS_A_NAME.get(part.label, {})
            emptied = secret | {k: v for k, v in named.items() if k in names}
            values = [
                emptied[name] if name in emptied else self.link(links.get(name), value)
                for name, value in zip(names, row, strict=True)
            ]
            if part.label in self.numbers and part.model._meta.pk.attname not in links:
                values[key] = self.numbers[part.label][row[key]]
            yield values

    def evidence(self) -> Iterator[str]:
        """The digests of the files that go along."""
        part = self.parts["evidence.storedfile"]
        for (sha256,) in self.fetch(part, part.keys, ["sha256"]):
            yield sha256

    def home_files(self) -> Iterator[str]:
        """The files of the installation's folder that rows inside are kept in.

        What runs read and gave, and files of imports that wait for a decision.
        """
        runs = self.parts["measures.run"]
        for names in self.fetch(runs, runs.inside, ["rows", "labels"]):
            yield from (f"snapshots/{path_of(name)}" for name in names if name)
        imports = self.parts["imports.import"]
        for (uid,) in self.fetch(imports, imports.inside, ["uid"]):
            yield f"imports/{uid}"

    def link(self, label: str | None, value: Any) -> Any:
        if label is None or value is None:
            return value
        if label in self.numbers:
            return self.numbers[label].get(value)
        return (
            value if label in self.parts and value in self.parts[label].keys else None
        )


def ordered_models() -> list[type[models.Model]]:
    """Our own tables that others may have a part of, what is leaned on first."""
    return in_order(
        model
        for model in apps.get_models()
        if is_table(model)
        and isinstance(getattr(model, "access", None), Access)
        and model.access is not Access.OWN  # type: ignore[attr-defined]
        and is_kept(model._meta.label_lower)
        and model._meta.label_lower not in LEFT_OUT
    )


def is_counted(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.AutoField)
