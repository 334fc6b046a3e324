"""The village development index by the shipped rule, beside what the ministry printed."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import File
from django.utils import timezone

from lumbung.accounts.models import Role, User
from lumbung.conftest import give, load_places, make_user
from lumbung.imports import actions
from lumbung.measures.models import PlaceClass, Run
from lumbung.measures.runs import snapshots
from lumbung.measures.runs.actions import start_run
from lumbung.measures.runs.computing import content_of
from lumbung.measures.runs.labels import labels_of
from lumbung.measures.runs.snapshots import Label, ReadRow
from lumbung.measures.tests.test_import_public_data import DATA, make_village
from lumbung.measures.tests.villages import rule
from lumbung.places.models import Place
from lumbung.programmes.packs.actions import load_pack, shipped

PUBLISHED = DATA / "village-index" / "idm_villages_2021_2023.csv.gz"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PUBLISHED.exists(), reason=f"there is no {PUBLISHED}"),
]
STATUS = {
    "Sangat Tertinggal": "very_behind",
    "Tertinggal": "behind",
    "Berkembang": "developing",
    "Maju": "advanced",
    "Mandiri": "independent",
}


def villages() -> Iterator[dict[str, str]]:
    with gzip.open(PUBLISHED, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def status_of(row: dict[str, str]) -> str:
    return STATUS[row["status"].title()]


def pack() -> None:
    load_pack(folder=next(f for f in shipped() if f.name == "indonesia"), by=None)


def test_index_and_status_of_all_7508_rows_come_out_as_published() -> None:
    pack()
    content = content_of(rule("idm_status"))
    scores = [
        name for name in content["indicators"] if name[:3] in {"iks", "ike", "ikl"}
    ]
    assert len(scores) == 50
    published: dict[str, dict[str, str]] = {
        f"{row['kemendagri_code']} {row['year']}": row for row in villages()
    }

    labels = labels_of(
        (
            ReadRow(key, key, key, "", name, row["year"], str(int(float(row[name]))))
            for key, row in published.items()
            for name in scores
        ),
        content,
        period="2023",
        method=1,
    )

    assert len(labels) == len(published) == 7_508
    wrong = [
        label
        for label in labels
        if label.klass != status_of(published[label.place])
        or abs(fraction(label) - float(published[label.place]["idm"])) > 1e-13
    ]
    assert wrong == []


def fraction(label: Label) -> float:
    top, _, bottom = label.value.partition("/")
    return int(top) / int(bottom or 1)


@pytest.fixture
def ani(roles: Any) -> User:
    pack()
    country = load_places(lambda code: code.count(".") < 2)
    user = make_user("Ani Wulandari")
    give(user, Role.objects.get(code="administrator"), country)
    return user


def test_a_district_goes_from_the_published_file_to_its_statuses(
    ani: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the import as titled, a run, and acceptance; 2022 and 2023."""
    monkeypatch.setattr(actions, "AT_ONCE", 10**9)
    rows = [row for row in villages() if row["kemendagri_code"].startswith("1401")]
    for row in rows:
        make_village(row["kemendagri_code"], row["village"], row["subdistrict"])
    import_published(rows, ani, tmp_path / "idm.csv")

    for year in ("2022", "2023"):
        run = classed(ani, year)
        expected = {
            dotted(row["kemendagri_code"]): status_of(row)
            for row in rows
            if row["year"] == year
        }
        found = PlaceClass.objects.current().filter(period=year)
        assert dict(found.values_list("place__code", "code")) == expected
        assert run.read == 50 * len(expected)
        labels = snapshots.read(Label, run.labels)
        assert {label.code for label in labels if label.klass} == set(expected)


def import_published(rows: list[dict[str, str]], by: User, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    with path.open("rb") as file:
        of = actions.start_import(
            kind="observations",
            upload=File(file, name=path.name),
            sheet="",
            parameters={"source_title": "Kemendesa, IDM", "codes": "kemendagri"},
            place=Place.objects.get(code="14.01"),
            by=by,
            now=timezone.now(),
        )
    actions.accept_import(of=of, by=by, now=timezone.now())


def classed(by: User, year: str) -> Run:
    run = start_run(
        rule=rule("idm_status"),
        place=Place.objects.get(code="14.01"),
        period=year,
        by=by,
        now=timezone.now(),
    )
    actions.accept_import(of=run.of, by=by, now=timezone.now())
    return run


def dotted(bare: str) -> str:
    return f"{bare[:2]}.{bare[2:4]}.{bare[4:6]}.{bare[6:]}"
