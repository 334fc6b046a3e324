"""Who gets which answer at the addresses of `desk`.

Places, programmes and packs are for everybody who signed in; the cases on them are for
those inside, which is what the marks of the walk are about.
"""

from typing import Any

from tests.access import Row, World, everyone, to

INSIDE = "ratna slamet siti yusuf maria ani"


def lab(world: World) -> Any:
    return world.cast("lab").code


def version(world: World) -> Any:
    return world.cast("lab").pack.version


ROWS = {
    "desk:home": Row(everyone()),
    "desk:places": Row(everyone(302)),
    "desk:place": Row(everyone(), code=lambda world: world.cast("botosari").code),
    "desk:editions": Row(everyone()),
    "desk:search": Row(everyone(), query="?q=botosari"),
    "desk:programmes": Row(everyone()),
    "desk:board": Row(everyone(), code=lab),
    "desk:districts": Row(everyone(), code=lab),
    "desk:cases": Row(everyone(), code=lab),
    "desk:all_cases": Row(everyone()),
    "desk:open_case": Row(
        to("ratna budi", 200, 403), post=to("ratna budi", 200, 403), code=lab
    ),
    "desk:case": Row(to(INSIDE, 200), uid=lambda world: world.things["case"].uid),
    "desk:packs": Row(everyone()),
    "desk:pack": Row(everyone(), code=lab, version=version),
}
