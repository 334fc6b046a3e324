"""Columns, and habits of rows, that more than one package needs."""

from typing import Any

from django.db import models
from uuid_utils.compat import uuid7


class UidField(models.UUIDField):  # type: ignore[type-arg]
    """The name a row has outside the database: a UUIDv7, so it sorts by birth.

    URLs, the API, exports and the audit trail speak uid; integer keys never
    leave the database.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"default": uuid7, "unique": True, "editable": False}
        super().__init__(*args, **kwargs)


class PathField(models.CharField):  # type: ignore[type-arg]
    """A place's ancestry by code, `ID.33.26.09.2005.`, compared byte by byte.

    One range on it finds all below: `>= 'ID.33.26.'` and `< 'ID.33.26/'`, since
    `/` follows `.` in ASCII. That needs byte order: SQLite's default (BINARY),
    and collation C on PostgreSQL. A test reads both query plans.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        super().__init__(*args, **kwargs)

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


def below(field: str, path: str) -> models.Q:
    """The rows whose `field` lies at `path` or anywhere below it."""
    return models.Q(**{f"{field}__gte": path, f"{field}__lt": path[:-1] + "/"})


class AppendOnly(models.Model):
    """A row that is written once: corrections are new rows that name the old one."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        assert self._state.adding, f"{type(self).__name__} is append-only"
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AssertionError(f"{type(self).__name__} is never deleted")
