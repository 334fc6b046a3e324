"""The bytes of evidence for pages and programs: attachments that cannot run."""

from collections.abc import Callable

from django.http import FileResponse, Http404, HttpResponseBase
from django.utils.text import slugify

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.evidence import store
from lumbung.evidence.models import Evidence, StoredFile
from lumbung.evidence.sniff import IMAGES

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
# A browser keeps its own copy for this long, and nobody between does.
CACHED = "private, max-age=600"


class FileLost(Refusal):
    """Its row is there and its file is not, as `lumbung verify` says too."""

    code = "evidence_file_lost"
    status = 404


def may_locate(request: SignedIn, row: Evidence) -> bool:
    return request.user.may("evidence.locate", row.place, row.programme)


def serve(request: SignedIn, row: Evidence) -> HttpResponseBase:
    """Hand out the file of evidence that the caller found this person may see.

    Who may not know where photos were taken gets a copy without metadata.
    """
    read = store.original if may_locate(request, row) else store.stripped
    file = found(read, row)
    name = f"{slugify(row.title)[:80] or 'bukti'}.{ENDINGS[row.file.media_type]}"
    return attachment(file, row.file.media_type, name)


def serve_small(request: SignedIn, row: Evidence) -> HttpResponseBase:
    """The small picture of a photo; a PDF has none."""
    if row.file.media_type not in IMAGES:
        raise Http404
    return attachment(found(store.small, row), "image/webp", "kecil.webp")


def found(read: Callable[[StoredFile], object], row: Evidence) -> object:
    try:
        return read(row.file)
    except FileNotFoundError as error:
        raise FileLost(
            Message("The file of “%(title)s” is missing.", title=row.title),
            mend=Message("Tell your administrator: it is brought back from a backup."),
        ) from error


def attachment(file: object, media_type: str, name: str) -> HttpResponseBase:
    """A file that a browser saves and never runs as a page of ours."""
    response = FileResponse(
        file, as_attachment=True, filename=name, content_type=media_type
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = CACHED
    return response
