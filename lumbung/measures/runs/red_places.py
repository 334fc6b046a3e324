"""Red places of a run that are to get a case: which, and one at a time."""

from datetime import date
from typing import Any

from django.db import transaction

from lumbung.accounts.models import User
from lumbung.measures.models import PlaceClass, Run, RunCase
from lumbung.programmes.actions import open_case
from lumbung.programmes.models import Case, CasePlace, Programme

OPEN = (Case.State.RUNNING, Case.State.PAUSED)


def worst_places(run: Run) -> Any:
    """Red classes of a run that no later one has revised."""
    red = [
        each["code"] for each in run.content["scheme_classes"] if each["tone"] == "red"
    ]
    return PlaceClass.objects.current().filter(of=run.of_id, code__in=red)


def reachable(run: Run, programme: Programme, by: User) -> list[PlaceClass]:
    """Those of them where this person may open cases of the programme."""
    rows = worst_places(run).select_related("place").order_by("place__path")
    allowed = [
        mandate.place
        for mandate in by.mandates_to("case.open")
        if mandate.programme in {"", programme.code}
    ]
    return [row for row in rows if any(each.holds(row.place) for each in allowed)]


def with_open_case(programme: Programme) -> Any:
    """Keys of places that are the main place of an open case of a programme."""
    return CasePlace.objects.filter(
        role=CasePlace.Role.MAIN,
        case__programme=programme,
        case__state__in=OPEN,
    ).values("place")


@transaction.atomic
def open_one(
    run: Run, row: PlaceClass, programme: Programme, template: str, on: date, by: User
) -> bool:
    """Open one case, unless its place has one; whether it was opened."""
    # Two officers confirming at once: the second waits here, then finds the case.
    Programme.objects.select_for_update().get(pk=programme.pk)
    if with_open_case(programme).filter(place=row.place_id).exists():
        return False
    case = open_case(
        programme=programme,
        template=template,
        title="",
        place=row.place,
        responsible=by,
        on=on,
        by=by,
        is_example=by.is_example,
    )
    RunCase.objects.create(run=run, case=case, klass=row.code)
    return True
