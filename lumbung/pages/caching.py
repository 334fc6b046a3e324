"""The cache in the installation's folder."""

from contextlib import suppress
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

from lumbung.pages.space import is_full


class FolderCache(FileBasedCache):
    """Files that all processes share. A full disk is no reason not to show a page."""

    def set(
        self,
        key: Any,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        try:
            super().set(key, value, timeout, version)
        except OSError as error:
            # Without space its folder may not be there, either.
            if not is_full(error) and not isinstance(error, FileNotFoundError):
                raise
            self.delete(key, version)  # rather nothing than what was true before

    def _createdir(self) -> None:
        with suppress(OSError):
            super()._createdir()  # type: ignore[misc]
