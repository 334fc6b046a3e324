"""Where backups are kept, what they are called, and how many of them."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from lumbung.accounts import seals
from lumbung.archive import actions, files, manifest, schema
from lumbung.archive.actions import Measure
from lumbung.archive.container import discard, reading
from lumbung.archive.manifest import Manifest
from lumbung.core.refusal import Refusal
from lumbung.home import make_keys

NAME = re.compile(r"^lumbung-\d{4}-\d{2}-\d{2}-\d{6}\.zip$")


def dated(now: datetime) -> str:
    """
    >>> dated(datetime(2026, 11, 23, 4, 5, 6))
    'lumbung-2026-11-23-040506.zip'
    """
    return f"lumbung-{now:%Y-%m-%d-%H%M%S}.zip"


def default_folder() -> Path:
    return Path(settings.HOME) / "backups"


def destination(asked: Path | None, now: datetime) -> Path:
    """Where a backup goes: a dated file in a folder, or what was asked for."""
    if asked is None:
        return default_folder() / dated(now)
    return asked / dated(now) if asked.is_dir() else asked


def prune(folder: Path, keep: int) -> list[Path]:
    """Remove the older dated backups of this installation in `folder`, but for `keep`.

    What somebody named themselves, and what another installation made, stays.
    """
    here = files.known_installation(Path(settings.HOME))
    dated_ones = sorted(p for p in folder.iterdir() if NAME.match(p.name))
    ours = [path for path in dated_ones if maker(path) == here]
    old = ours[:-keep]
    for path in old:
        discard(path)
    return old


def maker(path: Path) -> str:
    """Which installation an archive comes from; '' where it cannot be read."""
    try:
        with reading(path) as reader:
            return manifest.read(reader).installation
    except Refusal:
        return ""


def looked_through(source: Path, progress: Measure) -> Manifest:
    with reading(source) as reader:
        return actions.look_through(reader, progress)


def make_home() -> None:
    """The folder to restore into; keys are put there by hand."""
    Path(settings.HOME).mkdir(mode=0o700, parents=True, exist_ok=True)


def make_keys_anew() -> None:
    """Keys for an installation whose own are lost, unless it has some."""
    make_keys(Path(settings.HOME))


def head(now: datetime) -> dict[str, Any] | None:
    """The head of the trail, sealed up to now; None where tables are older than us."""
    if not schema.is_current(connection):
        return None
    sealed = seals.seal(now)
    if sealed is None:
        return None
    return {
        "number": sealed.number,
        "digest": sealed.digest,
        "sealed_at": sealed.sealed_at.isoformat(),
        "total": sealed.total,
    }
