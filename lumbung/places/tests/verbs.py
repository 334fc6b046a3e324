"""The verbs of `places`, which write the list that everybody reads and no work rows.

What an update does to cases and mandates, and its line in the trail, are the desk's.
"""

from datetime import UTC, date, datetime

from lumbung.places import actions
from lumbung.places.editions import EditionFile
from lumbung.places.plans import preview
from tests.scenarios import Cast, Deed, scenario

NAMES = {"33": "Jawa Tengah", "33.26": "Pekalongan", "33.26.02": "Paninggaran"}


@scenario
def load_countries(cast: Cast) -> Deed:
    return actions.load_countries


@scenario
def carry_out(cast: Cast) -> Deed:
    cast("indonesia")
    edition = EditionFile(
        "1", "", "", "ODbL-1.0", date(2025, 4, 25), "1" * 8, NAMES, {}
    )
    return lambda: actions.carry_out(
        preview(edition), now=datetime(2026, 1, 1, tzinfo=UTC)
    )
