"""Each verb of `evidence`, once, for the watcher of the trail."""

from datetime import date
from typing import Any

from lumbung.evidence import actions
from lumbung.evidence.models import Evidence
from lumbung.evidence.tests.files import photo, upload
from tests.scenarios import Cast, Deed, scenario


def added(cast: Cast, **changes: Any) -> Evidence:
    values: dict[str, Any] = {
        "upload": upload(photo()),
        "title": "Foto rapat",
        "place": cast("botosari"),
        "dated_on": date(2020, 2, 14),
        "by": cast("siti"),
    }
    return actions.add_evidence(**values | changes)


@scenario
def add_evidence(cast: Cast) -> Deed:
    cast("siti")
    return lambda: added(cast)


@scenario
def void_evidence(cast: Cast) -> Deed:
    evidence, by = added(cast), cast("siti")
    return lambda: actions.void_evidence(evidence=evidence, reason="x", by=by)
