"""The figures of the demonstration, brought in through the imports as people do.

Counts of red, yellow and green villages are published, which village has which colour
and value is not: they are dealt out by a hash of the code and marked as examples. The
colours are then computed from the values, by the rule of the pack.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from lumbung.accounts.models import User
from lumbung.desk.demo_tale import Item, Tale
from lumbung.imports.actions import accept_import, start_import
from lumbung.imports.models import Import
from lumbung.measures.models import ClassRule
from lumbung.measures.runs.actions import start_run
from lumbung.places.codes import addressed
from lumbung.places.models import Level, Place

PARTS = 5
DISTRICT = "33.26"
# Class, how many villages of 285 (published), lowest and highest value in thousandths.
CLASSES = (("merah", 67, 400, 644), ("kuning", 119, 250, 394), ("hijau", 99, 80, 244))
INVENTED = {
    "source_title": "Contoh karangan untuk peragaan Lumbung",
    "cut_off_on": "2017-12-31",
    "codes": "kemendagri",
    "is_example": True,
}
PUBLISHED = {
    "source_title": "BPS, lewat Radar Pekalongan: 87.010 warga hidup miskin",
    "source_url": "https://radarpekalongan.disway.id/amp/9801/87010-warga-hidup-miskin",
    "codes": "kemendagri",
    "is_example": False,
}
# Rows at fault in the file that waits for Ratna, as its spreadsheet numbers them.
HOMONYM_ROW, TOO_MUCH_ROW, NO_DAY_ROW = 48, 112, 201
HOMONYM = "33.26.15.2014"


def tell(tale: Tale, first_values: dict[str, int]) -> Iterator[Import]:
    """Import the figures; `first_values` are thousandths of the villages with a case."""
    ratna, place = tale.people["ratna"], addressed(DISTRICT)
    earlier = tale.now - timedelta(days=40)
    villages = dealt(place, first_values)
    yield bring(
        "observations",
        csv_file(
            "desil-desa-2017.csv",
            ["kode_desa", "nama_desa", "persen"],
            [(code, name, comma(value)) for code, name, _, value in villages],
        ),
        INVENTED | {"indicator": "decile_1_4_share", "period": "2017"},
        place, ratna, earlier,
    )  # fmt: skip
    yield classify("village_colour_cut_offs", place, ratna, earlier, accept=True)
    yield classify("village_colour_ranks", place, ratna, tale.now, accept=False)
    yield bring(
        "observations",
        csv_file(
            "kemiskinan-kabupaten.csv",
            ["kode", "indikator", "tahun", "nilai", "tanggal"],
            POVERTY,
        ),
        PUBLISHED,
        place, ratna, earlier,
    )  # fmt: skip
    yield stage_latest(villages, tale, place, ratna)


def classify(
    rule: str, place: Place, by: User, now: datetime, *, accept: bool
) -> Import:
    """Compute the colours of 2017 by a rule; those that are not accepted wait."""
    run = start_run(
        rule=ClassRule.objects.get(code=rule),
        place=place,
        period="2017",
        by=by,
        now=now,
    )
    assert run.labels, f"{rule}: {run.of.failure}"
    return accept_import(of=run.of, by=by, now=now) if accept else run.of


POVERTY = [
    (DISTRICT, "poor_share", "2016", "12,96 %", ""),
    (DISTRICT, "poor_share", "2019", "9,71 %", "31/03/2019"),
    (DISTRICT, "poor_people", "2019", "87010", "31/03/2019"),
]
Village = tuple[str, str, str, int]


def dealt(district: Place, first_values: dict[str, int]) -> list[Village]:
    """Each village's code, name, class and value; those with a case are red."""
    places = Place.objects.in_force().below(district).filter(level=Level.VILLAGE)
    names = dict(places.values_list("code", "name"))
    order = sorted(names, key=lambda code: (code not in first_values, noise(code)))
    kinds = [kind for kind in CLASSES for _ in range(kind[1])]
    rows = []
    for code, (kind, _, low, high) in zip(order, kinds, strict=True):
        value = first_values.get(code, low + noise(f"{code} value") % (high - low + 1))
        rows.append((code, names[code], kind, value))
    return sorted(rows)


def noise(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def comma(thousandths: int) -> str:
    """A share in thousandths as Indonesians write per cent: 574 is `57,4`."""
    return f"{Decimal(thousandths) / 10:.1f}".replace(".", ",")


def stage_latest(
    villages: Sequence[Village], tale: Tale, place: Place, by: User
) -> Import:
    """Last year's file: 282 good rows and three that Ratna must look at."""
    year = tale.today.year - 1
    rows: list[list[Any]] = [
        [name, code, later(code, value), date(year, 12, 31)]
        for code, name, _, value in villages
    ]
    homonym = next(i for i, row in enumerate(rows) if row[1] == HOMONYM)
    rows.insert(HOMONYM_ROW - 2, rows.pop(homonym))
    rows[HOMONYM_ROW - 2][1] = None
    rows[TOO_MUCH_ROW - 2][2] = 104.5
    rows[NO_DAY_ROW - 2][3] = f"31/02/{year}"
    upload = xlsx_file(
        f"desil-desa-{year}.xlsx",
        ["nama_desa", "kode_desa", "persen", "tanggal_data"],
        rows,
    )
    parameters = INVENTED | {
        "indicator": "decile_1_4_share",
        "period": str(year),
        "cut_off_on": "",
    }
    return start_import(
        kind="observations",
        upload=upload,
        sheet="Data",
        parameters=parameters,
        place=place,
        by=by,
        now=tale.now - timedelta(hours=18),
    )


# What the story says of villages that have been evaluated.
EVALUATED = {"33.26.02.2008": 38.2, "33.26.15.2014": 31.6}


def later(code: str, value: int) -> float:
    """What a village came to: a fifth to two fifths less than at first."""
    return EVALUATED.get(code) or round(
        value * (80 - noise(f"{code} later") % 21) / 1000, 1
    )


def bring(
    kind: str,
    upload: SimpleUploadedFile,
    parameters: Item,
    place: Place,
    by: User,
    now: datetime,
) -> Import:
    """Import a file and accept it; a single fault in it is a fault of ours."""
    of = start_import(
        kind=kind,
        upload=upload,
        sheet="",
        parameters=dict(parameters),
        place=place,
        by=by,
        now=now,
    )
    assert not of.faulty, f"{of.file_name}: {of.faults.values_list('row', 'message')}"
    return accept_import(of=of, by=by, now=now)


def csv_file(
    name: str, titles: Sequence[str], rows: Sequence[Sequence[Any]]
) -> SimpleUploadedFile:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(titles)
    writer.writerows(row[: len(titles)] for row in rows)
    return SimpleUploadedFile(name, text.getvalue().encode(), "text/csv")


def xlsx_file(
    name: str, titles: Sequence[str], rows: Sequence[Sequence[Any]]
) -> SimpleUploadedFile:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.append(titles)
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile(name, content.getvalue())
