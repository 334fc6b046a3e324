"""What a file is, judged by its bytes, before anything opens it in full.

A name and a declared type prove nothing. Sizes are read from the header and
refused there; only then is a picture decoded, once, to see that it is whole.
"""

import io
import logging
import re
import struct
from dataclasses import dataclass

from django.conf import settings
from PIL import ExifTags, Image, ImageOps
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.evidence.strip import without_metadata

# We refuse by pixels ourselves, right after the header is read; Pillow's own
# warning would come at the same moment, for other counts.
Image.MAX_IMAGE_PIXELS = None
logging.getLogger("pypdf").setLevel(logging.ERROR)

# What Pillow and pypdf raise on damaged files, beside their own errors.
DAMAGE = (
    *(OSError, ValueError, SyntaxError, TypeError, AttributeError, EOFError),
    *(LookupError, ArithmeticError, RecursionError, NotImplementedError, struct.error),
)
THUMBNAIL_PX = 480
HEAD = 1024
IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
ACCEPTED = "image/*,application/pdf"
# What a browser or another program would take the file for, whatever its name.
FOREIGN = re.compile(
    rb"<(?:!doctype|html|script|svg|iframe|body|head)\b", re.IGNORECASE
)
HEIC = {b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis"}


class FileRefused(Refusal):
    """The file cannot be kept as evidence."""

    code = "file_refused"
    status = 422


def refused(message: Message, mend: Message) -> FileRefused:
    return FileRefused(message, mend=mend, field="upload")


AGAIN = Message("Take the photo or scan again and upload it once more.")
ONLY = Message("Upload a photo (JPEG, PNG, WebP) or a PDF.")


@dataclass(frozen=True)
class Found:
    """What a file is. `thumbnail` is a small WebP without metadata, '' for PDF."""

    media_type: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    thumbnail: bytes = b""
    location: tuple[str, str] | None = None  # latitude, longitude, decimal degrees


def look_into(data: bytes) -> Found:
    """Return what the file is, or refuse it in words."""
    kind = media_type(data)
    if kind == "application/pdf":
        return Found(kind, pages=count_pages(data))
    return look_into_image(data, kind)


def media_type(data: bytes) -> str:
    """Return the type that the first bytes prove."""
    head = data[:HEAD]
    if not data:
        raise refused(Message("The file is empty."), AGAIN)
    kind = begins_as(head)
    disguised = kind.startswith("image/") and b"%PDF-" in head
    if FOREIGN.search(head) or disguised:
        raise refused(Message("The file is two things at once, or a web page."), ONLY)
    if kind == "image/heic":
        raise refused(
            Message("The photo is in Apple's HEIC form, which few programs can open."),
            Message("On the iPhone choose Settings, Camera, Formats, Most Compatible."),
        )
    if not kind:
        raise refused(Message("The file is neither a photo nor a PDF."), ONLY)
    return kind


def begins_as(head: bytes) -> str:
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[4:8] == b"ftyp" and head[8:12] in HEIC:
        return "image/heic"
    return ""


def look_into_image(data: bytes, kind: str) -> Found:
    try:
        with Image.open(io.BytesIO(data), formats=[IMAGES[kind]]) as image:
            width, height = image.size
            if width * height > settings.EVIDENCE_MAX_PIXELS:
                raise too_many_pixels(width * height)
            turned, place = orientation(image), location(image)
        # Drawn from the stripped copy: what we hand out is proven to open.
        stripped = without_metadata(data, kind, turned)
        small = thumbnail(stripped, IMAGES[kind])
    except DAMAGE as error:
        raise refused(
            Message("The photo is damaged or was cut off on its way."), AGAIN
        ) from error
    return Found(kind, width, height, thumbnail=small, location=place)


def too_many_pixels(has: int) -> FileRefused:
    return refused(
        Message(
            "The photo has %(has)s million pixels; %(most)s million is the most.",
            has=round(has / 1_000_000),
            most=settings.EVIDENCE_MAX_PIXELS // 1_000_000,
        ),
        Message("Choose a smaller photo size in the camera's settings."),
    )


def orientation(image: Image.Image) -> int:
    """Which way is up, as EXIF counts (1 to 8). Odd EXIF spoils no photo: it is 1."""
    try:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1)
    except DAMAGE:
        return 1
    return turned if turned in range(1, 9) else 1


def thumbnail(data: bytes, form: str) -> bytes:
    """Decode the whole picture, at once small, and return it as WebP."""
    with Image.open(io.BytesIO(data), formats=[form]) as image:
        # JPEG can be decoded at an eighth of its size: little memory, same check.
        image.draft("RGB", (THUMBNAIL_PX * 2, THUMBNAIL_PX * 2))
        image.load()
        small: Image.Image = ImageOps.exif_transpose(image)
        small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
        if small.has_transparency_data:
            paper = Image.new("RGBA", small.size, "white")
            small = Image.alpha_composite(paper, small.convert("RGBA"))
        out = io.BytesIO()
        small.convert("RGB").save(out, "WEBP", quality=75)
    return out.getvalue()


def location(image: Image.Image) -> tuple[str, str] | None:
    """Latitude and longitude as decimal text, where the photo carries sound ones."""
    tags = ExifTags.GPS
    try:
        gps = dict(image.getexif().get_ifd(ExifTags.IFD.GPSInfo))
    except DAMAGE:
        return None
    latitude = degrees(gps.get(tags.GPSLatitude), gps.get(tags.GPSLatitudeRef), 90)
    longitude = degrees(gps.get(tags.GPSLongitude), gps.get(tags.GPSLongitudeRef), 180)
    if latitude is None or longitude is None:
        return None
    return f"{latitude:.6f}", f"{longitude:.6f}"


def degrees(parts: object, half: object, most: int) -> float | None:
    try:
        whole, minutes, seconds = (float(part) for part in parts)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    value = whole + minutes / 60 + seconds / 3600
    if not 0 <= value <= most:  # also false for "not a number"
        return None
    return -value if half in {"S", "W"} else value


def count_pages(data: bytes) -> int:
    locked = refused(
        Message("The PDF is locked with a password."),
        Message("Save it again without a password, or print and scan it."),
    )
    broken = refused(Message("The PDF is damaged or was cut off on its way."), AGAIN)
    if b"%%EOF" not in data[-2048:]:
        raise broken
    try:
        reader = PdfReader(io.BytesIO(data))
        # Some are locked against changes only: those open with the empty password.
        if reader.is_encrypted and not reader.decrypt(""):
            raise locked
        pages = len(reader.pages)
    except (PyPdfError, *DAMAGE) as error:
        raise broken from error
    if not pages:
        raise broken
    return pages
