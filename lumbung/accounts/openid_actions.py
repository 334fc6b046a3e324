"""Who comes in by OpenID Connect: only people who were invited here."""

from datetime import datetime

from django.db import transaction

from lumbung.accounts import audit
from lumbung.accounts.models import OpenIdLink, User
from lumbung.accounts.openid import Somebody
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal


class NotInvited(Refusal):
    code = "openid_not_invited"
    status = 403


class AddressNotVerified(Refusal):
    code = "openid_address_not_verified"
    status = 403


class Deactivated(Refusal):
    code = "openid_deactivated"
    status = 403


class LinkedElsewhere(Refusal):
    code = "openid_linked_elsewhere"


ASK = Message("Ask your officer for an invitation, or sign in with your password.")


@transaction.atomic
def recognise(*, somebody: Somebody, now: datetime) -> User:
    """The person that the provider named: linked before, or by a verified address.

    An address is believed only where the provider verified it; the first time links
    the two, so that a later change of address changes nothing.
    """
    links = OpenIdLink.objects.select_related("user")
    link = links.filter(issuer=somebody.issuer, subject=somebody.subject).first()
    if link is not None:
        return active(link.user)
    if not somebody.email:
        raise AddressNotVerified(
            Message("Your e-mail address is not verified there."),
            mend=Message(
                "Verify it there; or sign in with your password and link the account."
            ),
        )
    person = User.objects.filter(email__iexact=somebody.email).first()
    if person is None:
        raise NotInvited(
            Message("Nobody with this address was invited here."), mend=ASK
        )
    return write(active(person), somebody, now)


@transaction.atomic
def link_openid(*, somebody: Somebody, by: User, now: datetime) -> User:
    """Link one's own account to the person at the provider, while signed in."""
    link = OpenIdLink.objects.filter(issuer=somebody.issuer, subject=somebody.subject)
    found = link.first()
    if found is not None and found.user_id != by.pk:
        raise LinkedElsewhere(Message("That account opens another account here."))
    return by if found else write(by, somebody, now)


@transaction.atomic
def unlink_openid(*, by: User) -> int:
    """Take all links of one's own account away."""
    removed, _ = OpenIdLink.objects.filter(user=by).delete()
    audit.record("unlink_openid", by=by, on=by, place=None, after={"removed": removed})
    return removed


def write(person: User, somebody: Somebody, now: datetime) -> User:
    OpenIdLink.objects.create(
        user=person, issuer=somebody.issuer, subject=somebody.subject, linked_at=now
    )
    audit.record("link_openid", by=person, on=person, place=None)
    return person


def active(person: User) -> User:
    if not person.is_active:
        raise Deactivated(Message("Your account is deactivated."), mend=ASK)
    return person
