"""Who gets which answer at the addresses of `measures`."""

from typing import Any

from tests.access import Row, World, everyone


def cases(world: World) -> Any:
    return "berkas"


def places(world: World) -> Any:
    return "tempat"


ROWS = {
    # How many cases and which places have one depends on the reader; that there is an
    # answer does not.
    "measures:figure": Row(everyone(), kind=cases, query="?program=lab"),
    "measures:figure_rows": Row(
        everyone(), kind=places, query="?tempat=ID&tingkat=4&ada=berkas"
    ),
    "desk:all_cases": Row(everyone()),
}
