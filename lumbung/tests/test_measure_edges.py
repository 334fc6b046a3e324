"""What analysts' files hold at their edges: NaN, codes, days, endless numbers."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook, load_workbook

from lumbung.tests.test_measure import call, rows

FGT = ["--spending", "x", "--line", "3"]
NAN = float("nan")


def parquet(folder: Path, **columns: Any) -> str:
    path = folder / "data.parquet"
    pq.write_table(pa.table(columns), path)
    return str(path)


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()])
@pytest.mark.parametrize("values", [[1.5, 2.5, NAN], [2.5, 2.5, NAN]])
def test_nan_is_missing_though_a_file_s_statistics_do_not_tell_of_it(
    kind: pa.DataType, values: list[float], tmp_path: Path
) -> None:
    data = parquet(tmp_path, x=pa.array(values, kind), y=[1, 1, 1])

    refused = call("fgt", data, *FGT)
    (found,) = rows("fgt", data, *FGT, "--missing", "drop")
    (where,) = rows("fgt", data, "--spending", "y", "--line", "3", "--where", "x > 2")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--spending: x has no value in 1 row." in refused.stderr
    assert (found["n"], found["p0"]) == (2, 1.0)
    assert where["n"] == sum(value > 2 for value in values)


def test_nan_in_an_answer_of_yes_and_no_is_missing(tmp_path: Path) -> None:
    data = parquet(tmp_path, got=[1.0, 0.0, NAN], poor=[1, 1, 1])

    result = call("targeting", data, "--selected", "got", "--deserving", "poor")

    assert "--selected: got has no value in 1 row." in result.stderr


def test_a_code_keeps_its_last_zero_in_the_data_and_in_what_they_compare_with(
    tmp_path: Path,
) -> None:
    table = "place,what,x\n33.10,1.10,5\n33.1,1.10,7\n33.1,1.1,4\n"
    (tmp_path / "country.csv").write_text("what,x\n1.10,3\n1.1,1\n")

    by_code = rows("fgt", "-", *FGT, "--by", "place", stdin=table)
    quotients = rows(
        *("location-quotient", "-", "--area", "place", "--industry", "what"),
        *("--value", "x", "--reference-file", str(tmp_path / "country.csv")),
        stdin=table,
    )

    assert [row["place"] for row in by_code] == ["33.1", "33.10"]
    assert [(row["industry"], row["lq"]) for row in quotients[:2]] == [
        ("1.1", pytest.approx(4 / 11 / (1 / 4))),
        ("1.10", pytest.approx(7 / 11 / (3 / 4))),
    ]


def test_a_year_and_a_decimal_without_such_a_zero_stay_numbers() -> None:
    table = "year,step,x\n2020,0.5,5\n2021,1.0,7\n"

    found = rows("fgt", "-", *FGT, "--by", "year", "--by", "step", stdin=table)

    assert [(row["year"], row["step"]) for row in found] == [(2020, 0.5), (2021, 1.0)]


def test_a_day_that_is_in_january_here_and_in_may_there_is_not_guessed() -> None:
    loans = (
        "loan,group,disbursed_on,principal,balance,overdue_principal,"
        "overdue_since,restructured\n1,Melati,05/01/2025,90,60,0,,no\n"
    )

    result = call("portfolio", "-", "--as-of", "2025-12-31", stdin=loans)

    assert result.exit_code == 2
    assert "without a day such as 2026-01-31 in disbursed_on (1 row)" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "table"),
    [
        (["fgt", "-", "--spending", "x", "--line", "3", "--weight", "w"],
         "x,w\n1,1e308\n1,1e308\n"),
        (["inequality", "-", "--value", "x"], "x\n1e308\n1e308\n"),
        (["schedule", "--principal", "9" * 30, "--rate", "0", "--per", "year",
          "--method", "flat", "--instalments", "2", "--start", "2025-01-31"], ""),
    ],
)  # fmt: skip
def test_numbers_beyond_counting_are_refused_not_thrown(
    arguments: list[str], table: str
) -> None:
    result = call(*arguments, stdin=table)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "too large, or too near 0, to compute with" in result.stderr


@pytest.mark.parametrize("line", ["1e400", "1e999999999", "1e-999999999", "1/0"])
def test_a_number_that_none_can_hold_is_not_read(line: str) -> None:
    result = call("fgt", "-", "--spending", "x", "--line", line, stdin="x\n1\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"--line: “{line}” cannot be read." in result.stderr


def test_an_endless_number_is_no_group(tmp_path: Path) -> None:
    data = parquet(tmp_path, x=[1, 2], g=[1.0, float("inf")])

    result = call("fgt", data, *FGT, "--by", "g")

    assert "--by: Infinite values in g. (1 row)" in result.stderr


@pytest.mark.parametrize(
    ("measure", "table", "said"),
    [
        (["inequality", "--value", "x", "--by", "g"], "x,w,g\n1,0,a\n2,1,b\n", "--by"),
        (["inequality", "--value", "x"], "x,w\n1,0\n", "--weight"),
        (["targeting", "--selected", "x", "--deserving", "x", "--by", "g"],
         "x,w,g\n1,0,a\n1,1,b\n", "--by"),
    ],
)  # fmt: skip
def test_a_group_of_nobody_is_refused_not_lost(
    measure: list[str], table: str, said: str
) -> None:
    result = call(measure[0], "-", *measure[1:], "--weight", "w", stdin=table)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{said}: There are no people in the" in result.stderr


def test_a_power_asked_for_twice_is_refused() -> None:
    result = call("fgt", "-", *FGT, "--alpha", "1/3,0.333333", stdin="x\n1\n")

    assert "--alpha: The column p0_333333 would stand twice" in result.stderr


def test_below_a_line_of_nothing_no_gap_is_measured() -> None:
    zero = call("fgt", "-", "--spending", "x", "--line", "0", stdin="x\n-1\n2\n")
    half = call("relative-poverty", "-", "--income", "x", stdin="x\n-1\n0\n0\n")

    assert (
        "--line: Below a line of 0 there is no gap to measure. (1 row)" in zero.stderr
    )
    assert "--income: Below a line of 0" in half.stderr


def test_what_is_neither_yes_nor_no_is_refused_even_where_gaps_are_dropped(
    tmp_path: Path,
) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text("k: 1\nmissing: drop\ndimensions: {d: {i: {weight: 1, column: x}}}")

    result = call("mpi", "-", "--spec", str(spec), stdin="x\nya\nmaybe\n\n")

    assert "Neither yes nor no in x (1 row)" in result.stderr


def test_a_second_file_that_is_not_there_is_named_by_its_parameter() -> None:
    result = call(
        *("location-quotient", "-", "--area", "a", "--industry", "i"),
        *("--value", "x", "--reference-file", "/nowhere.csv"),
        stdin="a,i,x\nA,1,2\n",
    )

    assert "--reference-file: There is no file /nowhere.csv." in result.stderr


def test_a_second_file_may_hold_names_that_are_no_numbers(tmp_path: Path) -> None:
    (tmp_path / "country.csv").write_text("i,x\n1,5\nother,5\n")

    (found,) = rows(
        *("location-quotient", "-", "--area", "a", "--industry", "i"),
        *("--value", "x", "--reference-file", str(tmp_path / "country.csv")),
        stdin="a,i,x\nA,1,2\n",
    )

    assert found["lq"] == 2.0


def test_a_specification_that_is_no_text_is_refused(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_bytes("k: é".encode("latin-1"))

    result = call("mpi", "-", "--spec", str(spec), stdin="x\n1\n")

    assert "--spec: spec.yaml is no text in UTF-8." in result.stderr


@pytest.mark.parametrize("parameter", ["out", "proximity", "density"])
def test_a_file_that_cannot_be_written_is_refused_before_the_data_are_read(
    parameter: str,
) -> None:
    result = call(
        *("complexity", "/nowhere.csv", "--area", "a", "--industry", "i"),
        *("--value", "x", f"--{parameter}", "result.doc"),
    )

    assert result.exit_code == 2
    assert f"--{parameter}: result.doc does not say its form." in result.stderr


def test_a_group_of_bytes_is_written_as_text(tmp_path: Path) -> None:
    data = parquet(tmp_path, x=[1], g=pa.array([b"desa"], pa.binary()))

    (found,) = rows("fgt", data, *FGT, "--by", "g")

    assert found["g"] == "desa"


def test_judges_whose_pairs_have_one_name_are_refused_and_so_is_a_chance_below_0() -> (
    None
):
    table = "a,b_c,a_b,c\n1,2,3,1\n2,1,1,2\n"

    twice = call("agreement", "-", "--ranks", "a,b_c,a_b,c", stdin=table)
    seed = call("agreement", "-", "--ranks", "a,c", "--seed", "-1", stdin=table)
    by = call(
        *("agreement", "-", "--ranks", "a,c", "--by", "spearman_a_c"),
        stdin="a,c,spearman_a_c\n1,2,1\n2,1,1\n",
    )

    assert "--ranks: The column spearman_a_b_c would stand twice" in twice.stderr
    assert (seed.exit_code, seed.stdout) == (2, "")
    assert "--by: The column spearman_a_c would stand twice" in by.stderr


@pytest.mark.parametrize(
    ("parameter", "example"),
    [("principal", "5000000"), ("round-up", "5000000"), ("instalments", "24")],
)
def test_a_wrong_amount_is_answered_by_an_amount_and_a_wrong_count_by_a_count(
    parameter: str, example: str
) -> None:
    terms = {"principal": "1000", "instalments": "2", "round-up": "0"}
    terms[parameter] = "some"
    result = call(
        *("schedule", "--rate", "0", "--per", "year", "--method", "flat"),
        *("--start", "2025-01-31"),
        *(part for name, value in terms.items() for part in (f"--{name}", value)),
    )

    assert result.exit_code == 2
    assert f"Write it like this: {example}\n" in result.stderr


ORDERLY = "".join(
    f"{{0}},{area},{industry},{value}\n"
    for area, values in zip("abcd", ("3022", "3211", "1123", "0321"), strict=True)
    for industry, value in zip("wxyz", values, strict=True)
)


def test_many_years_are_computed_side_by_side_as_each_by_itself() -> None:
    names = ("--area", "a", "--industry", "i", "--value", "v", "--format", "json")
    years = "y,a,i,v\n" + "".join(ORDERLY.format(year) for year in range(2010, 2030))
    one = call("complexity", "-", *names, stdin="y,a,i,v\n" + ORDERLY.format(2010))

    result = call("complexity", "-", *names, "--by", "y", stdin=years)

    alone, together = json.loads(one.stdout), json.loads(result.stdout)
    for table, expected in alone.items():
        assert together[table] == [
            {"y": year, **row} for year in range(2010, 2030) for row in expected
        ]


def test_a_group_that_is_refused_is_named() -> None:
    apart = "2011,a,x,5\n2011,b,y,5\n2011,c,y,2\n"
    result = call(
        *("complexity", "-", "--by", "y"),
        *("--area", "a", "--industry", "i", "--value", "v"),
        stdin="y,a,i,v\n" + ORDERLY.format(2010) + apart,
    )

    assert (result.exit_code, result.stdout) == (2, "")
    assert "DATA: 2011: Areas and industries fall into 2 pieces" in result.stderr


def test_true_and_false_in_csv_count_as_1_and_0() -> None:
    table = "x,w\n1,TRUE\n5,TRUE\n1,FALSE\n"

    (weighed,) = rows("fgt", "-", *FGT, "--weight", "w", stdin=table)
    (spread,) = rows("inequality", "-", "--value", "w", stdin=table)

    assert (weighed["population"], weighed["p0"]) == (2.0, 0.5)
    assert spread["gini"] == pytest.approx(1 / 3)


def test_days_with_a_zone_are_days() -> None:
    loans = (
        "loan,group,disbursed_on,principal,balance,overdue_principal,"
        "overdue_since,restructured\n"
        "1,Melati,2025-01-05T00:00:00Z,90,60,5,2025-03-01T00:00:00Z,no\n"
    )

    result = call(
        *("portfolio", "-", "--as-of", "2025-12-31", "--format", "json"), stdin=loans
    )

    assert json.loads(result.stdout)["ratios"][0]["par"] == 1.0


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint8(), pa.int16(), pa.uint64()])
def test_small_whole_numbers_add_up_to_large_ones(
    kind: pa.DataType, tmp_path: Path
) -> None:
    spec = tmp_path / "spec.yaml"
    names = [f"s{n}" for n in range(30)]
    spec.write_text(
        f"parts: {{s: {{highest: 5, columns: [{', '.join(names)}]}}}}\n"
        "edges: [0.9]\nstatuses: [behind, ahead]"
    )
    data = parquet(tmp_path, **{name: pa.array([5, 4], kind) for name in names})
    summed, less = " + ".join(names), " - ".join(names)

    index = rows("village-index", data, "--spec", str(spec))
    (where,) = rows(
        *("fgt", data, "--spending", "s0", "--line", "9"),
        *("--where", f"{summed} > 100 + 40 and {less} < 0"),
    )

    assert [row["status"] for row in index] == ["ahead", "behind"]
    assert where["n"] == 1


def test_a_list_of_another_kind_is_refused() -> None:
    for options in ("1, 2", "'a', 2"):
        result = call(
            "fgt", "-", *FGT, "--where", f"g in ({options})", stdin="x,g\n1,a\n"
        )

        assert result.exit_code == 2
        assert "the kinds of its values do not fit together" in result.stderr


def test_a_code_with_an_e_is_no_power_of_ten() -> None:
    found = rows("fgt", "-", *FGT, "--by", "g", stdin="g,x\n1E5,1\n100000,2\n")

    assert [row["g"] for row in found] == ["100000", "1E5"]


def test_weights_too_fine_for_whole_numbers_are_refused(tmp_path: Path) -> None:
    spec = tmp_path / "spec.yaml"
    third = "0." + "3" * 20
    spec.write_text(
        f"k: 1/2\ndimensions: {{d: {{a: {{weight: {third}, column: x}},"
        f" b: {{weight: {third}, column: x}}, c: {{weight: {third[:-1]}4, column: x}}}}}}"
    )

    result = call("mpi", "-", "--spec", str(spec), stdin="x\n1\n")

    assert result.exit_code == 2
    assert "--spec: The weights and k have too many digits" in result.stderr


def test_a_spreadsheet_takes_what_it_has_no_form_for_as_text(tmp_path: Path) -> None:
    day = datetime(2026, 1, 31, 7, tzinfo=UTC)
    nik = 3375011201900001
    out = tmp_path / "result.xlsx"

    for value, expected in (
        (day, "2026-01-31T07:00:00+00:00"),
        ([1, 2], "[1, 2]"),
        ("de\x01sa", "desa"),
        (nik, str(nik)),
    ):
        data = parquet(tmp_path, x=[1], g=[value])
        result = call("fgt", data, *FGT, "--by", "g", "--out", str(out))

        assert result.exit_code == 0
        assert load_workbook(out)["result"]["A2"].value == expected


def test_a_spreadsheet_with_years_above_and_endless_numbers_below(
    tmp_path: Path,
) -> None:
    data, book = tmp_path / "data.xlsx", Workbook()
    for row in ([2020, "x", "t"], [1e20, 1, timedelta(hours=3)], [2, 2, None]):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(data)

    found = rows("fgt", str(data), *FGT, "--by", "2020", "--where", "t is not null")

    assert [(row["2020"], row["n"]) for row in found] == [(1e20, 1)]


def test_text_of_old_writers_is_text(tmp_path: Path) -> None:
    data = parquet(tmp_path, x=[1, 2], g=pa.array(["é".encode(), b"b"], pa.binary()))

    result = call("fgt", data, *FGT, "--by", "g", "--where", "g <> 'b'")

    assert result.stdout.splitlines()[1].startswith("é")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    data = Path(parquet(tmp_path, x=[float(n) for n in range(5000)]))
    content = bytearray(data.read_bytes())
    content[500:560] = bytes(60)
    data.write_bytes(content)

    broken = call("fgt", str(data), *FGT)
    garbled = parquet(tmp_path, x=[1], g=pa.array([b"\xff"], pa.binary()))

    for result in (broken, call("fgt", garbled, *FGT, "--by", "g")):
        assert (result.exit_code, result.stdout) == (2, "")
        assert "DATA: data.parquet cannot be read as a table." in result.stderr


def test_a_result_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    data = tmp_path / "data.csv"
    data.write_text("x\n1\n")

    folder = call("fgt", str(data), *FGT, "--out", str(tmp_path / "folder.csv"))
    over = call("fgt", str(data), *FGT, "--out", str(data))

    assert folder.exit_code == over.exit_code == 2
    assert "folder.csv cannot be opened: Is a directory." in folder.stderr
    assert "--out: The result would be written over the data." in over.stderr
    assert data.read_text() == "x\n1\n"


def test_loans_by_their_groups() -> None:
    loans = (
        "loan,group,disbursed_on,principal,balance,overdue_principal,"
        "overdue_since,restructured\n"
        "1,Melati,2025-01-05,90,60,0,,no\n2,Mawar,2025-01-05,90,60,5,2025-03-01,no\n"
    )
    asked = ("portfolio", "-", "--as-of", "2025-12-31", "--by", "group")

    result = call(*asked, "--format", "json", stdin=loans)
    strict = call(*asked, "--strict", stdin=loans)

    ratios = json.loads(result.stdout)["ratios"]
    assert [(row["group"], row["par"]) for row in ratios] == [
        ("Mawar", 1.0),
        ("Melati", 0.0),
    ]
    assert (strict.exit_code, strict.stdout) == (2, "")
    assert "Bands and classes are an example" in strict.stderr


@pytest.mark.parametrize(("mark", "hidden"), [("TRUE", 1), ("true", 1), ("N", 0)])
def test_a_mark_that_no_row_has_is_warned_of(mark: str, hidden: int) -> None:
    result = call(
        *("location-quotient", "-", "--area", "a", "--industry", "i", "--value", "x"),
        *("--total", "all", "--suppressed", f"s={mark}", "--format", "json"),
        stdin="a,i,x,s\nA,k,0,TRUE\nA,all,4,FALSE\nB,k,2,FALSE\nB,all,4,FALSE\n",
    )

    found = json.loads(result.stdout)
    assert sum(row["value"] is None for row in found) == hidden
    assert ("warning: No row of s is called N." in result.stderr) == (not hidden)


SEVERAL = {
    "choose": ["--criteria", "SPEC", "--method", "weighted"],
    "complexity": ["--area", "a", "--industry", "i", "--value", "x"],
    "concentration": ["--area", "a", "--industry", "i", "--value", "x"],
    "mpi": ["--spec", "SPEC", "--round", "y"],
    "portfolio": ["--as-of", "2026-01-31"],
    "shift-share": ["--area", "a", "--industry", "i", "--value", "x"]
    + ["--period", "y", "--from", "1", "--to", "2"],
}


@pytest.mark.parametrize("name", sorted(SEVERAL))
def test_several_tables_are_no_csv_which_is_said_before_the_data_are_read(
    name: str, tmp_path: Path
) -> None:
    spec = tmp_path / "spec.yaml"
    spec.write_text("any: thing")
    asked = [str(spec) if part == "SPEC" else part for part in SEVERAL[name]]

    result = call(name, "/nowhere.csv", *asked, "--format", "csv")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "--format: This measure gives several tables" in result.stderr
