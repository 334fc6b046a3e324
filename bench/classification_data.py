"""An installation whose every village has a value, for `bench/classification.py`."""

import random
import time
from datetime import date
from pathlib import Path

import pandas as pd
from django.core.management import call_command
from django.utils import timezone

from bench.writes import Longest
from lumbung.accounts.models import Mandate, Role, User
from lumbung.imports.models import Import
from lumbung.measures.models import ClassRule, Indicator, Observation, Run, Source
from lumbung.measures.runs.actions import repeat_run, start_run
from lumbung.measures.runs.computing import carry_out
from lumbung.places.actions import load_shipped
from lumbung.places.models import Level, Place
from lumbung.places.rows import insert
from lumbung.programmes.packs.actions import load_pack, shipped

SEED = 20200214
FIELDS = ("of", "indicator", "place", "period", "breakdown", "source", "value",
          "number", "as_published", "row")  # fmt: skip


def build(periods: int) -> tuple[User, dict[str, str]]:
    """All places, and a value for each village in each period; those of the last."""
    call_command("migrate", verbosity=0)
    load_shipped(now=timezone.now())
    load_pack(folder=next(f for f in shipped() if f.name == "indonesia"), by=None)
    country = Place.objects.get(code="ID")
    officer = User.objects.create_user(username="petugas", name="Petugas Nasional")
    Mandate.objects.create(
        user=officer,
        role=Role.objects.get(code="national_officer"),
        place=country,
        starts_on=date(2017, 1, 1),
        given_at=timezone.now(),
    )
    of = Import.objects.create(
        kind="observations",
        file_name="desil.csv",
        place=country,
        by=officer,
        at=timezone.now(),
        state=Import.State.ACCEPTED,
        expires_on=date(2030, 1, 1),
    )
    source = Source.objects.create(title="BDT", cut_off_on=date(2019, 12, 31))
    return officer, observe(of, source, periods)


def observe(of: Import, source: Source, periods: int) -> dict[str, str]:
    rng = random.Random(SEED)  # noqa: S311  # seeded, so that each run is alike
    indicator = Indicator.objects.get(code="decile_1_4_share").pk
    villages = list(
        Place.objects.in_force().filter(level=Level.VILLAGE).values_list("pk", "code")
    )
    values: dict[str, str] = {}
    for period in range(2020 - periods, 2020):
        lines = []
        for row, (pk, code) in enumerate(villages, start=2):
            value = f"{rng.randrange(50, 700) / 1000}"
            values[code] = value
            key = (of.pk, indicator, pk, str(period), "", source.pk)
            lines.append((*key, value, float(value), value, row))
        insert(Observation, FIELDS, lines)
    return values


def classify(officer: User, rule: str, place: str) -> tuple[float, float, Run]:
    """Seconds from asking to staged labels, and of the longest write transaction."""
    longest = Longest()
    with longest.watch():
        begun = time.perf_counter()
        run = start_run(
            rule=ClassRule.objects.get(code=rule),
            place=Place.objects.get(code=place),
            period="2019",
            by=officer,
            now=timezone.now(),
        )
        if run.of.state == Import.State.READING:
            carry_out(run)
        took = time.perf_counter() - begun
    assert run.of.state == Import.State.WAITING, run.of.failure
    return took, longest.seconds, run


def repeat(run: Run) -> bool:
    return repeat_run(run=run, by=None, now=timezone.now()).same


def by_pandas(values: dict[str, str], folder: Path) -> float:
    """What somebody would write for this by hand."""
    path = folder / "values.csv"
    pd.DataFrame(values.items(), columns=["code", "value"]).to_csv(path, index=False)
    begun = time.perf_counter()
    table = pd.read_csv(path, dtype={"code": str})
    table["klass"] = pd.cut(
        table["value"],
        [-1, 0.25, 0.4, 2],
        right=False,
        labels=["green", "yellow", "red"],
    )
    table.to_csv(folder / "classes.csv", index=False)
    return time.perf_counter() - begun
