"""Which keys an installation has, by ids that give nothing of them away."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.home import keys


class KeysMissing(Refusal):
    code = "keys_missing"


def ids(folder: Path) -> dict[str, str]:
    """Each key's name and a fingerprint of it, by which it can be told again."""
    if not (folder / "keys.json").exists():
        return {}
    return {
        name: hashlib.sha256(f"lumbung key\0{name}\0{secret}".encode()).hexdigest()[:16]
        for name, secret in sorted(keys(folder).items())
    }


def refuse_missing(wanted: Mapping[str, str], folder: Path) -> None:
    """Refuse a folder that lacks a key with which something was encrypted."""
    here = ids(folder)
    missing = [name for name, id in wanted.items() if here.get(name) != id]
    if missing:
        raise KeysMissing(
            Message(
                "The keys of this backup are not in %(folder)s: %(names)s.",
                folder=str(folder),
                names=", ".join(missing),
            ),
            mend=Message(
                "Put the keys.json that was kept apart from the backup into this folder,"
                " then try again. If it is lost for good: --without-keys, and what is"
                " encrypted (such as second factors) stays unreadable."
            ),
        )
