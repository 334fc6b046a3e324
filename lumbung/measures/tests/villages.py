"""Five villages of two sub-districts with values, as the tests of runs need them."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.imports.models import Import
from lumbung.measures.models import (
    ClassRule,
    Indicator,
    Observation,
    PlaceClass,
    Run,
    Source,
)
from lumbung.places.models import Place
from lumbung.programmes.packs.actions import load_pack, shipped

NOW = timezone.now()
SHARE = "decile_1_4_share"
# Botosari stands exactly on the red line, Lumeneng exactly on the yellow one.
VALUES = {
    "33.26.02.2008": "0.400",
    "33.26.02.2009": "0.25",
    "33.26.02.2010": "0.2499",
    "33.26.13.2001": "0.574",
    "33.26.13.2002": "0.3999",
}
CUT_OFFS = {
    "33.26.02.2008": "red",
    "33.26.02.2009": "yellow",
    "33.26.02.2010": "green",
    "33.26.13.2001": "red",
    "33.26.13.2002": "yellow",
}


def found_district(pekalongan: Place, botosari: Place) -> Place:
    """Pekalongan with the villages of `VALUES` and one, Domiyang, without a value."""
    load_pack(folder=next(f for f in shipped() if f.name == "indonesia"), by=None)
    paninggaran = botosari.parent
    make_place("33.26.02.2009", "Lumeneng", paninggaran)
    make_place("33.26.02.2010", "Tenogo", paninggaran)
    make_place("33.26.02.2011", "Domiyang", paninggaran)
    wiradesa = make_place("33.26.13", "Wiradesa", pekalongan)
    make_place("33.26.13.2001", "Kauman", wiradesa)
    make_place("33.26.13.2002", "Bener", wiradesa)
    return pekalongan


def observe(
    by: User,
    values: Mapping[str, str],
    *,
    period: str = "2019",
    indicator: str = SHARE,
    **source: Any,
) -> Import:
    """Values as an accepted import; a later call of the same keys revises them."""
    place = Place.objects.get(code="33.26")
    of = Import.objects.create(
        kind="observations",
        file_name="nilai.csv",
        place=place,
        by=by,
        at=timezone.now(),
        state=Import.State.ACCEPTED,
        expires_on=NOW.date(),
    )
    said: dict[str, Any] = {
        "title": "BDT 2019",
        "cut_off_on": "2019-12-31",
        "is_example": False,
    }
    quoted, _ = Source.objects.get_or_create(**said | source)
    keys = dict(Place.objects.filter(code__in=values).values_list("code", "pk"))
    Observation.objects.bulk_create(
        Observation(
            of=of,
            indicator=Indicator.objects.get(code=indicator),
            place_id=keys[code],
            period=period,
            source=quoted,
            value=value,
            number=float(value),
            as_published=value,
            row=row,
        )
        for row, (code, value) in enumerate(values.items(), start=2)
    )
    return of


def rule(code: str = "village_colour_cut_offs") -> ClassRule:
    return ClassRule.objects.select_related("scheme", "pack").get(code=code)


def classes_of(run: Run) -> dict[str, str]:
    """What a run staged, by the code of the place."""
    rows = PlaceClass.objects.filter(of=run.of_id)
    return dict(rows.values_list("place__code", "code"))


def current(period: str = "2019") -> dict[str, str]:
    """The classes that count now."""
    rows = PlaceClass.objects.current().filter(period=period)
    return dict(rows.values_list("place__code", "code"))
