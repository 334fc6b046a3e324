"""What is encrypted at rest, under keys that live outside the database.

A ciphertext begins with the id of its key, so that keys can be changed, a missing one
named, and a backup can say which keys it needs without having them. A key that is no
longer in use stays in `keys.json` under another name for as long as something needs it.
"""

import base64
import hashlib
from collections import Counter

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from lumbung.core.finding import Finding, Proof
from lumbung.core.message import Message, Plural
from lumbung.home import key_id, keys

NAME = "django"


class KeyMissing(LookupError):
    """A ciphertext names a key that is not in `keys.json`."""


def ring() -> dict[str, str]:
    """The keys there are, by id; the one in use first."""
    found = {key_id(NAME, settings.SECRET_KEY): settings.SECRET_KEY}
    for name, secret in keys(settings.HOME).items():
        # A key keeps its id when it is put aside as `django-2026`.
        found.setdefault(key_id(name.partition("-")[0], secret), secret)
    return found


def encrypt(text: str) -> str:
    return f"{key_id(NAME, settings.SECRET_KEY)}:{fernet(settings.SECRET_KEY, text)}"


def fernet(secret: str, text: str) -> str:
    return cipher(secret).encrypt(text.encode()).decode()


def decrypt(ciphertext: str) -> str:
    """Return the text; `KeyMissing` without its key, `InvalidToken` where it is broken."""
    named, _, token = ciphertext.partition(":")
    # Before keys had ids, a ciphertext carried the name alone.
    secret = settings.SECRET_KEY if named == NAME else ring().get(named)
    if secret is None:
        raise KeyMissing(named)
    return cipher(secret).decrypt(token.encode()).decode()


def cipher(secret: str) -> Fernet:
    derived = hashlib.sha256(b"lumbung second factor\0" + secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived.digest()))


def check() -> Proof:
    """Whether each ciphertext in the database can be read with the keys there are."""
    missing: Counter[str] = Counter()
    findings = list(key_file())
    count = 0
    for owner, ciphertext in ciphertexts():
        count += 1
        try:
            decrypt(ciphertext)
        except KeyMissing as error:
            missing[str(error)] += 1
        except InvalidToken:
            findings.append(unreadable(owner, ciphertext.partition(":")[0]))
    findings += [key_gone(named, each) for named, each in sorted(missing.items())]
    what = Plural("%(count)s secret.", "%(count)s secrets.", count=count)
    ids: dict[str, int | str] = {"secrets": count, "keys": ", ".join(ring())}
    return Proof("keys", what, findings, ids)


def ciphertexts() -> "list[tuple[str, str]]":
    """Whose they are, by uid, and what is encrypted: second factors, recovery codes."""
    rows = Authenticator.objects.filter(
        type__in=[Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    ).values_list("user__uid", "data")
    return [
        (str(uid), data[name])
        for uid, data in rows
        for name in ("secret", "seed")
        if name in data
    ]


def key_file() -> "list[Finding]":
    path = settings.HOME / "keys.json"
    if not path.exists():
        return [
            Finding(
                "keys_missing",
                Message("The installation has no file keys.json."),
                Message("Put it back from where it was kept apart from the backups."),
            )
        ]
    if path.stat().st_mode & 0o077:
        return [
            Finding(
                "keys_open",
                Message("Others on this machine may read keys.json."),
                Message("Close it: chmod 600 %(path)s", path=str(path)),
            )
        ]
    return []


def key_gone(named: str, count: int) -> Finding:
    return Finding(
        "key_gone",
        Plural(
            "%(count)s secret needs key %(key)s, which keys.json does not have.",
            "%(count)s secrets need key %(key)s, which keys.json does not have.",
            count=count,
            key=named,
        ),
        Message(
            "Put that key back into keys.json. If it is lost, take the lost phone off"
            " each account: lumbung user reset USERNAME --phone"
        ),
    )


def unreadable(owner: str, named: str) -> Finding:
    return Finding(
        "secret_unreadable",
        Message(
            "The second factor of person %(uid)s cannot be read with key %(key)s: it"
            " was changed.",
            uid=owner,
            key=named,
        ),
        Message("Take it off the account: lumbung user reset USERNAME --phone"),
    )
