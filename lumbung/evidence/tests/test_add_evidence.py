"""Evidence goes in whole, once per content, and only what can be opened safely."""

import io
import os
import zlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import InMemoryStorage, default_storage, storages
from django.db import transaction
from django.utils import timezone
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from pytest_django.fixtures import Settings

from lumbung.accounts.models import Event, User
from lumbung.core.refusal import Refusal
from lumbung.evidence import store
from lumbung.evidence.actions import FromTheFuture, MayNotAdd, add_evidence
from lumbung.evidence.models import Evidence, EvidenceLocation, StoredFile
from lumbung.evidence.sniff import FileRefused
from lumbung.evidence.tests.files import CAMERA, drawn_over, paper, photo, upload
from lumbung.places.models import Place
from lumbung.words import say

pytestmark = pytest.mark.django_db
DAY = date(2020, 2, 14)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    """An evidence folder of one's own for each test."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "lumbung.evidence.storage.DurableStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


def add(data: bytes, by: User, place: Place, **changes: Any) -> Evidence:
    values: dict[str, Any] = {"title": "Foto rapat", "dated_on": DAY} | changes
    values.setdefault("programme", "lab")
    return add_evidence(upload=upload(data), place=place, by=by, **values)


def files_in(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.rglob("*") if p.is_file())


def test_it_refuses_somebody_of_another_district(budi: User, botosari: Place) -> None:
    with pytest.raises(MayNotAdd):
        add(photo(), budi, botosari)


def test_it_refuses_an_auditor_who_changes_nothing(
    maria: User, botosari: Place, folder: Path
) -> None:
    with pytest.raises(MayNotAdd):
        add(photo(), maria, botosari)

    assert files_in(folder) == []


def test_it_refuses_a_day_in_the_future(siti: User, botosari: Place) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)

    with pytest.raises(FromTheFuture):
        add(photo(), siti, botosari, dated_on=tomorrow)


PNG_100_MP = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x27\x10\x00\x00\x27\x10\x01\x00\x00\x00\x00"
PNG_100_MP += zlib.crc32(PNG_100_MP[12:29]).to_bytes(4, "big")
PNG_100_MP += (
    b"\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e\x00\x00\x00\x00IEND\xae\x42\x60\x82"
)

BAD = {
    "nothing at all": (b"", "empty"),
    "words": (b"Ini bukan foto.", "neither a photo nor a PDF"),
    "HTML with a photo's name": (
        b"<!DOCTYPE html><script>alert(1)</script>",
        "web page",
    ),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "web page"),
    "SVG behind a declaration": (b'<?xml version="1.0"?><svg/>', "web page"),
    "PDF and HTML at once": (
        paper().replace(b"\n", b"\n<html><script>alert(1)</script>\n", 1),
        "two things",
    ),
    "HTML before a PDF": (b"<html>" + paper(), "web page"),
    "PDF behind other bytes": (b"\x00\x00" + paper(), "neither"),
    "photo that holds a PDF": (
        photo().replace(CAMERA.encode(), b"%PDF-1.7 x"),
        "two things",
    ),
    "photo cut off": (photo()[:-500], "cut off"),
    "photo with only a head": (photo()[:400], "cut off"),
    "photo of fill bytes only, long to look through": (
        photo()[: photo().index(b"\xff\xda")] + b"\xff\xda\0\2" + b"\xff" * 200_000,
        "cut off",
    ),
    "photo drawn over a thousand times": (drawn_over(1000), "cut off"),
    "PNG cut off": (photo("PNG")[:-30], "cut off"),
    "WebP cut off": (photo("WEBP")[:-60], "cut off"),
    "a hundred million pixels": (PNG_100_MP, "100 million pixels"),
    "PDF cut off": (paper()[:-200], "cut off"),
    "PDF with a password": (paper(password="rahasia"), "locked"),
    "HEIC": (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
    "GIF": (b"GIF89a" + b"\x00" * 40, "neither"),
    "too many bytes": (photo() + b"\x00" * 20_000_001, "larger than 20 MB"),
}


@pytest.mark.parametrize("case", BAD)
def test_it_refuses_in_words_and_keeps_nothing(
    case: str, siti: User, botosari: Place, folder: Path
) -> None:
    data, words = BAD[case]

    with pytest.raises(FileRefused) as refusal:
        add(data, siti, botosari)

    assert words in refusal.value.message.id % {
        key: say(value) for key, value in refusal.value.message.values.items()
    }
    assert refusal.value.mend
    assert files_in(folder) == []
    assert not Evidence.objects.exists()


def test_it_refuses_many_pixels_before_decoding_them(
    siti: User, botosari: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decoded(*_: object) -> None:
        raise AssertionError("the picture was decoded")

    monkeypatch.setattr(Image.Image, "load", decoded)
    with pytest.raises(FileRefused):
        add(PNG_100_MP, siti, botosari)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_it_keeps_the_bytes_and_where_a_photo_was_taken(
    form: str, siti: User, botosari: Place
) -> None:
    data = photo(form)
    evidence = add(data, siti, botosari)

    file = evidence.file
    assert store.read(file) == data
    assert (file.width, file.height, file.size) == (640, 400, len(data))
    location = EvidenceLocation.objects.get(evidence=evidence)
    assert (location.latitude, location.longitude) == ("-7.140000", "109.580000")


def test_a_progressive_photo_is_a_photo(siti: User, botosari: Place) -> None:
    assert add(drawn_over(0), siti, botosari).file.width == 64


def test_it_counts_the_pages_of_a_paper(siti: User, botosari: Place) -> None:
    file = add(paper(3), siti, botosari).file

    assert (file.media_type, file.pages, file.width) == ("application/pdf", 3, None)


def test_a_paper_locked_only_against_changes_opens(siti: User, botosari: Place) -> None:
    assert add(paper(owner="kunci"), siti, botosari).file.pages == 2


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_the_small_picture_stands_upright_and_says_nothing_else(
    orientation: int, siti: User, botosari: Place
) -> None:
    evidence = add(photo(orientation=orientation), siti, botosari)

    with (
        store.small(evidence.file) as file,
        Image.open(io.BytesIO(file.read())) as small,
    ):
        assert max(small.size) == 480
        assert (small.height > small.width) == (orientation in {6, 8})
        assert dict(small.getexif()) == {}
        w, h = small.size
        # The red edge of the picture: left, and where turning brings the left.
        edge = {1: (5, h // 2), 3: (w - 5, h // 2), 6: (w // 2, 5), 8: (w // 2, h - 5)}
        red, green, _ = small.convert("RGB").getpixel(edge[orientation])  # type: ignore[misc]
        assert (red > 200, green < 50) == (True, True)


@pytest.mark.parametrize(
    "gps",
    [
        {1: "S", 2: (200.0, 0.0, 0.0), 3: "E", 4: (109.0, 0.0, 0.0)},
        {1: "S", 2: (IFDRational(0, 0), 0.0, 0.0), 3: "E", 4: (109.0, 0.0, 0.0)},
        {3: "E", 4: (109.0, 0.0, 0.0)},
    ],
)
def test_an_unsound_location_is_no_location(
    gps: dict[int, Any], siti: User, botosari: Place
) -> None:
    add(photo(gps=gps), siti, botosari)

    assert not EvidenceLocation.objects.exists()


def test_the_same_photo_twice_is_two_pieces_of_evidence_and_one_file(
    siti: User, budi: User, botosari: Place, kampar: Place, folder: Path
) -> None:
    ours = add(photo(), siti, botosari)
    first = (folder / store.path(ours.file.sha256)).stat().st_ino
    theirs = add(photo(), budi, kampar)

    assert StoredFile.objects.count() == 1
    assert len(files_in(folder)) == 2  # itself and its small picture
    # The second upload wrote its bytes as the first did: no time tells them apart.
    assert (folder / store.path(ours.file.sha256)).stat().st_ino != first
    assert not set(Evidence.objects.visible_to(budi)) & {ours}
    assert theirs.file_name == "foto.jpg"


def test_it_is_written_down_without_the_location(siti: User, botosari: Place) -> None:
    evidence = add(photo(), siti, botosari)

    event = Event.objects.get(verb="add_evidence")
    assert (event.by, event.row, event.place) == (siti, evidence.uid, botosari)
    assert "7.14" not in str(event.after)


def test_a_crash_before_the_row_leaves_no_row_and_a_file_that_is_swept(
    siti: User, botosari: Place, folder: Path
) -> None:
    def crash() -> None:
        with transaction.atomic():
            add(photo(), siti, botosari)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        crash()

    assert not StoredFile.objects.exists()
    assert len(files_in(folder)) == 2
    now = timezone.now()
    assert store.sweep(now) == 0  # it may be an upload of this moment
    assert store.sweep(now + store.GRACE * 2) == 2
    assert files_in(folder) == []


def test_a_sweep_leaves_what_has_a_row(
    siti: User, botosari: Place, folder: Path
) -> None:
    evidence = add(photo(), siti, botosari)

    assert store.sweep(timezone.now() + store.GRACE * 2) == 0
    assert store.read(evidence.file) == photo()


def test_a_file_swept_between_its_writing_and_its_row_is_written_again(
    siti: User, botosari: Place
) -> None:
    kept = store.take_in(upload(photo()))
    store.sweep(timezone.now() + store.GRACE * 2)

    evidence = add_evidence(
        upload=kept, title="", place=botosari, programme="lab", dated_on=DAY, by=siti
    )

    assert store.read(evidence.file) == photo()
    assert evidence.title == "foto.jpg"


def test_half_a_file_is_never_seen_under_its_name(
    siti: User, botosari: Place, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        add(photo(), siti, botosari)

    assert files_in(folder) == []


@pytest.fixture
def memory(settings: Settings) -> InMemoryStorage:
    """A storage that is no folder and never overwrites, as S3 may be set up."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    }
    kept = storages["default"]
    assert isinstance(kept, InMemoryStorage)
    return kept


def test_any_storage_of_django_will_do(
    memory: InMemoryStorage, siti: User, botosari: Place
) -> None:
    evidence = add(photo(), siti, botosari)
    add(photo(), siti, botosari)

    assert store.read(evidence.file) == photo()
    assert len(list(store.names())) == 2
    assert store.sweep(timezone.now() + store.GRACE * 2) == 0
    assert default_storage.exists(store.path(evidence.file.sha256))


def test_refusals_have_a_status_for_the_api() -> None:
    assert issubclass(FileRefused, Refusal)
    assert FileRefused.status == 422
