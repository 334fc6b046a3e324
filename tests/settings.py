"""The project's settings, with what makes tests quick and apart from real data."""

import os
import tempfile
from pathlib import Path

os.environ["LUMBUNG_HOME"] = tempfile.mkdtemp(prefix="lumbung-test-")

from lumbung.settings import *  # noqa: E402, F403

HOME = Path(os.environ["LUMBUNG_HOME"])
SECRET_KEY = "only for tests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file as in use, not memory: threads that share a memory database lock it.
    DATABASES["default"]["TEST"] = {"NAME": HOME / "test.sqlite3"}  # noqa: F405
CACHES = {
    name: {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": name,
    }
    for name in ("default", "pages")
}
STORAGES = {
    "default": {
        "BACKEND": "lumbung.evidence.storage.DurableStorage",
        "OPTIONS": {"location": HOME / "evidence"},
    },
    # Rows that runs read and labels they gave, named by their digest.
    "snapshots": {
        "BACKEND": "lumbung.evidence.storage.DurableStorage",
        "OPTIONS": {"location": HOME / "snapshots"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
