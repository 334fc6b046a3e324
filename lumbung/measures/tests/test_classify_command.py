"""`lumbung classify`: the same runs from the terminal."""

import pytest
from click.testing import CliRunner, Result

from lumbung.accounts.models import Event, User
from lumbung.measures.models import Repetition, Run
from lumbung.measures.runs.commands import classify
from lumbung.measures.tests.villages import (
    CUT_OFFS,
    VALUES,
    current,
    found_district,
    observe,
)
from lumbung.places.models import Place
from lumbung.work.models import Job

pytestmark = pytest.mark.django_db
RUN = ["run", "village_colour_cut_offs", "--place", "33.26", "--period", "2019"]


@pytest.fixture(autouse=True)
def district(ratna: User, pekalongan: Place, botosari: Place) -> Place:
    found = found_district(pekalongan, botosari)
    observe(ratna, VALUES)
    return found


def say(*arguments: str) -> Result:
    return CliRunner().invoke(classify, list(arguments))


def test_without_accept_the_classes_wait(ratna: User) -> None:
    result = say(*RUN, "--by", "ratna")

    assert result.exit_code == 0, result.output
    assert Run.objects.get().labels in result.output
    assert current() == {}
    assert Event.objects.get(verb="start_run").by == ratna


@pytest.mark.parametrize("at_once", [1_000, 1])
def test_with_accept_they_count(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there are so many places that a page would leave them to a job.

    No job is asked for then: a worker beside the command would write the same rows.
    """
    monkeypatch.setattr("lumbung.measures.runs.actions.AT_ONCE", at_once)

    result = say(*RUN, "--by", "ratna", "--accept")

    assert result.exit_code == 0, result.output
    assert current() == CUT_OFFS
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*RUN, "--by", "siapa"], "siapa"),
        ([*RUN, "--by", "budi"], "Mandat"),
        (["run", "tiada", *RUN[2:], "--by", "ratna"], "village_colour_ranks"),
        ([*RUN[:-1], "2031", "--by", "ratna"], "2031"),
        ([*RUN[:3], "99.99", *RUN[4:], "--by", "ratna"], "99.99"),
    ],
)
def test_what_is_wrong_is_said(arguments: list[str], words: str, budi: User) -> None:
    result = say(*arguments)

    assert result.exit_code != 0
    assert words in result.output
    assert current() == {}


def test_a_run_is_listed_and_repeated() -> None:
    say(*RUN, "--by", "ratna")
    uid = str(Run.objects.get().uid)

    assert uid in say("list").output
    assert "village_colour_cut_offs" in say("rules").output
    result = say("repeat", uid)

    assert result.exit_code == 0, result.output
    assert Repetition.objects.get().same
