"""Files on this machine's disk, written so that a crash leaves no half file."""

from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from lumbung.disk import sync, write_whole


class DurableStorage(FileSystemStorage):
    """A folder whose files are either whole or not there, also after a power cut.

    A name that exists is written again: the names we keep are digests of what is
    in them, so the bytes are the same, and nobody can tell by the time it takes.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: "File[Any]") -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content.chunks())
        sync(path.parent.parent)  # its folder may be new as well
        return name
