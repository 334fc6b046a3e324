"""Every page of the URL table, as somebody who may open it.

A page that is added gets a line here, or one in `NO_PAGES`; the test says so.
"""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from tests.access import names
from tests.browser.conftest import World

# Answers that are no pages: files, JSON, redirects and what only takes a POST.
NO_PAGES = {
    "archive:download",
    *("pages:language", "pages:health", "desk:places", "programmes:evidence_file"),
    *("evidence:download", "evidence:thumbnail", "imports:template", "imports:faults"),
    *("runs:decide_run", "runs:repeat_run"),
    *("accounts:enter_demo", "accounts:revoke_token", "accounts:make_reset_link"),
    # Another service's doors: tests/browser has none; accounts/tests/test_openid.py does.
    *("accounts:openid_out", "accounts:openid_back", "accounts:openid_unlink"),
    *("measures:answer_question", "measures:pass_question"),
    *("accounts:reactivate_user", "accounts:remove_second_factor"),
    *("mfa_download_recovery_codes", "mfa_login_webauthn"),
    "mfa_reauthenticate",  # asks for a code where `account_reauthenticate` asks a password
}
CODED = "jateng+code"  # by password and code from a phone
HALF = "jateng+half"  # who has typed the password, and not yet the code


class Visit:
    """One address: who opens it, what it takes, and what it should answer."""

    def __init__(
        self,
        who: str = "ratna",
        query: str | Callable[[dict[str, Any]], str] = "",
        status: int = 200,
        **arguments: str | Callable[[dict[str, Any]], str],
    ) -> None:
        self.who = who
        self.query = query
        self.status = status
        self.arguments = arguments

    def path(self, name: str, world: World) -> str:
        given = {
            key: each if isinstance(each, str) else each(world.things)
            for key, each in self.arguments.items()
        }
        query = self.query if isinstance(self.query, str) else self.query(world.things)
        return reverse(name, kwargs=given) + query


def of(*keys: str) -> Callable[[dict[str, Any]], str]:
    """An argument that reads one of the furnished things."""

    def read(things: dict[str, Any]) -> str:
        found: Any = things
        for key in keys:
            found = found[key]
        return str(found)

    return read


BOTOSARI = of("case")
PLACES = ("ID", "33", "33.26", "33.26.02", "33.26.02.2008")
PROGRAMMES = ("lab", "kpel", "bdc", "pemk", "ksst")
PAGES: dict[str, list[Visit]] = {
    "documentation": [Visit()],
    "desk:home": [
        Visit(who)
        for who in ("ratna", "siti", "yusuf", "maria", "ani", "tono+password")
    ],
    "desk:place": [
        *(Visit(code=code) for code in PLACES),
        Visit("maria", code="32.02"),
        Visit("siti", query="?peta=batas", code="33.26.02"),
        Visit("siti", query="?tingkat=3", code="33.26"),
        Visit("maria", query="?tingkat=2", code="ID"),
        Visit("maria", code=of("long")),
        Visit(code="99.99", status=404),
    ],
    "desk:editions": [Visit(), Visit(query="?edisi=3.1.2")],
    "desk:search": [Visit(), Visit(query="?q=botosarri"), Visit(query="?q=zzzzzz")],
    "desk:programmes": [Visit("nasional"), Visit("tono+password")],
    "desk:board": [
        *(Visit("nasional", code=code) for code in PROGRAMMES),
        Visit("nasional", query="?jenis=self_help_group", code="bdc"),
        Visit("kampar", code="lab"),
    ],
    "desk:districts": [
        Visit("nasional", code="lab"),
        Visit("tono+password", code="lab"),
    ],
    "desk:cases": [Visit("nasional", code="lab"), Visit("tono+password", code="lab")],
    "desk:all_cases": [
        Visit(query="?wilayah=33.26&letak=semua"),
        Visit("tono+password"),
    ],
    "desk:open_case": [Visit(code="lab")],
    "desk:case": [
        Visit(uid=BOTOSARI),
        Visit("siti", uid=BOTOSARI),
        Visit("maria", query="?semua=1", uid=BOTOSARI),
        Visit(uid=of("ready")),
        Visit(uid=of("stuck")),
        Visit("maria", uid=of("states", "paused")),
        Visit("kampar", uid=BOTOSARI, status=404),
    ],
    "desk:packs": [Visit()],
    "desk:pack": [
        Visit(code=code, version="1.4") for code in ("indonesia", *PROGRAMMES)
    ],
    "measures:numbers": [
        Visit(),
        Visit("tono+password"),
        Visit("siti", query="?wilayah=33.26.02.2008"),
        Visit(query="?wilayah=33.26&tingkat=4&indikator=decile_1_4_share"),
        Visit(query="?wilayah=33.26&periode=1999&indikator=idm"),
        Visit(query="?wilayah=99.99", status=422),
    ],
    "measures:figure": [
        Visit(
            query="?tempat=33.26.02.2008&indikator=decile_1_4_share&periode=2017",
            kind="nilai",
        ),
        Visit(
            query="?tempat=33.26.02.2008&skema=village_colour&periode=2017",
            kind="kelas",
        ),
        Visit(
            "kampar",
            query="?tempat=33.26&skema=village_colour&periode=2017&tingkat=4&kelas=red",
            kind="jumlah-kelas",
        ),
        Visit(query="?program=lab&wilayah=33.26&macet=1", kind="berkas"),
        Visit(query="?tempat=33.26", status=404, kind="nilai"),
    ],
    "measures:ask_question": [
        Visit(
            "kampar",
            query="?tempat=33.26&indikator=poor_share&periode=2019",
            kind="nilai",
        ),
    ],
    "measures:questions": [Visit(), Visit("tono+password")],
    "measures:question": [
        Visit(uid=of("questions", "open")),
        Visit("siti", uid=of("questions", "open")),
        Visit("kampar", uid=of("questions", "answered")),
    ],
    "measures:figure_rows": [
        Visit(
            query="?tempat=33.26&skema=village_colour&periode=2017&tingkat=4&kelas=red",
            kind="jumlah-kelas",
        ),
        Visit(query="?tempat=33.26&tingkat=3", kind="tempat"),
    ],
    "work:jobs": [Visit(), Visit("yusuf")],
    "work:job": [Visit(uid=of("job"))],
    "programmes:move_case": [Visit(uid=BOTOSARI), Visit(uid=of("ready"))],
    "programmes:return_case": [Visit(uid=BOTOSARI)],
    "programmes:override_gate": [Visit(uid=BOTOSARI)],
    "programmes:record_decision": [Visit(uid=BOTOSARI)],
    "programmes:decision": [Visit(uid=BOTOSARI, decision_uid=of("decision"))],
    "programmes:attach_evidence": [Visit("siti", uid=BOTOSARI)],
    "programmes:detach_evidence": [Visit(uid=BOTOSARI, paper_uid=of("attached"))],
    "programmes:declare_fact": [Visit(uid=BOTOSARI, name="decile_1_4_share")],
    "programmes:hold_case": [
        Visit(uid=BOTOSARI, verb="jeda"),
        Visit("kampar", uid=of("states", "paused"), verb="lanjutkan"),
        Visit(uid=BOTOSARI, verb="buka-kembali"),
    ],
    "programmes:stop_case": [Visit(uid=BOTOSARI)],
    "programmes:hand_over_case": [Visit(uid=BOTOSARI)],
    "programmes:adopt_pack_version": [Visit("ani", code="lab")],
    "evidence:all": [Visit(), Visit("tono+password")],
    "evidence:evidence": [Visit(uid=of("evidence")), Visit("siti", uid=of("evidence"))],
    "evidence:void_evidence": [Visit("siti", uid=of("evidence"))],
    "imports:imports": [Visit(), Visit("siti")],
    "imports:upload": [Visit(kind="classes"), Visit(kind="observations")],
    "imports:review": [
        Visit(uid=of("imports", state))
        for state in ("waiting", "accepted", "undone", "rejected", "failed")
    ],
    "imports:names": [Visit(uid=of("imports", "doubtful"))],
    "imports:undo": [Visit(uid=of("imports", "accepted"))],
    "runs:runs": [Visit(), Visit("tono+password")],
    "runs:start_run": [Visit()],
    "runs:run": [
        Visit(uid=of("runs", "accepted")),
        Visit(uid=of("runs", "waiting")),
        Visit("kampar", uid=of("runs", "accepted")),
    ],
    "runs:compare": [Visit(), Visit(query=of("runs", "beside"))],
    "runs:open_cases": [
        Visit(uid=of("runs", "accepted")),
        Visit(query="?program=lab", uid=of("runs", "accepted")),
    ],
    "account_login": [Visit("")],
    "account_logout": [Visit()],
    "account_inactive": [Visit("")],
    "account_reauthenticate": [Visit("ratna+password")],
    "account_change_password": [Visit(), Visit("ratna+password")],
    "mfa_index": [Visit(), Visit(CODED)],
    "mfa_authenticate": [Visit(HALF)],
    "mfa_activate_totp": [Visit("ratna+password")],
    "mfa_deactivate_totp": [Visit(CODED)],
    "mfa_view_recovery_codes": [Visit(CODED)],
    "mfa_generate_recovery_codes": [Visit(CODED)],
    "mfa_list_webauthn": [Visit(), Visit(CODED)],
    "mfa_add_webauthn": [Visit("ratna+password")],
    "mfa_reauthenticate_webauthn": [Visit(CODED)],
    "mfa_edit_webauthn": [Visit(CODED, number="1")],
    "mfa_remove_webauthn": [Visit(CODED, number="1")],
    "usersessions_list": [Visit()],
    "accounts:account": [Visit(), Visit("tono+password")],
    "accounts:find_link": [Visit(""), Visit("", query="?secret=salah", status=422)],
    "accounts:use_link": [
        Visit("", secret=of("link")),
        Visit("", status=410, secret="AAAAA-BBBBB-CCCCC-DDDDD"),
    ],
    "accounts:make_token": [Visit()],
    "accounts:roles": [Visit()],
    "accounts:trail": [Visit(), Visit("siti"), Visit(query="?q=zzzz")],
    "accounts:people": [Visit(), Visit("maria"), Visit("siti", status=403)],
    "accounts:invite_user": [Visit()],
    "accounts:person": [Visit(uid=of("person")), Visit("maria", uid=of("person"))],
    "accounts:give_mandate": [Visit(uid=of("person"))],
    "accounts:end_mandate": [Visit(uid=of("mandate"))],
    "archive:export": [Visit(code="33.26")],
    "programmes:hand_over_mandate": [Visit(uid=of("mandate"))],
    "accounts:deactivate_user": [Visit(uid=of("person"))],
}


def visits() -> list[tuple[str, Visit]]:
    return [(name, visit) for name, each in PAGES.items() for visit in each]


def unlisted() -> set[str]:
    """Addresses that stand in neither table. The API answers JSON alone."""
    known = {name for name in names() if not name.startswith("api:")}
    return known ^ (set(PAGES) | NO_PAGES)
