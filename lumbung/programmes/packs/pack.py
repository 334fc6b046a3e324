"""A pack as objects: what a programme's rules say, read from a `PackVersion`.

Nothing here reads a folder; `folder.py` does, when a pack is checked or loaded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from lumbung.core import gates, quorum
from lumbung.core.conditions import completed
from lumbung.core.gates import Condition, Gate
from lumbung.core.message import Message, Text, Value, joined
from lumbung.core.quorum import Quorum
from lumbung.programmes.models import PackVersion

Item = Mapping[str, Any]

KINDS = (
    "sources",
    "roles",
    "exclusive_roles",
    "sectors",
    "funding_sources",
    "facts",
    "indicators",
    "class_schemes",
    "classifications",
    "templates",
    "programmes",
    "glossary",
)
# Kinds that packs learnt after some were loaded: one that has none of them is written
# without them, so that its digest stays what it was.
LATER = frozenset({"classifications"})


@dataclass(frozen=True)
class Source:
    """Where an item of a pack comes from. `kind` is document or own."""

    id: str
    title: str
    url: str
    kind: str


@dataclass(frozen=True)
class RoleRule:
    """A role as the pack gives it: `rank` smaller is higher, `levels` of places."""

    code: str
    name: Text
    rank: int
    levels: tuple[int, ...]
    abilities: tuple[str, ...]
    programme: str


@dataclass(frozen=True)
class FactType:
    """A fact that people declare. `type` as in `core.conditions.OPERATORS`."""

    id: str
    name: Text
    type: str
    unit: Text | None
    choices: Mapping[str, Text]
    help: Text | None
    status: str
    source: tuple[str, ...]

    def said(self, value: Value) -> Value:
        """A declared value in words: the name of a choice, yes or no, the unit."""
        if self.type == "yesno":
            return Message("yes") if value == "yes" else Message("no")
        if isinstance(value, str):
            return self.choices.get(value, value)
        if self.unit is None:
            return value
        return Message("%(value)s %(unit)s", value=value, unit=self.unit)


@dataclass(frozen=True)
class Requirement:
    """A kind of paper or photo that a step asks for."""

    id: str
    name: Text
    at_least: int
    help: Text | None


@dataclass(frozen=True)
class Outcome:
    """How a case may end after its last step."""

    id: str
    name: Text


@dataclass(frozen=True)
class Step:
    """A step of a template. `decides` says who, in words; `movers` are role codes.

    `position` counts from 1; `expected_days` is when a case counts as stuck;
    `declares` are the facts that people enter here; `returns` the earlier steps that
    a case may be sent back to. No `gate` means that nothing is asked. `was` are the ids
    that earlier versions of the pack had for this step.
    """

    id: str
    position: int
    name: Text
    purpose: Text
    decides: Text
    movers: tuple[str, ...]
    expected_days: int | None
    evidence: tuple[Requirement, ...]
    declares: tuple[str, ...]
    gate: Gate | None
    quorum: Quorum | None
    returns: tuple[str, ...]
    status: str
    source: tuple[str, ...]
    was: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids under which evidence and decisions of this step may be kept."""
        return (self.id, *self.was)


@dataclass(frozen=True)
class Template:
    """The way a kind of case walks. Case numbers start with `prefix`."""

    id: str
    name: Text
    subject: Text
    prefix: str
    programme: str
    steps: tuple[Step, ...]
    outcomes: tuple[Outcome, ...]
    status: str
    source: tuple[str, ...]

    @property
    def first(self) -> Step:
        return self.steps[0]

    def step(self, id: str) -> Step:
        """The step of this id; `KeyError` if the template has none."""
        for step in self.steps:
            if step.id == id:
                return step
        raise KeyError(id)

    def after(self, id: str) -> Step | None:
        """The step that follows the one of this id, or None after the last."""
        position = self.step(id).position
        return self.steps[position] if position < len(self.steps) else None

    def outcome(self, id: str) -> Outcome:
        return next(outcome for outcome in self.outcomes if outcome.id == id)


@dataclass(frozen=True)
class ProgrammeRule:
    """A programme: its templates, and codes of places where it is known to run."""

    code: str
    name: Text
    summary: Text
    templates: tuple[str, ...]
    places: tuple[str, ...]
    status: str
    source: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """A term of the glossary, explained in both languages."""

    term: str
    meaning: Text


@dataclass(frozen=True)
class Listed:
    """Any item of a pack, for a page that lists them with source and status."""

    kind: str
    id: str
    name: Text | str
    status: str
    source: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """A whole pack, with all that it inherits from the one it extends."""

    code: str
    version: str
    name: Text
    status: str
    valid_from: date
    valid_to: date | None
    extends: str
    about: Text | None
    sources: Mapping[str, Source]
    roles: Mapping[str, RoleRule]
    exclusive: tuple[tuple[str, str, Text], ...]
    sectors: Mapping[str, Text]
    funding_sources: Mapping[str, Text]
    facts: Mapping[str, FactType]
    templates: Mapping[str, Template]
    programmes: Mapping[str, ProgrammeRule]
    indicators: Mapping[str, Item]
    class_schemes: Mapping[str, Item]
    classifications: Mapping[str, Item]
    glossary: tuple[Word, ...]
    items: tuple[Listed, ...]

    def role_names(self, codes: tuple[str, ...]) -> Text:
        """The names of some roles, one after the other."""
        return joined(self.roles[code].name for code in codes)

    def templates_of(self, programme: str) -> list[Template]:
        """The templates of a programme, in the order in which it names them."""
        own = [t for t in self.templates.values() if t.programme == programme]
        named = self.programmes[programme].templates
        return sorted(
            own, key=lambda t: (t.id not in named, [*named, t.id].index(t.id))
        )

    def sources_of(self, ids: tuple[str, ...]) -> tuple[Source, ...]:
        return tuple(self.sources[id] for id in ids)

    def template_of(self, programme: str, asked: str) -> Template | None:
        """The kind of case that is asked for, if the programme has it; else its first."""
        own = self.templates_of(programme)
        return next((t for t in own if t.id == asked), own[0] if own else None)


@lru_cache(maxsize=64)
def pack_of(pk: int) -> Pack:
    """The pack of a `PackVersion` by its primary key, kept: versions never change."""
    return build(PackVersion.objects.get(pk=pk).content)


def build(content: Mapping[str, Any]) -> Pack:
    """Make the objects of a checked pack, whole and canonical, out of plain JSON."""
    facts = {item["id"]: fact_of(item) for item in content["facts"]}
    indicators = {item["id"]: item for item in content["indicators"]}
    called = {f"declared:{id}": (f.name, f.choices) for id, f in facts.items()}
    called |= {f"indicator:{id}": (words(i), {}) for id, i in indicators.items()}
    called |= {f"class:{s['id']}": class_words(s) for s in content["class_schemes"]}
    return Pack(
        code=content["code"],
        version=content["version"],
        name=words(content),
        status=content["status"],
        valid_from=date.fromisoformat(content["valid_from"]),
        valid_to=day(content.get("valid_to")),
        extends=content.get("extends", ""),
        about=words_or_none(content, "about"),
        sources={item["id"]: source_of(item) for item in content["sources"]},
        roles={item["id"]: role_of(item) for item in content["roles"]},
        exclusive=tuple(
            (item["one"], item["other"], words(item, "reason"))
            for item in content["exclusive_roles"]
        ),
        sectors={item["id"]: words(item) for item in content["sectors"]},
        funding_sources={i["id"]: words(i) for i in content["funding_sources"]},
        facts=facts,
        templates={t["id"]: template_of(t, called) for t in content["templates"]},
        programmes={p["id"]: programme_of(p) for p in content["programmes"]},
        indicators=indicators,
        class_schemes={item["id"]: item for item in content["class_schemes"]},
        classifications={
            item["id"]: item for item in content.get("classifications", ())
        },
        glossary=tuple(
            Word(item["term"], words(item, "meaning")) for item in content["glossary"]
        ),
        items=tuple(listed(content)),
    )


def words(item: Item, key: str = "name") -> Text:
    return Text(item[key]["id"], item[key]["en"])


def class_words(scheme: Item) -> tuple[Text, dict[str, Text]]:
    """What a scheme is called, and its classes by their codes."""
    return words(scheme), {each["code"]: words(each) for each in scheme["classes"]}


def words_or_none(item: Item, key: str) -> Text | None:
    return words(item, key) if key in item else None


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def source_of(item: Item) -> Source:
    return Source(item["id"], item["title"], item.get("url", ""), item["kind"])


def role_of(item: Item) -> RoleRule:
    return RoleRule(
        code=item["id"],
        name=words(item),
        rank=item["rank"],
        levels=tuple(item["levels"]),
        abilities=tuple(item["abilities"]),
        programme=item.get("programme", ""),
    )


def fact_of(item: Item) -> FactType:
    return FactType(
        id=item["id"],
        name=words(item),
        type=item["type"],
        unit=words_or_none(item, "unit"),
        choices={choice["id"]: words(choice) for choice in item.get("choices", ())},
        help=words_or_none(item, "help"),
        status=item["status"],
        source=tuple(item["source"]),
    )


Called = Mapping[str, tuple[Text, Mapping[str, Text]]]


def template_of(item: Item, called: Called) -> Template:
    return Template(
        id=item["id"],
        name=words(item),
        subject=words(item, "subject"),
        prefix=item["prefix"],
        programme=item["programme"],
        steps=tuple(
            step_of(step, position, called)
            for position, step in enumerate(item["steps"], start=1)
        ),
        outcomes=tuple(Outcome(o["id"], words(o)) for o in item["outcomes"]),
        status=item["status"],
        source=tuple(item["source"]),
    )


def step_of(item: Item, position: int, called: Called) -> Step:
    evidence = tuple(
        Requirement(e["id"], words(e), e["at_least"], words_or_none(e, "help"))
        for e in item.get("evidence", ())
    )
    return Step(
        id=item["id"],
        position=position,
        name=words(item),
        purpose=words(item, "purpose"),
        decides=words(item, "decides"),
        movers=tuple(item.get("movers", ())),
        expected_days=item.get("expected_days"),
        evidence=evidence,
        declares=tuple(item.get("declares", ())),
        gate=gate_of(item, evidence, called),
        quorum=quorum.parse(item["quorum"]) if "quorum" in item else None,
        returns=tuple(item.get("returns", ())),
        status=item["status"],
        source=tuple(item["source"]),
        was=tuple(item.get("was", ())),
    )


def gate_of(
    item: Item, evidence: tuple[Requirement, ...], called: Called
) -> Gate | None:
    """The step's gate, each condition with a name that people understand."""
    if "gate" not in item:
        return None
    papers = {f"evidence:{e.id}": e for e in evidence}

    def complete(condition: Condition) -> Condition:
        fact, _, suffix = condition.fact.partition("@")
        name: Message | Text | None = condition.name
        help, labels = condition.help, condition.labels
        if fact in papers:
            name, help = name or papers[fact].name, help or papers[fact].help
        elif fact in called:
            own, labels = called[fact]
            if suffix:
                own = Text(f"{own.id}, {suffix}", f"{own.en}, {suffix}")
            name = name or own
        return replace(
            condition, name=name or NAMES.get(fact), help=help, labels=labels
        )

    return completed(gates.parse(item["gate"]), complete)


def programme_of(item: Item) -> ProgrammeRule:
    return ProgrammeRule(
        code=item["id"],
        name=words(item),
        summary=words(item, "summary"),
        templates=tuple(item["templates"]),
        places=tuple(item.get("places", ())),
        status=item["status"],
        source=tuple(item["source"]),
    )


def listed(content: Mapping[str, Any]) -> Iterator[Listed]:
    for kind in KINDS[1:]:
        for item in content.get(kind, ()):
            name = words(item) if "name" in item else item.get("term", item["id"])
            source = tuple(item["source"])
            yield Listed(kind, item["id"], name, item["status"], source)


# What the facts that a case knows about itself are called in a gate's sentences,
# where the pack gives no name of its own.
NAMES = {
    "decision:approved": Message("Decision that approves"),
    "decision:quorum": Message("Quorum"),
    "decision:people": Message("People present"),
    "decision:women": Message("Women present"),
    "decision:women_share": Message("Women present"),
    "decision:sectors": Message("Sectors present"),
    "days:in_step": Message("Days in this step"),
    "days:open": Message("Days since the case was opened"),
    "places": Message("Places of the case"),
    "case:origin": Message("The case it copies"),
}
