"""Who a personal key to the API belongs to."""

from datetime import datetime, timedelta

from lumbung.accounts import secrets
from lumbung.accounts.models import ApiToken, User

# Noting each use would make every read of the API a write.
NOTED_EVERY = timedelta(hours=1)


def authenticate(secret: str, *, now: datetime) -> User | None:
    """Return whose key `secret` is, or None where it opens nothing any more.

    The lookup is by digest, so its time says nothing about the secret.
    """
    tokens = ApiToken.objects.select_related("user")
    token = tokens.filter(
        digest=secrets.digest(secret), revoked_at=None, expires_at__gt=now
    ).first()
    if token is None or not token.user.is_active:
        return None
    if token.used_at is None or token.used_at <= now - NOTED_EVERY:
        token.used_at = now
        token.save(update_fields=["used_at"])
    return token.user
