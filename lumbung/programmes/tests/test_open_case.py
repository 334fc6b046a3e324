"""Opening a dossier: who may, where, and what it is then."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from lumbung.accounts.models import Event, User
from lumbung.conftest import make_place
from lumbung.core.message import Message
from lumbung.places.models import Edition, Place
from lumbung.programmes import checks
from lumbung.programmes.models import Case, CasePlace, Programme, Transition
from lumbung.programmes.tests.papers import OPENED, opened


def test_it_refuses_who_has_no_mandate_for_it_here(
    lab: Programme,
    botosari: Place,
    siti: User,
    slamet: User,
    budi: User,
    maria: User,
    tono: User,
) -> None:
    for person in (siti, slamet, budi, maria, tono):
        with pytest.raises(checks.NotAllowed):
            opened(lab, botosari, person)

    assert Case.objects.count() == 0


def test_it_refuses_when_one_of_the_places_lies_outside(
    lab: Programme, botosari: Place, kampar: Place, ratna: User
) -> None:
    with pytest.raises(checks.NotAllowed):
        opened(lab, botosari, ratna, also=[kampar])


def test_a_partner_may_lie_anywhere(
    lab: Programme, botosari: Place, kampar: Place, ratna: User
) -> None:
    case = opened(lab, botosari, ratna, partners=[kampar])

    assert set(case.places.values_list("place__code", "role")) == {
        ("33.26.02.2008", "main"),
        ("14.01", "partner"),
    }


def test_a_place_is_not_named_twice(
    lab: Programme, botosari: Place, ratna: User
) -> None:
    with pytest.raises(checks.BadPlaces) as refused:
        opened(lab, botosari, ratna, also=[botosari])

    assert refused.value.message == Message(
        "%(place)s is named twice.", place="Botosari"
    )


def test_it_refuses_a_place_that_is_no_longer_in_force(
    lab: Programme, botosari: Place, ratna: User
) -> None:
    botosari.closed_in = Edition.objects.create(
        number="9", source="-", licence="-", valid_from=OPENED, loaded_at=timezone.now()
    )
    botosari.save(update_fields=["closed_in"])

    with pytest.raises(checks.BadPlaces):
        opened(lab, botosari, ratna)


def test_it_refuses_tomorrow_but_takes_paper_backlogs(
    lab: Programme, botosari: Place, ratna: User
) -> None:
    with pytest.raises(checks.BadDate) as refused:
        opened(lab, botosari, ratna, on=timezone.localdate() + timedelta(days=1))

    assert refused.value.field == "on"
    assert opened(lab, botosari, ratna, on=date(1999, 1, 1)).number == "LK-1999-001"


def test_it_refuses_a_template_of_another_programme(
    lab: Programme, botosari: Place, ratna: User
) -> None:
    with pytest.raises(checks.NoSuchStep):
        opened(lab, botosari, ratna, template="cluster")
    other = Programme.objects.create(code="kpel", pack=lab.pack)
    with pytest.raises(checks.NoSuchStep):
        opened(other, botosari, ratna, template="village")


def test_it_refuses_a_responsible_person_who_could_not_see_it(
    lab: Programme, botosari: Place, ratna: User, budi: User, tono: User
) -> None:
    for person in (budi, tono):
        with pytest.raises(checks.BadSuccessor):
            opened(lab, botosari, ratna, responsible=person)


def test_it_stands_at_the_first_step_from_that_day(
    lab: Programme, botosari: Place, ratna: User, siti: User
) -> None:
    case = opened(lab, botosari, ratna, title="  ", responsible=siti)

    values: dict[str, Any] = dict(Case.objects.values().get())
    assert {key: values[key] for key in values if key not in {"id", "uid"}} == {
        "number": "LK-2017-001",
        "programme_id": lab.pk,
        "pack_id": lab.pack_id,
        "template": "village",
        "title": "Botosari",
        "is_example": False,
        "origin_id": None,
        "state": "running",
        "step": "candidate",
        "position": 1,
        "since": OPENED,
        "due_on": date(2018, 1, 3),
        "outcome": "",
        "responsible_id": siti.pk,
        "opened_on": OPENED,
        "moved_on": OPENED,
        "version": 1,
    }
    assert list(case.transitions.values_list("kind", "to_step", "on", "by")) == [
        (Transition.Kind.OPEN, "candidate", OPENED, ratna.pk)
    ]
    event = Event.objects.get()
    assert (event.verb, event.place, event.programme) == ("open_case", botosari, "lab")


def test_numbers_count_on_within_a_year(
    lab: Programme, botosari: Place, paninggaran: Place, ratna: User
) -> None:
    other = make_place("33.26.02.2009", "Sawangan", paninggaran)
    numbers = [
        opened(lab, place, ratna, on=on).number
        for place, on in (
            (botosari, OPENED),
            (other, OPENED),
            (other, date(2018, 1, 1)),
        )
    ]
    assert numbers == ["LK-2017-001", "LK-2017-002", "LK-2018-001"]

    Case.objects.filter(number="LK-2017-002").update(number="LK-2017-999")
    assert opened(lab, other, ratna).number == "LK-2017-1000"
    assert opened(lab, other, ratna).number == "LK-2017-1001"


def test_a_replication_names_its_origin(
    case: Case, lab: Programme, paninggaran: Place, ratna: User
) -> None:
    copy = opened(lab, paninggaran, ratna, origin=case)

    assert list(case.copies.all()) == [copy]


def test_it_is_seen_where_any_of_its_places_is_and_counted_where_its_main_is(
    lab: Programme, botosari: Place, kampar: Place, ratna: User, budi: User, tono: User
) -> None:
    case = opened(lab, botosari, ratna, partners=[kampar])

    assert list(Case.objects.visible_to(budi)) == [case]
    assert list(Case.objects.visible_to(tono)) == []
    assert list(Case.objects.mainly_in(kampar)) == []
    assert CasePlace.objects.filter(role="main").count() == 1
