"""Evidence is taken back with a reason, and never deleted."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from lumbung.accounts.models import Event, User
from lumbung.evidence.actions import (
    MayNotVoid,
    ReasonMissing,
    VoidedAlready,
    void_evidence,
)
from lumbung.evidence.models import Evidence
from lumbung.evidence.tests.files import photo
from lumbung.evidence.tests.test_add_evidence import add, folder
from lumbung.places.models import Place

__all__ = ["folder"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence(siti: User, botosari: Place, folder: Path) -> Evidence:
    return add(photo(), siti, botosari)


def test_it_refuses_who_neither_put_it_in_nor_leads(
    yusuf: User, maria: User, evidence: Evidence
) -> None:
    for user in (yusuf, maria):
        with pytest.raises(MayNotVoid):
            void_evidence(evidence=evidence, reason="Salah", by=user)


def test_it_refuses_without_a_reason(siti: User, evidence: Evidence) -> None:
    with pytest.raises(ReasonMissing):
        void_evidence(evidence=evidence, reason="  ", by=siti)


def test_it_stays_with_who_and_why(
    client: Client, slamet: User, evidence: Evidence
) -> None:
    client.force_login(slamet)
    address = reverse("evidence:void_evidence", args=[evidence.uid])
    client.post(address, {"reason": "Foto desa lain"})

    evidence.refresh_from_db()
    assert (evidence.voided_by, evidence.void_reason) == (slamet, "Foto desa lain")
    assert not Evidence.objects.standing().exists()
    assert Event.objects.get(verb="void_evidence").after == {"reason": "Foto desa lain"}
    page = client.get(reverse("evidence:evidence", args=[evidence.uid]))
    assert "Foto desa lain" in page.content.decode()


def test_the_second_learns_that_it_was_taken_back(
    siti: User, evidence: Evidence
) -> None:
    void_evidence(evidence=evidence, reason="Salah", by=siti)

    with pytest.raises(VoidedAlready):
        void_evidence(evidence=evidence, reason="Salah juga", by=siti)
    evidence.refresh_from_db()
    assert evidence.void_reason == "Salah"
