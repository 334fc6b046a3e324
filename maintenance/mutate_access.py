"""Take `visible_to` (or `shown_to`) out of one page after another; the walk must notice.

    python -m maintenance.mutate_access            # all doors
    python -m maintenance.mutate_access desk       # the doors of one package

Works on a copy of the tree. Prints each survivor (a page whose rule could go without
any test failing) and ends with 1 if there is one. Models and verbs are left alone: the
tests of the rule and of each verb hold those. The addresses of the page's own package
are walked first, and all of them only where those notice nothing.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_ALONE = {"tests", "migrations"}
NOTHING_TO_RUN = 5
RULES = {"visible_to", "shown_to"}
WALK = ["-m", "pytest", "-q", "-x", "--nomigrations", "tests/test_access.py"]


def doors(only: set[str]) -> list[Path]:
    """Python files of our packages that are neither models nor verbs nor tests."""
    return [
        path
        for path in sorted((ROOT / "lumbung").glob("*/**/*.py"))
        if not LEFT_ALONE & set(path.parts)
        and path.name not in {"models.py", "actions.py"}
        and (not only or path.relative_to(ROOT).parts[1] in only)
    ]


def mutants(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, owner and source of each variant with one `.visible_to(…)` as `.all()`."""
    tree = ast.parse(source)
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()))
    body = source.encode()
    for owner in ast.walk(tree):
        if not isinstance(owner, ast.FunctionDef):
            continue
        for node in ast.walk(owner):
            match node:
                case ast.Call(func=ast.Attribute(value=before, attr=rule)) if (
                    rule in RULES
                ):
                    start = starts[before.end_lineno - 1] + before.end_col_offset
                    end = starts[node.end_lineno - 1] + node.end_col_offset
                    yield (
                        node.lineno,
                        owner.name,
                        (body[:start] + b".all()" + body[end:]).decode(),
                    )


def copy_of_the_tree(place: Path) -> None:
    shutil.copytree(
        ROOT,
        place,
        ignore=shutil.ignore_patterns(
            ".git", ".venv", "var", "*cache*", "lumbung-data"
        ),
        symlinks=True,
    )


def survives(place: Path, package: str) -> bool:
    """Whether the walk still passes in the tree at `place`."""
    own = f"{package} or runs" if package == "measures" else package
    return passes(place, "-k", own) and passes(place, "-k", f"not ({own})")


def passes(place: Path, *which: str) -> bool:
    environment = os.environ | {"PYTHONPATH": str(place)}
    walk = subprocess.run(
        [sys.executable, *WALK, *which],
        cwd=place,
        env=environment,
        capture_output=True,
        check=False,
    )
    return walk.returncode in {0, NOTHING_TO_RUN}


def main() -> int:
    survivors, tried = [], 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "tree"
        copy_of_the_tree(place)
        if not passes(place):
            print("The walk fails before anything is changed. Mend that first.")
            return 1
        for path in doors(set(sys.argv[1:])):
            target = place / path.relative_to(ROOT)
            source = path.read_text()
            for line, owner, mutant in mutants(source):
                tried += 1
                target.write_text(mutant)
                lives = survives(place, path.relative_to(ROOT).parts[1])
                where = f"{path.relative_to(ROOT)}:{line} {owner}"
                print(f"{'SURVIVES' if lives else 'noticed '}  {where}", flush=True)
                survivors += [where] if lives else []
            target.write_text(source)
    print(f"{tried} tried, {len(survivors)} survive.")
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())
