"""Evidence: laid to a requirement of the present step, and taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lumbung.accounts.models import Event, User
from lumbung.evidence.actions import ReasonMissing
from lumbung.places.models import Place
from lumbung.programmes import actions, checks
from lumbung.programmes.models import Case, StepEvidence
from lumbung.programmes.registry import FACTS
from lumbung.programmes.tests.papers import OPENED, REASON, decide, lay, move, paper


def attach(case: Case, by: User, place: Place, **more: str) -> StepEvidence:
    requirement = more.pop("requirement", "photo")
    return actions.attach_evidence(
        case=case, requirement=requirement, evidence=paper(place, by, **more), by=by
    )


def test_it_refuses_who_has_no_mandate_for_it_here(
    case: Case, botosari: Place, budi: User, maria: User, tono: User
) -> None:
    for person in (budi, maria, tono):
        with pytest.raises(checks.NotAllowed):
            attach(case, person, botosari)

    assert StepEvidence.objects.count() == 0


def test_it_refuses_evidence_of_another_district_or_programme(
    case: Case, ratna: User, kampar: Place, botosari: Place
) -> None:
    for evidence in (paper(kampar, ratna), paper(botosari, ratna, programme="kpel")):
        with pytest.raises(checks.BadEvidence) as refused:
            actions.attach_evidence(
                case=case, requirement="photo", evidence=evidence, by=ratna
            )
        assert refused.value.message.id == "“%(title)s” belongs to another place."


def test_it_refuses_what_the_present_step_does_not_ask_for(
    case: Case, ratna: User, botosari: Place
) -> None:
    for requirement in ("minutes", "letter", ""):
        with pytest.raises(checks.BadEvidence):
            attach(case, ratna, botosari, requirement=requirement)


def test_it_refuses_the_same_evidence_twice_until_it_was_taken_back(
    case: Case, ratna: User, botosari: Place
) -> None:
    evidence = paper(botosari, ratna)

    def lay_it() -> StepEvidence:
        return actions.attach_evidence(
            case=case, requirement="photo", evidence=evidence, by=ratna
        )

    laid = lay_it()
    with pytest.raises(checks.BadEvidence):
        lay_it()
    actions.detach_evidence(paper=laid, reason=REASON, by=ratna)
    assert lay_it() != laid


def test_a_treasurer_lays_a_paper_and_the_trail_says_so(
    case: Case, yusuf: User, botosari: Place
) -> None:
    laid = attach(case, yusuf, botosari)

    assert (laid.step, laid.requirement, laid.by) == ("candidate", "photo", yusuf)
    event = Event.objects.get(verb="attach_evidence")
    assert (event.row, event.by, event.place) == (laid.uid, yusuf, botosari)


def test_it_is_taken_back_once_while_the_case_stands_there(
    case: Case, ratna: User, botosari: Place, maria: User
) -> None:
    laid = attach(case, ratna, botosari)
    with pytest.raises(checks.NotAllowed):
        actions.detach_evidence(paper=laid, reason=REASON, by=maria)
    actions.detach_evidence(paper=laid, reason=REASON, by=ratna)

    row = StepEvidence.objects.get()
    assert (row.voided_by, row.void_reason) == (ratna, REASON)
    with pytest.raises(checks.BadEvidence):
        actions.detach_evidence(paper=laid, reason=REASON, by=ratna)


def test_what_a_case_was_closed_with_stays(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    decision = decide(case, ratna, about="stop")
    actions.stop_case(
        case=case, decision=decision, on=OPENED, by=ratna, version=case.version
    )

    with pytest.raises(checks.WrongState):
        actions.detach_evidence(
            paper=StepEvidence.objects.get(), reason=REASON, by=ratna
        )


def test_a_paper_of_a_later_day_proves_nothing_about_an_earlier_one(
    case: Case, siti: User, botosari: Place
) -> None:
    later = OPENED + timedelta(days=1)
    actions.attach_evidence(
        case=case,
        requirement="photo",
        evidence=paper(botosari, siti, "Foto", dated_on=later),
        by=siti,
    )
    laid = FACTS["evidence"].compute
    fresh = [Case.objects.get(pk=case.pk)]

    assert laid(fresh, OPENED, "photo")[case.pk].value == 0  # type: ignore[union-attr]
    assert laid(fresh, later, "photo")[case.pk].value == 1  # type: ignore[union-attr]


def test_it_is_not_taken_back_without_a_word(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    laid = StepEvidence.objects.get()
    with pytest.raises(ReasonMissing):
        actions.detach_evidence(paper=laid, reason=" ", by=ratna)
    actions.detach_evidence(paper=laid, reason="Foto desa lain. " * 99, by=ratna)

    assert len(StepEvidence.objects.get().void_reason) == 300  # what its column holds


def test_what_a_step_was_left_with_stays(case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    laid = StepEvidence.objects.get()
    move(case, ratna, "meeting")

    with pytest.raises(checks.BadEvidence) as refused:
        actions.detach_evidence(paper=laid, reason=REASON, by=ratna)
    assert refused.value.message.id == (
        "The case has left the step that this evidence was laid to."
    )


def test_withdrawn_evidence_is_laid_nowhere(
    case: Case, ratna: User, botosari: Place
) -> None:
    evidence = paper(botosari, ratna)
    evidence.voided_at = timezone.now()

    with pytest.raises(checks.BadEvidence):
        actions.attach_evidence(
            case=case, requirement="photo", evidence=evidence, by=ratna
        )
