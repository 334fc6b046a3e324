"""Who gets which answer at the addresses of `measures`."""

from typing import Any

from django.utils import timezone

from lumbung.imports.actions import accept_import
from lumbung.measures.figures.figure import address, certify
from lumbung.measures.questions import actions as question_actions
from lumbung.measures.tests.verbs import again, started
from tests.access import Row, World, everyone, furnish, public, to


@furnish
def questions(world: World) -> None:
    """Two questions about counts of cases, each for its own territory alone."""
    now, today = timezone.now(), timezone.localdate()
    for asker, officer, where in (
        ("siti", "ratna", "pekalongan"),
        ("budi", "ani", "kampar"),
    ):
        by, place = world.cast(asker), world.cast(where)
        world.cast(officer), world.cast("lab")
        keys = {"program": "lab", "jenis": "village", "wilayah": place.code}
        figure = certify(address("berkas", keys), by, today)
        assert figure is not None
        text = f"Berkas {where} kurang satu."
        asked = question_actions.ask_question(
            figure=figure, text=text, by=by, now=now, on=today
        )
        world.things[f"question {where}"] = asked
        if where == "kampar":
            world.mark(place, asked.uid, text)


def uid(world: World) -> Any:
    return world.things["question pekalongan"].uid


@furnish
def runs(world: World) -> None:
    """A run of Pekalongan that waits, and one that was accepted: that one is for all."""
    cast = world.cast
    accepted = started(cast)
    accept_import(of=accepted.of, by=cast("ratna"), now=timezone.now())
    waiting = again(cast)
    world.things |= {"run": waiting, "accepted_run": accepted}
    world.mark(cast("pekalongan"), waiting.uid)


def run(world: World) -> Any:
    return world.things["run"].uid


def accepted_run(world: World) -> Any:
    return world.things["accepted_run"].uid


def cases(world: World) -> Any:
    return "berkas"


def places(world: World) -> Any:
    return "tempat"


ROWS = {
    "measures:numbers": Row(everyone()),
    # How many cases and which places have one depends on the reader; that there is an
    # answer does not.
    "measures:figure": Row(everyone(), kind=cases, query="?program=lab"),
    "measures:figure_rows": Row(
        everyone(), kind=places, query="?tempat=ID&tingkat=4&ada=berkas"
    ),
    "measures:ask_question": Row(
        everyone(), post=everyone(422), kind=cases, query="?program=lab"
    ),
    "measures:questions": Row(everyone()),
    "measures:question": Row(to("siti ratna maria ani"), uid=uid),
    "measures:answer_question": Row(
        public(405),
        post=to("siti ratna maria ani", 422),
        uid=uid,
    ),
    "measures:pass_question": Row(
        public(405),
        post=to("siti ratna maria ani", 422),
        uid=uid,
    ),
    "runs:runs": Row(everyone()),
    "runs:compare": Row(everyone()),
    "runs:start_run": Row(
        to("ratna budi ani", 200, 403), post=to("ratna budi ani", 422, 403)
    ),
    "runs:run": Row(to("ratna maria ani"), uid=run),
    # Somebody who may not see it is told so only where it is asked in the right way.
    "runs:decide_run": Row(
        everyone(405), post=to("ratna ani", 302) | {"maria": 403}, uid=run
    ),
    "runs:repeat_run": Row(everyone(405), post=to("ratna maria ani", 302), uid=run),
    "runs:open_cases": Row(
        to("ratna budi", 200, 403), post=to("ratna budi", 422, 403), uid=accepted_run
    ),
}
