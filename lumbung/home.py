"""The folder an installation lives in: keys, database, evidence, logs."""

import hashlib
import json
import os
import re
import secrets
from pathlib import Path


def home() -> Path:
    """Where this installation lives: `LUMBUNG_HOME`, else `./lumbung-data`."""
    return Path(os.environ.get("LUMBUNG_HOME", "lumbung-data")).resolve()


def whole(name: str, otherwise: int, *, least: int = 0) -> int:
    """The whole number that the environment sets as `name`."""
    text = os.environ.get(name, str(otherwise))
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < least:
        raise SystemExit(f"{name} is {text!r}. Write a whole number from {least} on.")
    return int(text)


def keys(folder: Path) -> dict[str, str]:
    """Return the installation's keys, or throw-away ones where `init` has not run.

    They live outside the database in a file that only its owner can read, so a
    copy of the database alone gives no secrets away.
    """
    path = folder / "keys.json"
    try:
        found: dict[str, str] = json.loads(path.read_text())
        return {"django": found["django"]} | found
    except (FileNotFoundError, NotADirectoryError):
        return {"django": secrets.token_urlsafe(50)}
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise SystemExit(
            f"{path} holds no keys that can be read: {error}. Put back your copy of it,"
            " or say where the installation is: LUMBUNG_HOME=/path"
        ) from error


def key_id(name: str, secret: str) -> str:
    """What a ciphertext carries and a backup names: tells a key, gives nothing away.

    >>> key_id("django", "abc")
    'django.af15900b7f1d5d08'
    """
    digest = hashlib.sha256(f"lumbung key\0{name}\0{secret}".encode()).hexdigest()
    return f"{name}.{digest[:16]}"


def make_keys(folder: Path) -> None:
    """Write fresh keys into `folder`, unless it has some already."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "keys.json"
    if path.exists():
        return
    fresh = {"django": secrets.token_urlsafe(50)}
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
    ) as f:
        json.dump(fresh, f)
