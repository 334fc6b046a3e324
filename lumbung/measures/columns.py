"""The columns that files of numbers and of classes share, and their templates."""

from collections.abc import Iterable, Sequence
from typing import Any

from lumbung.imports.lines import Column
from lumbung.places.models import Level, Place

PLACE = (
    Column(
        "code",
        (
            *("kode_desa", "kode_kelurahan", "kode_desa/kelurahan", "village_code"),
            *("kode_kecamatan", "kode_kabupaten", "kode_kab", "kode_kabupaten/kota"),
            *("kode", "kode_wilayah", "kode_tempat", "kode_kemendagri", "kode_dagri"),
            *("kemendagri_code", "kode_bps", "bps_code", "code", "place_code", "kdj"),
            "kode_provinsi",
        ),
        required=False,
        first_counts=True,
    ),
    Column(
        "village",
        (
            *("nama_desa", "desa", "nama_kelurahan", "desa/kelurahan", "kelurahan"),
            *("nama_desa/kelurahan", "village", "village_name"),
        ),
        required=False,
    ),
    Column(
        "name",
        ("nama", "nama_wilayah", "wilayah", "name", "place", "daerah"),
        required=False,
    ),
    Column(
        "subdistrict",
        ("kecamatan", "nama_kecamatan", "subdistrict", "sub_district"),
        required=False,
    ),
    Column(
        "district",
        (
            *("kabupaten", "kabupaten/kota", "kab/kota", "kabupaten_kota", "kab_kota"),
            *("nama_kabupaten", "nama_kabupaten/kota", "district", "district_name"),
            "regency",
        ),
        required=False,
    ),
    Column("province", ("provinsi", "nama_provinsi", "province"), required=False),
)
PERIOD = Column(
    "period", ("periode", "tahun", "tahun_data", "period", "year"), required=False
)
DAY = Column(
    "date", ("tanggal_data", "tanggal", "cut_off", "cut_off_date"), required=False
)
VALUE_NAMES = ("nilai", "value", "persen", "persentase", "percent", "jumlah", "angka")
BREAKDOWN = Column(
    "breakdown",
    ("rincian", "breakdown", "sektor", "sector", "lapangan_usaha", "jenis_kelamin"),
    required=False,
)
# Columns that hold parts of the chosen indicator, and how we write the part.
PARTS = {
    "laki_laki": "laki-laki",
    "male": "laki-laki",
    "perempuan": "perempuan",
    "female": "perempuan",
    "perkotaan": "perkotaan",
    "urban": "perkotaan",
    "perdesaan": "perdesaan",
    "rural": "perdesaan",
    "total": "",
}
WHOLE = {"total", "jumlah", "semua", "all", "seluruh"}


def template(place: Place, last: str) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
    """Titles, and a row for each place to be filled in.

    Villages of a district; districts of a province or the country.
    """
    level = Level.DISTRICT if place.level < Level.DISTRICT else Level.VILLAGE
    places = Place.objects.in_force().below(place).filter(level=level)
    rows = places.order_by("path").values_list("code", "name", "parent__name")
    titles = ["kode_desa", "nama_desa", "kecamatan", "periode", last]
    return titles, ([*row, None, None] for row in rows.iterator())
