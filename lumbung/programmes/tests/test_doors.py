"""The pages of a case: what each person gets, and what their forms do."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.core.message import Share, from_json
from lumbung.evidence.models import Evidence
from lumbung.evidence.tests import files
from lumbung.places.models import Place
from lumbung.programmes import actions
from lumbung.programmes.models import Case, Decision, DeclaredFact, Transition
from lumbung.programmes.tests.papers import (
    OPENED,
    REASON,
    at_meeting,
    at_result,
    decide,
    lay,
    move,
    paper,
)

DAY = (OPENED + timedelta(days=14)).strftime("%d/%m/%Y")
PAGES = (
    *("pindah", "lewati", "keputusan", "bukti", "fakta/poor", "jeda"),
    *("hentikan", "serahkan"),
)


def at(case: Case, page: str) -> str:
    return f"/berkas/{case.uid}/{page}/"


def upload(name: str = "foto.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, files.photo(), "image/jpeg")


def meeting(**more: Any) -> dict[str, Any]:
    return {
        "body": "TKPK",
        "number": "050/17/2018",
        "decided_on": DAY,
        "venue": "Balai desa",
        "result": "approved",
        "reason": REASON,
        "invited": "30",
        "women_government": "2",
        "men_government": "5",
        "women_community": "3",
        "minutes": SimpleUploadedFile("ba.pdf", files.paper(), "application/pdf"),
    } | more


@pytest.mark.parametrize("page", PAGES)
def test_the_door_is_shut_to_who_is_outside_or_not_signed_in(
    client: Client, case: Case, page: str, budi: User, tono: User
) -> None:
    assert client.get(at(case, page)).status_code == 302
    for person in (budi, tono):
        client.force_login(person)
        assert client.get(at(case, page)).status_code == 404
        assert client.post(at(case, page), {"version": 1}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_each_page_shows_itself_to_who_may_see_the_case(
    client: Client, case: Case, page: str, ratna: User, maria: User
) -> None:
    for person in (ratna, maria):
        client.force_login(person)
        response = client.get(at(case, page))
        assert response.status_code == 200
        assert "Botosari" in response.content.decode()


def test_a_move_that_is_refused_says_what_is_missing_and_moves_nothing(
    client: Client, case: Case, ratna: User
) -> None:
    client.force_login(ratna)
    response = client.post(
        at(case, "pindah"), {"version": 1, "to": "meeting", "on": DAY}
    )

    assert response.status_code == 422
    assert "Foto: belum ada" in response.content.decode()
    assert Case.objects.get().step == "candidate"


def test_a_move_leads_back_to_the_case(client: Client, case: Case, ratna: User) -> None:
    lay(case, ratna, "photo")
    client.force_login(ratna)
    response = client.post(
        at(case, "pindah"), {"version": 1, "to": "meeting", "on": DAY}
    )

    assert (response.status_code, response["Location"]) == (302, f"/berkas/{case.uid}/")
    assert Case.objects.get().step == "meeting"


def test_who_only_reads_moves_nothing(client: Client, case: Case, maria: User) -> None:
    client.force_login(maria)
    response = client.post(
        at(case, "pindah"), {"version": 1, "to": "meeting", "on": DAY}
    )

    assert response.status_code == 422
    assert Transition.objects.count() == 1


def test_a_page_opened_before_somebody_moved_says_who_it_was(
    client: Client, case: Case, ratna: User, slamet: User
) -> None:
    lay(case, ratna, "photo")
    move(case, slamet, "meeting")
    client.force_login(ratna)
    response = client.post(
        at(case, "pindah"), {"version": 1, "to": "meeting", "on": DAY}
    )

    assert response.status_code == 422
    assert "Slamet Raharjo" in response.content.decode()


def test_at_the_last_step_the_page_asks_how_the_case_ends(
    client: Client, case: Case, ratna: User
) -> None:
    case = at_result(case, ratna)
    client.force_login(ratna)
    assert "Lulus" in client.get(at(case, "pindah")).content.decode()
    on = (OPENED + timedelta(days=40)).strftime("%d/%m/%Y")
    client.post(
        at(case, "pindah"), {"version": case.version, "to": "graduated", "on": on}
    )

    assert Case.objects.get().outcome == "graduated"


def test_a_facilitator_s_photo_lies_at_what_the_step_asks_for(
    client: Client, case: Case, siti: User
) -> None:
    client.force_login(siti)
    client.post(
        at(case, "bukti"), {"requirement": "photo", "upload": upload(), "dated_on": DAY}
    )

    laid = case.evidence.get()
    assert (laid.requirement, laid.evidence.title, laid.by) == ("photo", "Foto", siti)


def test_a_file_that_is_no_photo_leaves_no_row(
    client: Client, case: Case, siti: User
) -> None:
    client.force_login(siti)
    response = client.post(
        at(case, "bukti"),
        {
            "requirement": "photo",
            "upload": SimpleUploadedFile("foto.jpg", b"<script>", "image/jpeg"),
            "dated_on": DAY,
        },
    )

    assert response.status_code == 422
    assert Evidence.objects.count() == 0


def test_a_decision_keeps_attendance_and_minutes(
    client: Client, case: Case, siti: User
) -> None:
    client.force_login(siti)
    client.post(at(case, "keputusan"), meeting())

    decision = Decision.objects.get()
    rows = decision.attendance.values_list("sector", "women", "men")
    assert set(rows) == {("government", 2, 5), ("community", 3, 0)}
    assert decision.minutes.file.media_type == "application/pdf"
    shown = client.get(at(case, f"keputusan/{decision.uid}")).content.decode()
    assert "Balai desa" in shown


def test_a_refused_decision_leaves_no_minutes_behind(
    client: Client, case: Case, siti: User
) -> None:
    client.force_login(siti)
    nobody = {"women_government": "", "men_government": "", "women_community": ""}
    response = client.post(at(case, "keputusan"), meeting(**nobody))

    assert response.status_code == 422
    assert (Decision.objects.count(), Evidence.objects.count()) == (0, 0)


def test_a_correction_starts_from_what_it_corrects(
    client: Client, case: Case, ratna: User
) -> None:
    wrong = decide(case, ratna, about="override")
    client.force_login(ratna)
    url = at(case, "keputusan") + f"?mengoreksi={wrong.uid}"
    assert f'value="{wrong.venue}"' in client.get(url).content.decode()
    client.post(url, meeting(venue="Pendopo"))

    right = Decision.objects.get(corrects=wrong)
    assert (right.venue, right.about) == ("Pendopo", "override")
    assert client.get(url).status_code == 404
    assert client.get(at(case, "keputusan") + "?mengoreksi=x").status_code == 404


def test_an_override_is_decided_and_done_or_neither(
    client: Client, case: Case, ratna: User
) -> None:
    client.force_login(ratna)
    short = client.post(
        at(case, "lewati"), meeting(version=1, to="meeting", reason="mendesak.")
    )
    assert short.status_code == 422
    assert (Decision.objects.count(), Evidence.objects.count()) == (0, 0)

    lay(case, ratna, "photo")
    met = client.post(at(case, "lewati"), meeting(version=1, to="meeting"))
    assert met.status_code == 422
    assert Decision.objects.count() == 0


def test_an_override_moves_the_case_with_its_decision(
    client: Client, case: Case, ratna: User
) -> None:
    client.force_login(ratna)
    assert (
        'name="to" value="meeting"' in client.get(at(case, "lewati")).content.decode()
    )
    response = client.post(at(case, "lewati"), meeting(version=1, to="meeting"))

    assert response.status_code == 302
    row = Transition.objects.get(kind="override")
    assert (row.to_step, row.decision) == ("meeting", Decision.objects.get())


def test_an_override_at_the_last_step_asks_how_the_case_ends(
    client: Client, case: Case, ratna: User
) -> None:
    case = at_result(case, ratna)
    client.force_login(ratna)
    assert "Lanjut" in client.get(at(case, "lewati")).content.decode()
    client.post(at(case, "lewati"), meeting(version=case.version, to="continued"))

    assert Case.objects.get().outcome == "continued"


def test_a_fact_is_written_as_people_write_it(
    client: Client, case: Case, siti: User
) -> None:
    client.force_login(siti)
    client.post(
        at(case, "fakta/poor"), {"value": "38,2", "as_of": DAY, "upload": upload()}
    )

    assert from_json(DeclaredFact.objects.get().value) == Share("0.382")
    shown = client.get(at(case, "fakta/poor")).content.decode()
    assert "38,2" in shown
    assert client.get(at(case, "fakta/tidak-ada")).status_code == 302


@pytest.mark.parametrize(
    ("name", "endless"),
    [
        ("poor", "1e-9999999"),
        ("weight", "1e9999999"),
        ("families", "9" * 5000),
        ("families", "9" * 16),
    ],
)
def test_a_number_without_end_is_refused_in_words(
    client: Client, case: Case, siti: User, name: str, endless: str
) -> None:
    client.force_login(siti)
    sent = {"value": endless, "as_of": DAY, "upload": upload()}

    assert client.post(at(case, f"fakta/{name}"), sent).status_code == 422


def test_more_people_than_there_are_were_not_invited(
    client: Client, case: Case, siti: User
) -> None:
    client.force_login(siti)
    sent = meeting(invited="9" * 30)

    assert client.post(at(case, "keputusan"), sent).status_code == 422


def test_more_people_than_were_invited_do_not_make_a_quorum(
    client: Client, case: Case, siti: User
) -> None:
    client.force_login(siti)

    refused = client.post(at(case, "keputusan"), meeting(invited="1"))

    assert refused.status_code == 422
    assert "lebih banyak daripada 1 yang diundang" in refused.content.decode()
    assert not Decision.objects.exists()


def test_a_case_goes_back_to_where_its_step_returns(
    client: Client, case: Case, ratna: User
) -> None:
    client.force_login(ratna)
    assert client.get(at(case, "kembali")).status_code == 302  # the first step
    case = at_meeting(case, ratna)
    address = at(case, "kembali")
    assert address in client.get(f"/berkas/{case.uid}/").content.decode()
    sent = {"version": case.version, "to": "candidate", "on": DAY}
    assert client.post(address, sent | {"reason": "keliru"}).status_code == 422
    client.post(address, sent | {"reason": REASON})

    assert Case.objects.get().step == "candidate"


def test_a_case_is_paused_taken_up_and_stopped(
    client: Client, case: Case, ratna: User
) -> None:
    client.force_login(ratna)
    client.post(at(case, "jeda"), {"version": 1, "on": DAY, "reason": REASON})
    assert Case.objects.get().state == "paused"
    client.post(at(case, "lanjutkan"), {"version": 2, "on": DAY})
    assert Case.objects.get().state == "running"
    client.post(at(case, "hentikan"), meeting(version=3))
    assert Case.objects.get().state == "stopped"
    client.post(at(case, "buka-kembali"), {"version": 4, "on": DAY, "reason": REASON})
    assert Case.objects.get().state == "running"


def test_a_case_is_offered_only_to_people_who_may_see_it(
    client: Client, case: Case, ratna: User, siti: User, budi: User
) -> None:
    client.force_login(ratna)
    page = client.get(at(case, "serahkan")).content.decode()
    assert str(siti.uid) in page
    assert str(budi.uid) not in page
    client.post(at(case, "serahkan"), {"version": 1, "on": DAY, "to": str(budi.uid)})
    assert Case.objects.get().responsible == ratna
    client.post(at(case, "serahkan"), {"version": 1, "on": DAY, "to": str(siti.uid)})

    assert Case.objects.get().responsible == siti


def test_only_files_that_hang_on_the_case_are_served_there(
    client: Client, case: Case, ratna: User, botosari: Place
) -> None:
    client.force_login(ratna)
    client.post(
        at(case, "bukti"), {"requirement": "photo", "upload": upload(), "dated_on": DAY}
    )
    laid, loose = case.evidence.get().evidence, paper(botosari, ratna)

    response = client.get(at(case, f"arsip/{laid.uid}"))
    assert response.status_code == 200
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert client.get(at(case, f"arsip/{loose.uid}")).status_code == 404


def test_evidence_is_taken_back_with_a_reason(
    client: Client, case: Case, ratna: User
) -> None:
    lay(case, ratna, "photo")
    laid = case.evidence.get()
    client.force_login(ratna)
    url = at(case, f"bukti/{laid.uid}/tarik")
    assert client.get(url).status_code == 200
    client.post(url, {"version": 1, "on": DAY, "reason": REASON})

    assert case.evidence.get().void_reason == REASON


def test_a_running_case_shows_and_moves_when_the_pack_s_folder_is_gone(
    client: Client, case: Case, ratna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing at run time reads the folder: reading any pack file fails here."""

    def gone(*_: Any, **__: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr("lumbung.programmes.packs.check.check", gone)
    monkeypatch.setattr("lumbung.programmes.packs.actions.check", gone)
    monkeypatch.setattr("lumbung.programmes.packs.actions.shipped", gone)
    case = at_meeting(case, ratna)
    client.force_login(ratna)

    assert client.get(f"/berkas/{case.uid}/").status_code == 200
    actions.pause_case(
        case=case,
        reason=REASON,
        on=timezone.localdate(),
        by=ratna,
        version=case.version,
    )


@pytest.mark.parametrize("verb", ["jeda", "kembali"])
def test_who_gives_no_reason_reads_that_one_is_asked_for(
    client: Client, ratna: User, case: Case, verb: str
) -> None:
    client.force_login(ratna)
    case = at_meeting(case, ratna)
    page = client.post(at(case, verb), {"version": case.version, "on": DAY})

    assert page.status_code == 422
    assert "reason" in page.context["form"].errors
    assert "(boleh kosong)" not in page.content.decode()
