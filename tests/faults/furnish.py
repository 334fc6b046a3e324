"""Builds a small installation for the fault tests, in a process of its own.

Run with LUMBUNG_HOME at an empty folder: `python -m tests.faults.furnish WRITERS`. The
last line it prints is what the writers need, as JSON.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from lumbung.home import home, make_keys

make_keys(home())

import django  # noqa: E402

django.setup()

from django.contrib.auth import (  # noqa: E402
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
)
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from lumbung.accounts import actions  # noqa: E402
from lumbung.accounts.models import Ability, Role, User  # noqa: E402
from lumbung.conftest import ROLES, give, make_place, make_user  # noqa: E402
from lumbung.desk.installation import collect_static  # noqa: E402
from lumbung.imports.tests.verbs import indonesia  # noqa: E402
from lumbung.programmes.packs.actions import load_pack  # noqa: E402
from lumbung.programmes.tests import three_steps  # noqa: E402

VILLAGES = 40
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def build(writers: int) -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    collect_static()
    country = make_place("ID", "Indonesia")
    district = make_place(
        "33.26", "Kabupaten Pekalongan", make_place("33", "Jawa Tengah", country)
    )
    part = make_place("33.26.02", "Paninggaran", district)
    villages = [f"33.26.02.{2001 + n}" for n in range(VILLAGES)]
    for code in villages:
        make_place(code, f"Desa {code[-2:]}", part)
    for code, (rank, levels, abilities) in ROLES.items():
        role = Role.objects.create(
            code=code, name_id=code, name_en=code, rank=rank, levels=levels
        )
        Ability.objects.bulk_create(Ability(role=role, name=a) for a in abilities)
    officer = make_user("Ratna Dewi")
    give(officer, Role.objects.get(code="district_officer"), district)
    load_pack(folder=indonesia(), by=None)
    three_steps.load()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return {
        "tokens": [token(officer, n) for n in range(writers)],
        "session": session(officer),
        "villages": villages,
    }


def token(user: User, number: int) -> str:
    now = timezone.now()
    until = now + timedelta(days=9)
    return actions.make_token(label=f"w{number}", until=until, by=user, now=now)[1]


def session(user: User) -> str:
    """The cookie of somebody who signed in before the faults began."""
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = BACKEND
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    assert store.session_key
    return store.session_key


if __name__ == "__main__":
    print(json.dumps(build(int(sys.argv[1]))))  # noqa: T201
    assert Path(home()).exists()
