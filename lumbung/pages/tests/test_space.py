"""No space left: said as such, whoever noticed it, and no reason to hide a page."""

import errno
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from lumbung.pages.caching import FolderCache
from lumbung.pages.space import is_full

handler500 = "lumbung.pages.views.broken"


def sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


def full(request: HttpRequest) -> HttpResponse:
    """A view whose database has no space, as Django reports it."""
    try:
        raise sqlite(sqlite3.SQLITE_FULL)
    except sqlite3.OperationalError as error:
        raise OperationalError("database or disk is full") from error


urlpatterns = [
    path("api/v1/full", full),
    path("full", full),
    path("", include("lumbung.urls")),
]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (OSError(errno.EACCES, "x"), False),
        (sqlite(sqlite3.SQLITE_FULL), True),
        (sqlite(sqlite3.SQLITE_IOERR_SHMSIZE), True),
        (sqlite(sqlite3.SQLITE_BUSY), False),
        (ValueError("database or disk is full"), False),
        (None, False),
    ],
)
def test_it_tells_a_full_disk_from_other_faults(
    error: BaseException | None, expected: bool
) -> None:
    assert is_full(error) is expected
    outer = OperationalError("x")
    outer.__cause__ = error
    assert is_full(outer) is expected


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_people_and_programs_hear_that_the_storage_is_full(client: Client) -> None:
    client.raise_request_exception = False
    page = client.get("/full")
    assert page.status_code == 507
    assert "Penyimpanan penuh" in page.content.decode()

    problem = client.get("/api/v1/full", headers={"Accept-Language": "en"})
    assert problem.status_code == 507
    assert problem.json()["code"] == "storage_full"
    assert problem.json()["title"] == "Storage is full"


class NoSpace(FolderCache):
    """The cache's folder on a full disk."""

    fault = 0

    def _createdir(self) -> None:
        if self.fault:
            raise OSError(self.fault, "x")


def test_a_cache_without_space_forgets_and_goes_on(tmp_path: Path) -> None:
    parameters: dict[str, Any] = {}
    FolderCache(str(tmp_path), parameters).set("map", "old")
    cache = NoSpace(str(tmp_path), parameters)
    cache.fault = errno.ENOSPC
    cache.set("map", "new")

    assert cache.get("map") is None
    cache.fault = errno.EACCES
    with pytest.raises(PermissionError):
        cache.set("map", "new")
