"""Loading a pack: the whole of it, checked and hashed, or nothing."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

import lumbung.packs
from lumbung.accounts import audit
from lumbung.accounts.models import Ability, ExclusiveRoles, Role, User
from lumbung.accounts.posts import PROGRAMMES
from lumbung.core.message import Message, Plural
from lumbung.core.refusal import Refusal
from lumbung.programmes.models import PackVersion, Programme
from lumbung.programmes.packs.check import Content, check, digest
from lumbung.programmes.packs.pack import pack_of

# What higher packages take over of a pack that was just loaded, such as its
# indicators: docs/decisions/0011-a-fourth-list-for-loaded-packs.md.
LOADED: list[Callable[[PackVersion], None]] = []


class BadPack(Refusal):
    code = "bad_pack"
    status = 422


class OtherContent(Refusal):
    code = "pack_other_content"


class MayNotLoad(Refusal):
    code = "may_not_load_packs"
    status = 403


def shipped() -> list[Path]:
    """The folders of the packs that come with Lumbung, those to be extended first."""
    root = Path(lumbung.packs.__file__).parent
    folders = [path.parent for path in root.glob("*/pack.yaml")]
    return sorted(folders, key=lambda folder: (folder.name != "indonesia", folder.name))


def find_base(name: str) -> Content | None:
    """The content of a pack by `code@version`: shipped with Lumbung, or loaded."""
    code, _, version = name.partition("@")
    for folder in shipped():
        if folder.name == code:
            content = check(folder, find=find_base).content
            if content and content["version"] == version:
                return content
    row = PackVersion.objects.filter(code=code, version=version).first()
    return row.content if row else None


@transaction.atomic
def load_pack(*, folder: Path, by: User | None) -> PackVersion:
    """Copy the pack in `folder` into an immutable version and put it in force.

    Loading the same content again changes nothing and returns what is there, so that
    set-up can be run twice. A shipped pack that this one extends is loaded before it.
    `by` is nobody at the command line of the machine itself.
    """
    if by and not by.mandates_to("pack.load"):
        raise MayNotLoad(
            Message("Your mandates do not allow loading packs."),
            mend=Message("Ask the administrator of this installation."),
        )
    content = sound(folder)
    sha256 = digest(content)
    known = PackVersion.objects.filter(code=content["code"], version=content["version"])
    if found := known.first():
        if found.sha256 != sha256:
            raise other_content(found, sha256)
        return found
    version = PackVersion.objects.create(
        code=content["code"],
        version=content["version"],
        sha256=sha256,
        content=content,
        extends=base_version(content, by),
        loaded_by=by,
        loaded_at=timezone.now(),
    )
    pack_of.cache_clear()
    put_in_force(version)
    audit.record(
        "load_pack",
        by=by,
        on=version,
        place=None,
        after={"pack": version, "sha256": sha256},
    )
    return version


def sound(folder: Path) -> Content:
    """The pack's content, or a refusal that names every fault with its place."""
    checked = check(folder, find=find_base)
    if checked.content is None:
        count = len(checked.faults)
        raise BadPack(
            Plural(
                "%(count)s fault in this pack; nothing was loaded.",
                "%(count)s faults in this pack; nothing was loaded.",
                count=count,
            ),
            mend=Message("Mend each at its place, then load the folder again."),
            parts=tuple(fault.said() for fault in checked.faults),
        )
    return checked.content


def other_content(found: PackVersion, sha256: str) -> OtherContent:
    return OtherContent(
        Message(
            "%(pack)s is loaded already with other content:"
            " %(loaded)s is in force, the folder has %(folder)s.",
            pack=str(found),
            loaded=found.sha256[:16],
            folder=sha256[:16],
        ),
        mend=Message("Give the changed pack a new version."),
    )


def base_version(content: Content, by: User | None) -> PackVersion | None:
    """The version that this pack extends; loaded now if it is a shipped one."""
    if "extends" not in content:
        return None
    code, _, version = content["extends"].partition("@")
    row = PackVersion.objects.filter(code=code, version=version).first()
    if row:
        return row
    return load_pack(folder=next(f for f in shipped() if f.name == code), by=by)


def put_in_force(version: PackVersion) -> None:
    """Write the rows that a pack brings: roles, programmes, what others take over.

    What it inherits its base has written. An older version than the newest of its
    code is kept for the cases that name it, and changes nothing in force.
    """
    others = PackVersion.objects.filter(code=version.code).exclude(pk=version.pk)
    if any(order(other.version) > order(version.version) for other in others):
        return
    write_roles(version.content)
    write_programmes(version)
    for take_over in LOADED:
        take_over(version)


def order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def write_roles(content: Content) -> None:
    own = content["own"]
    for item in content["roles"]:
        if item["id"] in own["roles"]:
            write_role(item)
    roles = {role.code: role for role in Role.objects.all()}
    for item in content["exclusive_roles"]:
        if item["id"] in own["exclusive_roles"]:
            ExclusiveRoles.objects.update_or_create(
                one=roles[item["one"]],
                other=roles[item["other"]],
                defaults={
                    "reason_id": item["reason"]["id"],
                    "reason_en": item["reason"]["en"],
                },
            )


def write_role(item: dict[str, Any]) -> None:
    role, _ = Role.objects.update_or_create(
        code=item["id"],
        defaults={
            "name_id": item["name"]["id"],
            "name_en": item["name"]["en"],
            "rank": item["rank"],
            "levels": item["levels"],
            "programme": item.get("programme", ""),
        },
    )
    abilities = item.get("abilities", [])
    role.abilities.exclude(name__in=abilities).delete()
    held = set(role.abilities.values_list("name", flat=True))
    Ability.objects.bulk_create(
        Ability(role=role, name=name) for name in abilities if name not in held
    )


def write_programmes(version: PackVersion) -> None:
    """Let the first cases start on this version.

    A programme that has cases keeps its rules until somebody adopts newer ones
    (`adoption_actions.py`), having seen what would change for each case. A district's pack replaces the one it extends; a new version of the extended one
    does not take it away from the district again.
    """
    lineage = {version.code}
    base = version.extends
    while base:
        lineage.add(base.code)
        base = base.extends
    for item in version.content["programmes"]:
        programme, created = Programme.objects.get_or_create(
            code=item["id"], defaults={"pack": version}
        )
        if created or programme.cases.exists():
            continue
        if programme.pack.code in lineage:
            programme.pack = version
            programme.save(update_fields=["pack"])


def codes() -> Iterable[str]:
    """The programmes that run here, for who gives a mandate within one."""
    return Programme.objects.values_list("code", flat=True)


PROGRAMMES.append(codes)
