"""Numbers to look at: two villages of Paninggaran classed and measured, twice."""

from typing import Any

from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.conftest import make_place
from lumbung.imports import actions
from lumbung.imports.models import Import
from lumbung.imports.tests.files import text
from lumbung.imports.tests.verbs import indonesia
from lumbung.places.models import Edition, Place
from lumbung.programmes.packs.actions import load_pack
from tests.scenarios import Cast

CLASSES = """kode_desa;kelas
33.26.02.2001;kuning
33.26.02.2008;{}
33.26.02.2014;hijau
"""
VALUES = """kode_desa;persen
33.26.02.2001;31,5
33.26.02.2008;{}
33.26.02.2014;12
"""


def bring_in(cast: Cast) -> None:
    """Classes and values of 2017, both revised once, and a second source for one."""
    ratna, place = cast("ratna"), cast("pekalongan")
    cast("botosari")
    load_pack(folder=indonesia(), by=None)
    make_place("33.26.02.2001", "Bedagung", cast("paninggaran"))
    make_place("33.26.02.2014", "Tenogo", cast("paninggaran"))
    bring("classes", CLASSES.format("hijau"), place, ratna)
    bring("classes", CLASSES.format("merah"), place, ratna)
    bring("observations", VALUES.format("61,7"), place, ratna)
    bring("observations", VALUES.format("57,4"), place, ratna)
    bring("observations", VALUES.format("55"), place, ratna, period="2016")
    other = "kode_desa;persen\n33.26.02.2008;50,4\n"
    bring(
        "observations",
        other,
        place,
        ratna,
        source_title="Regsosek",
        cut_off_on="2017-11-30",
    )


def bring(kind: str, rows: str, place: Place, by: User, **more: Any) -> Import:
    """Import a file and accept it."""
    parameters = {
        "scheme": "village_colour",
        "indicator": "decile_1_4_share",
        "period": "2017",
        "source_title": "BDT 2015, diperiksa ulang",
        "cut_off_on": "2017-12-31",
        "codes": "kemendagri",
    }
    of = actions.start_import(
        kind=kind,
        upload=text(rows, name=f"{kind}-2017.csv"),
        sheet="",
        parameters=parameters | more,
        place=place,
        by=by,
        now=timezone.now(),
    )
    assert not of.faulty
    return actions.accept_import(of=of, by=by, now=timezone.now())


def close(place: Place) -> None:
    """Let a place end with a later edition of the list."""
    place.closed_in = Edition.objects.create(
        number="9", source="uji", licence="", valid_from="2020-01-01", sha256=""
    )
    place.save(update_fields=["closed_in"])
