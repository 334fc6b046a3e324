"""Files of evidence go out as attachments, and locations only to officers."""

import io
import re
import shutil
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops
from pypdf import PdfReader, PdfWriter

from lumbung.accounts.models import User
from lumbung.evidence.models import Evidence
from lumbung.evidence.strip import EMBEDDED, without_metadata
from lumbung.evidence.tests.files import CAMERA, photo
from lumbung.evidence.tests.test_add_evidence import add, folder
from lumbung.places.models import Place

__all__ = ["folder"]
pytestmark = pytest.mark.django_db
PAGES = ["evidence", "download", "thumbnail", "void_evidence"]


@pytest.fixture
def evidence(siti: User, botosari: Place, folder: Path) -> Evidence:
    return add(photo(orientation=6), siti, botosari)


def get(client: Client, user: User, row: Evidence, what: str = "download") -> bytes:
    client.force_login(user)
    response = client.get(reverse(f"evidence:{what}", args=[row.uid]))
    assert response.status_code == 200
    return response.getvalue()


@pytest.mark.parametrize("page", PAGES)
def test_it_is_not_there_for_another_district(
    page: str, client: Client, budi: User, evidence: Evidence
) -> None:
    client.force_login(budi)

    assert (
        client.get(reverse(f"evidence:{page}", args=[evidence.uid])).status_code == 404
    )


def test_the_list_shows_one_s_own_territory_only(
    client: Client, budi: User, siti: User, evidence: Evidence
) -> None:
    address = reverse("evidence:all")
    client.force_login(budi)
    assert str(evidence.uid) not in client.get(address).content.decode()
    client.force_login(siti)
    assert str(evidence.uid) in client.get(address).content.decode()


def test_a_file_that_is_gone_is_said_so(
    client: Client, siti: User, ratna: User, evidence: Evidence, folder: Path
) -> None:
    shutil.rmtree(folder)
    for person in (siti, ratna):
        client.force_login(person)
        answer = client.get(reverse("evidence:download", args=[evidence.uid]))
        assert answer.status_code == 404
        assert "dari cadangan" in answer.content.decode()
        small = client.get(reverse("evidence:thumbnail", args=[evidence.uid]))
        assert small.status_code == 404


def test_the_facilitator_s_copy_says_nothing_of_place_and_camera(
    client: Client, siti: User, evidence: Evidence
) -> None:
    copy = get(client, siti, evidence)

    with (
        Image.open(io.BytesIO(copy)) as image,
        Image.open(io.BytesIO(photo())) as whole,
    ):
        exif = image.getexif()
        assert dict(exif) == {0x0112: 6}  # only which way is up
        assert not ImageChops.difference(
            image.convert("RGB"), whole.convert("RGB")
        ).getbbox()
    assert CAMERA.encode() not in copy


def test_the_officer_gets_the_original(
    client: Client, ratna: User, evidence: Evidence
) -> None:
    assert get(client, ratna, evidence) == photo(orientation=6)


def test_only_the_officer_s_page_shows_the_location(
    client: Client, ratna: User, siti: User, evidence: Evidence
) -> None:
    assert b"-7.14" in get(client, ratna, evidence, "evidence")
    assert b"-7.14" not in get(client, siti, evidence, "evidence")


@pytest.mark.parametrize("page", ["download", "thumbnail"])
def test_it_can_not_run_in_a_browser(
    page: str, client: Client, siti: User, evidence: Evidence
) -> None:
    client.force_login(siti)
    response = client.get(reverse(f"evidence:{page}", args=[evidence.uid]))

    headers = response.headers
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["Cache-Control"].startswith("private")
    response.close()


def test_its_name_comes_from_us_not_from_the_upload(
    client: Client, siti: User, botosari: Place, folder: Path
) -> None:
    evil = add(photo(), siti, botosari, title='Rapat"; filename="x.html')
    client.force_login(siti)
    response = client.get(reverse("evidence:download", args=[evil.uid]))

    assert re.search(r'filename="[a-z-]+\.jpg"$', response["Content-Disposition"])
    response.close()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", [1, 8])
def test_stripping_keeps_every_pixel(form: str, orientation: int) -> None:
    data = photo(form, orientation=orientation) + b"film behind the photo, with a place"
    copy = without_metadata(data, f"image/{form.lower()}", orientation)

    with Image.open(io.BytesIO(data)) as one, Image.open(io.BytesIO(copy)) as two:
        assert not ImageChops.difference(
            one.convert("RGB"), two.convert("RGB")
        ).getbbox()
        assert two.getexif().get(0x0112, 1) == orientation
        assert set(two.getexif()) <= {0x0112}
    assert CAMERA.encode() not in copy
    assert b"film behind" not in copy


def test_stripping_keeps_a_progressive_photo_with_transparency_s_forms() -> None:
    image = Image.effect_noise((300, 200), 60).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", progressive=True, comment=b"secret comment")
    copy = without_metadata(out.getvalue(), "image/jpeg")

    with (
        Image.open(io.BytesIO(out.getvalue())) as one,
        Image.open(io.BytesIO(copy)) as two,
    ):
        assert one.tobytes() == two.tobytes()
    assert b"secret comment" not in copy


def test_a_photo_in_a_paper_loses_its_location(tmp_path: Path) -> None:
    with Image.open(io.BytesIO(photo())) as image:
        image.save(tmp_path / "scan.pdf")
    data = (tmp_path / "scan.pdf").read_bytes()
    # As scanner apps do: the phone's own JPEG in the page.
    drawn = re.search(rb"\xff\xd8.*\xff\xd9", data, re.DOTALL)
    assert drawn
    writer = PdfWriter(clone_from=io.BytesIO(data))
    picture = writer.pages[0]["/Resources"]["/XObject"]["/image"].get_object()  # type: ignore[index]
    picture._data = photo()
    out = io.BytesIO()
    writer.write(out)
    assert EMBEDDED.search(out.getvalue())

    copy = without_metadata(out.getvalue(), "application/pdf")

    assert CAMERA.encode() in out.getvalue()
    assert CAMERA.encode() not in copy
    assert len(copy) == len(out.getvalue())
    assert PdfReader(io.BytesIO(copy)).pages[0].images[0].image


def test_what_lies_in_one_another_in_a_paper_is_blanked_once() -> None:
    nested = b"\xff\xe1\x00\x14Exif\x00\x00" * 3 + b"a place, far beyond them"
    copy = without_metadata(nested, "application/pdf")

    assert copy == nested[:4] + bytes(38) + nested[42:]


def test_photos_are_not_packed_twice_and_pages_are(
    client: Client, siti: User, evidence: Evidence
) -> None:
    client.force_login(siti)
    packed = {"Accept-Encoding": "gzip"}

    photo = client.get(
        reverse("evidence:download", args=[evidence.uid]), headers=packed
    )
    page = client.get(reverse("evidence:evidence", args=[evidence.uid]), headers=packed)

    assert "Content-Encoding" not in photo.headers
    assert page.headers["Content-Encoding"] == "gzip"
