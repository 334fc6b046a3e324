"""The walk of all addresses with one call of a rule left out: `mutate_access` runs it."""

import ast
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.apps import apps

from tests import test_access as walk
from tests import test_leaks
from tests.access import World
from tests.test_access import world

__all__ = ["world"]
ROOT = Path(__file__).parents[1]
LEFT_ALONE = {"tests", "migrations"}
# Verbs, and what one of them is made of: its own tests hold each.
VERBS = ("models.py", "actions.py", "territory.py")
RULES = ("visible_to", "shown_to")
# A call: its file, and the line and column where it ends.
Call = tuple[str, int, int]
Try = Callable[[World], bool]


def calls(only: set[str]) -> Iterator[tuple[Call, str]]:
    """Each call of a rule in a door, with the function that it stands in."""
    for path in sorted((ROOT / "lumbung").glob("*/**/*.py")):
        where = path.relative_to(ROOT)
        if LEFT_ALONE & set(path.parts) or path.name.endswith(VERBS):
            continue
        if not only or where.parts[1] in only:
            for owner, node in rules_in(ast.parse(path.read_text())):
                assert node.end_lineno
                assert node.end_col_offset
                call = str(path), node.end_lineno, node.end_col_offset
                yield call, f"{where}:{node.lineno} {owner}"


def rules_in(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for owner in tree.body:
        for node in ast.walk(owner):
            match node:
                case ast.Call(func=ast.Attribute(attr=rule)) if rule in RULES:
                    yield getattr(owner, "name", "-"), node


class Watch:
    """Notes which calls of a rule are reached, and answers one of them with all rows."""

    def __init__(self) -> None:
        self.reached: set[Call] = set()
        self.out: Call | None = None

    def over(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        def asked(rows: Any, *arguments: Any) -> Any:
            call = caller(sys._getframe(1))
            self.reached.add(call)
            return rows.all() if call == self.out else rule(rows, *arguments)

        return asked


def caller(frame: FrameType | None) -> Call:
    """Where a rule is called: in our code, not where a manager hands it on."""
    while frame and frame.f_code.co_filename.endswith("/db/models/manager.py"):
        frame = frame.f_back
    assert frame
    places = list(frame.f_code.co_positions())
    _, line, _, column = places[frame.f_lasti // 2]
    return frame.f_code.co_filename, line or 0, column or 0


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watching = Watch()
    for rows in {type(model._default_manager.all()) for model in apps.get_models()}:
        for name in RULES:
            if name in vars(rows):
                monkeypatch.setattr(rows, name, watching.over(vars(rows)[name]))
    return watching


def tries() -> dict[str, Try]:
    """All that the walk does: each address read and written, and its single tests."""
    found: dict[str, Try] = {}
    for name in walk.TABLE:
        found[f"GET {name}"] = lambda w, name=name: not walk.wrong_to_read(w, name)  # type: ignore[misc]
        found[f"POST {name}"] = lambda w, name=name: not walk.wrong_to_write(w, name)  # type: ignore[misc]
    for name, test in (vars(walk) | vars(test_leaks)).items():
        code = getattr(test, "__code__", None)
        if name.startswith("test_") and code and code.co_argcount == 1:
            found[name] = lambda w, test=test: passes(test, w)  # type: ignore[misc]
    return found


def holds(attempt: Try, world: World) -> bool:  # noqa: F811
    try:
        return attempt(world)
    except Exception:  # noqa: BLE001  # a page that breaks is noticed as well
        return False


def passes(test: Callable[[World], None], world: World) -> bool:
    with walk.undone():
        try:
            test(world)
        except AssertionError:
            return False
    return True


@pytest.mark.django_db
def test_each_rule_is_missed(
    world: World,  # noqa: F811
    watch: Watch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    by_call = defaultdict(list)
    for name, attempt in tries().items():
        watch.reached.clear()
        assert attempt(world), f"{name} fails before anything is changed: mend that."
        for call in watch.reached:
            by_call[call].append((name, attempt))
    survivors, tried = [], 0
    for call, where in calls(set(os.environ.get("ONLY", "").split())):
        watch.out, tried = call, tried + 1
        noticed = (name for name, attempt in by_call[call] if not holds(attempt, world))
        by = next(noticed, "")
        with capsys.disabled():
            sys.stdout.write(f"{'noticed ' if by else 'SURVIVES'}  {where}  {by}\n")
        survivors += [] if by else [where]
    with capsys.disabled():
        sys.stdout.write(f"{tried} tried, {len(survivors)} survive.\n")
    assert survivors == []
