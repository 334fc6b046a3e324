"""Verbs of evidence: put in, and take back."""

from datetime import date
from typing import IO, Any

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from lumbung.accounts import audit
from lumbung.accounts.models import User
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.evidence import store
from lumbung.evidence.models import Evidence, EvidenceLocation
from lumbung.places.models import Place


class MayNotAdd(Refusal):
    code = "may_not_add_evidence"
    status = 403


class FromTheFuture(Refusal):
    code = "evidence_from_the_future"


class MayNotVoid(Refusal):
    code = "may_not_void_evidence"
    status = 403


class VoidedAlready(Refusal):
    code = "evidence_voided_already"


class ReasonMissing(Refusal):
    code = "reason_missing"


def add_evidence(
    *,
    upload: "File[Any] | IO[bytes] | store.Kept",
    title: str,
    place: Place,
    programme: str = "",
    dated_on: date,
    by: User,
) -> Evidence:
    """Keep a photo or PDF as proof: the file first, safely, then its row.

    Looking into a large photo takes up to a second. Inside a longer transaction,
    call `store.take_in(upload)` before it and hand over what that returns.
    """
    if not by.may("evidence.add", place, programme):
        raise MayNotAdd(
            Message(
                "Your mandate does not let you add evidence in %(place)s.",
                place=place.name,
            )
        )
    if dated_on > timezone.localdate():
        raise FromTheFuture(
            Message("%(day)s lies in the future.", day=dated_on),
            mend=Message("Give the day on the paper, or the day of the photo."),
            field="dated_on",
        )
    kept = upload if isinstance(upload, store.Kept) else store.take_in(upload)
    with transaction.atomic():
        evidence = Evidence.objects.create(
            file=store.row_of(kept),
            title=title.strip()[:200] or kept.name[:200],
            file_name=kept.name[-200:],
            place=place,
            programme=programme,
            dated_on=dated_on,
            by=by,
            at=timezone.now(),
        )
        if kept.found.location:
            latitude, longitude = kept.found.location
            EvidenceLocation.objects.create(
                evidence=evidence, latitude=latitude, longitude=longitude
            )
        audit.record(
            "add_evidence",
            by=by,
            on=evidence,
            place=place,
            programme=programme,
            after={
                "title": evidence.title,
                "dated_on": dated_on,
                "sha256": kept.sha256,
                "media_type": kept.found.media_type,
            },
        )
    return evidence


@transaction.atomic
def void_evidence(*, evidence: Evidence, reason: str, by: User) -> Evidence:
    """Take evidence back, with a reason. It stays to be seen and proves nothing."""
    own = evidence.by_id == by.pk and by.may(
        "evidence.add", evidence.place, evidence.programme
    )
    if not own and not by.may("case.move", evidence.place, evidence.programme):
        raise MayNotVoid(
            Message(
                "Only %(who)s or who leads the cases here may take it back.",
                who=str(evidence.by),
            )
        )
    if not reason.strip():
        raise ReasonMissing(Message("Say why it is taken back."), field="reason")
    voided = Evidence.objects.standing().filter(pk=evidence.pk)
    if not voided.update(
        voided_by=by, voided_at=timezone.now(), void_reason=reason.strip()[:300]
    ):
        raise VoidedAlready(Message("It was taken back already."))
    evidence.refresh_from_db()
    audit.record(
        "void_evidence",
        by=by,
        on=evidence,
        place=evidence.place,
        programme=evidence.programme,
        before={"title": evidence.title},
        after={"reason": evidence.void_reason},
    )
    return evidence
