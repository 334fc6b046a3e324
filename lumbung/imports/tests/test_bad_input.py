"""Files as they go wrong: each fault is named by sheet, row and column, with its mending."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.core.message import from_json
from lumbung.imports.models import Import, ImportFault
from lumbung.imports.tests.files import PARAMETERS, bring, text
from lumbung.imports.tests.verbs import indonesia
from lumbung.measures.models import Observation
from lumbung.places.models import Place, PlaceCode
from lumbung.programmes.packs.actions import load_pack
from lumbung.words import say

pytestmark = pytest.mark.django_db
HEAD = "kode_desa;nilai\n"
POOR = {"indicator": "poor_people"}


@pytest.fixture(autouse=True)
def places(roles: Any, botosari: Place, paninggaran: Place) -> None:
    load_pack(folder=indonesia(), by=None)
    make_place("33.26.02.2014", "Tenogo", paninggaran)


@pytest.fixture
def ratna_in(client: Client, ratna: User) -> Client:
    client.force_login(ratna)
    return client


def book(fill: Callable[[Worksheet], None]) -> SimpleUploadedFile:
    made = Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Data"
    fill(sheet)
    out = io.BytesIO()
    made.save(out)
    return SimpleUploadedFile("data.xlsx", out.getvalue())


def faults(of: Import) -> list[tuple[int, int, str, str]]:
    """Row, column, what is wrong and how to mend it, in English."""
    with translation.override("en"):
        return [
            (f.row, f.column, say(from_json(f.message)), say(from_json(f.mend)))
            for f in ImportFault.objects.filter(of=of).order_by("row", "column")
        ]


def failure(of: Import) -> str:
    with translation.override("en"):
        return say(from_json(of.failure)) if of.failure else ""


def values(of: Import) -> list[str]:
    rows = Observation.objects.filter(of=of).order_by("row")
    return list(rows.values_list("value", flat=True))


def test_semicolons_and_decimal_commas_are_read(ratna_in: Client) -> None:
    of = bring(ratna_in, text(HEAD + "33.26.02.2008;0,382\n"))

    assert values(of) == ["0.382"]


def test_a_decimal_comma_that_parts_cells_is_a_fault_and_no_value(
    ratna_in: Client,
) -> None:
    of = bring(ratna_in, text("kode_desa,nilai\n33.26.02.2008,0,382\n"))

    assert [fault[:2] for fault in faults(of)] == [(2, 2)]
    assert '"38,2" in quotes' in faults(of)[0][3]
    assert values(of) == []


def test_windows_1252_is_read(ratna_in: Client, paninggaran: Place) -> None:
    make_place("33.26.02.2099", "Désa Café", paninggaran)
    of = bring(ratna_in, text("nama_desa;nilai\nDésa Café;0,2\n".encode("cp1252")))

    assert values(of) == ["0.2"]


def test_utf_16_as_excel_saves_unicode_text_is_read(ratna_in: Client) -> None:
    of = bring(
        ratna_in, text("kode_desa\tnilai\n33.26.02.2008\t0,2\n".encode("utf-16"))
    )

    assert values(of) == ["0.2"]


def test_a_merged_place_counts_for_each_row_and_a_merged_value_for_none(
    ratna_in: Client,
) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ("kode_desa", "tahun", "nilai"),
            ("33.26.02.2008", 2018, 0.2),
            (None, 2019, 0.3),
            ("33.26.02.2014", 2018, 0.4),
            ("33.26.02.2014", 2019, None),
        ):
            sheet.append(row)
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("C4:C5")

    of = bring(ratna_in, book(fill), period="")

    assert values(of) == ["0.2", "0.3"]
    assert [fault[:3] for fault in faults(of)] == [
        (4, 2, "The cells C4:C5 are merged."),
        (5, 2, "The cells C4:C5 are merged."),
    ]


def test_too_large_a_file_is_refused_with_its_size(
    ratna_in: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "IMPORT_MAX_BYTES", 2_000_000)
    address = reverse("imports:upload", args=["observations"])
    upload = text(HEAD + "33.26.02.2008;0,2\n" * 150_000)
    answer = ratna_in.post(address, PARAMETERS | {"upload": upload})

    assert answer.status_code == 422
    assert "2 MB" in answer.content.decode()


def test_a_code_of_two_lists_is_named_with_both_places(
    client: Client, ani: User, kampar: Place
) -> None:
    other = make_place("14.09", "Kuantan Singingi", kampar.parent)
    PlaceCode.objects.create(place=other, scheme=PlaceCode.Scheme.BPS, code="1401")
    client.force_login(ani)
    of = bring(client, text("kode_desa;nilai\n1401;0,2\n"), place="ID", codes="")

    ((row, column, _, mend),) = faults(of)
    assert (row, column) == (2, 0)
    assert "Kampar" in mend
    assert "Kuantan Singingi" in mend


def test_two_years_in_a_period_are_named_with_each(ratna_in: Client) -> None:
    file = text("kode_desa;tahun;nilai\n33.26.02.2008;2021/22;0,2\n")
    of = bring(ratna_in, file, period="")

    ((row, column, message, mend),) = faults(of)
    assert (row, column, message) == (2, 1, "“2021/22” names two years.")
    assert mend.endswith("2021 or 2022.")


def test_a_row_s_year_and_a_column_s_own_are_refused_by_their_names(
    ratna_in: Client,
) -> None:
    """Else the column 2019 would be taken for the year of the row."""
    file = text("kode_desa;tahun;2019\n33.26.02.2008;2023;0,2\n")
    of = bring(ratna_in, file, period="")

    assert failure(of).startswith("Column B “tahun” gives each row a period, and")
    assert "column C “2019”" in failure(of)


def test_two_columns_of_one_year_are_named_in_each_row(ratna_in: Client) -> None:
    of = bring(ratna_in, text("kode_desa;2019;2019\n33.26.02.2008;0,1;0,2\n"))

    assert [fault[:3] for fault in faults(of)] == [
        (2, 2, "Column B has a value for this.")
    ]
    assert values(of) == []


def test_a_row_of_zeros_that_comes_twice_is_a_fault(ratna_in: Client) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("kode_desa", "2018", "2019"))
        sheet.append(("33.26.02.2008", 0, 0))
        sheet.append(("33.26.02.2008", 0, 0))

    of = bring(ratna_in, book(fill))

    assert [fault[:3] for fault in faults(of)] == [
        (3, 1, "Row 2 has a value for this already.")
    ]


@pytest.mark.parametrize("number", ["9" * 400, "0," + "1" * 60])
def test_a_number_without_end_is_a_fault_and_its_page_can_be_read(
    ratna_in: Client, number: str
) -> None:
    of = bring(ratna_in, text(HEAD + f"33.26.02.2008;{number}\n"))

    ((_, column, message, _),) = faults(of)
    assert column == 1
    assert message.endswith("has more digits than a figure has.")
    page = ratna_in.get(reverse("imports:review", args=[of.uid]))
    assert page.status_code == 200


def test_a_title_with_commas_above_the_table_does_not_part_its_cells(
    ratna_in: Client,
) -> None:
    title = "Persentase penduduk miskin, menurut desa, 2019\n\n"
    of = bring(ratna_in, text(title + HEAD + "33.26.02.2008;0,2\n"))

    assert values(of) == ["0.2"]


def test_bytes_of_zero_deep_in_a_text_are_named_by_their_line(ratna_in: Client) -> None:
    rows = "33.26.02.2008;0,2\n" + "33.26.02.2014;0,3;\n" * 600
    of = bring(ratna_in, text(HEAD + rows + "33.26\0;1\n"))

    assert failure(of).startswith("Line 603 holds bytes that are no text.")
    assert values(of) == []


def test_a_date_that_stands_as_a_number_is_told_what_it_means(
    ratna_in: Client,
) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("kode_desa", "periode", "nilai"))
        sheet.append(("33.26.02.2008", 43830, 0.2))

    ((row, column, message, mend),) = faults(bring(ratna_in, book(fill), period=""))
    assert (row, column) == (2, 1)
    assert message == "“43830” is how a spreadsheet counts days."
    assert mend.endswith("or write 2019-12.")


def test_two_years_in_a_title_are_named_with_the_column(ratna_in: Client) -> None:
    of = bring(ratna_in, text("kode_desa;2021/22\n33.26.02.2008;0,2\n"), period="")

    assert failure(of).startswith("Column B: “2021/22” names two years.")


def test_150_is_no_share(ratna_in: Client) -> None:
    of = bring(ratna_in, text("kode_desa;persen\n33.26.02.2008;150\n"))

    ((row, column, _, mend),) = faults(of)
    assert (row, column) == (2, 1)
    assert "15" in mend


def test_two_rows_of_titles_are_refused_by_their_numbers(ratna_in: Client) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("Kode desa", "Penduduk", None))
        sheet.append((None, "Laki-laki", "Perempuan"))
        sheet.append(("33.26.02.2008", 10, 12))
        sheet.merge_cells("B1:C1")

    of = bring(ratna_in, book(fill), **POOR)

    assert failure(of).startswith("Rows 1 and 2 are both titles.")
    assert "Penduduk Perempuan" in failure(of)


def test_a_row_that_numbers_the_columns_is_left_out(ratna_in: Client) -> None:
    of = bring(ratna_in, text("kode_desa;nilai\n(1);(2)\n33.26.02.2008;0,2\n"))

    assert (of.faulty, values(of)) == (0, ["0.2"])


def test_dots_between_thousands_are_read(ratna_in: Client) -> None:
    of = bring(ratna_in, text(HEAD + "33.26.02.2008;1.234\n"), **POOR)

    assert values(of) == ["1234"]


def test_a_broken_formula_is_named_by_its_error(ratna_in: Client) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("kode_desa", "nilai"))
        sheet.append(("33.26.02.2008", "#N/A"))

    of = bring(ratna_in, book(fill))

    ((row, column, message, _),) = faults(of)
    assert (row, column, message) == (2, 1, "A formula gave the error #N/A.")


def test_a_broken_formula_of_libreoffice_is_named_in_a_wide_table(
    ratna_in: Client,
) -> None:
    """The year's cell would else count as one that was left empty."""
    broken = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string"'
        ' office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
        "</table:table-cell>"
    )
    rows = (
        [written("kode_desa"), written("2018"), written("2019")],
        [written("33.26.02.2008"), written("0,2"), broken],
        [written("33.26.02.2014"), written("0,3"), written("0,4")],
    )
    of = bring(ratna_in, open_document(*rows), period="")

    assert [fault[:3] for fault in faults(of)] == [
        (2, 2, "A formula gave the error #DIV/0!.")
    ]
    assert values(of) == ["0.3", "0.4"]


def written(text: str) -> str:
    return (
        '<table:table-cell office:value-type="string" calcext:value-type="string">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def open_document(*rows: list[str]) -> SimpleUploadedFile:
    """An ODS with these cells, as LibreOffice writes them."""
    uses = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    lines = "".join(f"<table:table-row>{''.join(r)}</table:table-row>" for r in rows)
    content = (
        f'<office:document-content{uses} xmlns:calcext="urn:org:documentfoundation:'
        'names:experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="Data">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", kind)
        packed.writestr("content.xml", content)
        packed.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{manifest}"><m:file-entry m:full-path="/"'
            f' m:media-type="{kind}"/></m:manifest>',
        )
    return SimpleUploadedFile("data.ods", out.getvalue())


def test_an_empty_sheet_is_refused_by_its_name(ratna_in: Client) -> None:
    of = bring(ratna_in, book(lambda sheet: None))

    assert failure(of).startswith("The sheet “Data” is empty.")


def test_a_truncated_text_is_refused(ratna_in: Client) -> None:
    of = bring(ratna_in, text(HEAD + "33.26.02.2014;0,2\n33.26.02.20"))

    assert failure(of).startswith("The file breaks off in its last row")
    assert values(of) == []


def test_a_truncated_workbook_is_refused(ratna_in: Client) -> None:
    whole = book(lambda sheet: sheet.append(("kode_desa", "nilai"))).read()
    of = bring(ratna_in, SimpleUploadedFile("data.xlsx", whole[:-400]))

    assert failure(of).startswith("The workbook is damaged")


def test_a_hidden_sheet_is_read_only_where_it_is_named(ratna_in: Client) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(("kode_desa", "nilai"))
        sheet.append(("33.26.02.2008", 0.2))
        sheet.sheet_state = "hidden"
        assert sheet.parent
        sheet.parent.create_sheet("Kosong")

    assert "hidden sheet “Data”" in failure(bring(ratna_in, book(fill)))
    assert values(bring(ratna_in, book(fill), sheet="Data")) == ["0.2"]
