"""The folder an installation lives in: keys, database, evidence, logs."""

import hashlib
import json
import os
import secrets
import tempfile
from pathlib import Path


def home() -> Path:
    """Where this installation lives: `LUMBUNG_HOME`, else `./lumbung-data`."""
    return Path(os.environ.get("LUMBUNG_HOME", "lumbung-data")).resolve()


def keys(folder: Path) -> dict[str, str]:
    """Return the installation's keys, or throw-away ones where `init` has not run.

    They live outside the database in a file that only its owner can read, so a
    copy of the database alone gives no secrets away.
    """
    try:
        found: dict[str, str] = json.loads((folder / "keys.json").read_text())
    except FileNotFoundError:
        return {"django": secrets.token_urlsafe(50)}
    return found


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


def write_safely(path: Path, data: bytes) -> None:
    """Write a file that is whole or not there, also after a power cut; mode 600."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
