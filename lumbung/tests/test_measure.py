"""`lumbung measure` as an analyst meets it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lumbung.core.catalogue import MEASURES, find
from lumbung.measure import measure

HOUSEHOLDS = """code,spends,size,w,sex
01,50,1,1,f
01,100,2,1,m
02,80,1,2.5,f
02,,1,2,m
"""
FGT = ["--spending", "spends", "--line", "100"]


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "households.csv"
    path.write_text(HOUSEHOLDS)
    return str(path)


def call(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(measure, arguments, input=stdin)


def test_it_refuses_missing_values_and_says_where_and_how_many(data: str) -> None:
    result = call("fgt", data, *FGT)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "--spending: spends has no value in 1 row." in result.stderr


def test_it_refuses_text_where_numbers_are_needed(data: str) -> None:
    result = call("fgt", data, "--spending", "sex", "--line", "100")

    assert result.exit_code == 2
    assert (
        "--spending: The column sex holds what it should not in 4 rows."
        in result.stderr
    )


def test_it_drops_what_it_is_told_to_drop_and_counts_it(data: str) -> None:
    result = call("fgt", data, *FGT, "--missing", "drop", "--format", "json")

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)[0]["p0"] == pytest.approx(2 / 3)
    assert result.stderr == "rows read 4, used 3, dropped 1\n"


def test_it_reads_standard_input_and_keeps_only_what_where_means() -> None:
    result = call(
        "fgt", "-", *FGT, "--by", "code", "--where", "sex = 'f'", "--format", "csv",
        stdin=HOUSEHOLDS,
    )  # fmt: skip

    assert result.stdout == "code,n,population,p0,p1,p2\n01,1,1.0,1.0,0.5,0.25\n" + (
        "02,1,1.0,1.0,0.2,0.04000000000000001\n"
    )
    assert result.stderr == "rows read 4, used 2, dropped 0, left out by --where 2\n"


def test_it_lists_every_measure_and_each_has_its_help() -> None:
    listed = call("--list").stdout

    for name in MEASURES:
        assert name in listed
        shown = call(name, "--help").stdout
        assert "Source: " in shown
        for parameter in find(name).parameters:
            assert f"--{parameter.name.replace('_', '-')}" in shown
