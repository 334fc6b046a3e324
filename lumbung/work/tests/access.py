"""Who gets which answer at the addresses of `work`: one's own jobs, nobody else's."""

from typing import Any

from lumbung.work import queue
from tests.access import Row, World, everyone, furnish, to


@furnish
def jobs(world: World) -> None:
    world.things["job"] = queue.enqueue("work.tidy", {}, by=world.cast("slamet"))


def uid(world: World) -> Any:
    return world.things["job"].uid


ROWS = {
    "work:jobs": Row(everyone()),
    "work:job": Row(to("slamet"), uid=uid),
}
