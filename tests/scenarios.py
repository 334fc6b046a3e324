"""The shape of a scenario: one verb, prepared, and then called.

Each package keeps its scenarios in `lumbung/<package>/tests/verbs.py`:

    @scenario
    def give_mandate(cast: Cast) -> Deed:
        person, role = cast("siti"), cast("roles")["fund_officer"]
        return lambda: actions.give_mandate(person=person, ...)

What stands before the `return` prepares; only what the deed does is watched.
`cast` gives the people and places of `lumbung/conftest.py` by name.
"""

import ast
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

LUMBUNG = Path(__file__).parents[1] / "lumbung"
Cast = Callable[[str], Any]
Deed = Callable[[], object]
Scenario = Callable[[Cast], Deed]

SCENARIOS: dict[str, Scenario] = {}


def scenario(prepare: Scenario) -> Scenario:
    """Register a scenario for the verb of the same name in the same package."""
    package = prepare.__module__.split(".")[1]
    SCENARIOS[f"{package}.{prepare.__name__}"] = prepare
    return prepare


def load() -> None:
    for path in sorted(LUMBUNG.glob("*/tests/verbs.py")):
        importlib.import_module(f"lumbung.{path.parts[-3]}.tests.verbs")


def verbs() -> list[str]:
    """Every verb in the code: public functions that open a transaction, in `actions.py`
    or in a file of its own such as `adoption_actions.py`."""
    return sorted(
        f"{path.relative_to(LUMBUNG).parts[0]}.{node.name}"
        for path in (*LUMBUNG.rglob("actions.py"), *LUMBUNG.rglob("*_actions.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and "transaction.atomic" in ast.unparse(node)
    )
