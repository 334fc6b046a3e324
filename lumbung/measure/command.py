"""`lumbung measure`: figures from a file, without database and without set-up."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lumbung.core.catalogue import MEASURES, find
from lumbung.core.measure import BadInput, Measure, Parameter, Takes
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.core.specified import exact
from lumbung.measure.terminal import refusal_lines, say

if TYPE_CHECKING:
    from lumbung.measure.computation import Answer


class Measures(click.Group):
    """Finds a measure by name; its options are the measure's parameters."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(MEASURES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return command(find(cmd_name)) if cmd_name in MEASURES else None

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Measures"):
            formatter.write_dl([(name, MEASURES[name][1]) for name in sorted(MEASURES)])


@click.group(cls=Measures, invoke_without_command=True)
@click.option("--list", "listing", is_flag=True, help="List the measures and stop.")
@click.pass_context
def measure(ctx: click.Context, listing: bool) -> None:
    """Compute a measure from CSV, Parquet or XLSX, or from standard input (-).

    In CSV a day is written 2026-01-31, a number 1234.5; a column of groups keeps
    its codes as they stand: 33.10 is not 33.1, nor 01 the same as 1.

    The result goes to standard output; what was left out, warnings and refusals
    to standard error. Ends with 0 and a result, 2 and a refusal, or 1 where the
    fault is ours. Shares are 0 to 1.
    """
    if listing:
        width = max(map(len, MEASURES))
        for name in sorted(MEASURES):
            click.echo(f"{name:<{width}}  {MEASURES[name][1]}")
    elif ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def command(asked: Measure) -> click.Command:
    """Return the click command of one measure."""

    def run(**given: Any) -> None:
        try:
            answer(asked, given)
        except Refusal as refusal:
            refuse(refusal)
        except OSError as fault:
            if not fault.filename:
                raise  # such as a pipe that nobody reads any more
            refuse(not_opened(fault))

    return click.Command(
        asked.name,
        callback=run,
        params=[*own(asked), *common(asked)],
        help=help_text(asked),
        short_help=MEASURES[asked.name][1],
    )


def refuse(refusal: Refusal) -> NoReturn:
    for line in refusal_lines(refusal):
        click.echo(line, err=True)
    sys.exit(2)


def not_opened(fault: OSError) -> BadInput:
    """A file that may not be read, or a folder that may not be written in."""
    return BadInput(
        Message(
            "%(path)s cannot be opened: %(reason)s.",
            path=str(fault.filename),
            reason=str(fault.strerror),
        )
    )


def help_text(asked: Measure) -> str:
    name = MEASURES[asked.name][1]
    kind = {
        "table": "Any number of rows: it is computed inside the engine.",
        "matrix": "Few rows or one matrix: it is computed in memory.",
        "plain": "It reads no data.",
    }[asked.kind]
    return "\n\n".join(
        [
            f"{name[0].upper()}{name[1:]}.",
            asked.definition,
            f"Result: {asked.columns}",
            f"Source: {asked.source}",
            kind,
        ]
    )


def own(asked: Measure) -> list[click.Parameter]:
    data: list[click.Parameter] = []
    if asked.kind != "plain":
        data.append(click.Argument(["data"]))
    return data + [option(parameter) for parameter in asked.parameters]


def option(parameter: Parameter) -> click.Option:
    flag = parameter.takes is Takes.FLAG
    given: dict[str, Any] = {"required": parameter.required, "help": parameter.help}
    if flag:
        given["is_flag"] = True
    elif parameter.choices:
        given["type"] = click.Choice(parameter.choices)
    else:
        given["metavar"] = parameter.takes.value
    if parameter.default is not None and not flag:
        # Not even None may be given as a default: click would then require nothing.
        given |= {"default": str(parameter.default), "show_default": True}
    return click.Option(
        [f"--{parameter.name.replace('_', '-')}", parameter.name], **given
    )


def common(asked: Measure) -> list[click.Parameter]:
    """The options that every measure has, and those that it takes."""
    grouping = [("by", asked.grouped), ("weight", asked.weighted)]
    names = [name for name, taken in grouping if taken] + ["out", "print_as"]
    if asked.kind != "plain":
        names += ["where", "missing", "strict", "engine", "seed"]
    return [click.Option(COMMON[name][0], **COMMON[name][1]) for name in names]


COMMON: dict[str, tuple[list[str], dict[str, Any]]] = {
    "by": (
        ["--by"],
        {
            "metavar": "COL",
            "multiple": True,
            "help": "Column of groups; give it again for more.",
        },
    ),
    "weight": (
        ["--weight"],
        {
            "metavar": "COL",
            "help": "Column of weights: how many units a row stands for.",
        },
    ),
    "out": (
        ["--out"],
        {"metavar": "FILE", "help": "Write .csv, .parquet, .xlsx or .json here."},
    ),
    "print_as": (
        ["--format", "print_as"],
        {
            "type": click.Choice(["table", "csv", "json"]),
            "default": "table",
            "show_default": True,
            "help": "How to print the result.",
        },
    ),
    "where": (
        ["--where"],
        {
            "metavar": "EXPR",
            "help": "Which rows count, such as \"age >= 60 and sex = 'f'\".",
        },
    ),
    "missing": (
        ["--missing"],
        {
            "type": click.Choice(["drop", "refuse"]),
            "default": "refuse",
            "show_default": True,
            "help": "What to do with rows that lack a value.",
        },
    ),
    "strict": (
        ["--strict"],
        {"is_flag": True, "help": "Refuse what would only be warned of."},
    ),
    "engine": (
        ["--engine"],
        {
            "type": click.Choice(["duckdb", "spark"]),
            "default": "duckdb",
            "show_default": True,
            "help": "What computes. Spark is an optional extra and needs Java.",
        },
    ),
    "seed": (
        ["--seed"],
        {
            "type": click.IntRange(min=0),
            "metavar": "N",
            "help": "Where chance takes part: start it here. Elsewhere no effect.",
        },
    ),
}


def answer(asked: Measure, given: dict[str, Any]) -> None:
    """Read, compute, write: the whole command."""
    from lumbung.engine import open_engine  # noqa: PLC0415
    from lumbung.measure.columns import names_in  # noqa: PLC0415  # slow to load
    from lumbung.measure.computation import Request, compute  # noqa: PLC0415
    from lumbung.measure.results import refuse_out, several_tables  # noqa: PLC0415

    for name, path in outputs(asked, given).items():
        refuse_out(Path(path), parameter=name, data=given.get("data"))
    parameters, files = read_parameters(asked, given)
    printed = given["print_as"] == "csv" and not given["out"]
    if printed and asked.several(**parameters):
        raise several_tables()
    if asked.kind == "plain":
        outcome = compute(None, asked, None, Request(parameters=parameters))
        show(asked, outcome, given)
        return
    request = Request(
        by=tuple(given.get("by") or ()),
        weight=given.get("weight"),
        where=given["where"],
        drop_missing=given["missing"] == "drop",
        strict=given["strict"],
        parameters=parameters,
    )
    names = names_in(request.columns(asked))
    told = {path: name for name, path in files.items()}
    with open_engine([given["data"], *told], given["engine"], told) as engine:
        for path, name in told.items():
            parameters[name] = engine.table(path, names=names)
        data = engine.table(given["data"], names=names)
        show(asked, compute(engine, asked, data, request), given)


def outputs(asked: Measure, given: dict[str, Any]) -> dict[str, str]:
    """Return the files to be written, by parameter."""
    saved = [each.name for each in asked.parameters if each.takes is Takes.SAVE]
    return {name: given[name] for name in ("out", *saved) if given[name]}


def show(asked: Measure, found: Answer, given: dict[str, Any]) -> None:
    """Write the result, then on standard error what a reader must know of it."""
    from lumbung.measure.results import as_text, write  # noqa: PLC0415

    tables = dict(found.tables)
    for parameter in asked.parameters:
        if parameter.takes is Takes.SAVE and given[parameter.name]:
            write({"": tables.pop(parameter.name)}, Path(given[parameter.name]))
    if given["out"]:
        write(tables, Path(given["out"]))
    else:
        click.echo(as_text(tables, given["print_as"]), nl=False)
    for warning in found.warnings:
        click.echo(f"warning: {say(warning)}", err=True)
    if asked.kind != "plain":
        outside = f", left out by --where {found.outside}" if given["where"] else ""
        click.echo(
            f"rows read {found.read}, used {found.used}, dropped {found.dropped}"
            f"{outside}",
            err=True,
        )


# What was typed, as the values that a measure takes.


def read_parameters(
    asked: Measure, given: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the parameters as typed values, and the paths of further tables."""
    parameters: dict[str, Any] = {}
    files: dict[str, str] = {}
    for parameter in asked.parameters:
        text = given.get(parameter.name)
        if text is not None and parameter.takes is Takes.TABLE:
            files[parameter.name] = text
            text = None
        parameters[parameter.name] = None if text is None else value(parameter, text)
    if asked.seeded:
        parameters["seed"] = given["seed"]
    return parameters, files


def value(parameter: Parameter, text: Any) -> Any:
    """Return what `text` says, of the kind that the parameter takes."""
    reader = READERS.get(parameter.takes)
    return reader(parameter.name, text) if reader else text


def parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def number_or_column(name: str, text: str) -> Fraction | str:
    return fraction(name, text) if looks_like_number(text) else text


def specification(name: str, text: str) -> dict[str, Any]:
    from lumbung.measure.specification import read_specification  # noqa: PLC0415  # slow

    return read_specification(Path(text), parameter=name)


def looks_like_number(text: str) -> bool:
    return text[:1] in "0123456789.+-" and text[-1:] in "0123456789.%"


def fraction(name: str, text: str) -> Fraction:
    try:
        return exact(text)
    except ValueError as fault:
        raise not_read(name, text, "0.6, 60%, 3/5") from fault


def whole(name: str, text: str, example: str = "24") -> int:
    try:
        return int(text)
    except ValueError as fault:
        raise not_read(name, text, example) from fault


def day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise not_read(name, text, "2026-01-31") from fault


def not_read(name: str, text: str, example: str) -> BadInput:
    return BadInput(
        Message("“%(text)s” cannot be read.", text=text),
        mend=Message("Write it like this: %(example)s", example=example),
        field=name,
    )


READERS: dict[Takes, Callable[[str, Any], Any]] = {
    Takes.NUMBER: fraction,
    Takes.NUMBERS: lambda name, text: tuple(fraction(name, p) for p in parts(text)),
    Takes.VALUES: lambda _, text: tuple(parts(text)),
    Takes.VALUE_OR_NUMBER: number_or_column,
    Takes.COUNT: whole,
    Takes.RUPIAH: lambda name, text: whole(name, text, "5000000"),
    Takes.DATE: day,
    Takes.DATES: lambda name, text: tuple(day(name, part) for part in parts(text)),
    Takes.SPEC: specification,
    Takes.SAVE: lambda _, text: bool(text),
}
