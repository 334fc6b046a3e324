"""Papers and photos for the demonstration: drawn, small, and marked CONTOH."""

import hashlib
import io
import time
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

INK, SOFT, MARK = "#1b1b1f", "#5c5f66", "#b3261e"
A4 = (620, 877)  # pixels, at 75 to the inch
PHOTO = (800, 600)
# Drawn by no camera and printed by no office: the same file at every run.
NO_TIME = time.gmtime(0)


def draw(kind: str, title: str, place: str, on: date) -> SimpleUploadedFile:
    """Return an upload, `photo` or `paper`, that says what it stands for."""
    name = f"contoh-{digest(title + place)[:8]}"
    if kind == "photo":
        content = photo(title, place, on)
        return SimpleUploadedFile(f"{name}.jpg", content, "image/jpeg")
    return SimpleUploadedFile(f"{name}.pdf", paper(title, place, on), "application/pdf")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def photo(title: str, place: str, on: date) -> bytes:
    """Hills under a sky, differing by title, with a band that says what it is."""
    seed = bytes.fromhex(digest(title + place))
    picture = Image.new("RGB", PHOTO, (190 + seed[0] % 50, 215 + seed[1] % 30, 240))
    pen = ImageDraw.Draw(picture)
    for layer in range(3):
        top = 240 + 70 * layer
        line = [(x * 160, top - seed[2 + layer * 6 + x] % 110) for x in range(6)]
        shade = (70 + 20 * layer, 110 + 25 * layer - seed[20] % 20, 60 + 10 * layer)
        pen.polygon([(0, 600), *line, (800, 600)], fill=shade)
    pen.rectangle((0, 470, 800, 600), fill="#ffffff")
    write(pen, (24, 486), title, 28, INK)
    write(pen, (24, 530), f"{place}, {on:%d/%m/%Y}", 22, SOFT)
    write(pen, (24, 20), "CONTOH", 40, MARK)
    return saved(picture, "JPEG", quality=60)


def paper(title: str, place: str, on: date) -> bytes:
    """A page with a heading, grey lines for text and two places to sign."""
    picture = Image.new("RGB", A4, "#ffffff")
    pen = ImageDraw.Draw(picture)
    write(pen, (50, 40), "CONTOH, bukan dokumen resmi", 18, MARK)
    write(pen, (50, 90), title[:52], 22, INK)
    write(pen, (50, 124), f"{place}, {on:%d/%m/%Y}", 16, SOFT)
    seed = bytes.fromhex(digest(title + place))
    for row in range(18):
        y = 190 + row * 26
        pen.rectangle((50, y, 380 + seed[row] % 190, y + 9), fill="#d9dbe0")
    for x in (50, 360):
        pen.line((x, 780, x + 180, 780), fill=SOFT)
        write(pen, (x, 788), "tanda tangan (contoh)", 12, SOFT)
    return saved(picture, "PDF", creationDate=NO_TIME, modDate=NO_TIME)


def write(
    pen: ImageDraw.ImageDraw, at: tuple[int, int], text: str, size: int, ink: str
) -> None:
    pen.text(at, text, fill=ink, font=ImageFont.load_default(size))


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()
