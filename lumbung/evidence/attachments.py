"""The bytes of evidence for pages and programs: attachments that cannot run."""

from django.http import FileResponse, Http404, HttpResponseBase
from django.utils.text import slugify

from lumbung.accounts.requests import SignedIn
from lumbung.evidence import store
from lumbung.evidence.models import Evidence
from lumbung.evidence.sniff import IMAGES

ENDINGS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
# A browser keeps its own copy for this long, and nobody between does.
CACHED = "private, max-age=600"


def may_locate(request: SignedIn, row: Evidence) -> bool:
    return request.user.may("evidence.locate", row.place, row.programme)


def serve(request: SignedIn, row: Evidence) -> HttpResponseBase:
    """Hand out the file of evidence that the caller found this person may see.

    Who may not know where photos were taken gets a copy without metadata.
    """
    whole = may_locate(request, row)
    file = store.original(row.file) if whole else store.stripped(row.file)
    name = f"{slugify(row.title)[:80] or 'bukti'}.{ENDINGS[row.file.media_type]}"
    return attachment(file, row.file.media_type, name)


def serve_small(request: SignedIn, row: Evidence) -> HttpResponseBase:
    """The small picture of a photo; a PDF has none."""
    if row.file.media_type not in IMAGES:
        raise Http404
    return attachment(store.small(row.file), "image/webp", "kecil.webp")


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
