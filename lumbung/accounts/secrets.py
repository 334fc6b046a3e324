"""Secrets that people carry: made to be read aloud and typed, kept as a digest."""

import hashlib
import secrets

# Crockford's letters: no I, L, O, U, so that nothing looks like a digit.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, SIZE = 4, 5  # 20 letters of 5 bits: 100 bits
MISREAD = str.maketrans("ILO", "110", "- ")


def make() -> str:
    """Return a fresh secret such as `7QKXM-0VJ3H-9TZRD-C4WPA`."""
    groups = (
        "".join(secrets.choice(LETTERS) for _ in range(SIZE)) for _ in range(GROUPS)
    )
    return "-".join(groups)


def digest(secret: str) -> str:
    """Return what is kept of a secret, however it was typed.

    100 random bits need no salt and no slow hash: nobody can try them all.

    >>> digest("7QKXM-0VJ3H-9TZRD-C4WPA") == digest(" 7qkxm ovj3h9tzrdc4wpa")
    True
    """
    return hashlib.sha256(secret.upper().translate(MISREAD).encode()).hexdigest()
