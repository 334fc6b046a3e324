"""The walk: every address × everybody, inside and outside, against one table."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

import pytest
from django.core.cache import cache, caches
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from lumbung.conftest import give
from lumbung.programmes.actions import open_case
from lumbung.work.models import Job
from tests import access
from tests.access import ACTORS, PEOPLE, Answers, Row, World

TABLE = access.table()
REFUSED = {302, 403, 404, 405}
# By package: the world of the walk is made once for all of its addresses.
PARTS = {
    package: sorted(names)
    for package, names in groupby(
        sorted(TABLE, key=access.package_of), key=access.package_of
    )
}


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    cache.clear()
    made = World(request.getfixturevalue)
    for name in (*PEOPLE, "hendra"):
        made.cast(name)
    for furnisher in access.FURNISHERS:
        furnisher(made)
    return made


def client_of(world: World, actor: str) -> Client:
    client = Client()
    if actor in PEOPLE:
        client.force_login(world.cast(actor))
    return client


def address(world: World, name: str, row: Row) -> str:
    arguments = {key: make(world) for key, make in row.arguments.items()}
    return reverse(name, kwargs=arguments) + row.query


def text_of(response: HttpResponseBase) -> str:
    """What one reads in an answer: a page, a CSV, or the cells of an XLSX."""
    streamed = getattr(response, "streaming_content", None)
    body = b"".join(streamed) if streamed else getattr(response, "content", b"")
    if body[:4] == b"PK\x03\x04":
        sheets = load_workbook(io.BytesIO(body), read_only=True)
        rows = [row for sheet in sheets for row in sheet.iter_rows(values_only=True)]
        sheets.close()
        return str(rows)
    return body.decode(errors="replace")


def status_of(response: HttpResponseBase) -> int:
    text_of(response)  # a file that nobody reads to its end stays open
    return response.status_code


def test_every_address_has_a_row() -> None:
    """Add it to `lumbung/<package>/tests/access.py`; `tests/access.py` shows how."""
    assert sorted(set(access.names()) - set(TABLE)) == []


def test_every_row_has_an_address() -> None:
    assert sorted(set(TABLE) - set(access.names())) == []


@pytest.mark.parametrize("part", sorted(PARTS))
@pytest.mark.django_db
def test_each_gets_the_answers_of_the_table(part: str, world: World) -> None:
    """And reads nothing from outside, on the page or in any download it offers."""
    wrong = {name: wrong_to_read(world, name) for name in PARTS[part]}

    assert {name: found for name, found in wrong.items() if found} == {}


def wrong_to_read(world: World, name: str) -> list[object]:
    """Who got another answer at an address than the table says, or read too much."""
    with undone():
        answers, leaks = read(world, name)
    leaking = {actor: words for actor, words in leaks.items() if words}
    return [each for each in (different(answers, TABLE[name].get), leaking) if each]


@contextmanager
def undone() -> Iterator[None]:
    """The world as it was before, for the next address: to make it takes long."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for kept in caches.all():
        kept.clear()


def different(found: Answers, expected: Answers) -> dict[str, tuple[int, int]]:
    """Who got another answer: that one, and what the table says."""
    return {
        actor: (answer, expected[actor])
        for actor, answer in found.items()
        if answer != expected[actor]
    }


def read(world: World, name: str) -> tuple[Answers, dict[str, set[str]]]:
    """What each gets at an address, and the words from outside in it."""
    url = address(world, name, TABLE[name])
    answers, leaks = {}, {}
    for actor in ACTORS:
        client = client_of(world, actor)
        response = client.get(url)
        texts = [text_of(response)]
        if response.status_code == 200:
            texts += [
                text_of(client.get(f"{url.split('?')[0]}?unduh={form}"))
                for form in sorted(set(re.findall(r"unduh=(xlsx|csv)", texts[0])))
            ]
        answers[actor] = response.status_code
        # The page that says "not here" repeats the address that was asked for.
        outside = {word for word in world.outside(actor) if word not in url}
        leaks[actor] = {word for word in outside for text in texts if word in text}
    return answers, leaks


def wants_a_try(row: Row) -> bool:
    """Whether a POST could open what a GET does not: nothing to ask where all read."""
    return row.post is not None or bool(REFUSED & {row.get[name] for name in PEOPLE})


@pytest.mark.parametrize("part", sorted(PARTS))
@pytest.mark.django_db
def test_doors_closed_to_reading_are_closed_to_writing(part: str, world: World) -> None:
    """An empty POST gets what the row states; else no more than the GET did."""
    wrong = {name: wrong_to_write(world, name) for name in PARTS[part]}

    assert {name: found for name, found in wrong.items() if found} == {}


def wrong_to_write(world: World, name: str) -> dict[str, object]:
    """Whose empty POST got another answer at an address than it should."""
    row = TABLE[name]
    if not wants_a_try(row):
        return {}
    with undone():
        url = address(world, name, row)
        answers = {a: status_of(client_of(world, a).post(url)) for a in ACTORS}
    if row.post is not None:
        return dict(different(answers, row.post))
    return {
        actor: answer
        for actor, answer in answers.items()
        if row.get[actor] in REFUSED and answer not in REFUSED
    }


@pytest.mark.django_db
def test_a_case_outside_is_nobody_s_model(world: World) -> None:
    """What a body names is looked for inside, as what an address names."""

    def asked(origin: str) -> int:
        body = {"programme": "lab", "template": "village", "origin": origin}
        body |= {"place": world.cast("botosari").code}
        return status_of(
            client_of(world, "ratna").post(
                reverse("api:open_case"),
                body,
                content_type="application/json",
                headers={"Idempotency-Key": origin},
            )
        )

    assert asked(str(world.things["kampar case"].uid)) == 404
    assert asked(str(world.things["case"].uid)) == 201


@pytest.mark.django_db
def test_on_the_page_it_is_nobody_s_model_either(world: World) -> None:
    page = reverse("desk:open_case", args=["lab"])
    body = {"template": "village", "place": world.cast("botosari").code}
    body |= {"on": timezone.localdate().isoformat()}

    assert {
        key: status_of(
            client_of(world, "ratna").post(page, body | {"origin": case.number})
        )
        for key, case in world.things.items()
        if key in {"case", "kampar case"}
    } == {"case": 302, "kampar case": 422}


@pytest.mark.django_db
def test_a_copy_names_its_model_only_to_who_may_see_it(world: World) -> None:
    model, place = world.things["case"], world.cast("kampar")
    copy = open_case(
        programme=model.programme,
        template="village",
        title="Salinan",
        place=place,
        responsible=world.cast("budi"),
        on=timezone.localdate(),
        by=world.cast("budi"),
        origin=model,
    )
    page = reverse("desk:case", args=[copy.uid])

    assert {
        who: model.number in text_of(client_of(world, who).get(page))
        for who in ("budi", "maria")
    } == {"budi": False, "maria": True}


@pytest.mark.django_db
def test_the_list_of_people_tells_of_no_mandate_elsewhere(world: World) -> None:
    give(world.cast("siti"), world.cast("roles")["facilitator"], world.cast("kampar"))
    page = reverse("accounts:people")

    assert {
        who: "Kampar" in text_of(client_of(world, who).get(page))
        for who in ("ratna", "maria")
    } == {"ratna": False, "maria": True}


@pytest.mark.django_db
def test_a_place_counts_only_the_cases_inside(world: World) -> None:
    """Kampar's case is no number of Ratna's either, who works in Pekalongan."""
    page = reverse("desk:place", args=["ID"]) + "?unduh=csv"
    text = {w: text_of(client_of(world, w).get(page)) for w in ("ratna", "maria")}

    assert {
        who: [row for row in rows.splitlines() if row.startswith("Riau,")]
        for who, rows in text.items()
    } == {"ratna": ["Riau,14,,,,0,✓"], "maria": ["Riau,14,,,,2,✓"]}


@pytest.mark.django_db
def test_who_funds_a_case_reads_no_papers_on_its_page(world: World) -> None:
    page = reverse("desk:case", args=[world.things["case"].uid])
    title, client, read = world.things["here evidence"].title, Client(), {}
    for name in ("hendra", "ratna"):
        client.force_login(world.cast(name))
        read[name] = title in text_of(client.get(page))

    assert read == {"hendra": False, "ratna": True}


@pytest.mark.django_db
def test_a_question_from_outside_marks_no_number(world: World) -> None:
    board = (
        reverse("desk:board", args=["lab"]) + f"?wilayah={world.cast('kampar').code}"
    )

    marked = {
        actor: 'class="asked"' in text_of(client_of(world, actor).get(board))
        for actor in ("budi", "ratna")
    }

    assert marked == {"budi": True, "ratna": False}


@pytest.mark.django_db
def test_what_came_of_another_s_job_stays_with_them(world: World) -> None:
    page = reverse("runs:open_cases", args=[world.things["accepted_run"].uid])
    now = timezone.now()
    shown = {}
    for asker in ("budi", "ratna"):
        job = Job.objects.create(
            kind="measures.open_cases",
            asked_by=world.cast(asker),
            asked_at=now,
            run_after=now,
            result={"opened": 7, "had": 0, "refused": []},
        )
        answer = client_of(world, "ratna").get(f"{page}?hasil={job.uid}")
        shown[asker] = 'id="came"' in text_of(answer)

    assert shown == {"budi": False, "ratna": True}


def test_the_walk_has_something_to_find(world: World) -> None:
    """Outside rows exist for everybody but those who see the whole country."""
    assert {a for a in ACTORS if world.outside(a)} == set(ACTORS) - {"maria", "ani"}
