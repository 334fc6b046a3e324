"""Rules about the code itself. Each says why."""

import ast
import re
from collections import Counter
from pathlib import Path

from django.apps import apps

from lumbung.core.access import Access

ROOT = Path(__file__).parents[1]
SOURCES = [
    path
    for folder in ("lumbung", "tests", "maintenance", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]


def test_no_function_is_longer_than_a_screen() -> None:
    """A reader should see a whole rule at once. Most of ours are under fifteen."""
    too_long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert too_long == []


def test_no_file_is_longer_than_a_reader_s_patience() -> None:
    """Past 600 lines there are two nouns in one room."""
    lengths = {p.relative_to(ROOT): len(p.read_text().splitlines()) for p in SOURCES}
    assert {p: n for p, n in lengths.items() if n > 600} == {}


def test_no_module_is_named_for_nothing() -> None:
    """A drawer marked 'utils' tells a newcomer nothing. Name the thing it does."""
    vague = {"utils", "util", "helpers", "misc", "common", "services", "signals"}
    assert [str(p) for p in SOURCES if p.stem in vague] == []


def test_every_model_states_who_may_read_it() -> None:
    """A table without an access level is one that somebody will leak."""
    silent = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("lumbung.")
        and not isinstance(getattr(model, "access", None), Access)
    ]
    assert silent == []


def test_every_refusal_has_a_code_of_its_own() -> None:
    """Programs tell refusals apart by `code`, all of them written one way."""
    codes = [
        code
        for path in (ROOT / "lumbung").rglob("*.py")
        if "tests" not in path.parts
        for code in re.findall(r'^    code = "(.*)"$', path.read_text(), re.MULTILINE)
    ]
    assert [code for code in codes if not re.fullmatch("[a-z_]+", code)] == []
    assert [code for code, times in Counter(codes).items() if times > 1] == []


def test_every_package_has_a_line_in_the_map() -> None:
    """docs/map.md is the first page a newcomer reads."""
    text = (ROOT / "docs/map.md").read_text()
    rooms = [p.name for p in (ROOT / "lumbung").iterdir() if p.suffix == ".py"]
    rooms += [p.parent.name + "/" for p in (ROOT / "lumbung").glob("*/__init__.py")]
    within = [p.parent for p in (ROOT / "lumbung").glob("*/*/__init__.py")]
    rooms += [
        f"{room.parent.name}/{room.name}/"
        for room in within
        if room.name not in {"migrations", "templatetags", "tests"}
    ]
    missing = [r for r in rooms if f"`{r}`" not in text and r != "__init__.py"]
    assert missing == []
