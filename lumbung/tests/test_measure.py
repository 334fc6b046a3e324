"""`lumbung measure` as an analyst meets it: refusals first."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from lumbung.cli import main
from lumbung.core.catalogue import MEASURES, find
from lumbung.measure.command import measure

HOUSEHOLDS = """code,spends,size,w,sex,sw,line,got,poor
01,50,1,1,f,a,100,ya,1
01,100,2,1,m,a,90,tidak,0
02,80,1,2.5,f,b,100,tidak,1
02,,1,2,m,b,100,ya,0
"""
FGT = ["--spending", "spends", "--line", "100"]
SPEC = """
k: 1/2
missing: drop
dimensions:
  living:
    poor: {weight: 1/2, expression: spends < 100}
    alone: {weight: 1/2, expression: size = 1}
"""
SCORES = """
parts:
  social: {highest: 5, columns: [s]}
  economic: {highest: 5, columns: [e]}
edges: [0.5]
statuses: [behind, ahead]
"""


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "households.csv"
    path.write_text(HOUSEHOLDS)
    return str(path)


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC)
    return str(path)


def call(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(measure, arguments, input=stdin)


def rows(*arguments: str, stdin: str | None = None) -> list[dict[str, Any]]:
    result = call(*arguments, "--format", "json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


BAD = [
    (FGT, "spends has no value in 1 row."),
    (["--spending", "sex", "--line", "1"], "sex holds what it should not in 4 rows."),
    (["--spending", "nobody", "--line", "1"], "--spending: There is no column nobody."),
    (["--spending", "w", "--line", "-5"], "--line: The line is below zero."),
    (["--spending", "w", "--line", "5", "--alpha", "x"], "--alpha: “x” cannot be read."),
    (["--spending", "w", "--line", "5", "--by", "p0", "--by", "code"], "--by: There is"),
    (["--spending", "w", "--line", "5", "--where", "w > 99"], "--where: No row is left"),
    (["--spending", "w", "--line", "5", "--where", "w"], "--where: “w” is not allowed"),
    (["--spending", "w", "--line", "5", "--cluster", "code", "--strata", "code"],
     "--strata: Strata with one cluster"),
    (["--spending", "w", "--line", "5", "--weight", "spends", "--missing", "drop"],
     "--weight: spends has no value in 1 row."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), BAD)
def test_it_refuses_naming_parameter_column_and_rows(
    data: str, arguments: list[str], said: str
) -> None:
    result = call("fgt", data, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("table", "arguments", "said"),
    [
        ("x,w\n1,-1\n2,-2\n", ["--weight", "w"], "Weights below zero in w. (2 rows)"),
        ("x,w\n1,\n2,1\n", ["--weight", "w"], "--weight: w has no value in 1 row."),
        ("x,w\n1,0\n2,0\n", ["--weight", "w"], "There are no people in the group -."),
        ("x,g,w\n1,a,0\n2,b,1\n", ["--weight", "w", "--by", "g"], "in the group a."),
        ("x,x\n1,2\n", [], "2 columns are called x."),
        ("x,p0\n1,2\n", ["--by", "p0"], "--by: The column p0 would stand twice"),
        ("x,_poor_p0\n1,2\n", ["--by", "_poor_p0"], "--by: The column"),
        ("x,n\n1,2\n", ["--by", "n"], "--by: The column n would stand twice"),
        (
            "x,g\n1,a\n",
            ["--by", "g", "--by", "g"],
            "--by: The column g would stand twice",
        ),
        ("x\n1.5\ninf\n", [], "Infinite values in x. (1 row)"),
        ("x\n1\nNaN\n", [], "x has no value in 1 row."),
        ("x\n", [], "No row is left to compute from."),
        (
            "x,m\n1,-2\n",
            ["--members", "m"],
            "--members: Values below zero in m. (1 row)",
        ),
        ("x\n-4\n", ["--strict"], "--spending: Spending below zero in x. (1 row)"),
    ],
)
def test_it_refuses_data_that_no_figure_follows_from(
    table: str, arguments: list[str], said: str
) -> None:
    result = call("fgt", "-", "--spending", "x", "--line", "5", *arguments, stdin=table)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize(
    ("option", "example"), [("--principal", "5000000"), ("--instalments", "24")]
)
def test_an_amount_is_asked_for_as_an_amount_and_a_count_as_a_count(
    option: str, example: str
) -> None:
    loan = "--principal 1 --instalments 1 --rate 1% --per month --method flat"
    start = ["--start", "2020-01-01"]
    result = call("schedule", *loan.split(), *start, option, "1,5jt")

    assert f"{option}: “1,5jt” cannot be read." in result.output
    assert result.output.strip().endswith(f"Write it like this: {example}")


def test_it_refuses_what_a_measure_does_not_take(data: str) -> None:
    assert call("agreement", data, "--ranks", "w,size", "--weight", "w").exit_code == 2
    assert call("nothing", data).exit_code == 2
    assert call("fgt", data, "--spending", "w").exit_code == 2  # --line is required


def test_negative_values_are_refused_unless_only_what_bears_them_is_asked() -> None:
    table = "x\n-1\n2\n5\n"

    result = call("inequality", "-", "--value", "x", stdin=table)
    (found,) = rows("inequality", "-", "--value", "x", "--only", "gini", stdin=table)

    assert result.exit_code == 2
    assert "Values below zero in x" in result.stderr
    assert found == {"gini": pytest.approx(2 / 3)}


def test_zeros_are_counted_in_one_warning() -> None:
    result = call("inequality", "-", "--value", "x", stdin="x\n0\n0\n5\n")

    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == (
        "warning: Zeros in x: theil_l, atkinson_1 and atkinson_2 are empty there (2 rows)"
    )


def test_an_answer_that_is_neither_yes_nor_no_is_refused() -> None:
    table = "a,b\nya,1\nmungkin,0\n"

    result = call("targeting", "-", "--selected", "a", "--deserving", "b", stdin=table)

    assert result.exit_code == 2
    assert (
        "--selected: The column a holds what it should not in 1 row." in result.stderr
    )


def test_it_drops_what_it_is_told_to_drop_and_counts_it(data: str) -> None:
    result = call("fgt", data, *FGT, "--missing", "drop", "--format", "json")

    assert json.loads(result.stdout)[0]["p0"] == pytest.approx(2 / 3)
    assert result.stderr == "rows read 4, used 3, dropped 1\n"


def test_it_reads_standard_input_and_keeps_only_what_where_means() -> None:
    asked = ["--by", "code", "--where", "sex = 'f'", "--format", "csv"]

    result = call("fgt", "-", *FGT, *asked, stdin=HOUSEHOLDS)

    assert result.stdout == (
        "code,n,population,p0,p1,p2\n"
        "01,1,1.0,1.0,0.5,0.25\n"
        "02,1,1.0,1.0,0.2,0.04000000000000001\n"
    )
    assert result.stderr == "rows read 4, used 2, dropped 0, left out by --where 2\n"


def test_a_line_can_be_a_column_and_a_power_a_fraction(data: str) -> None:
    (found,) = rows(
        "fgt", data, "--spending", "spends", "--line", "line", "--alpha", "0,1/2",
        "--missing", "drop", "--weight", "w", "--members", "size",
    )  # fmt: skip

    assert list(found) == ["n", "population", "p0", "p0_5"]
    assert found["p0"] == pytest.approx(3.5 / 5.5)


def test_where_and_missing_keep_the_design_of_a_survey(data: str) -> None:
    """Sex picks rows of both clusters; the row without spending stays for the design."""
    asked = [*FGT, "--cluster", "code", "--alpha", "0", "--missing", "drop"]

    result = call("fgt", data, *asked, "--where", "sex = 'm'", "--format", "json")

    (found,) = json.loads(result.stdout)
    # One row counts: p0 = 0, so z is 0 in both clusters, and 1 degree of freedom is left.
    assert (found["n"], found["p0"], found["se_p0"]) == (1, 0.0, 0.0)
    assert found["mark_p0"] == "n<30"
    assert result.stderr == "rows read 4, used 1, dropped 1, left out by --where 2\n"


def test_a_specification_with_rounds_gives_two_tables(data: str, spec: str) -> None:
    result = call("mpi", data, "--spec", spec, "--round", "code", "--format", "json")

    found = json.loads(result.stdout)
    assert list(found) == ["rounds", "changes"]
    assert [row["n"] for row in found["rounds"]] == [2, 1]
    assert found["changes"][0]["change_h"] == pytest.approx(0.5)
    assert "rows read 4, used 3, dropped 1" in result.stderr


def test_nan_in_a_column_of_a_specification_is_missing_not_a_no(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pq.write_table(pa.table({"spends": [50.0, float("nan")], "size": [2, 2]}), path)
    (tmp_path / "spec.yaml").write_text(SPEC.replace("drop", "refuse"))

    result = call("mpi", str(path), "--spec", str(tmp_path / "spec.yaml"))

    assert result.exit_code == 2
    assert "--spec: poor has no value in 1 row." in result.stderr


def test_a_specification_that_leaves_nothing_to_doubt_is_computed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(SPEC.replace("drop", "not-deprived"))

    (found,) = rows("mpi", "-", "--spec", str(path), stdin="spends,size\n50,1\n")

    assert found["m0"] == 1.0


def test_a_round_called_like_a_result_is_refused(spec: str) -> None:
    table = "n,spends,size\n1,50,1\n2,60,2\n"

    result = call("mpi", "-", "--spec", spec, "--round", "n", stdin=table)

    assert result.exit_code == 2
    assert "--round: The column n is called like a result." in result.stderr


def test_a_village_outside_the_scale_is_refused_and_codes_are_carried_along(
    tmp_path: Path,
) -> None:
    path = tmp_path / "scores.yaml"
    path.write_text(SCORES)
    asked = ["village-index", "-", "--spec", str(path), "--by", "code"]

    refused = call(*asked, stdin="code,s,e\n07,6,1\n")
    found = rows(*asked, stdin="code,s,e\n07,5,1\n03,4,1\n")

    assert "--spec: Scores outside 0 and 5 in s (1 row)" in refused.stderr
    assert [(row["code"], row["index"], row["status"]) for row in found] == [
        ("07", 0.6, "ahead"), ("03", 0.5, "behind"),
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", [".csv", ".json", ".parquet", ".xlsx"])
def test_it_writes_the_result_in_the_form_the_name_says(
    data: str, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"result{suffix}"

    result = call(
        "fgt", data, "--spending", "w", "--line", "2", "--by", "code", "--out", str(out)
    )

    assert (result.exit_code, result.stdout) == (0, "")
    match suffix:
        case ".csv":
            assert out.read_text().splitlines()[1].startswith("01,2,2.0,1.0,0.5")
        case ".json":
            assert json.loads(out.read_text())[0]["p0"] == 1.0
        case ".parquet":
            assert pq.read_table(out)["code"].to_pylist() == ["01", "02"]
        case ".xlsx":
            sheet = load_workbook(out).worksheets[0]
            assert [cell.value for cell in sheet[2]][:2] == ["01", 2]


def test_several_tables_go_to_a_csv_file_each(
    data: str, spec: str, tmp_path: Path
) -> None:
    asked = ["mpi", data, "--spec", spec, "--round", "code"]

    printed = call(*asked, "--format", "csv")
    call(*asked, "--out", str(tmp_path / "mpi.csv"))

    assert printed.exit_code == 2
    assert {path.name for path in tmp_path.glob("mpi.*")} == {
        "mpi.rounds.csv", "mpi.changes.csv",
    }  # fmt: skip


@pytest.mark.parametrize("out", ["result.doc", "nowhere/result.csv"])
def test_it_refuses_to_write_where_or_what_it_cannot(
    data: str, tmp_path: Path, out: str
) -> None:
    asked = ["--spending", "w", "--line", "2", "--out", str(tmp_path / out)]

    result = call("fgt", data, *asked)

    assert result.exit_code == 2
    assert "--out: " in result.stderr


def test_it_lists_every_measure_and_each_has_its_help() -> None:
    listed = call("--list").stdout

    for name in MEASURES:
        assert name in listed
        shown = call(name, "--help").stdout
        assert "Source: " in shown
        for parameter in find(name).parameters:
            assert f"--{parameter.name.replace('_', '-')}" in shown


def test_it_starts_without_django(data: str) -> None:
    result = CliRunner().invoke(main, ["measure", "--list"])

    assert result.exit_code == 0
    assert "fgt" in result.stdout


def test_it_refuses_in_the_language_of_the_shell(
    data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "id")

    result = call("fgt", data, "--spending", "nobody", "--line", "1")

    assert "--spending: Tidak ada kolom nobody." in result.stderr
