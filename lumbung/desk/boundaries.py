"""Accepting boundaries: who may, and what the trail says of it."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction

from lumbung.accounts import audit
from lumbung.accounts.models import User
from lumbung.core.message import Message
from lumbung.core.outlines import Drawn
from lumbung.core.refusal import Refusal
from lumbung.places.actions import no_progress
from lumbung.places.boundaries import About, BoundaryPlan, SheetPlan, draw, enter, put
from lumbung.places.models import BoundaryFile, Place

AT_ONCE = 5_000  # outlines in one transaction


class MayNotBound(Refusal):
    """Only who may change the list of places for a territory draws its boundaries."""

    code = "may_not_draw_boundaries"
    status = 403


class NothingToDraw(Refusal):
    """No territory has enough of its places in the file."""

    code = "nothing_to_draw"


class NoSource(Refusal):
    """Boundaries say where they come from and on what terms."""

    code = "no_source_of_boundaries"
    field = "source"


def accept_boundaries(
    *,
    plan: BoundaryPlan,
    about: About,
    by: User | None,
    now: datetime,
    progress: Callable[[int], None] = no_progress,
) -> BoundaryFile:
    """Put the outlines of a file on the maps; older ones of the same maps go.

    Nobody waits while it draws; of a file larger than `AT_ONCE` some maps change before
    others, and broken off it is run again. Refuses whoever may not change each territory, and a file without source.
    """
    if not plan.sheets:
        raise NothingToDraw(
            Message("The file has too few places of any territory to draw its map."),
            mend=Message("Take a file with at least half of its places."),
        )
    for sheet in plan.sheets:
        must_draw(by, sheet.territory)
    if not (about.source and about.licence and about.year):
        raise NoSource(
            Message(
                "Say where the boundaries come from, of which year, and on what terms."
            ),
            mend=Message("Under each map stands source, year and licence."),
        )
    entered = None
    for some in batches(plan, progress):
        with transaction.atomic():
            if entered is None:
                entered = enter(plan, about=about, now=now)
                record(plan, entered, by)
            for sheet, drawn in some:
                put(sheet, drawn, plan, entered)
    assert entered is not None
    return entered


def batches(
    plan: BoundaryPlan, progress: Callable[[int], None]
) -> Iterator[list[tuple[SheetPlan, Drawn]]]:
    """Drawn maps, so many at once as are written in a fraction of a second."""
    some, size = [], 0
    for sheet in plan.sheets:
        some.append((sheet, draw(sheet, plan)))
        size += len(sheet.places)
        progress(len(sheet.places))
        if size > AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def record(plan: BoundaryPlan, entered: BoundaryFile, by: User | None) -> None:
    audit.record(
        "accept_boundaries",
        by=by,
        on=entered,
        place=plan.sheets[0].territory,
        after={
            "file": entered.file_name,
            "sha256": entered.sha256,
            "source": entered.source,
            "licence": entered.licence,
            "maps": len(plan.sheets),
            "outlines": entered.outlines,
            "faults": len(plan.faults),
        },
    )


def must_draw(by: User | None, territory: Place) -> None:
    if by is not None and not by.may("place.update", territory):
        raise MayNotBound(
            Message(
                "Your mandates do not let you draw the boundaries of %(place)s.",
                place=territory.name,
            ),
            mend=Message("Ask the administrator of this installation."),
        )
