"""Who gets which answer at the addresses of `imports`."""

from typing import Any

from lumbung.conftest import make_place
from lumbung.imports import actions
from lumbung.imports.tests.verbs import NOW, indonesia, started
from lumbung.programmes.packs.actions import load_pack
from tests.access import Row, World, everyone, furnish, to


@furnish
def files(world: World) -> None:
    """A preview in Pekalongan, one in Kampar, and one that was accepted."""
    cast = world.cast
    load_pack(folder=indonesia(), by=None)
    make_place("14.01.15", "Bangkinang", cast("kampar"))
    ours = started(cast)
    theirs = started(cast, "budi", "kampar", "14.01.15")
    accepted = started(cast)
    actions.accept_import(of=accepted, by=cast("ratna"), now=NOW)
    world.things |= {"import": ours, "accepted": accepted}
    world.mark(cast("pekalongan"), ours.uid, ours.file_name, accepted.uid)
    world.mark(cast("kampar"), theirs.uid, theirs.file_name)


def uid(world: World) -> Any:
    return world.things["import"].uid


def accepted(world: World) -> Any:
    return world.things["accepted"].uid


def kind(world: World) -> Any:
    return "observations"


IMPORTING = "ratna budi ani"
ROWS = {
    "imports:imports": Row(everyone()),
    "imports:upload": Row(
        to(IMPORTING, 200, 403), post=to(IMPORTING, 422, 403), kind=kind
    ),
    "imports:template": Row(to(IMPORTING, 200, 403), kind=kind),
    "imports:review": Row(
        to("ratna maria ani"), post=to("ratna maria ani", 422), uid=uid
    ),
    "imports:faults": Row(to("ratna maria ani"), uid=uid),
    "imports:names": Row(
        to("ratna ani", 200) | {"maria": 403},
        post=to("ratna ani", 302) | {"maria": 403},
        uid=uid,
    ),
    "imports:undo": Row(
        to("ratna ani", 200) | {"maria": 403},
        post=to("ratna", 302) | {"maria": 403, "ani": 409},
        uid=accepted,
    ),
}
