"""Which cases a list shows and a figure counts: one reading of the same parameters.

Boards, tables and certificates ask in the same words, so their numbers are the same.
"""

from collections.abc import Mapping
from datetime import date

from lumbung.accounts.models import User
from lumbung.fields import below
from lumbung.places.models import Place
from lumbung.programmes.models import Case, CasePlace, CaseQuerySet

# program: its code; jenis: template; langkah: a step's id; posisi: its number;
# keadaan: a state, or `terbuka` for running and paused; macet: stuck only; wilayah: a
# place's code; letak=semua: any of a case's places lies there, not only the main one;
# orang=saya: whose one is responsible for.
PARAMETERS = (
    *("program", "jenis", "langkah", "posisi", "keadaan", "macet"),
    *("wilayah", "letak", "orang"),
)
OPEN = "terbuka"
ANYWHERE = "semua"
MINE = "saya"
FIELDS = {
    "program": "programme__code",
    "jenis": "template",
    "langkah": "step",
    "posisi": "position",
}


def asked_place(asked: Mapping[str, str]) -> Place | None:
    """The place in force that `wilayah` names."""
    code = asked.get("wilayah", "")
    return Place.objects.in_force().filter(code=code).first() if code else None


def counted(asked: Mapping[str, str], *, user: User, on: date) -> CaseQuerySet:
    """The cases that `asked` means, of those that `user` may see.

    A value that means nothing (an unknown place, a word for a number) finds no case:
    it must not count all of them.
    """
    cases = Case.objects.shown_to(user)
    for name, column in FIELDS.items():
        if value := asked.get(name):
            if name == "posisi" and not value.isdecimal():
                return cases.none()
            cases = cases.filter(**{column: value})
    if asked.get("macet"):
        cases = cases.stuck(on)
    if asked.get("orang") == MINE:
        cases = cases.filter(responsible=user)
    return in_place(in_state(cases, asked.get("keadaan", "")), asked)


def in_state(cases: CaseQuerySet, state: str) -> CaseQuerySet:
    if state == OPEN:
        return cases.filter(state__in=[Case.State.RUNNING, Case.State.PAUSED])
    return cases.filter(state=state) if state else cases


def in_place(cases: CaseQuerySet, asked: Mapping[str, str]) -> CaseQuerySet:
    if not asked.get("wilayah"):
        return cases
    place = asked_place(asked)
    if place is None:
        return cases.none()
    if asked.get("letak") == ANYWHERE:
        here = CasePlace.objects.filter(below("path", place.path))
        return cases.filter(pk__in=here.values("case"))
    return cases.mainly_in(place)
