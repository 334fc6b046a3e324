"""Photos and papers for the tests, made on the spot."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image
from pypdf import PdfWriter

# Somewhere in Paninggaran; nobody's house.
GPS = {1: "S", 2: (7.0, 8.0, 24.0), 3: "E", 4: (109.0, 34.0, 48.0)}
CAMERA = "Kamera Rahasia 9000"


def photo(
    form: str = "JPEG",
    size: tuple[int, int] = (640, 400),
    orientation: int = 1,
    gps: dict[int, Any] | None = GPS,
    colour: str = "green",
) -> bytes:
    """A photo as a phone makes it: camera, place, which way is up. Its left is red."""
    image = Image.new("RGB", size, colour)
    image.paste("red", (0, 0, size[0] // 4, size[1]))
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = CAMERA
    exif[ExifTags.Base.Orientation] = orientation
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(gps)
        exif[ExifTags.IFD.GPSInfo] = gps
    out = io.BytesIO()
    image.save(out, form, exif=exif)
    return out.getvalue()


def drawn_over(scans: int) -> bytes:
    """A progressive photo whose last scan is there so many times more."""
    out = io.BytesIO()
    Image.new("L", (64, 64), 128).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * scans + data[-2:]


def paper(pages: int = 2, password: str = "", owner: str = "") -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password or owner:
        writer.encrypt(password, owner or None, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def upload(data: bytes, name: str = "foto.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)
