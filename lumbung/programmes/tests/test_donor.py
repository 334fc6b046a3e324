"""A donor reads published figures and the cases it funds; of everything else nothing."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lumbung.accounts import actions as accounts
from lumbung.accounts.models import Role, User
from lumbung.accounts.posts import Post, RoleElsewhere
from lumbung.evidence.models import Evidence
from lumbung.imports.models import Import
from lumbung.places.models import Place
from lumbung.programmes.models import Case, Programme, StepEvidence
from lumbung.programmes.tests.papers import decide, lay
from tests import access

pytestmark = pytest.mark.django_db


@pytest.fixture
def hendra_in(client: Client, hendra: User) -> Client:
    client.force_login(hendra)
    client.cookies["language"] = "id"
    return client


def test_it_sees_the_case_it_funds_on_board_list_and_page(
    hendra_in: Client, case: Case
) -> None:
    for url in (
        "/program/lab/",
        "/program/lab/berkas/",
        "/program/lab/kabupaten/",
        f"/berkas/{case.uid}/",
        "/wilayah/33.26.02.2008/",
    ):
        response = hendra_in.get(url)
        assert response.status_code == 200, url
    assert case.title in hendra_in.get(f"/berkas/{case.uid}/").content.decode()
    assert case.title in hendra_in.get("/program/lab/").content.decode()


def test_it_sees_no_case_of_another_programme_or_place(
    hendra: User, hendra_in: Client, case: Case, kampar: Place, budi: User
) -> None:
    Case.objects.filter(pk=case.pk).update(programme=other_programme(case))
    assert not Case.objects.shown_to(hendra).exists()
    assert hendra_in.get(f"/berkas/{case.uid}/").status_code == 404


def other_programme(case: Case) -> Any:
    return Programme.objects.create(code="kpel", pack=case.pack)


def test_papers_minutes_and_proofs_stay_closed(
    hendra: User, hendra_in: Client, case: Case, ratna: User
) -> None:
    lay(case, ratna, "photo")
    decision = decide(case, ratna)
    laid = StepEvidence.objects.get()

    page = hendra_in.get(f"/berkas/{case.uid}/").content.decode()
    assert laid.evidence.title not in page
    assert str(laid.evidence.uid) not in page
    assert str(decision.uid) not in page
    for url in (
        reverse("programmes:evidence_file", args=[case.uid, laid.evidence.uid]),
        reverse("programmes:decision", args=[case.uid, decision.uid]),
        reverse("evidence:evidence", args=[laid.evidence.uid]),
        reverse("evidence:download", args=[laid.evidence.uid]),
    ):
        assert hendra_in.get(url).status_code == 404, url
    assert not Evidence.objects.visible_to(hendra).exists()
    assert not StepEvidence.objects.visible_to(hendra).exists()
    assert not Import.objects.visible_to(hendra).exists()
    assert list(User.objects.visible_to(hendra)) == [hendra]


TABLE = access.table()
# What everyone who is signed in may open, a donor may, too; nothing of one case but
# its page. One address that is added and shows donors more fails here.
OPEN_TO_DONORS = {"desk:case"}


@pytest.fixture
def world(request: pytest.FixtureRequest) -> access.World:
    made = access.World(request.getfixturevalue)
    for name in (*access.PEOPLE, "hendra"):
        made.cast(name)
    for furnisher in access.FURNISHERS:
        furnisher(made)
    return made


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_answers_a_donor_no_more_than_somebody_without_a_mandate(
    method: str, world: access.World, hendra: User, tono: User
) -> None:
    """The whole table, pages and API: by the same answers as for Tono."""
    donor, nobody = Client(), Client()
    more = {}
    for name, row in sorted(TABLE.items()):
        if name in {"account_logout", "usersessions_list", "pages:language"}:
            continue
        donor.force_login(hendra)
        nobody.force_login(tono)
        arguments = {key: make(world) for key, make in row.arguments.items()}
        url = reverse(name, kwargs=arguments) + row.query
        answers = [getattr(each, method)(url).status_code for each in (donor, nobody)]
        if answers[0] != answers[1] and name not in OPEN_TO_DONORS:
            more[name] = answers
    assert more == {}


def test_it_moves_nothing(hendra: User, hendra_in: Client, case: Case) -> None:
    for name in ("move_case", "record_decision", "attach_evidence", "hand_over_case"):
        url = reverse(f"programmes:{name}", args=[case.uid])
        assert hendra_in.get(url).status_code == 404, name
        assert hendra_in.post(url).status_code == 404, name
    assert 'class="btn' not in hendra_in.get(f"/berkas/{case.uid}/").content.decode()


def test_a_donor_s_mandate_names_the_programme_it_funds(
    lab: Programme, siti: User, ratna: User, roles: dict[str, Role], pekalongan: Place
) -> None:
    day = date(2020, 1, 1)
    post = Post(roles["donor"], pekalongan, day)
    with pytest.raises(RoleElsewhere):
        accounts.give_mandate(person=siti, post=post, by=ratna, now=timezone.now())
    post = Post(roles["donor"], pekalongan, day, programme="lab")
    accounts.give_mandate(person=siti, post=post, by=ratna, now=timezone.now())
