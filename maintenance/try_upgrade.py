"""Upgrade an installation that an earlier commit made, use it, and go back.

`python -m maintenance.try_upgrade [COMMIT]`: the demonstration is built by the code of
that commit, upgraded with the code here, verified; a page is read, a case moved; then
`lumbung upgrade --back`, after which the older code works on the same rows again. On
SQLite, then in an empty database of its own on the PostgreSQL that DATABASE_URL names.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

from maintenance.empty_database import beside

ROOT = Path(__file__).parent.parent
CAME_FIRST = "lumbung/core/classification.py"
COMMAND = "from lumbung.cli import main; main()"
USE = """
import django; django.setup()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
settings.STORAGES = settings.STORAGES | {"staticfiles": {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
from django.test import Client
from django.utils import timezone
from lumbung.programmes import actions
from lumbung.programmes.models import Case
from lumbung.programmes.verdicts import template_of
from lumbung.core.refusal import Refusal
REASON = "Percobaan setelah pembaruan: berkas ini diperiksa sekali lagi oleh tim."

def moved(case, today):
    # Back to an earlier step: that asks for a reason and for no evidence.
    for to in template_of(case).step(case.step).returns:
        try:
            return actions.move_case(case=case, to=to, on=today, reason=REASON,
                by=case.responsible, version=case.version)
        except Refusal:
            continue

today = timezone.localdate()
running = Case.objects.running().select_related("responsible").order_by("pk")
case = next(filter(None, (moved(case, today) for case in running)))
client = Client()
client.force_login(case.responsible,
    backend="allauth.account.auth_backends.AuthenticationBackend")
page = client.get(f"/berkas/{case.uid}/")
assert page.status_code == 200 and REASON in page.content.decode()
print(f"{case.number} moved to {case.step}, and its page read")
"""
COUNT = """
import django; django.setup()
from lumbung.programmes.models import Case, Transition
print(Case.objects.count(), Transition.objects.count())
"""


def main() -> int:
    commit = sys.argv[1] if len(sys.argv) > 1 else earlier()
    if not commit:
        print("SKIPPED: no upgrade tried, since this clone has not the whole history.")
        return 0
    try_on(commit, "")
    if (url := os.environ.get("DATABASE_URL", "")).startswith("postgres"):
        with beside(url, "upgrade") as empty:
            try_on(commit, empty)
    return 0


def try_on(commit: str, url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="lumbung-upgrade-") as folder:
        old = Installation(Path(folder, "old"), Path(folder, "home"), url)
        new = replace(old, code=ROOT)
        unpack(commit, old.code)
        old.python(COMMAND, "demo", "--no-serve")
        first = old.python(COUNT)
        new.python(COMMAND, "upgrade")
        before = digests(next(new.home.glob("backups/before-upgrade-*.zip")))
        print(new.python(USE), end="")
        new.python(COMMAND, "upgrade", "--back")
        new.python(COMMAND, "backup", str(Path(folder, "after.zip")))
        assert digests(Path(folder, "after.zip")) == before, "not what it was"
        last = old.python(COUNT)
        assert last == first, (first, last)
        old.python(COMMAND, "pack", "list")
    where = "PostgreSQL" if url else "SQLite"
    print(
        f"{where}: upgraded from {commit}, verified, used, taken back: {first.strip()}"
    )


@dataclass(frozen=True)
class Installation:
    """One home and database, and the code that works on it."""

    code: Path
    home: Path
    url: str

    def python(self, program: str, *words: str) -> str:
        environment = os.environ | {
            "PYTHONPATH": str(self.code),
            "LUMBUNG_HOME": str(self.home),
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "lumbung.settings",
            "PYTHONDEVMODE": "",
        }
        ran = subprocess.run(
            [sys.executable, "-c", program, *words],
            env=environment,
            cwd=self.code,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            sys.exit(f"{words or program}\n{ran.stdout}\n{ran.stderr}")
        return ran.stdout


def earlier() -> str:
    """The last commit before rules of classes, seals and archives came.

    Found by the file that came first, since a commit's name changes when a history is
    written anew. '' where this clone does not reach so far back.
    """
    added = git("log", "--diff-filter=A", "--format=%H", "--", CAME_FIRST).split()
    return git("rev-parse", "--verify", "--quiet", f"{added[-1]}^") if added else ""


def git(*words: str) -> str:
    """What git answers; '' where it refuses, or this is no clone."""
    asked = ["git", *words]
    return subprocess.run(
        asked, cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()


def unpack(commit: str, folder: Path) -> None:
    packed = subprocess.check_output(["git", "archive", commit], cwd=ROOT)
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def digests(path: Path) -> dict[str, str]:
    from lumbung.archive import manifest  # noqa: PLC0415  # it is no Django
    from lumbung.archive.container import reading  # noqa: PLC0415

    with reading(path) as reader:
        return manifest.read(reader).digests()


if __name__ == "__main__":
    sys.exit(main())
