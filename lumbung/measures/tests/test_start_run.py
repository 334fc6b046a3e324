"""Starting a run: who may, what it reads, what it writes, and what counts when."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from lumbung.accounts.models import Event, User
from lumbung.core.message import from_json
from lumbung.imports.actions import MayNotImport, accept_import, undo_import
from lumbung.imports.models import Import
from lumbung.measures.models import PlaceClass, Run, Source
from lumbung.measures.runs import actions, snapshots
from lumbung.measures.runs.actions import NoSuchPeriod, TooSmall, start_run
from lumbung.measures.runs.snapshots import Label, ReadRow
from lumbung.measures.tests.villages import (
    CUT_OFFS,
    VALUES,
    classes_of,
    current,
    found_district,
    observe,
    rule,
)
from lumbung.places.models import Place
from lumbung.words import say
from lumbung.work.loop import work_off
from lumbung.work.models import Job

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(ratna: User, pekalongan: Place, botosari: Place) -> Place:
    found = found_district(pekalongan, botosari)
    observe(ratna, VALUES)
    return found


def start(by: User, place: Place, code: str = "", **more: Any) -> Run:
    chosen = rule(code) if code else rule()
    values: dict[str, Any] = {"period": "2019", "now": timezone.now()} | more
    return start_run(rule=chosen, place=place, by=by, **values)


def accept(run: Run, by: User) -> None:
    accept_import(of=run.of, by=by, now=timezone.now())


def test_it_refuses_whoever_may_not_import_there(
    budi: User, siti: User, district: Place
) -> None:
    for stranger in (budi, siti):
        with pytest.raises(MayNotImport):
            start(stranger, district)
    assert not Run.objects.exists()


def test_the_class_on_the_edge_is_the_one_the_rule_says(
    ratna: User, district: Place
) -> None:
    run = start(ratna, district)

    assert classes_of(run) == CUT_OFFS
    assert run.counts == {"red": 2, "yellow": 2, "green": 1, "": 1}
    assert (run.read, run.places) == (5, 6)


def test_nothing_counts_before_it_is_accepted_nor_after_it_is_undone(
    ratna: User, district: Place
) -> None:
    run = start(ratna, district)
    assert (run.of.state, run.of.new, current()) == (Import.State.WAITING, 5, {})

    accept(run, ratna)
    assert current() == CUT_OFFS

    undo_import(of=run.of, by=ratna, now=timezone.now())
    assert current() == {}


def test_ranks_are_taken_within_the_district_without_those_that_lack(
    ratna: User, district: Place
) -> None:
    """Five villages: the best quarter ends inside the second, the worst in the fourth."""
    run = start(ratna, district, "village_colour_ranks")

    assert classes_of(run) == {
        "33.26.02.2010": "green",
        "33.26.02.2009": "green",
        "33.26.13.2002": "yellow",
        "33.26.02.2008": "red",
        "33.26.13.2001": "red",
    }


def test_ranks_of_a_part_of_the_district_are_refused(
    ratna: User, district: Place, paninggaran: Place
) -> None:
    with pytest.raises(TooSmall):
        start(ratna, paninggaran, "village_colour_ranks")

    part = start(ratna, paninggaran)
    assert part.places == 4


def test_a_period_that_is_none_or_without_data_is_refused(
    ratna: User, district: Place
) -> None:
    with pytest.raises(NoSuchPeriod):
        start(ratna, district, period="2019/20")

    run = start(ratna, district, period="2031")
    assert run.of.state == Import.State.FAILED
    assert "2031" in say(from_json(run.of.failure))


def test_a_village_without_data_any_more_loses_the_class_it_had(
    ratna: User, district: Place
) -> None:
    accept(start(ratna, district), ratna)
    last = Import.objects.get(kind="observations")
    undo_import(of=last, by=ratna, now=timezone.now())
    observe(ratna, {"33.26.13.2001": "0.1"})

    run = start(ratna, district)
    accept(run, ratna)

    assert run.counts == {"green": 1, "": 5}
    assert current() == {"33.26.13.2001": "green"}
    assert PlaceClass.objects.filter(of=run.of, code="").count() == 4


def test_of_two_sources_the_one_with_the_later_day_is_read_and_counted(
    ratna: User, district: Place
) -> None:
    observe(ratna, {"33.26.02.2010": "0.9"}, title="Survei", cut_off_on="2019-06-30")
    observe(ratna, {"33.26.02.2009": "0.9"}, title="DTKS", cut_off_on="2020-01-31")

    run = start(ratna, district)

    assert run.doubled == 2
    assert classes_of(run)["33.26.02.2010"] == "green"
    assert classes_of(run)["33.26.02.2009"] == "red"
    only = start(ratna, district, only=Source.objects.get(title="Survei"))
    assert classes_of(only) == {"33.26.02.2010": "red"}


def test_a_revision_is_read_and_the_value_before_it_is_not(
    ratna: User, district: Place
) -> None:
    observe(ratna, {"33.26.02.2008": "0.1"})

    run = start(ratna, district)

    assert classes_of(run)["33.26.02.2008"] == "green"
    kept = snapshots.read(ReadRow, run.rows)
    assert [row.value for row in kept if row.code == "33.26.02.2008"] == ["0.1"]


def test_the_snapshot_says_where_each_value_came_from(
    ratna: User, district: Place
) -> None:
    run = start(ratna, district, "village_colour_ranks")
    of = Import.objects.get(kind="observations")

    rows = {row.code: row for row in snapshots.read(ReadRow, run.rows)}
    assert rows["33.26.13.2001"] == ReadRow(
        place=str(Place.objects.get(code="33.26.13.2001").uid),
        code="33.26.13.2001",
        name="Kauman",
        within="33.26",
        indicator="decile_1_4_share",
        period="2019",
        value="0.574",
        source=str(Source.objects.get(title="BDT 2019").uid),
        title="BDT 2019",
        cut_off_on="2019-12-31",
        is_example="no",
        brought=str(of.uid),
        row="5",
    )
    assert rows["33.26.02.2011"].indicator == ""
    labels = {row.code: row for row in snapshots.read(Label, run.labels)}
    assert (labels["33.26.13.2001"].value, labels["33.26.13.2001"].klass) == (
        *("287/500", "red"),
    )


def test_an_example_rule_makes_example_classes(ratna: User, district: Place) -> None:
    run = start(ratna, district)

    source = PlaceClass.objects.filter(of=run.of)[0].source
    assert source.is_example
    assert source.cut_off_on == date(2019, 12, 31)


def test_equal_rows_are_kept_once(ratna: User, district: Place) -> None:
    first, second = start(ratna, district), start(ratna, district)

    assert (first.rows, first.labels) == (second.rows, second.labels)
    assert first.uid != second.uid


def test_many_places_are_left_to_a_job_that_may_be_run_twice(
    ratna: User, district: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 3)
    run = start(ratna, district)
    assert (run.labels, run.of.state) == ("", Import.State.READING)

    work_off()
    # As after a worker that was killed before the last of its transactions.
    Job.objects.update(state=Job.State.WAITING)
    Import.objects.filter(pk=run.of_id).update(state=Import.State.READING)
    work_off()

    run = Run.objects.get()
    assert run.of.state == Import.State.WAITING
    assert classes_of(run) == CUT_OFFS


def test_the_trail_names_rule_and_digest(ratna: User, district: Place) -> None:
    run = start(ratna, district)
    accept(run, ratna)

    started, accepted = Event.objects.filter(
        verb__in=["start_run", "accept_import"]
    ).order_by("pk")
    assert started.after == {
        "rule": "village_colour_cut_offs",
        "pack": "indonesia@1.4",
        "period": "2019",
    }
    assert accepted.after is not None
    assert accepted.after["sha256"] == run.labels


@pytest.fixture(autouse=True)
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two: every run of these tests writes in several."""
    monkeypatch.setattr("lumbung.measures.runs.computing.WRITTEN_AT_ONCE", 2)
