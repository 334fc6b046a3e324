"""An installation to measure pages on: all places, six packs, many cases and numbers."""

import random
from datetime import date, timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone

from lumbung.accounts.models import Mandate, Role, User
from lumbung.imports.models import Import
from lumbung.measures.models import (
    ClassScheme,
    Indicator,
    Observation,
    PlaceClass,
    Source,
)
from lumbung.places import rows
from lumbung.places.actions import load_shipped
from lumbung.places.models import Level, Place
from lumbung.programmes.models import (
    Case,
    CasePlace,
    Programme,
    Transition,
)
from lumbung.programmes.packs.actions import load_pack, shipped
from lumbung.programmes.packs.pack import pack_of

SEED = 20200214
YEARS = ("2015", "2016", "2017", "2018", "2019", "2020")


def build(count: int, observed: int = 0) -> None:
    """Make everything and print a session key and the pages to ask for.

    With `observed`, that many observations of villages, and their classes in three
    periods of which the last is of the scheme's own indicator.
    """
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    load_shipped(now=timezone.now())
    for folder in shipped():
        load_pack(folder=folder, by=None)
    country = Place.objects.get(code="ID")
    officer = User.objects.create_user(username="petugas", name="Petugas Nasional")
    Mandate.objects.create(
        user=officer,
        role=Role.objects.get(code="national_officer"),
        place=country,
        starts_on=date(2017, 1, 1),
        given_at=timezone.now(),
    )
    case = cases(count, officer)
    if observed:
        observations(observed, officer, country)
    district = largest()
    paths = [
        "/wilayah/33.26.02.2008/",
        "/wilayah/33.26/",
        f"/wilayah/{district}/",
        f"/berkas/{case.uid}/",
        "/program/lab/",
        "/program/lab/berkas/",
    ]
    print(session_of(officer), *paths)  # noqa: T201  # read by bench/pages.py


def cases(count: int, officer: User) -> Case:
    """Cases spread over all villages and steps, some of them stuck, with history."""
    rng = random.Random(SEED)  # noqa: S311  # seeded, so that each run is alike
    programme = Programme.objects.get(code="lab")
    form = next(
        t for t in pack_of(programme.pack_id).templates.values() if t.programme == "lab"
    )
    villages = list(
        Place.objects.in_force().filter(level=Level.VILLAGE).values_list("pk", "path")
    )
    today = date.today()  # noqa: DTZ011
    made = []
    for number in range(count):
        step = form.steps[rng.randrange(len(form.steps))]
        since = today - timedelta(days=rng.randrange(60))
        made.append(
            Case(
                number=f"LK-2020-{number:05d}",
                programme=programme,
                pack_id=programme.pack_id,
                template=form.id,
                title=f"Desa {number}",
                step=step.id,
                position=step.position,
                since=since,
                due_on=since + timedelta(days=step.expected_days or 90),
                responsible=officer,
                opened_on=since,
                moved_on=since,
            )
        )
    Case.objects.bulk_create(made, batch_size=1000)
    made = list(Case.objects.order_by("pk"))
    here = rng.choices(villages, k=count)
    CasePlace.objects.bulk_create(
        (
            CasePlace(case=case, place_id=place, path=path, role="main")
            for case, (place, path) in zip(made, here, strict=True)
        ),
        batch_size=1000,
    )
    Transition.objects.bulk_create(
        (
            Transition(
                case=case,
                kind=kind,
                to_step=case.step,
                on=case.since,
                at=timezone.now(),
                by=officer,
                responsible=officer,
            )
            for case in made
            for kind in ("open", "pause", "resume")
        ),
        batch_size=1000,
    )
    return made[len(made) // 2]


def observations(count: int, officer: User, country: Place) -> None:
    """Values of all indicators and years over all villages, and three years' classes."""
    of = Import.objects.create(
        kind="observations",
        file_name="ukur.csv",
        sha256="",
        place=country,
        by=officer,
        at=timezone.now(),
        state=Import.State.ACCEPTED,
        expires_on=date(2030, 1, 1),
        decided_by=officer,
        decided_at=timezone.now(),
    )
    source = Source.objects.create(title="Angka ukur", is_example=True)
    scheme = ClassScheme.objects.order_by("code")[0]
    villages = list(
        Place.objects.in_force()
        .filter(level=Level.VILLAGE)
        .order_by("path")
        .values_list("pk", flat=True)
    )
    every = list(Indicator.objects.values_list("pk", flat=True))
    first = scheme.indicator_id or every[0]
    indicators = [first, *(pk for pk in every if pk != first)]
    keys = (
        (indicator, year, str(part or ""))
        for part in range(1000)
        for indicator in indicators
        for year in reversed(YEARS)
    )
    made = 0
    while made < count:
        indicator, year, part = next(keys)
        some = villages[: count - made]
        columns = ("of", "indicator", "place", "period", "breakdown", "source")
        values = (
            (of.pk, indicator, place, year, part, source.pk)
            + (f"0.{place % 90 + 10}", (place % 90 + 10) / 100, f"{place % 90 + 10}", 2)
            for place in some
        )
        fields = (*columns, "value", "number", "as_published", "row")
        made += rows.insert(Observation, fields, values)
    classes = [each["code"] for each in scheme.classes]
    for year in YEARS[-3:]:
        rows.insert(
            PlaceClass,
            ("of", "scheme", "place", "period", "code", "source", "row"),
            (
                (of.pk, scheme.pk, place, year, classes[place % 3], source.pk, 2)
                for place in villages
            ),
        )
    rows.analyse(Observation, PlaceClass, by_imports=True)


def largest() -> str:
    """The district with the most villages."""
    tally: dict[str, int] = {}
    paths = Place.objects.in_force().filter(level=Level.VILLAGE)
    for path in paths.values_list("path", flat=True):
        code = ".".join(path.split(".")[1:3])
        tally[code] = tally.get(code, 0) + 1
    return max(tally, key=lambda code: tally[code])


def session_of(user: User) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
