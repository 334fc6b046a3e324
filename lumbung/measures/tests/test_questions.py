"""“This is wrong”: a question goes to whoever must answer, and waits there."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from lumbung.accounts.models import Event, Role, User
from lumbung.conftest import give, make_place, make_user
from lumbung.imports.models import Import
from lumbung.measures.figures.figure import Address, Figure, address, certify
from lumbung.measures.models import Question, QuestionStep
from lumbung.measures.questions import actions
from lumbung.measures.questions.waiting import questions
from lumbung.measures.runs.jobs import inherit_questions
from lumbung.measures.tests import numbers
from lumbung.places.models import Place
from lumbung.programmes.models import Case
from lumbung.words import say
from lumbung.work.models import Job

pytestmark = pytest.mark.django_db
BOTOSARI = {
    "tempat": "33.26.02.2008",
    "indikator": "decile_1_4_share",
    "periode": "2017",
}
TEXT = "Di daftar musyawarah desa ada 315 keluarga."


@pytest.fixture(autouse=True)
def world(request: pytest.FixtureRequest, case: Case) -> None:
    numbers.bring_in(request.getfixturevalue)


def value() -> Address:
    return address("nilai", BOTOSARI)


def figure(user: User, at: Address | None = None) -> Figure:
    found = certify(at or value(), user, timezone.localdate())
    assert found is not None
    return found


def ask(by: User, at: Address | None = None, **more: Any) -> Question:
    return actions.ask_question(
        figure=figure(by, at),
        by=by,
        now=timezone.now(),
        on=timezone.localdate(),
        **{"text": TEXT} | more,
    )


def answer(question: Question, by: User, **more: Any) -> Question:
    given = {"state": "stands", "answer": "Daftar itu dari tahun 2018, bukan 2017."}
    return actions.answer_question(
        question=question, by=by, now=timezone.now(), **given | more
    )


# Who must answer


def test_it_goes_to_whoever_imported_the_number(siti: User, ratna: User) -> None:
    assert ask(siti).responsible == ratna


def test_it_goes_to_the_officer_when_the_importer_is_no_longer_in_office(
    siti: User,
    ratna: User,
    roles: dict[str, Role],
    pekalongan: Place,
    jawa_tengah: Place,
) -> None:
    province, heir = make_user("Endang Purwanti"), make_user("Joko Pamungkas")
    give(province, roles["provincial_officer"], jawa_tengah)
    give(heir, roles["district_officer"], pekalongan)
    ratna.mandates.get().end(by=None, now=timezone.now(), reason="pindah")
    assert ask(siti).responsible == heir

    heir.mandates.get().end(by=None, now=timezone.now(), reason="pindah")
    other = value().but(periode="2016")
    assert ask(siti, other).responsible == province


def test_nobody_answers_themselves_while_somebody_stands_above(
    ratna: User, roles: dict[str, Role], jawa_tengah: Place
) -> None:
    province = make_user("Endang Purwanti")
    give(province, roles["provincial_officer"], jawa_tengah)

    assert ask(ratna).responsible == province


def test_a_count_of_cases_goes_to_who_leads_the_programme_there(
    siti: User, ratna: User, roles: dict[str, Role], pekalongan: Place
) -> None:
    manager = make_user("Dwi Lestari")
    give(manager, roles["district_officer"], pekalongan, "lab")
    count = address("berkas", {"program": "lab", "wilayah": "33.26"})

    question = ask(siti, count)

    assert (question.responsible, question.programme) == (manager, "lab")
    assert not question.is_reference


def test_a_figure_without_anybody_in_office_refuses_the_question(
    tono: User, ratna: User
) -> None:
    ratna.mandates.get().end(by=None, now=timezone.now(), reason="pindah")

    with pytest.raises(actions.NobodyToAsk):
        ask(tono)
    assert not Question.objects.exists()


# Asking


@pytest.mark.parametrize("text", ["", "salah", "x" * 4001])
def test_a_question_says_something_and_not_a_book(text: str, siti: User) -> None:
    with pytest.raises((actions.TooShort, actions.TooLong)):
        ask(siti, text=text)


def test_one_asks_once_about_one_number_until_it_is_answered(
    siti: User, ratna: User
) -> None:
    first = ask(siti)
    with pytest.raises(actions.AskedAlready):
        ask(siti)
    ask(siti, value().but(periode="2016"))
    answer(first, ratna)

    assert ask(siti).is_open


def test_a_flood_is_stopped(siti: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_OPEN", 1)
    ask(siti)

    with pytest.raises(actions.TooManyQuestions):
        ask(siti, value().but(periode="2016"))


def test_anyone_signed_in_asks_through_the_page(client: Client, budi: User) -> None:
    client.force_login(budi)
    url = reverse("measures:ask_question", args=["nilai"]) + f"?{value().query}"

    assert client.post(url, {"text": "salah"}).status_code == 422
    response = client.post(url, {"text": TEXT, "believed": "38 %"})

    question = Question.objects.get()
    assert (question.asked_by, question.believed) == (budi, "38 %")
    assert question.address == str(figure(budi).address)
    assert response.headers["Location"] == figure(budi).address.url
    page = client.get(response.headers["Location"]).content.decode()
    assert TEXT in page
    assert "Menunggu jawaban" in page


# Answering


def test_only_the_responsible_person_answers_and_only_once(
    siti: User, ratna: User, maria: User
) -> None:
    question = ask(siti)
    for person in (siti, maria):
        with pytest.raises(actions.NotYours):
            answer(question, person)

    answer(question, ratna)
    with pytest.raises(actions.AnsweredAlready):
        answer(question, ratna)
    assert QuestionStep.objects.filter(question=question, kind="answered").count() == 1


def test_who_left_does_not_answer_until_it_is_passed_on(
    siti: User, ratna: User
) -> None:
    question = ask(siti)
    ratna.mandates.get().end(by=None, now=timezone.now(), reason="pindah")

    with pytest.raises(actions.NotYours):
        answer(question, ratna)


def test_no_import_of_another_district_corrects_it(
    siti: User, ratna: User, budi: User, kampar: Place
) -> None:
    question = ask(siti)
    village = make_place("14.01.15", "Bangkinang", kampar)
    rows = f"kode_desa;persen\n{village.code};38,9\n"
    theirs = numbers.bring("observations", rows, kampar, budi)

    with pytest.raises(actions.NoCorrection):
        answer(question, ratna, state="corrected", corrected_by=theirs)


def test_a_corrected_number_names_an_import_made_since(
    siti: User, ratna: User, pekalongan: Place
) -> None:
    before = Import.objects.accepted().order_by("-pk")[0]
    question = ask(siti)
    for wrong in (None, before):
        with pytest.raises(actions.NoCorrection):
            answer(question, ratna, state="corrected", corrected_by=wrong)

    rows = numbers.VALUES.format("38,9")
    mended = numbers.bring("observations", rows, pekalongan, ratna)
    done = answer(question, ratna, state="corrected", corrected_by=mended)

    assert (done.state, done.corrected_by) == ("corrected", mended)
    assert say(figure(siti).value) == "38,9\xa0%"


def test_the_answer_stands_beside_the_number_and_marks_it(
    client: Client, siti: User, ratna: User
) -> None:
    client.force_login(budi := make_user("Budi Lain"))
    village = reverse("desk:place", args=["33.26.02.2008"])
    assert 'class="asked"' not in client.get(village).content.decode()

    question = ask(siti)
    page = client.get(village).content.decode()
    assert re.search(r'57,4.%<span class="hide">.*?<sup class="asked"[^>]*>\?', page)

    answer(question, ratna)
    page = client.get(village).content.decode()
    assert re.search(r'57,4.%<span class="hide">.*?<sup class="asked"[^>]*>✓', page)
    certificate = client.get(figure(budi).address.url).content.decode()
    assert "Daftar itu dari tahun 2018" in certificate


# Passing on


def test_it_is_passed_to_somebody_responsible_with_a_reason(
    siti: User, ratna: User, roles: dict[str, Role], jawa_tengah: Place
) -> None:
    province = make_user("Endang Purwanti")
    give(province, roles["provincial_officer"], jawa_tengah)
    question = ask(siti)
    more: dict[str, Any] = {
        "reason": "Angka ini dari provinsi.",
        "by": ratna,
        "now": timezone.now(),
        "on": timezone.localdate(),
    }

    for nobody in (siti, ratna):
        with pytest.raises(actions.NotResponsible):
            actions.pass_question(question=question, to=nobody, **more)
    actions.pass_question(question=question, to=province, **more)

    question.refresh_from_db()
    assert question.responsible == province
    with pytest.raises(actions.NotYours):
        answer(question, ratna)
    assert answer(question, province).answered_by == province
    assert [step.kind for step in question.steps.order_by("pk")] == [
        *("asked", "passed", "answered")
    ]


def test_it_is_not_passed_back_to_who_asked(
    ratna: User, roles: dict[str, Role], jawa_tengah: Place
) -> None:
    province = make_user("Endang Purwanti")
    give(province, roles["provincial_officer"], jawa_tengah)
    question = ask(province)
    assert question.responsible == ratna

    with pytest.raises(actions.NotResponsible):
        actions.pass_question(
            question=question,
            to=province,
            reason="Jawablah sendiri saja.",
            by=ratna,
            now=timezone.now(),
            on=timezone.localdate(),
        )


def test_it_is_passed_on_and_answered_through_the_pages(
    client: Client, siti: User, ratna: User, roles: dict[str, Role], jawa_tengah: Place
) -> None:
    province = make_user("Endang Purwanti")
    give(province, roles["provincial_officer"], jawa_tengah)
    question = ask(siti)
    client.force_login(ratna)
    passing = reverse("measures:pass_question", args=[question.uid])

    assert client.post(passing, {}).status_code == 422
    sent = {"pass-to": str(province.uid), "pass-reason": "Angka ini dari provinsi."}
    assert client.post(passing, sent).status_code == 302

    client.force_login(province)
    answering = reverse("measures:answer_question", args=[question.uid])
    assert client.post(answering, {"state": "corrected"}).status_code == 422
    sent = {"state": "stands", "answer": "Sudah diperiksa ulang oleh desa."}
    assert client.post(answering, sent).status_code == 302
    question.refresh_from_db()
    assert (question.state, question.answered_by) == ("stands", province)


def test_what_waits_for_somebody_who_left_goes_to_the_nearest_in_office(
    client: Client, siti: User, ratna: User, roles: dict[str, Role], jawa_tengah: Place
) -> None:
    province = make_user("Endang Purwanti")
    give(province, roles["provincial_officer"], jawa_tengah)
    question, today = ask(siti), timezone.localdate()
    inherit_questions(Job(), lambda done, total=None: None)
    assert list(questions(province, today)) == []

    ratna.mandates.update(ends_on=today - timedelta(days=1))
    inherit_questions(Job(), lambda done, total=None: None)

    assert [line.text for line in questions(province, today)] == [TEXT]
    assert list(questions(ratna, today)) == []
    client.force_login(siti)
    page = client.get(reverse("measures:question", args=[question.uid]))
    assert "tidak lagi menjabat" in page.content.decode()
    assert answer(question, province).answered_by == province


# Waiting


def test_it_waits_on_the_home_page_until_answered_then_for_its_asker(
    client: Client, siti: User, ratna: User
) -> None:
    question, today = ask(siti), timezone.localdate()
    assert [line.text for line in questions(ratna, today)] == [TEXT]
    assert [line.tone for line in questions(ratna, today + timedelta(days=8))] == [
        "late"
    ]
    assert list(questions(siti, today)) == []

    answer(question, ratna)
    assert list(questions(ratna, today)) == []
    assert len(list(questions(siti, today))) == 1

    client.force_login(ratna)
    client.get(reverse("measures:question", args=[question.uid]))
    assert len(list(questions(siti, today))) == 1
    client.force_login(siti)
    assert "Dijawab" in client.get("/").content.decode()
    client.get(reverse("measures:question", args=[question.uid]))
    assert list(questions(siti, today)) == []


# Who may read


def test_a_question_about_a_count_of_cases_stays_in_its_territory(
    siti: User, ratna: User, budi: User, maria: User, tono: User
) -> None:
    count = address("berkas", {"program": "lab", "wilayah": "33.26"})
    ask(siti, count)

    seen = {
        person.username: Question.objects.visible_to(person).exists()
        for person in (siti, ratna, maria, budi, tono)
    }
    assert seen == {
        "siti": True,
        "ratna": True,
        "maria": True,
        "budi": False,
        "tono": False,
    }


def test_a_question_about_a_published_number_is_read_by_everyone(
    client: Client, siti: User, budi: User
) -> None:
    question = ask(siti)
    client.force_login(budi)

    page = client.get(reverse("measures:question", args=[question.uid]))
    assert TEXT in page.content.decode()
    assert "Jawaban Anda" not in page.content.decode()
    rows = client.get(reverse("measures:questions"), {"unduh": "csv"})
    text = b"".join(rows.streaming_content).decode()  # type: ignore[attr-defined]
    assert TEXT in text


def test_the_trail_says_who_asked_passed_and_answered(siti: User, ratna: User) -> None:
    answer(ask(siti), ratna)

    told = Event.objects.filter(verb__endswith="_question").order_by("pk")
    assert [(event.verb, event.by) for event in told] == [
        ("ask_question", siti),
        ("answer_question", ratna),
    ]
