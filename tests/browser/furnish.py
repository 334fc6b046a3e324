"""Adds to a demonstration what the pages need to be seen at their worst and best.

Run with LUMBUNG_HOME at a fresh demonstration, `python -m tests.browser.furnish` calls
the verbs and prints what the tests then open, as JSON: see `World` in conftest.py.
"""

import json
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes  # noqa: E402
from allauth.mfa.totp.internal.auth import TOTP  # noqa: E402
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.utils import timezone, translation  # noqa: E402

from lumbung.accounts import actions as accounts  # noqa: E402
from lumbung.accounts.models import Role, User  # noqa: E402
from lumbung.accounts.posts import Post  # noqa: E402
from lumbung.desk.boundaries import accept_boundaries  # noqa: E402
from lumbung.desk.demo_tale import TOLD_ON, Tale, tell  # noqa: E402
from lumbung.imports import actions as imports  # noqa: E402
from lumbung.imports.models import Import  # noqa: E402
from lumbung.measures.figures.figure import address, certify  # noqa: E402
from lumbung.measures.models import Run  # noqa: E402
from lumbung.measures.questions.actions import (  # noqa: E402
    answer_question,
    ask_question,
)
from lumbung.places.boundaries import About, preview  # noqa: E402
from lumbung.places.codes import addressed  # noqa: E402
from lumbung.places.geojson import read_geojson  # noqa: E402
from lumbung.places.models import Place  # noqa: E402
from lumbung.places.tests.squares import feature, square, write  # noqa: E402
from lumbung.programmes import actions  # noqa: E402
from lumbung.programmes.models import Case, Programme  # noqa: E402
from lumbung.work.models import Job  # noqa: E402
from tests.browser.furnished import (  # noqa: E402
    LONG_TITLE,
    LONG_VILLAGE,
    PASSWORD,
    TOTP_SECRET,
    WALKED,
)
from tests.browser.soft_key import give_key  # noqa: E402

NOW = timezone.now()
TODAY = timezone.localdate()


def user(name: str) -> User:
    found = User.objects.get(username=name)
    assert isinstance(found, User)
    return found


def tale() -> Tale:
    people = {each.username: each for each in User.objects.examples()}
    return Tale(today=TODAY, now=NOW, people=people)


def walked_cases() -> dict[str, str]:
    """Cases at `implementing`, with nothing done there: all of its gate is missing."""
    told, found = tale(), {}
    days = [TOLD_ON - timedelta(days=300 - 30 * n) for n in range(6)]
    first = {
        "left": days[0],
        "declare": {"decile_1_4_share": "48 %", "typology": "rural"},
    }
    for key, code in WALKED.items():
        item = {
            "key": key,
            "programme": "lab",
            "template": "village",
            "title": f"Desa {addressed(code).name}",
            "place": code,
            "opened": days[0],
            "by": "ratna",
            "helpers": ["siti"],
            "steps": [first, *({"left": day} for day in days[1:])],
        }
        found[key] = str(tell(item, told).uid)
    return found


def many_cases() -> None:
    """300 cases of one officer, and one with a title of 200 letters."""
    lab, asep = Programme.objects.get(code="lab"), user("sukabumi")
    villages = Place.objects.in_force().filter(path__startswith="ID.32.02.", level=4)
    for number, village in enumerate(villages.order_by("path")[:300]):
        title = LONG_TITLE[:200] if number == 0 else ""
        open_case(lab, title, village, asep, TODAY - timedelta(days=number))


def open_case(
    programme: Programme, title: str, place: Place, by: User, on: date
) -> Case:
    return actions.open_case(
        programme=programme,
        template="village",
        title=title,
        place=place,
        responsible=by,
        on=on,
        by=by,
        is_example=True,
    )


def long_village() -> str:
    """A village of the 300 gets a name of 60 letters."""
    village = Case.objects.get(title=LONG_TITLE[:200].strip()).places.get().place
    Place.objects.filter(pk=village.pk).update(name=LONG_VILLAGE)
    return village.code


def passwords() -> dict[str, str]:
    """Three with a password: one has nothing else, one codes from a phone, one no mandate."""
    ani = user("ani")
    post = Post(
        role=Role.objects.get(code="forum_member"),
        place=addressed("33.26"),
        starts_on=TODAY,
    )
    newcomer = accounts.Newcomer("Tono Baru", "tono", is_example=True)
    tono, secret = accounts.invite_user(newcomer=newcomer, post=post, by=ani, now=NOW)
    accounts.end_mandate(
        mandate=tono.mandates.get(), reason="Pindah tugas", by=ani, now=NOW
    )
    accounts.use_link(secret=secret, password=PASSWORD, now=NOW)
    for name in ("ratna", "jateng"):
        secret = accounts.make_reset_link(person=user(name), by=ani, now=NOW)
        accounts.use_link(secret=secret, password=PASSWORD, now=NOW)
    TOTP.activate(user("jateng"), TOTP_SECRET)
    RecoveryCodes.activate(user("jateng"))
    give_key(user("jateng"), "Ponsel kantor")
    accounts.make_token(
        label="Lembar kerja Bappeda",
        until=NOW + timedelta(days=30),
        by=user("ratna"),
        now=NOW,
    )
    link = accounts.make_reset_link(person=user("fajar"), by=ani, now=NOW)
    return {"link": link, "tono": str(tono.uid)}


def start(name: str, content: bytes, period: str, kind: str = "classes") -> Import:
    return imports.start_import(
        kind=kind,
        upload=SimpleUploadedFile(name, content, "text/csv"),
        sheet="",
        parameters={
            "scheme": "village_colour",
            "indicator": "decile_1_4_share",
            "period": period,
            "per_cent": True,
            "source_title": "Contoh untuk uji peramban",
            "source_url": "",
            "cut_off_on": "",
            "codes": "kemendagri",
            "is_example": True,
        },
        place=addressed("33.26"),
        by=user("ratna"),
        now=NOW,
    )


GOOD = b"kode_desa,nama_desa,kelas\n33.26.02.2001,,merah\n33.26.02.2002,,kuning\n"
BAD = GOOD + b"33.26.02.9999,Tidak Ada,hijau\n33.26.02.2003,,ungu\n33.26.02.2004,,\n"
NAMED = b"nama_desa,kelas\nMulyorejo,merah\nBotosar,kuning\nKlesem,hijau\n"


def told_runs() -> dict[str, str]:
    """The demonstration's own runs: one that counts, one that waits, both compared."""
    accepted = Run.objects.get(rule="village_colour_cut_offs")
    waiting = Run.objects.get(rule="village_colour_ranks")
    beside = f"?kiri=hitungan:{accepted.uid}&kanan=hitungan:{waiting.uid}"
    return {
        "accepted": str(accepted.uid),
        "waiting": str(waiting.uid),
        "beside": beside,
    }


def started_imports() -> dict[str, str]:
    """One import in each state."""
    found = {
        "waiting": start("kelas-2016.csv", BAD, "2016"),
        "accepted": start("kelas-2015.csv", GOOD, "2015"),
        "undone": start("kelas-2014.csv", GOOD, "2014"),
        "rejected": start("kelas-2013.csv", BAD, "2013"),
        "doubtful": start("kelas-2011.csv", NAMED, "2011"),
        "failed": start("surat.csv", b"Yth. Bapak Camat\n", "2012"),
    }
    by, now = user("ratna"), NOW
    imports.accept_import(of=found["accepted"], by=by, now=now)
    imports.accept_import(of=found["undone"], by=by, now=now)
    imports.undo_import(of=found["undone"], by=by, now=now)
    imports.reject_import(of=found["rejected"], by=by, now=now)
    return {state: str(each.uid) for state, each in found.items()}


def held_cases() -> Iterator[tuple[str, str]]:
    """A closed case and a stopped one, beside those of the story."""
    for state in Case.State.values:
        case = Case.objects.filter(state=state).first()
        if case:
            yield state, str(case.uid)


def story() -> dict[str, Any]:
    """Objects of the demonstration that addresses name."""
    botosari = Case.objects.get(title="Desa Botosari", programme__code="lab")
    papers = botosari.evidence.select_related("evidence__file")
    photo = papers.filter(evidence__file__media_type__startswith="image/")[0]
    siti = user("siti")
    override = botosari.decisions.get(about="override")
    return {
        "case": str(botosari.uid),
        "ready": str(Case.objects.get(title="Desa Mulyorejo, Tirto").uid),
        "stuck": str(Case.objects.get(title="Desa Kertijayan").uid),
        "decision": str(override.uid),
        "attached": str(papers.filter(step=botosari.step)[0].uid),
        "evidence": str(photo.evidence.uid),
        "person": str(siti.uid),
        "mandate": str(siti.mandates.in_force(TODAY).order_by("pk")[0].uid),
        "windurojo": str(Case.objects.get(title="Desa Windurojo").uid),
        "pack": [
            [p.pack.code, p.pack.version]
            for p in Programme.objects.select_related("pack")
        ],
        "states": dict(held_cases()),
        "job": str(Job.objects.filter(asked_by=user("ratna"))[0].uid),
    }


def questions() -> dict[str, str]:
    """One question that waits for Ratna, and one that she answered."""
    keys = {"tempat": "33.26", "indikator": "poor_share"}
    found = {}
    for state, period in (("open", "2019"), ("answered", "2016")):
        by = user("siti")
        figure = certify(address("nilai", keys | {"periode": period}), by, TODAY)
        assert figure is not None
        asked = ask_question(
            figure=figure,
            text="Di Susenas angkanya lebih rendah dari ini.",
            believed="9,5 %",
            by=by,
            now=NOW,
            on=TODAY,
        )
        found[state] = asked
    answer_question(
        question=found["answered"],
        state="stands",
        answer="Angka ini dari tabel BPS yang terbit; Susenas mentah belum berbobot.",
        by=user("ratna"),
        now=NOW,
    )
    return {state: str(asked.uid) for state, asked in found.items()}


def outlined() -> None:
    """Boundaries of Paninggaran's villages but one: invented squares in a row."""
    villages = Place.objects.in_force().filter(parent__code="33.26.02").order_by("code")
    rows = [
        feature(square(n % 4, n // 4), code=village.code)
        for n, village in enumerate(villages[1:])
    ]
    with tempfile.TemporaryDirectory() as folder:
        plan = preview(read_geojson(write(Path(folder), rows)))
    about = About("Contoh untuk uji peramban", "CC0-1.0", "2025")
    accept_boundaries(plan=plan, about=about, by=user("ani"), now=NOW)


def furnish() -> dict[str, Any]:
    with translation.override("id"):
        found = {
            "imports": started_imports(),
            "runs": told_runs(),
            "walked": walked_cases(),
            **passwords(),
        }
        many_cases()
        outlined()
        found["questions"] = questions()
        return found | story() | {"long": long_village()}


if __name__ == "__main__":
    print(json.dumps(furnish()))  # noqa: T201  # the test that called reads it
