"""Files as people upload them: a scanned paper, a photo of a phone, a web page."""

import io

from PIL import Image
from playwright.sync_api import FilePayload

from lumbung.evidence.tests.files import paper, photo


def scan(name: str = "berita-acara.pdf") -> FilePayload:
    return {"name": name, "mimeType": "application/pdf", "buffer": paper()}


def snapshot(name: str = "IMG_0042.jpg") -> FilePayload:
    """Three megapixels with the place in it, as a cheap phone takes them."""
    content = photo(size=(2048, 1536))
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def page_called_photo() -> FilePayload:
    content = b"<!doctype html><script>alert(1)</script><p>Bukan foto</p>"
    return {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": content}


def table(text: str, name: str = "kelas.csv") -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
