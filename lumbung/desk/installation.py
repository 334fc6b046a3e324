"""An installation: its folder and keys, its tables, its places and packs.

Each part is set up once; run again, it does no harm.
"""

import contextlib
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, connections

from lumbung.accounts.models import User
from lumbung.archive import schema
from lumbung.archive.target import refuse_half_restored
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.home import keys, make_keys
from lumbung.programmes.models import PackVersion
from lumbung.programmes.packs.actions import find_base, load_pack, shipped
from lumbung.programmes.packs.check import Content, check


class NotWritable(Refusal):
    code = "home_not_writable"


class Unreachable(Refusal):
    code = "database_unreachable"


class NotSetUp(Refusal):
    code = "not_set_up"


class Busy(Refusal):
    code = "database_busy"


class NoSuchProgramme(Refusal):
    code = "no_such_programme"
    status = 422


def prepare_home() -> None:
    """Make the folder, and keys that only its owner can read."""
    folder = Path(settings.HOME)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            make_keys(folder)
    except OSError as error:
        raise NotWritable(
            Message(
                "%(folder)s cannot be written: %(why)s.",
                folder=str(folder),
                why=error.strerror or str(error),
            ),
            mend=Message("Choose another folder: LUMBUNG_HOME=/path lumbung init"),
        ) from error
    settings.SECRET_KEY = keys(folder)["django"]


def reach_database() -> None:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise unreachable(error) from error
    refuse_half_restored()


def unreachable(error: DatabaseError) -> Refusal:
    return Unreachable(
        Message(
            "The database does not answer: %(why)s",
            why=str(error).strip().splitlines()[0],
        ),
        mend=Message(
            "Check DATABASE_URL and that the server runs; without DATABASE_URL a"
            " file in the home folder is used."
        ),
    )


def refusal_of(error: DatabaseError) -> Refusal | None:
    """A database's own words as ours, where they are about the installation."""

    def says(words: str) -> bool:
        return bool(re.search(words, str(error)))

    has_keys = (Path(settings.HOME) / "keys.json").exists()
    if not has_keys or says("no such table|^relation .* does not exist"):
        return not_set_up()
    if says("no such column|column .* does not exist"):
        return schema.older_tables()
    if says("database is locked"):
        return busy()
    if says("already exists"):
        return not_ours(error)
    if says("not a database|malformed|unable to open|^connection"):
        return unreachable(error)
    return None


def busy() -> Refusal:
    return Busy(
        Message("Somebody else is writing to the database just now."),
        mend=Message("Nothing was changed. Run it again in a minute."),
    )


def not_ours(error: DatabaseError) -> Refusal:
    return Unreachable(
        Message(
            "The database holds tables of another program: %(why)s", why=str(error)
        ),
        mend=Message("Choose an empty one: another folder, or another DATABASE_URL."),
    )


def make_tables() -> None:
    reach_database()
    call_command("migrate", verbosity=0, interactive=False)


def refuse_unready() -> None:
    """Refuse to serve what was never set up, or was by an older Lumbung."""
    if not (Path(settings.HOME) / "keys.json").exists():
        raise not_set_up()
    reach_database()
    if not schema.applied(connection):
        raise not_set_up()
    if not schema.is_current(connection):
        raise schema.older_tables()


def not_set_up() -> Refusal:
    return NotSetUp(
        Message("Nothing is set up in %(folder)s yet.", folder=str(settings.HOME)),
        mend=Message(
            "Run: lumbung init (or say where it is: LUMBUNG_HOME=/path lumbung …)"
        ),
    )


def collect_static() -> None:
    call_command("collectstatic", verbosity=0, interactive=False)


def packs() -> dict[str, Content]:
    """The packs that come with Lumbung, by code, each with its programmes."""
    found = (check(folder, find=find_base).content for folder in shipped())
    return {content["code"]: content for content in found if content}


def programmes() -> dict[str, Content]:
    """What can run here: a programme's code, and the pack that brings it."""
    return {
        item["id"]: content
        for content in packs().values()
        for item in content["programmes"]
    }


def load_packs(wanted: Iterable[str]) -> list[PackVersion]:
    """Put the packs of the programmes `wanted` in force, with what they extend."""
    offered = programmes()
    unknown = sorted(set(wanted) - set(offered))
    if unknown:
        raise NoSuchProgramme(
            Message("There is no programme “%(code)s”.", code=unknown[0]),
            mend=Message("Choose from: %(codes)s.", codes=", ".join(offered)),
        )
    codes = {"indonesia", *(offered[code]["code"] for code in wanted)}
    return [load_pack(folder=f, by=None) for f in shipped() if f.name in codes]


def has_people() -> bool:
    return bool(User.objects.exists())


def wipe() -> None:
    """Empty the installation but for its keys. Only a demonstration is ever wiped."""
    if connection.vendor == "sqlite":
        name = Path(str(connection.settings_dict["NAME"]))
        connections.close_all()
        for path in name.parent.glob(f"{name.name}*"):
            path.unlink()
    else:
        call_command("flush", verbosity=0, interactive=False)
    for folder in ("evidence", "imports", "cache"):
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(Path(settings.HOME) / folder)
