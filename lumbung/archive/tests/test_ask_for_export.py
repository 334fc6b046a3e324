"""Who manages a territory asks for its data on a page, and fetches the file."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from lumbung.accounts.actions import end_mandate
from lumbung.accounts.models import Event, Role, User
from lumbung.archive import jobs
from lumbung.archive.export_actions import MayNotTakeOut, ask_for_export
from lumbung.archive.tests.homes import contents
from lumbung.conftest import give
from lumbung.places.models import Place
from lumbung.work.jobs import JOBS
from lumbung.work.loop import work_off
from lumbung.work.models import Job


def test_it_refuses_who_manages_another_territory_or_one_programme(
    pekalongan: Place, budi: User, maria: User, tono: User, roles: dict[str, Role]
) -> None:
    give(tono, roles["district_officer"], pekalongan, programme="lab")
    for person in (budi, maria, tono):
        with pytest.raises(MayNotTakeOut):
            ask_for_export(place=pekalongan, by=person)


def test_the_officer_asks_waits_and_fetches(
    lived_in: Path, ratna: User, budi: User, client: Client
) -> None:
    client.force_login(ratna)
    assert client.get("/wilayah/33.26/data/").status_code == 200
    assert client.get("/wilayah/99.99/data/").status_code == 404
    waiting = client.post("/wilayah/33.26/data/")
    assert waiting.status_code == 302
    work_off()
    job = Job.objects.get(kind="archive.export")
    assert job.state == Job.State.DONE, job.failure
    found = client.get(f"/data/{job.uid}/")
    data = found.getvalue()
    with zipfile.ZipFile(io.BytesIO(data)) as zip:
        assert "tables/programmes.case.jsonl.gz" in zip.namelist()
    assert Event.objects.filter(verb="ask_for_export", by=ratna).count() == 1
    client.force_login(budi)
    assert client.get(f"/data/{job.uid}/").status_code == 404


def test_who_no_longer_manages_the_territory_does_not_fetch_its_data(
    lived_in: Path, ratna: User, client: Client
) -> None:
    client.force_login(ratna)
    client.post("/wilayah/33.26/data/")
    work_off()
    address = f"/data/{Job.objects.get(kind='archive.export').uid}/"
    assert client.get(address).getvalue()
    for mandate in ratna.mandates.all():
        end_mandate(mandate=mandate, reason="Pindah tugas", by=None, now=timezone.now())
    assert client.get(address).status_code == 404


def test_a_backup_a_day_is_kept_as_often_as_the_setting_says(
    lived_in: Path, settings: Any
) -> None:
    settings.BACKUPS_KEPT = 2
    job = Job(kind="archive.backup")
    jobs.back_up(job, lambda done, total=None: None)
    [written] = (lived_in / "backups").iterdir()
    assert contents(written).seal is not None
    assert JOBS["archive.backup"].every is None  # by setting only
