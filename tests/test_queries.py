"""Each list asks the database as often for 300 rows as for 3, and at most 15 times."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import count

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lumbung.accounts import audit, models, trail
from lumbung.accounts.models import Mandate, Role, User
from lumbung.conftest import LONG_AGO, make_place
from lumbung.evidence.models import Evidence
from lumbung.imports.models import Import
from lumbung.measures.models import (
    ClassScheme,
    Indicator,
    Observation,
    Question,
    Run,
    Source,
)
from lumbung.places.models import Place
from lumbung.programmes.models import Case, CasePlace, Programme, Transition
from lumbung.programmes.tests.papers import paper
from lumbung.work.models import Job

MOST = 15
OPENED = date(2017, 12, 4)
numbers = count()


def more_cases(many: int, case: Case, ratna: User) -> None:
    """Cases of one's own district, a third of them stuck, spread over the steps."""
    template = case.pack.content["templates"][0]
    steps = [step["id"] for step in template["steps"]]
    place = case.places.get().place
    made = [
        Case(
            number=f"LK-{next(numbers)}",
            programme=case.programme,
            pack=case.pack,
            template=case.template,
            title=f"Desa {index}",
            step=steps[index % 3],
            position=index % 3 + 1,
            since=OPENED,
            due_on=OPENED + timedelta(days=30 if index % 3 else 10_000),
            responsible=ratna,
            opened_on=OPENED,
            moved_on=OPENED,
        )
        for index in range(many)
    ]
    Case.objects.bulk_create(made)
    CasePlace.objects.bulk_create(
        CasePlace(case=one, place=place, path=place.path, role="main") for one in made
    )
    Transition.objects.bulk_create(
        Transition(
            case=one,
            kind="open",
            to_step=one.step,
            on=OPENED,
            at=timezone.now(),
            by=ratna,
            responsible=ratna,
        )
        for one in made
    )


def more_people(many: int, paninggaran: Place, roles: dict[str, Role]) -> None:
    for _ in range(many):
        number = next(numbers)
        user = User.objects.create(username=f"u{number}", name=f"Orang {number}")
        Mandate.objects.create(
            user=user,
            role=roles["facilitator"],
            place=paninggaran,
            starts_on=LONG_AGO,
            given_at=timezone.now(),
        )


def more_events(many: int, case: Case, ratna: User) -> None:
    for _ in range(many):
        place = case.places.get().place
        audit.record("move_case", by=ratna, on=case, place=place, after={"step": "a"})


def more_papers(many: int, botosari: Place, ratna: User) -> None:
    for number in range(many):
        paper(botosari, ratna, f"Bukti {number}")


def more_imports(many: int, pekalongan: Place, ratna: User) -> None:
    Import.objects.bulk_create(
        Import(
            kind="observations",
            file_name=f"angka {number}.csv",
            sha256="0" * 64,
            place=pekalongan,
            by=ratna,
            at=timezone.now(),
            state="waiting",
            new=1,
            expires_on=date(2100, 1, 1),
        )
        for number in range(many)
    )


def more_jobs(many: int, ratna: User) -> None:
    now = timezone.now()
    Job.objects.bulk_create(
        Job(kind="imports.stage", asked_by=ratna, asked_at=now, run_after=now)
        for _ in range(many)
    )


def more_villages(many: int, paninggaran: Place) -> None:
    for _ in range(many):
        number = 3000 + next(numbers)
        make_place(f"{paninggaran.code}.{number}", f"Desa {number}", paninggaran)


def more_numbers(many: int, botosari: Place, case: Case, ratna: User) -> None:
    """Values of a village, each of an indicator of its own."""
    more_imports(1, botosari, ratna)
    of = Import.objects.latest("pk")
    Import.objects.filter(pk=of.pk).update(state="accepted")
    source, _ = Source.objects.get_or_create(title="BPS")
    for _ in range(many):
        number = next(numbers)
        indicator = Indicator.objects.create(
            code=f"i{number}",
            pack=case.pack,
            name_id=f"Angka {number}",
            name_en=f"Number {number}",
            unit="count",
            counts="people",
        )
        Observation.objects.create(
            of=of,
            indicator=indicator,
            place=botosari,
            period="2019",
            source=source,
            value="7",
            number=7,
            row=2,
        )


def more_questions(many: int, pekalongan: Place, ratna: User, siti: User) -> None:
    """Questions of one's own territory, answered by an import of it."""
    more_imports(1, pekalongan, ratna)
    now = timezone.now()
    Question.objects.bulk_create(
        Question(
            address=f"berkas?langkah={number}",
            title={"text": "Berkas"},
            value=7,
            is_reference=False,
            place=pekalongan,
            text="Kurang satu.",
            asked_by=siti,
            asked_at=now,
            answer_by=OPENED,
            responsible=ratna,
            state="corrected",
            answer="Sudah benar.",
            answered_by=ratna,
            answered_at=now,
            corrected_by=Import.objects.latest("pk"),
        )
        for number in range(many)
    )


def more_runs(many: int, case: Case, pekalongan: Place, ratna: User) -> None:
    more_imports(many, pekalongan, ratna)
    scheme, _ = ClassScheme.objects.get_or_create(
        code="warna", defaults={"pack": case.pack, "classes": []}
    )
    Run.objects.bulk_create(
        Run(
            of=of,
            rule="warna",
            pack=case.pack,
            content={"name": WORDS, "status": "local", "scheme_classes": []},
            method=1,
            scheme=scheme,
            place=pekalongan,
            period="2019",
            by=ratna,
            at=timezone.now(),
            labels="0" * 64,
            counts={"": 1},
        )
        for of in Import.objects.order_by("-pk")[:many]
    )


WORDS = {"id": "Warna", "en": "Colour"}
CASES = ["/", "/program/lab/", "/program/lab/berkas/", "/program/lab/kabupaten/",
         "/berkas/", "/program/", "/wilayah/33.26/", "/wilayah/33.26.02/",
         "/wilayah/33.26.02.2008/", "/api/v1/cases"]  # fmt: skip
LISTS = [
    *[(path, more_cases) for path in CASES],
    ("/orang/", more_people),
    ("/jejak/", more_events),
    ("/angka/?wilayah=33.26.02.2008", more_numbers),
    ("/wilayah/33.26.02.2008/", more_numbers),
    ("/bukti/", more_papers),
    ("/api/v1/evidence", more_papers),
    ("/impor/", more_imports),
    ("/", more_imports),
    ("/pekerjaan/", more_jobs),
    ("/wilayah/33.26.02/", more_villages),
    ("/wilayah/33.26/", more_villages),
    ("/cari/?q=desa", more_villages),
    ("/api/v1/places", more_villages),
    ("/pertanyaan/", more_questions),
    ("/api/v1/questions?limit=200", more_questions),
    ("/kelas/", more_runs),
    ("/api/v1/runs?limit=200", more_runs),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "more"), LISTS)
def test_a_long_list_asks_no_more_than_a_short_one(
    path: str,
    more: Callable[..., None],
    case: Case,
    ratna: User,
    client: Client,
    request: pytest.FixtureRequest,
) -> None:
    names = more.__code__.co_varnames[1 : more.__code__.co_argcount]
    cast = {name: request.getfixturevalue(name) for name in names}
    client.force_login(ratna)

    def asked() -> int:
        client.get(path)  # what stays in memory is read by now
        for cache in caches.all():
            cache.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        assert answer.status_code == 200, answer.content[:200]
        return len(queries)

    more(3, **cast)
    few = asked()
    more(297, **cast)

    assert asked() == few
    assert few <= MOST


@pytest.mark.django_db
def test_a_form_asks_the_trail_nothing(
    lab: Programme, ratna: User, client: Client
) -> None:
    client.force_login(ratna)

    with CaptureQueriesContext(connection) as queries:
        page = client.get("/orang/undang/").content.decode()

    assert f'value="{lab.code}"' in page
    assert not [each["sql"] for each in queries if "accounts_event" in each["sql"]]


@pytest.mark.django_db
@pytest.mark.parametrize("few", [0, 10_000])
def test_a_long_trail_is_neither_read_nor_counted_whole(
    few: int,
    case: Case,
    ratna: User,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(models, "FEW", few)
    monkeypatch.setattr(trail, "COUNTED", 100)
    more_events(120, case, ratna)
    client.force_login(ratna)
    client.cookies["language"] = "en"

    with CaptureQueriesContext(connection) as queries:
        last = client.get("/jejak/?hlm=99").content.decode()
    asked = [each["sql"] for each in queries if "accounts_event" in each["sql"]]

    assert "More than 100 lines in the trail" in last
    assert "51 to 100 of more than 100" in last
    assert "Download all rows" in last
    assert all("LIMIT" in sql or "seal_id" in sql for sql in asked), asked
    assert any("UNION" in sql for sql in asked) == bool(few)
    rows = b"".join(client.get("/jejak/?unduh=csv").streaming_content)  # type: ignore[attr-defined]
    assert rows.count(b"Botosari") >= 120


@pytest.mark.django_db
def test_the_latest_evidence_is_found_by_an_index() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")

    told = Evidence.objects.order_by("-at", "-pk")[:50].explain()

    assert "evidence_latest" in told, told


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/wilayah/33/", "/program/lab/kabupaten/"])
def test_cases_of_many_places_are_counted_where_they_lie(
    path: str, case: Case, ratna: User, client: Client
) -> None:
    more_cases(5, case, ratna)
    client.force_login(ratna)

    with CaptureQueriesContext(connection) as queries:
        page = client.get(path).content.decode()

    assert ">6<" in page
    counts = [each["sql"] for each in queries if "programmes_caseplace" in each["sql"]]
    assert counts
    assert all("COUNT(" in sql for sql in counts), counts
