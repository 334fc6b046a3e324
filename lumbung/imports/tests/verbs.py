"""Each verb of `imports`, once, for the watcher of the trail."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from lumbung.imports import actions
from lumbung.imports.models import Import
from lumbung.imports.tests.files import text
from lumbung.programmes.packs.actions import load_pack, shipped
from tests.scenarios import Cast, Deed, scenario

NOW = timezone.now()
FILE = "kode_desa;nilai\n{};0,2\n"


def indonesia() -> Path:
    return next(folder for folder in shipped() if folder.name == "indonesia")


def started(
    cast: Cast, who: str = "ratna", where: str = "pekalongan", village: str = ""
) -> Import:
    """A preview of one value that waits for a decision."""
    code = village or cast("botosari").code
    parameters = {
        "indicator": "decile_1_4_share",
        "period": "2019",
        "source_title": "BDT",
    }
    values: dict[str, Any] = {
        "kind": "observations",
        "upload": text(FILE.format(code), name=f"desil-{who}.csv"),
        "sheet": "",
        "parameters": parameters,
        "place": cast(where),
        "by": cast(who),
        "now": NOW,
    }
    return actions.start_import(**values)


def prepared(cast: Cast) -> Import:
    cast("ratna")
    load_pack(folder=indonesia(), by=None)
    return started(cast)


@scenario
def start_import(cast: Cast) -> Deed:
    cast("ratna")
    load_pack(folder=indonesia(), by=None)
    return lambda: started(cast)


@scenario
def choose_places(cast: Cast) -> Deed:
    of = prepared(cast)
    return lambda: actions.choose_places(of=of, choices={}, by=cast("ratna"))


@scenario
def accept_import(cast: Cast) -> Deed:
    of = prepared(cast)
    return lambda: actions.accept_import(of=of, by=cast("ratna"), now=NOW)


@scenario
def reject_import(cast: Cast) -> Deed:
    of = prepared(cast)
    return lambda: actions.reject_import(of=of, by=cast("ratna"), now=NOW)


@scenario
def undo_import(cast: Cast) -> Deed:
    of = prepared(cast)
    actions.accept_import(of=of, by=cast("ratna"), now=NOW)
    return lambda: actions.undo_import(of=of, by=cast("ratna"), now=NOW)


@scenario
def expire_import(cast: Cast) -> Deed:
    of = prepared(cast)
    day = of.expires_on + timedelta(days=1)
    return lambda: actions.expire_import(of=of, on=day, now=NOW)
