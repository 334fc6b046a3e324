from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lumbung.accounts.models import Event, User
from lumbung.evidence.actions import add_evidence
from lumbung.evidence.tests.files import photo, upload
from lumbung.home import make_keys
from lumbung.programmes.actions import attach_evidence, declare_fact  # noqa: F401
from lumbung.programmes.models import Case


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """The folder of the installation that the test's database belongs to."""
    folder = tmp_path / "rumah"
    settings.HOME = folder
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "lumbung.evidence.storage.DurableStorage",
            "OPTIONS": {"location": folder / "evidence"},
        },
        "snapshots": settings.STORAGES["snapshots"]
        | {"OPTIONS": {"location": folder / "snapshots"}},
    }
    make_keys(folder)
    return folder


@pytest.fixture
def lived_in(home: Path, case: Case, ratna: User, siti: User) -> Path:
    """The installation with a case, a photo, a trail, and values that are hard to keep."""
    photograph = add_evidence(
        upload=upload(photo()),
        title="Foto jalan desa “Botosari” — ‰",
        place=case.main_place,
        programme="lab",
        dated_on=date(2020, 2, 14),
        by=siti,
    )
    attach_evidence(case=case, requirement="photo", evidence=photograph, by=siti)
    Event.objects.create(
        at=timezone.now(),
        by=ratna,
        door="page",
        verb="open_case",
        table="programmes.case",
        after={"z": 1e22, "a": [-0.0, 1.5, None, "ß\n"], "b": {"y": 1, "x": True}},
    )
    (home / "imports").mkdir()
    (home / "imports" / "waiting").write_bytes(b"a;b\n1;2\n")
    (home / "cache").mkdir()
    (home / "cache" / "drawn").write_bytes(b"made again")
    return home
