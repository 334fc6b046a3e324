"""Answers kept for a day, so that a request sent twice happens once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from lumbung.accounts.models import KeptAnswer, User
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal

KEPT = timedelta(hours=24)


class KeyUsed(Refusal):
    code = "idempotency_key_used"


@dataclass(frozen=True)
class Sent:
    """A request under its key; `digest` is of all that it asks for."""

    user: User
    key: str
    digest: str
    now: datetime


def find(sent: Sent) -> KeptAnswer | None:
    """What an equal request was answered, if it was; another one is refused."""
    kept = KeptAnswer.objects.filter(
        user=sent.user, key=sent.key, made_at__gt=sent.now - KEPT
    ).first()
    return matching(kept, sent) if kept else None


def claim(sent: Sent) -> KeptAnswer:
    """Take the key for this request, or find what an equal one was answered.

    Call it inside the transaction that does the deed. Of two equal requests at once
    the second waits here until the first is done: on PostgreSQL at the unique
    constraint, on SQLite because there is one writer. Where the first is refused its
    transaction leaves nothing, and the key is free again.
    """
    mine = KeptAnswer.objects.filter(user=sent.user, key=sent.key)
    mine.filter(made_at__lte=sent.now - KEPT).delete()
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(
                user=sent.user, key=sent.key, digest=sent.digest, made_at=sent.now
            )
    except IntegrityError:
        return matching(mine.get(), sent)


def matching(kept: KeptAnswer, sent: Sent) -> KeptAnswer:
    if kept.digest != sent.digest:
        raise KeyUsed(
            Message("This Idempotency-Key was used for another request."),
            mend=Message("Send a new key with each new request."),
            field="Idempotency-Key",
        )
    return kept


def forget_old(now: datetime) -> int:
    """Drop the answers that are older than a day, and return how many."""
    return KeptAnswer.objects.filter(made_at__lte=now - KEPT).delete()[0]
