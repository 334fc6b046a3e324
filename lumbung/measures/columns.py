"""The columns that files of numbers and of classes share, and their templates."""

from collections.abc import Iterable, Sequence
from typing import Any

from lumbung.imports.importers import Column
from lumbung.places.models import Level, Place

PLACE = (
    Column(
        "code",
        (
            *("kode_desa", "kode", "kode_wilayah", "kode_tempat", "kode_kemendagri"),
            *("kode_bps", "kemendagri_code", "bps_code", "code", "place_code"),
            *("kode_kelurahan", "kode_kecamatan", "kode_kabupaten", "village_code"),
        ),
        required=False,
    ),
    Column(
        "name",
        (
            *("nama_desa", "nama", "desa", "nama_wilayah", "wilayah", "nama_kelurahan"),
            *("desa/kelurahan", "kelurahan", "village", "name", "place"),
        ),
        required=False,
    ),
    Column(
        "subdistrict",
        ("kecamatan", "nama_kecamatan", "subdistrict", "sub_district"),
        required=False,
    ),
)
PERIOD = Column(
    "period", ("periode", "tahun", "tahun_data", "period", "year"), required=False
)
DAY = Column(
    "date", ("tanggal_data", "tanggal", "cut_off", "cut_off_date"), required=False
)
VALUE_NAMES = ("nilai", "value", "persen", "persentase", "percent", "jumlah", "angka")


def template(place: Place, last: str) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    """Titles, and a row for each place to be filled in.

    Villages of a district; districts of a province or the country.
    """
    level = Level.DISTRICT if place.level < Level.DISTRICT else Level.VILLAGE
    places = Place.objects.in_force().below(place).filter(level=level)
    rows = places.order_by("path").values_list("code", "name", "parent__name")
    titles = ["kode_desa", "nama_desa", "kecamatan", "periode", last]
    return titles, ([*row, None, None] for row in rows.iterator())
