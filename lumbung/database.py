"""`DATABASE_URL` read into Django's form."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

MEND = (
    "Write sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, or leave it out for"
    " SQLite."
)
SQLITE: dict[str, Any] = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=%s;"
        " PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
    ),
}


def database(url: str, *, home: Path, synchronous: str = "FULL") -> dict[str, Any]:
    """Return Django's settings for `url`; '' is SQLite in `home`.

    Acknowledged means on disk, so SQLite runs with `synchronous=FULL`. `NORMAL`
    is quicker and survives a killed process, not a power cut.
    """
    if not url:
        url = f"sqlite:///{home / 'lumbung.sqlite3'}"
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError as error:
        raise SystemExit(f"DATABASE_URL cannot be read: {error}. {MEND}") from error
    if parts.scheme == "sqlite":
        options = SQLITE | {"init_command": SQLITE["init_command"] % synchronous}
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path)[1:],
            "OPTIONS": options,
            "CONN_MAX_AGE": 600,
        }
    if parts.scheme in {"postgres", "postgresql"} and parts.path.strip("/"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path)[1:],
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": port,
            "OPTIONS": dict(parse_qsl(parts.query)),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
        }
    raise SystemExit(
        f"DATABASE_URL starts with {parts.scheme!r} or has no NAME. {MEND}"
    )
