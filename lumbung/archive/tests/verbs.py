"""Each verb of `archive`, once, for the watcher of the trail."""

from lumbung.archive import export_actions
from tests.scenarios import Cast, Deed, scenario


@scenario
def ask_for_export(cast: Cast) -> Deed:
    place, by = cast("pekalongan"), cast("ratna")
    return lambda: export_actions.ask_for_export(place=place, by=by)
