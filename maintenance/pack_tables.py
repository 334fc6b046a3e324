"""Write, for each shipped pack, the table of its gates: docs/packs/<code>.md.

    python -m maintenance.pack_tables          # write them anew
    python -m maintenance.pack_tables check    # fail where one is out of date

Each condition stands with its source, the line it is written in, a value that meets it
and one that misses it by the smallest step. `tests/test_pack_gates.py` puts exactly these
values to the gates.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()

from django.utils.translation import override

from lumbung.core import gates, shortfall
from lumbung.core.conditions import Condition, Gate, Group
from lumbung.core.gates import Known, Unknown, conditions
from lumbung.core.message import Message, Share
from lumbung.programmes.packs.actions import find_base, shipped
from lumbung.programmes.packs.check import check
from lumbung.programmes.packs.folder import Folder, Spot, read_folder
from lumbung.programmes.packs.pack import Pack, Step, Template, build
from lumbung.words import say

ROOT = Path(__file__).parent.parent
WHOLE = 100  # the people or families that a share is a share of
NOTHING = Unknown(Message("Nobody has declared this yet."))
Facts = dict[str, Any]


@dataclass(frozen=True)
class Demand:
    """One condition of one step's gate, with its place in the pack."""

    id: str
    pack: Pack
    template: Template
    step: Step
    condition: Condition
    spot: Spot


def packs() -> Iterator[tuple[Pack, Folder]]:
    for path in shipped():
        content = check(path, find=find_base).content
        assert content is not None, path
        yield build(content), read_folder(path)


def demands() -> Iterator[Demand]:
    """Every condition of every gate that a shipped pack brings itself."""
    for pack, folder in packs():
        for template in pack.templates.values():
            for step in template.steps:
                for number, condition in enumerate(conditions(step.gate), start=1):
                    id = f"{pack.code}-{template.id}-{step.id}-{number}"
                    way = ("templates", template.id, "steps", step.id, "gate")
                    spot = folder.spot((*way, *condition.path))
                    yield Demand(id, pack, template, step, condition, spot)


def smallest(condition: Condition) -> Any:
    """The smallest step by which a condition may be missed: one, or one in a hundred."""
    match condition.need:
        case Share():
            return Fraction(1, WHOLE)
        case Decimal():
            return Decimal("0.01")
        case date():
            return timedelta(days=1)
        case _:
            return 1


def meets(condition: Condition) -> Any:
    """The value that only just meets a condition."""
    match condition.operator:
        case "below" | "before":
            return like(condition, condition.need - smallest(condition))
        case "one_of":
            return condition.need[0]
        case _:
            return condition.need


def misses(condition: Condition) -> Any:
    """The value that only just misses a condition; None where every value meets it."""
    match condition.operator:
        case "below" | "before":
            return condition.need
        case "at_least":
            return like(condition, condition.need - smallest(condition))
        case "at_most":
            return like(condition, condition.need + smallest(condition))
        case "equals" if condition.need in {"yes", "no"}:
            return "no" if condition.need == "yes" else "yes"
        case "one_of":
            others = [code for code in condition.labels if code not in condition.need]
            return others[0] if others else None
        case _:
            return condition.need + 1


def like(condition: Condition, value: Any) -> Any:
    return Share(value) if isinstance(condition.need, Share) else value


def just_open(gate: Gate, with_: Condition) -> Facts:
    """Facts that only just open `gate`, and not without the condition `with_`."""
    met = set(map(id, needed(gate, with_)))
    wanted: Facts = {}
    for condition in conditions(gate):
        value = meets(condition) if id(condition) in met else misses(condition)
        same = [c for c in conditions(gate) if c.fact == condition.fact]
        fits = all(gates.holds(c.operator, value, c.need) for c in same if id(c) in met)
        if condition.fact not in wanted or fits:
            wanted[condition.fact] = value
    return wanted


def needed(gate: Gate, with_: Condition) -> list[Condition]:
    """The conditions of the smallest set that opens `gate` and holds `with_`."""
    if isinstance(gate, Condition):
        return [gate]
    first = sorted(gate.parts, key=lambda part: not holds(part, with_))
    return [each for part in first[: gate.n] for each in needed(part, with_)]


def holds(gate: Gate, condition: Condition) -> bool:
    return any(each is condition for each in conditions(gate))


def know(facts: Facts, fact: str) -> Known | Unknown:
    value = facts.get(fact)
    if value is None:
        return NOTHING
    return Known(value, whole=WHOLE if isinstance(value, Share) else None)


HEAD = """# Gates of the pack `{pack}`

Written by `python -m maintenance.pack_tables`; a test holds it to the pack. {name}.

Each row is one condition of the gate by which a case leaves a step. *Meets* is the value
that only just meets it and *misses* the one that only just does not (by one, or by one in
a hundred for shares): `tests/test_pack_gates.py::test_it_opens_at_the_line[ID]` and
`::test_it_stays_shut_one_short[ID]` put them to the gate. `any` and `n of` mark conditions
of which not all are needed. Status and sources are those of the step; sources are listed
below.
"""


def table(pack: Pack, rows: list[Demand]) -> str:
    lines = [HEAD.format(pack=f"{pack.code}@{pack.version}", name=say(pack.name))]
    for template in pack.templates.values():
        lines += [f"## {say(template.name)} (`{template.id}`)", ""]
        lines += ["| step | condition | status, sources | line | meets | misses | ID |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [row(each) for each in rows if each.template is template]
        lines.append("")
    lines += ["## Sources", ""]
    used = {id for each in rows for id in each.step.source}
    for source in pack.sources.values():
        if source.id in used:
            lines.append(f"- `{source.id}` {source.title} {source.url}".rstrip())
    return "\n".join(lines) + "\n"


def row(demand: Demand) -> str:
    step, condition, spot = demand.step, demand.condition, demand.spot
    asked = shortfall.demand(
        name=condition.name or condition.fact,
        operator=condition.operator,
        need=condition.need,
        labels=condition.labels,
    )
    cells = [
        f"{step.position}. {say(step.name)}",
        f"{mark(step.gate, condition)}{say(asked)} (`{condition.fact}`)",
        f"{step.status}; {', '.join(step.source)}",
        f"{spot.file}:{spot.row}",
        value(condition, meets(condition)),
        value(condition, misses(condition)),
        demand.id,
    ]
    return "| " + " | ".join(cells) + " |"


def mark(gate: Gate | None, condition: Condition) -> str:
    """`any: ` where other conditions of its group can stand in for this one."""
    if not isinstance(gate, Group):
        return ""
    inner = next(part for part in gate.parts if holds(part, condition))
    if gate.n == len(gate.parts):
        return mark(inner, condition)
    return "any: " if gate.n == 1 else f"{gate.n} of {len(gate.parts)}: "


def value(condition: Condition, value: Any) -> str:
    if value is None:
        return "not declared"
    if isinstance(value, str):
        return say(condition.labels.get(value, value))
    return say(value).replace("\N{NO-BREAK SPACE}", " ")


def tables() -> dict[Path, str]:
    """The text of each table by its file."""
    rows = list(demands())
    written = {}
    with override("en"):
        for pack, _ in packs():
            own = [each for each in rows if each.pack.code == pack.code]
            if own:
                text = table(own[0].pack, own)
                written[ROOT / f"docs/packs/{pack.code}.md"] = text.replace(
                    "\N{NO-BREAK SPACE}", " "
                )
    return written


def main() -> int:
    stale = []
    for path, text in tables().items():
        if sys.argv[1:] != ["check"]:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(path.relative_to(ROOT))
    for path in stale:
        print(f"{path} is out of date: python -m maintenance.pack_tables")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
