"""Accepting, rejecting, undoing: once each, by one person, whatever the other does."""

import os
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.imports import actions
from lumbung.imports.jobs import sweep
from lumbung.imports.models import Import, ImportFault
from lumbung.imports.staging import file_of, folder, stage
from lumbung.imports.tests.files import bring, decide, faulty_cells, text, xlsx
from lumbung.imports.tests.verbs import indonesia
from lumbung.imports.waiting import lines
from lumbung.measures.models import Observation
from lumbung.places.models import Place
from lumbung.programmes.packs.actions import load_pack
from lumbung.work import loop
from lumbung.work.jobs import JOBS
from lumbung.work.models import Job

pytestmark = pytest.mark.django_db
GOOD = "kode_desa;nilai\n33.26.02.2008;0,382\n"


@pytest.fixture(autouse=True)
def pack(roles: Any, botosari: Place) -> None:
    load_pack(folder=indonesia(), by=None)


@pytest.fixture
def ratna_in(client: Client, ratna: User) -> Client:
    client.force_login(ratna)
    return client


def count() -> int:
    return Observation.objects.current().count()


def state(of: Import) -> str:
    return Import.objects.get(pk=of.pk).state


def test_it_refuses_who_may_not_decide(
    ratna_in: Client, maria: User, budi: User, siti: User
) -> None:
    of = bring(ratna_in, text(GOOD))
    for user in (maria, budi, siti):
        with pytest.raises(actions.MayNotImport):
            actions.accept_import(of=of, by=user, now=timezone.now())

    assert state(of) == "waiting"


def test_nothing_good_is_nothing_to_accept(ratna_in: Client) -> None:
    of = bring(ratna_in, text("kode_desa;nilai\n33.26.02.2008;dua\n"))

    assert decide(ratna_in, of, "accept") == 422
    assert state(of) == "waiting"


def test_the_second_officer_learns_what_the_first_did(
    ratna_in: Client, ratna: User, ani: User
) -> None:
    of = bring(ratna_in, text(GOOD))
    mine = Import.objects.get(pk=of.pk)
    actions.reject_import(of=of, by=ani, now=timezone.now())

    with pytest.raises(actions.DecidedAlready) as refusal:
        actions.accept_import(of=mine, by=ratna, now=timezone.now())

    assert refusal.value.message.values["name"] == "Ani Wulandari"
    assert count() == 0


def test_going_on_without_a_corrected_file_is_said(ratna_in: Client) -> None:
    of = bring(ratna_in, text(GOOD))

    assert decide(ratna_in, of, "again") == 422


def test_a_corrected_file_takes_the_place_of_the_first(ratna_in: Client) -> None:
    first = bring(ratna_in, text("kode_desa;nilai\n33.26.02.2008;dua\n"))
    assert decide(ratna_in, first, "again", upload=text(GOOD)) == 302

    second = Import.objects.latest("pk")
    assert (state(first), second.state, second.new) == ("rejected", "waiting", 1)
    assert second.parameters == first.parameters


def test_a_rejected_file_s_rows_are_cleared_by_a_job(ratna_in: Client) -> None:
    of = bring(ratna_in, text(GOOD))
    decide(ratna_in, of, "reject")
    assert Observation.objects.filter(of=of).exists()
    loop.work_off()

    assert not Observation.objects.filter(of=of).exists()
    assert not file_of(of).exists()


def test_a_preview_that_waited_too_long_is_closed(ratna_in: Client) -> None:
    of = bring(ratna_in, text(GOOD))
    JOBS["imports.expire"].run(Job(), lambda done, total=None: None)
    assert state(of) == "waiting"
    Import.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    JOBS["imports.expire"].run(Job(), lambda done, total=None: None)

    assert state(of) == "rejected"


def test_a_reading_that_broke_off_is_closed_after_a_day(ratna_in: Client) -> None:
    of = bring(ratna_in, text(GOOD))
    Import.objects.update(state="reading", at=timezone.now() - timedelta(days=2))
    JOBS["imports.expire"].run(Job(), lambda done, total=None: None)

    assert state(of) == "failed"
    assert not Observation.objects.filter(of=of).exists()


def test_a_large_file_is_read_by_a_job_and_found_again(
    ratna_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 10)
    of = bring(ratna_in, text(GOOD))
    assert of.state == "reading"
    page = ratna_in.get(reverse("imports:review", args=[of.uid])).content.decode()
    job = Job.objects.get(kind="imports.stage")
    assert reverse("work:job", args=[job.uid]) in page
    assert job.asked_by == of.by

    loop.work_off()

    assert state(of) == "waiting"
    job.refresh_from_db()
    assert job.result == {"rows": 1, "faulty": 0}
    done = ratna_in.get(reverse("work:job", args=[job.uid])).content.decode()
    assert reverse("imports:review", args=[of.uid]) in done


def test_reading_it_twice_leaves_the_same_rows(ratna_in: Client) -> None:
    """A killed worker's job is run again from the start."""
    of = bring(ratna_in, text(GOOD + "33.26.02.2008;dua\n"))
    Import.objects.update(state="reading")
    again = stage(Import.objects.get(pk=of.pk))

    assert (again.new, again.faulty, again.rows) == (1, 1, 2)
    assert Observation.objects.filter(of=of).count() == 1
    assert ImportFault.objects.filter(of=of).count() == 1


def test_a_file_that_breaks_in_the_middle_leaves_nothing(ratna_in: Client) -> None:
    lines = "33.26.02.2008;0,2\n" * 600 + '33.26.02.2008;"' + "x" * 200_000
    of = bring(ratna_in, text("kode_desa;nilai\n" + lines))

    assert of.state == "failed"
    assert not Observation.objects.filter(of=of).exists()
    assert not ImportFault.objects.filter(of=of).exists()


def test_too_large_a_file_is_refused(
    ratna_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "IMPORT_MAX_BYTES", 20)
    address = reverse("imports:upload", args=["observations"])
    answer = ratna_in.post(
        address,
        {"upload": text(GOOD), "place": "33.26", "source_title": "x", "period": "2019"},
    )

    assert answer.status_code == 422
    assert not Import.objects.exists()


def test_the_faulty_rows_alone_can_be_downloaded_and_read_back(
    ratna_in: Client,
) -> None:
    of = bring(
        ratna_in, xlsx(("kode_desa", "nilai"), ("33.26.02.2008", "dua"), ("x", 1))
    )
    assert faulty_cells(of) == [(2, 1), (3, 0)]
    answer = ratna_in.get(reverse("imports:faults", args=[of.uid]))
    data = answer.getvalue()

    again = bring(ratna_in, text(data, name="keliru.xlsx"))
    assert faulty_cells(again) == [(2, 1), (3, 0)]


def test_a_preview_waits_at_home_for_who_may_decide(
    ratna_in: Client, ratna: User, maria: User, budi: User
) -> None:
    bring(ratna_in, text(GOOD))

    assert len(list(lines(ratna))) == 1
    assert list(lines(maria)) == list(lines(budi)) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_accepts_and_one_is_told(
    client: Client, ratna: User, ani: User
) -> None:
    client.force_login(ratna)
    of = bring(client, text(GOOD))
    start = threading.Barrier(2)
    ended: list[str] = []

    def deed(user: User, verb: Any) -> None:
        mine = Import.objects.get(pk=of.pk)
        start.wait()
        try:
            verb(of=mine, by=user, now=timezone.now())
            ended.append(verb.__name__)
        except actions.DecidedAlready:
            ended.append("told")
        finally:
            connection.close()

    pairs = ((ratna, actions.accept_import), (ani, actions.reject_import))
    threads = [threading.Thread(target=deed, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert "told" in ended
    winner = next(name for name in ended if name != "told")
    assert (
        state(of) == {"accept_import": "accepted", "reject_import": "rejected"}[winner]
    )


def test_what_broke_off_while_it_was_read_is_read_by_the_loop(
    ratna_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that read a small file was killed: nobody has to upload it again."""

    def killed(of: Import, **_: Any) -> Import:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "stage", killed)
    with pytest.raises(KeyboardInterrupt):
        bring(ratna_in, text(GOOD))
    of = Import.objects.get()
    assert of.state == Import.State.READING
    monkeypatch.undo()

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        loop.work_off()
    of.refresh_from_db()
    assert (of.state, of.new) == (Import.State.WAITING, 1)


def test_files_that_never_got_their_row_are_swept() -> None:
    folder().mkdir(exist_ok=True)
    old, fresh = folder() / str(uuid4()), folder() / str(uuid4())
    foreign = folder() / ".DS_Store"
    for path, days in ((old, 2), (fresh, 0), (foreign, 2)):
        path.write_text("x")
        at = (timezone.now() - timedelta(days=days)).timestamp()
        os.utime(path, (at, at))

    assert sweep(timezone.now()) == 1
    assert (old.exists(), fresh.exists(), foreign.exists()) == (False, True, True)
    fresh.unlink()
    foreign.unlink()
