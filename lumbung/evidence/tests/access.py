"""Who gets which answer at the addresses of `evidence`."""

from typing import Any

from lumbung.evidence.tests.verbs import added
from tests.access import Row, World, everyone, furnish, to


@furnish
def papers(world: World) -> None:
    """A photo in Botosari and one in Kampar, each with where it was taken."""
    cast = world.cast
    world.things["paper"] = ours = added(cast, title="Foto rapat Botosari")
    theirs = added(
        cast, title="Foto rapat Kampar", place=cast("kampar"), by=cast("budi")
    )
    world.mark(cast("botosari"), ours.uid, ours.title)
    world.mark(cast("kampar"), theirs.uid, theirs.title)


def uid(world: World) -> Any:
    return world.things["paper"].uid


INSIDE = "siti slamet ratna maria ani yusuf"
ROWS = {
    "evidence:all": Row(everyone()),
    "evidence:evidence": Row(to(INSIDE), uid=uid),
    "evidence:download": Row(to(INSIDE), uid=uid),
    "evidence:thumbnail": Row(to(INSIDE), uid=uid),
    "evidence:void_evidence": Row(to(INSIDE), uid=uid),
}
