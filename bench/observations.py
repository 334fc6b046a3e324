"""Two million observations from a stored file to accepted, while four people save.

Beside ours, in the same run: what somebody would reach for otherwise, pandas
`read_csv` and `to_sql` of the same file into SQLite, which checks nothing. Runs on the
database of `DATABASE_URL`, else on SQLite, each in an installation made for it.
"""

import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.table import Row

ROWS = 2_000_000
INDICATORS = ("poor_share", "drinking_water", "poor_people")
YEARS = range(2016, 2024)
SAVERS = 4
PAUSE_S = 0.1  # somebody who saves ten pages a second is quick


def run(rows: int = ROWS) -> list[Row]:
    """Import of observations: seconds from stored file to accepted."""
    with tempfile.TemporaryDirectory(prefix="lumbung-bench-") as folder:
        home = Path(folder)
        os.environ |= {
            "LUMBUNG_HOME": folder,
            "DJANGO_SETTINGS_MODULE": "lumbung.settings",
        }
        prepare()
        file = home / "long.csv"
        write(file, rows)
        ours = imported(file)
        return [ours, pandas(file, home / "pandas.sqlite3")]


def prepare() -> None:
    """An installation with all places, the shipped indicators and one officer."""
    import django  # noqa: PLC0415  # settings read the environment just set

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from lumbung.accounts.models import Ability, Role, User  # noqa: PLC0415
    from lumbung.conftest import give, load_places  # noqa: PLC0415
    from lumbung.programmes.packs.actions import load_pack, shipped  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    country = load_places(lambda code: True)
    load_pack(folder=next(f for f in shipped() if f.name == "indonesia"), by=None)
    role = Role.objects.filter(code="administrator").first()
    if role is None:
        role = Role.objects.create(code="administrator", rank=0, levels=[0])
    Ability.objects.get_or_create(role=role, name="import")
    if not User.objects.filter(username="bench").exists():
        give(User.objects.create(username="bench", name="Bench"), role, country)


def write(file: Path, rows: int) -> None:
    """A long table: every village, three indicators, eight years; decimal commas."""
    from lumbung.places.models import Place  # noqa: PLC0415

    number, left = random.Random(1), rows  # noqa: S311  # not for secrets
    villages = Place.objects.in_force().filter(level=4).order_by("path")
    with file.open("w") as out:
        out.write("kode_desa;nama_desa;indikator;tahun;nilai\n")
        for code, name in villages.values_list("code", "name").iterator():
            for indicator in INDICATORS:
                for year in YEARS:
                    value = f"{number.random():.4f}".replace(".", ",")
                    if indicator == "poor_people":
                        value = str(number.randrange(3000))
                    out.write(f"{code};{name};{indicator};{year};{value}\n")
            left -= len(INDICATORS) * len(YEARS)
            if left <= 0:
                return


def imported(file: Path) -> Row:
    # All of these want Django set up, which `run` does once it has a folder for it.
    from django.core.files.base import File  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from bench.writes import Longest  # noqa: PLC0415
    from lumbung.accounts.models import User  # noqa: PLC0415
    from lumbung.imports import actions  # noqa: PLC0415
    from lumbung.places.models import Place  # noqa: PLC0415

    by = User.objects.get(username="bench")
    longest = Longest()
    with saving() as saves, longest.watch(), file.open("rb") as opened:
        begun, cpu = time.perf_counter(), time.process_time()
        of = actions.start_import(
            kind="observations",
            upload=File(opened, name=file.name),
            sheet="",
            parameters={"source_title": "Bench", "codes": "kemendagri"},
            place=Place.objects.get(code="ID"),
            by=by,
            now=timezone.now(),
            report=lambda done: None,
        )
        actions.accept_import(of=of, by=by, now=timezone.now())
        seconds, worked = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    note = (
        f"{of.new:,} rows, {of.faulty} faulty; {worked:.0f} s of processor;"
        f" longest write {longest.seconds:.3f} s, of which {longest.commit:.3f} s for"
        f" the disk; peak {peak} MB; {saves}"
    )
    return Row("lumbung", seconds, ours=True, note=note)


SAVER = """
import os, sys, time, django
django.setup()
from django.db import transaction
from lumbung.accounts import audit
from lumbung.accounts.models import User
by, taken, errors = User.objects.get(username="bench"), [], 0
while not taken or not os.path.exists(sys.argv[1]):
    begun = time.perf_counter()
    try:
        with transaction.atomic():
            User.objects.filter(pk=by.pk).update(name="Bench")
            audit.record("reactivate_user", by=by, on=by, place=None)
    except Exception as error:
        errors += 1
        print(repr(error), file=sys.stderr)
    taken.append(time.perf_counter() - begun)
    time.sleep(float(sys.argv[2]))
taken.sort()
print(len(taken), errors, taken[int(len(taken) * 0.95)], taken[-1])
"""


class Saves:
    """What the savers met: how many saves, how many errors, how long they waited."""

    text = ""

    def __str__(self) -> str:
        return self.text


@contextmanager
def saving() -> Iterator[Saves]:
    """Four processes that write a row and its audit event over and over."""
    stop, found = Path(os.environ["LUMBUNG_HOME"]) / "stop", Saves()
    command = [sys.executable, "-c", SAVER, str(stop), str(PAUSE_S)]
    savers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for _ in range(SAVERS)
    ]
    try:
        yield found
    finally:
        stop.touch()
        lines = [saver.communicate()[0].split() for saver in savers]
    count, errors = (sum(int(line[n]) for line in lines) for n in (0, 1))
    slow = max(float(line[2]) for line in lines)
    worst = max(float(line[3]) for line in lines)
    found.text = (
        f"{SAVERS} savers: {count} saves, {errors} errors,"
        f" 95 % within {slow:.2f} s, worst {worst:.2f} s"
    )


def pandas(file: Path, database: Path) -> Row:
    """What checks nothing: no place, no unit, no source, no revision."""
    import pandas as pd  # noqa: PLC0415  # an oracle, not in the product

    begun = time.perf_counter()
    table = pd.read_csv(file, sep=";", decimal=",")
    with sqlite3.connect(database) as connection:
        table.to_sql("observation", connection, index=False)
    return Row("pandas read_csv and to_sql", time.perf_counter() - begun)
