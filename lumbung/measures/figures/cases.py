"""Certificates of counts of cases: by programme, step, state, place; stuck ones."""

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from lumbung.accounts.models import User
from lumbung.core.message import Message, Text, Value
from lumbung.measures.figures.figure import (
    FIGURES,
    Address,
    Figure,
    Kind,
    Rows,
    Rule,
    digest,
)
from lumbung.places.models import Place
from lumbung.programmes.checks import STATES
from lumbung.programmes.counting import ANYWHERE, OPEN, PARAMETERS, asked_place, counted
from lumbung.programmes.models import Case, Programme
from lumbung.programmes.packs.pack import Template, pack_of


def certify(found: Address, user: User, on: date) -> Figure | None:
    """How many cases, of those the reader may see, fit what the address says."""
    asked = dict(found.keys)
    place = asked_place(asked)
    programme = Programme.objects.filter(code=found.get("program")).first()
    if found.get("wilayah") and place is None:
        return None
    if found.get("program") and programme is None:
        return None
    cases = counted(asked, user=user, on=on)
    uids = list(cases.values_list("uid", flat=True))
    said = narrowing(asked, programme, place)
    return Figure(
        address=found,
        title=Message("Cases: %(which)s", which=joined(said))
        if said
        else Message("All cases that you may see"),
        value=len(uids),
        meaning=Message(
            "Cases (dossiers) that your mandates let you see. Somebody with other"
            " mandates may count others."
        ),
        formula=Message(
            "Counted on %(day)s: %(count)s cases.", day=on, count=len(uids)
        ),
        counts=Message("cases"),
        place=place,
        programme=found.get("program"),
        is_example=cases.filter(is_example=True).exists(),
        is_reference=False,
        rule=rule_of(programme, found.get("jenis")) if programme else None,
        rows=Rows(len(uids), digest(uids), rows_url(found)),
        notes=notes(asked),
    )


def rows_url(found: Address) -> str:
    """The table of exactly these cases."""
    keys = [(key, value) for key, value in found.keys if key != "program"]
    code = found.get("program")
    table = reverse("desk:cases", args=[code]) if code else reverse("desk:all_cases")
    return f"{table}?{urlencode(keys)}"


def template_asked(programme: Programme, id: str) -> Template | None:
    return pack_of(programme.pack_id).templates.get(id)


def rule_of(programme: Programme, template: str) -> Rule:
    pack = pack_of(programme.pack_id)
    form = template_asked(programme, template)
    rule = pack.programmes[programme.code]
    named = form or rule
    return Rule(named.name, pack.code, pack.version, named.status)


def narrowing(
    asked: dict[str, str], programme: Programme | None, place: Place | None
) -> list[Value]:
    """What narrows the count, one thing after the other, in words."""
    said: list[Value] = []
    form = None
    if programme:
        said.append(pack_of(programme.pack_id).programmes[programme.code].name)
        form = template_asked(programme, asked.get("jenis", ""))
    if form:
        said.append(form.name)
    if step := asked.get("langkah"):
        named = next((s for s in form.steps if s.id == step), None) if form else None
        said.append(
            Message("step %(number)s, %(name)s", number=named.position, name=named.name)
            if named
            else step
        )
    if position := asked.get("posisi"):
        said.append(Message("step %(number)s", number=position))
    if state := asked.get("keadaan"):
        said.append(state_said(state))
    if asked.get("macet"):
        said.append(Message("stuck"))
    if asked.get("orang"):
        said.append(Message("for which you are responsible"))
    if place:
        said.append(place.name)
    return said


def state_said(state: str) -> Value:
    if state == OPEN:
        return Message("running or paused")
    return STATES[Case.State(state)] if state in STATES else state


def joined(parts: list[Value]) -> Value:
    """`a, b, c` as one message, each part said in the reader's language."""
    first, *others = parts
    found: Value = first
    for part in others:
        found = Message("%(these)s, %(this)s", these=found, this=part)
    return found


def notes(asked: dict[str, str]) -> list[Message | Text | str]:
    found: list[Message | Text | str] = []
    if asked.get("macet"):
        found.append(
            Message(
                "Stuck: running, and longer in one step than the pack of rules expects."
            )
        )
    if asked.get("wilayah"):
        anywhere = asked.get("letak") == ANYWHERE
        found.append(
            Message("Each case counts that has any of its places here.")
            if anywhere
            else Message("Each case counts where its main place is.")
        )
    return found


FIGURES["berkas"] = Kind(PARAMETERS, certify)
