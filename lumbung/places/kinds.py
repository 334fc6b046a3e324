"""What a code alone tells of a place: its kind and its time zone."""

import csv
from functools import lru_cache

from lumbung.core.editions import level
from lumbung.places.editions import SHIPPED
from lumbung.places.models import Place


def kind_of(code: str) -> Place.Kind:
    """What a code is, by the numbering of Permendagri 137/2017, article 4.

    Districts from 71 are cities; villages whose number begins with 1 are kelurahan,
    with 2 desa, with 3 desa adat (of Jayapura), which are desa by law.

    >>> kind_of("33.75").value, kind_of("33.26.15.1001").value
    ('kota', 'kelurahan')
    """
    last = code.rpartition(".")[2]
    match level(code):
        case 1:
            return Place.Kind.PROVINCE
        case 2:
            return Place.Kind.CITY if last >= "71" else Place.Kind.REGENCY
        case 3:
            return Place.Kind.SUBDISTRICT
        case _:
            urban = last.startswith("1")
            return Place.Kind.URBAN_VILLAGE if urban else Place.Kind.RURAL_VILLAGE


@lru_cache(maxsize=1)
def time_zones() -> dict[str, str]:
    """IANA zone by province (WIB, WITA, WIT as Keppres 41/1987 divides them)."""
    with (SHIPPED / "time-zones.csv").open(newline="") as file:
        return {row["province"]: row["time_zone"] for row in csv.DictReader(file)}
