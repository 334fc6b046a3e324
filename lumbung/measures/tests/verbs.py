"""Each verb of `measures`, once, for the watcher of the trail."""

from lumbung.measures import actions
from lumbung.measures.models import Run
from lumbung.measures.tests.villages import (
    NOW,
    VALUES,
    found_district,
    observe,
    rule,
)
from tests.scenarios import Cast, Deed, scenario


def started(cast: Cast) -> Run:
    """A run of Pekalongan by Ratna that waits for a decision."""
    cast("ratna")
    found_district(cast("pekalongan"), cast("botosari"))
    observe(cast("ratna"), VALUES)
    return actions.start_run(
        rule=rule(),
        place=cast("pekalongan"),
        period="2019",
        by=cast("ratna"),
        now=NOW,
    )


@scenario
def start_run(cast: Cast) -> Deed:
    cast("ratna")
    return lambda: started(cast)


@scenario
def repeat_run(cast: Cast) -> Deed:
    run = started(cast)
    return lambda: actions.repeat_run(run=run, by=cast("ratna"), now=NOW)
