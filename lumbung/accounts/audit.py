"""The trail: each verb that writes work rows says here what it did."""

import re
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from lumbung.accounts.models import Event, User
from lumbung.core.message import Message, from_json, to_json
from lumbung.core.seal import erased_commitment
from lumbung.pages import requests
from lumbung.places.models import Place
from lumbung.words import say

# What each verb is called when people read the trail. A test holds it complete.
VERBS = {
    "invite_user": Message("invited a person"),
    "give_mandate": Message("gave a mandate"),
    "end_mandate": Message("ended a mandate"),
    "hand_over_mandate": Message("handed a mandate over"),
    "make_reset_link": Message("made a one-time link"),
    "use_link": Message("set a password with a one-time link"),
    "deactivate_user": Message("deactivated a person"),
    "reactivate_user": Message("reactivated a person"),
    "remove_second_factor": Message("took a lost phone off an account"),
    "first_administrator": Message("registered the first administrator"),
    "recognise": Message("recognised somebody from another service"),
    "link_openid": Message("linked an account of another service"),
    "unlink_openid": Message("unlinked accounts of other services"),
    "make_token": Message("made an API token"),
    "revoke_token": Message("revoked an API token"),
    "accept_history": Message("accepted that an older copy was put back"),
    "load_pack": Message("loaded a pack"),
    "adopt_pack_version": Message("put newer rules in force for a programme"),
    "take_up_pack": Message("took a case over to newer rules"),
    "open_case": Message("opened a case"),
    "move_case": Message("moved a case"),
    "override_gate": Message("passed a gate by decision"),
    "pause_case": Message("paused a case"),
    "resume_case": Message("resumed a case"),
    "stop_case": Message("stopped a case"),
    "reopen_case": Message("reopened a case"),
    "hand_over_case": Message("handed a case over"),
    "record_decision": Message("recorded a decision"),
    "attach_evidence": Message("attached evidence"),
    "detach_evidence": Message("detached evidence"),
    "declare_fact": Message("declared a fact"),
    "add_evidence": Message("put evidence in"),
    "void_evidence": Message("took evidence back"),
    "back_up": Message("backed everything up"),
    "ask_for_export": Message("took a territory's data out"),
    "start_import": Message("uploaded a file to import"),
    "choose_places": Message("said which places names in a file mean"),
    "accept_import": Message("accepted an import"),
    "reject_import": Message("rejected an import"),
    "undo_import": Message("undid an import"),
    "expire_import": Message("let an import expire"),
    "accept_boundaries": Message("put boundaries on the maps"),
    "start_run": Message("put places into classes"),
    "repeat_run": Message("computed classes again"),
    "ask_question": Message("asked about a number"),
    "pass_question": Message("passed a question on"),
    "inherit_question": Message("gave the question of somebody who left to another"),
    "answer_question": Message("answered a question"),
}
# What changed, in words. A name that is not here is shown as it is.
NAMES = {
    "active": Message("active"),
    "answer": Message("answer"),
    "case": Message("case"),
    "cases": Message("cases"),
    "choices": Message("places chosen"),
    "dated_on": Message("date of the document"),
    "doubtful": Message("decided by hand"),
    "due_on": Message("due"),
    "edition": Message("edition"),
    "email": Message("e-mail"),
    "ended": Message("places that ended"),
    "ends_on": Message("last day"),
    "faults": Message("faults"),
    "file": Message("file"),
    "gone": Message("codes that are gone"),
    "head": Message("head of the trail"),
    "kind": Message("kind"),
    "label": Message("name"),
    "labels": Message("labels"),
    "licence": Message("licence"),
    "mandates": Message("mandates"),
    "maps": Message("maps"),
    "media_type": Message("kind of file"),
    "merged": Message("places that took in another"),
    "moved": Message("places with another code"),
    "name": Message("name"),
    "new": Message("new rows"),
    "new_subdistricts": Message("new sub-districts"),
    "new_villages": Message("new villages"),
    "on": Message("day"),
    "opened": Message("places that began"),
    "outlines": Message("places with a boundary"),
    "pack": Message("rules"),
    "period": Message("period"),
    "person": Message("person"),
    "place": Message("place"),
    "programme": Message("programme"),
    "purpose": Message("purpose"),
    "question": Message("question"),
    "reason": Message("reason"),
    "removed": Message("removed"),
    "renamed": Message("places renamed"),
    "requirement": Message("evidence asked for"),
    "respelled": Message("places spelled another way"),
    "responsible": Message("responsible"),
    "result": Message("result"),
    "revised": Message("changed rows"),
    "role": Message("role"),
    "rule": Message("rule"),
    "run": Message("run"),
    "same": Message("the same"),
    "sha256": Message("fingerprint"),
    "skipped": Message("faulty rows, left out"),
    "source": Message("source"),
    "split": Message("places divided"),
    "starts_on": Message("first day"),
    "state": Message("state"),
    "step": Message("step"),
    "title": Message("title"),
    "until": Message("until"),
    "value": Message("value"),
}

FINGERPRINT = re.compile("[0-9a-f]{64}")  # its beginning is enough to recognise it
# Words for values that are stored as codes.
VALUES = {
    "running": Message("running"),
    "paused": Message("paused"),
    "stopped": Message("stopped"),
    "closed": Message("closed"),
    "approved": Message("approved"),
    "rejected": Message("rejected"),
    "deferred": Message("deferred"),
    "open": Message("open"),
    "corrected": Message("corrected"),
    "stands": Message("the number stands"),
    "observations": Message("numbers of places"),
    "classes": Message("classes of places"),
    "yes": Message("yes"),
    "no": Message("no"),
    "application/pdf": Message("PDF"),
    "image/jpeg": Message("photo"),
    "image/png": Message("photo"),
    "image/webp": Message("photo"),
}


def record(
    verb: str,
    *,
    by: User | None,
    on: models.Model,
    place: Place | None,
    programme: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Event:
    """Write one event: `by` did `verb` to the row `on`, whose values changed so.

    Call it inside the verb's transaction, so that both are written or neither.
    `before` and `after` hold only what changed; values of restricted columns never
    come here (say "changed"). An import is one event, not one for each row.
    """
    return Event.objects.create(
        at=timezone.now(),
        by=by,
        door=requests.door.get(),
        verb=verb,
        table=on._meta.label_lower,
        row=getattr(on, "uid", None),
        place=place,
        programme=programme,
        before=plain(before),
        after=plain(after),
    )


def plain(values: dict[str, Any] | None) -> dict[str, Any] | None:
    """Values as JSON; rows by what they call themselves."""
    if values is None:
        return None
    return {
        key: str(value) if isinstance(value, models.Model) else to_json(value)
        for key, value in values.items()
    }


@dataclass(frozen=True)
class Change:
    """One value that an event changed, in words."""

    name: str
    before: str
    after: str


def said(event: Event) -> str:
    """What was done, in the reader's language."""
    return say(VERBS[event.verb]) if event.verb in VERBS else event.verb


def changes(event: Event) -> list[Change]:
    before, after = event.before or {}, event.after or {}
    return [
        Change(
            say(NAMES[key]) if key in NAMES else key,
            value_said(before.get(key)),
            value_said(after.get(key)),
        )
        for key in sorted({*before, *after})
        if before.get(key) is not None or after.get(key) is not None
    ]


def value_said(data: Any) -> str:
    """A stored value as people read it: 6 Februari 2020, ya, Botosari."""
    if isinstance(data, bool):
        return say(Message("yes") if data else Message("no"))
    if isinstance(data, list):
        return ", ".join(value_said(each) for each in data)
    if erased_commitment(data):
        return say(Message("(erased)"))
    value = from_json(data)
    if isinstance(value, str) and FINGERPRINT.fullmatch(value):
        return f"{value[:12]}…"
    return say(VALUES.get(value, value) if isinstance(value, str) else value)
