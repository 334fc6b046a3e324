"""Running again: the same labels and digest, whatever has changed around the run."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import lumbung.packs
from lumbung.accounts.models import Event, User
from lumbung.core import classification
from lumbung.core.classification import Method
from lumbung.core.composite import compute
from lumbung.imports.actions import accept_import, undo_import
from lumbung.imports.models import Import
from lumbung.measures.models import Repetition, Run
from lumbung.measures.runs import actions, proofs, snapshots
from lumbung.measures.runs import computing as runs
from lumbung.measures.runs.actions import repeat_run, start_run
from lumbung.measures.runs.computing import NotDone, compute_again
from lumbung.measures.runs.snapshots import SnapshotDamaged
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
from lumbung.programmes.packs import actions as pack_actions
from lumbung.programmes.packs.actions import load_pack
from lumbung.programmes.packs.pack import pack_of
from lumbung.words import say

pytestmark = pytest.mark.django_db
RULES = ("village_colour_cut_offs", "village_colour_ranks")


@pytest.fixture
def district(ratna: User, pekalongan: Place, botosari: Place) -> Place:
    found = found_district(pekalongan, botosari)
    observe(ratna, VALUES)
    return found


def start(by: User, place: Place, code: str = RULES[0]) -> Run:
    made = start_run(
        rule=rule(code), place=place, period="2019", by=by, now=timezone.now()
    )
    assert made.labels
    return made


def again(run: Run, by: User) -> Repetition:
    return repeat_run(run=Run.objects.get(pk=run.pk), by=by, now=timezone.now())


def labels_of(run: Run) -> dict[str, str]:
    return {label.code: label.klass for label in compute_again(run)}


@pytest.mark.parametrize("code", RULES)
def test_it_gives_the_same_after_everything_around_it_changed(
    code: str,
    ratna: User,
    district: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = start(ratna, district, code)
    before, first = run.labels, labels_of(run)
    accept_import(of=run.of, by=ratna, now=timezone.now())

    # Values are revised, others come in, one import is taken back.
    observe(ratna, {"33.26.02.2008": "0.01", "33.26.02.2011": "0.99"})
    undo_import(
        of=Import.objects.filter(kind="observations")[0], by=ratna, now=timezone.now()
    )
    # The rule becomes another in a newer version of its pack, and the folder is gone.
    rules_change(tmp_path, monkeypatch)
    # A village gets another code and name, another one is gone.
    moved = Place.objects.get(code="33.26.13.2001")
    moved.code, moved.name = "33.75.01.1001", "Kota Baru"
    moved.path = "ID.33.75.01.1001."
    moved.save()
    # The program is upgraded, and has learnt a better method.
    monkeypatch.setattr(actions, "program", lambda: "9.9")
    newer = Method(compute, lambda rule, places: {p.place: "green" for p in places})
    monkeypatch.setattr(classification, "LATEST", 2)
    monkeypatch.setattr(actions, "LATEST", 2)
    monkeypatch.setitem(classification.METHODS, 2, newer)

    repetition = again(run, ratna)

    assert repetition.same
    assert repetition.labels == before
    assert repetition.program == "9.9"
    assert labels_of(run) == first
    # A new run says something else now: all of that did change.
    fresh = start(ratna, district, code)
    assert fresh.labels != before
    assert (fresh.method, fresh.pack.version) == (2, "9.0")
    assert classes_of(fresh) != first


def rules_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load a version of `indonesia` with other edges, then leave no folder at all."""
    folder = tmp_path / "indonesia"
    shutil.copytree(Path(lumbung.packs.__file__).parent / "indonesia", folder)
    head = folder / "pack.yaml"
    head.write_text(re.sub(r"version: [\d.]+", "version: 9.0", head.read_text()))
    text = (folder / "classifications.yaml").read_text()
    (folder / "classifications.yaml").write_text(text.replace("25 %", "5 %"))
    load_pack(folder=folder, by=None)
    shutil.rmtree(folder)
    monkeypatch.setattr(pack_actions, "shipped", list)
    pack_of.cache_clear()


def test_it_writes_nothing_that_counts(ratna: User, district: Place) -> None:
    run = start(ratna, district)
    accept_import(of=run.of, by=ratna, now=timezone.now())

    again(run, ratna)

    assert current() == CUT_OFFS
    assert Import.objects.filter(kind="classes").count() == 1
    event = Event.objects.get(verb="repeat_run")
    assert event.after == {"labels": run.labels[:16], "same": True}


def test_a_run_that_was_rejected_can_still_be_repeated(
    ratna: User, district: Place
) -> None:
    run = start(ratna, district)
    Import.objects.filter(pk=run.of_id).update(state=Import.State.REJECTED)

    assert again(run, ratna).same


def test_another_result_is_written_down_as_such(
    ratna: User, district: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changed the released method: the run tells on them."""
    run = start(ratna, district)
    broken = Method(compute, lambda rule, places: {p.place: "red" for p in places})
    monkeypatch.setitem(classification.METHODS, 1, broken)

    repetition = again(run, ratna)

    assert not repetition.same
    assert repetition.labels != run.labels
    (finding,) = proofs.check().findings
    assert str(run.uid) in say(finding.message)


def test_a_run_that_came_to_nothing_is_not_repeated(
    ratna: User, district: Place
) -> None:
    run = start_run(
        rule=rule(), place=district, period="2031", by=ratna, now=timezone.now()
    )

    with pytest.raises(NotDone):
        again(run, ratna)


def damage(name: str, content: bytes | None) -> None:
    path = Path(storages["snapshots"].path(snapshots.path_of(name)))
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


def test_pages_of_a_run_whose_file_is_gone_say_what_to_do(
    client: Client, ratna: User, district: Place
) -> None:
    run = start(ratna, district)
    damage(run.labels, None)
    client.force_login(ratna)
    side = f"hitungan:{run.uid}"
    for address in (
        reverse("runs:run", args=[run.uid]),
        reverse("runs:compare") + f"?kiri={side}&kanan={side}",
    ):
        page = client.get(address)
        assert page.status_code == 409
        assert "folder snapshots" in page.content.decode()


@pytest.mark.parametrize("content", [None, b"", b"PAR1 but no more"])
@pytest.mark.parametrize("which", ["rows", "labels"])
def test_a_missing_or_damaged_file_is_named(
    which: str, content: bytes | None, ratna: User, district: Place
) -> None:
    run = start(ratna, district)
    damage(getattr(run, which), content)

    (finding,) = proofs.check().findings

    assert str(run.uid) in say(finding.message)
    assert getattr(run, which)[:16] in say(finding.message)
    if which == "rows":
        with pytest.raises(SnapshotDamaged):
            again(run, ratna)
    # The same rows read once more mend the file: it is written anew.
    start(ratna, district)
    assert proofs.check().findings == []


def test_a_file_with_one_value_changed_is_found(
    ratna: User, district: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(ratna, district)
    rows = snapshots.read(snapshots.ReadRow, run.rows)
    forged = [replace(rows[0], value="0.1"), *rows[1:]]
    monkeypatch.setattr(snapshots, "digest_of", lambda tuples: run.rows)
    snapshots.keep(forged)
    monkeypatch.undo()

    with pytest.raises(SnapshotDamaged):
        again(run, ratna)


def test_what_was_written_is_proven(ratna: User, district: Place) -> None:
    start(ratna, district)
    start(ratna, district, RULES[1])

    assert proofs.count() == 2
    assert proofs.check().findings == []
    assert runs.program()


def test_the_proof_reads_no_observation(
    ratna: User, district: Place, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        start(ratna, district)

    with django_assert_max_num_queries(1):
        assert proofs.check().findings == []
