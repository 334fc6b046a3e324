"""Load editions of the official list, other codes, and the countries."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime

from babel import Locale
from django.db import connection, transaction
from django.db.models import Max, Min
from uuid_utils.compat import uuid7

from lumbung.core.editions import Pair, level, parent
from lumbung.core.message import Message, Plural
from lumbung.core.refusal import Refusal
from lumbung.places import rows
from lumbung.places.changes import DEPTHS, Change
from lumbung.places.editions import EditionFile, read, shipped
from lumbung.places.kinds import kind_of, time_zones
from lumbung.places.models import Edition, Level, Place, PlaceCode
from lumbung.places.plans import Plan, preview

# CLDR has names for these two letters, ISO 3166 has no country behind them.
NO_COUNTRY = "AC CP DG EA EU EZ IC QO TA UN XA XB XK ZZ".split()  # noqa: SIM905
PLACE_COLUMNS = (
    *("uid", "code", "path", "level", "kind", "name"),
    *("parent", "time_zone", "opened_in"),
)
Progress = Callable[[int], None]


class Undecided(Refusal):
    """Some places of the plan want a person's decision first."""

    code = "undecided"


def no_progress(count: int) -> None:
    """Nobody looks."""


def load_shipped(*, now: datetime, progress: Progress = no_progress) -> list[Edition]:
    """Load countries and every shipped edition not here yet, oldest first.

    Run again it changes nothing; stopped half-way it goes on where it was.
    Returns the editions it loaded.
    """
    load_countries()
    loaded = []
    for path in shipped():
        edition = read(path)
        if not waiting(edition):
            continue
        loaded.append(carry_out(preview(edition), now=now, progress=progress))
    return loaded


def waiting(edition: EditionFile) -> bool:
    """Whether a shipped edition is newer than what is in force, or half loaded."""
    latest = Edition.objects.latest_loaded()
    if latest and latest.valid_from > edition.valid_from:
        return False
    known = Edition.objects.filter(number=edition.number)
    return not known.filter(sha256=edition.sha256).exclude(loaded_at=None).exists()


def load_countries() -> None:
    """Enter the countries that are not here yet: partners come from anywhere."""
    here = set(Place.objects.filter(level=Level.COUNTRY).values_list("code", flat=True))
    names: dict[str, str] = dict(Locale("id").territories)
    missing = sorted(
        code
        for code in names
        if len(code) == 2 and code.isalpha() and code not in {*NO_COUNTRY, *here}
    )
    with transaction.atomic():
        rows.insert(
            Place, PLACE_COLUMNS, [country_row(code, names[code]) for code in missing]
        )
        PlaceCode.objects.bulk_create(
            PlaceCode(place=place, scheme=PlaceCode.Scheme.ISO, code=place.code)
            for place in Place.objects.filter(level=Level.COUNTRY, code__in=missing)
        )


def country_row(code: str, name: str) -> tuple[object, ...]:
    # The date of the whole country is the date in its capital.
    zone = "Asia/Jakarta" if code == "ID" else ""
    kind = Place.Kind.COUNTRY.value
    return (
        uuid7(),
        code,
        f"{code}.",
        Level.COUNTRY.value,
        kind,
        name,
        None,
        zone,
        None,
    )


def carry_out(
    plan: Plan, *, now: datetime, progress: Progress = no_progress
) -> Edition:
    """Make the places here what the plan's edition says.

    Where places change or end, all happens in one transaction, or nothing does; only
    a list of nothing but new places, the first one, goes in by chunks, so that others
    can write between, and is finished by running it again if it was stopped.
    Refuses while something is doubtful.
    """
    if plan.doubtful:
        raise Undecided(
            Plural(
                "%(count)s place must be decided first.",
                "%(count)s places must be decided first.",
                count=len(plan.doubtful),
            ),
            mend=Message("Say of each whether it is the same place."),
            parts=tuple(in_doubt(plan, pair) for pair in plan.doubtful),
        )
    edition = enter(plan.edition)
    change = Change(plan, edition)
    only_new = not change.seats
    with nullcontext() if only_new else transaction.atomic():
        change.park()
        for depth in DEPTHS:
            change.settle(depth)
            open_places(plan, edition, depth, progress)
        change.rename()
        write_codes(edition)
        change.close_codes()
        change.record_origins()
        edition.loaded_at = now
        edition.save(update_fields=["loaded_at"])
    rows.analyse(PlaceCode)
    return edition


def in_doubt(plan: Plan, pair: Pair) -> Message:
    return Message(
        "Is %(before)s %(name)s now %(after)s %(new_name)s?",
        before=pair.before,
        name=plan.before[pair.before],
        after=pair.after,
        new_name=plan.edition.names[pair.after],
    )


def enter(edition: EditionFile) -> Edition:
    entered, _ = Edition.objects.get_or_create(
        number=edition.number,
        defaults={
            "decree": edition.decree,
            "source": edition.source,
            "licence": edition.licence,
            "valid_from": edition.valid_from,
            "sha256": edition.sha256,
        },
    )
    return entered


def open_places(
    plan: Plan, edition: Edition, depth: int, progress: Progress = no_progress
) -> None:
    """Enter the new places of one level; those above them are in already."""
    new = [code for code in plan.opened if level(code) == depth]
    parents = in_force({parent(code) or "ID" for code in new})
    for start in range(0, len(new), rows.CHUNK):
        part = new[start : start + rows.CHUNK]
        rows.insert(
            Place,
            PLACE_COLUMNS,
            [
                place_row(code, plan, parents[parent(code) or "ID"], edition)
                for code in part
            ],
        )
        progress(len(part))


def in_force(codes: set[str]) -> dict[str, Place]:
    """Places by their code."""
    return {
        place.code: place
        for some in rows.chunks([code] for code in codes)
        for place in Place.objects.in_force()
        .filter(code__in=[code for (code,) in some])
        .only("code", "path")
    }


def place_row(
    code: str, plan: Plan, above: Place, edition: Edition
) -> tuple[object, ...]:
    path = f"{above.path}{code.rpartition('.')[2]}."
    name = plan.edition.names[code]
    zone = time_zones().get(code[:2], "")
    return (
        *(uuid7(), code, path, level(code), kind_of(code).value, name),
        *(above.pk, zone, edition.pk),
    )


def write_codes(edition: Edition) -> None:
    """Write the present code of each place that this edition opened, by chunks."""
    opened = Place.objects.filter(opened_in=edition)
    reach = opened.aggregate(first=Min("pk"), last=Max("pk"))
    if reach["first"] is None:
        return
    rows.analyse(Place)  # else each chunk is planned for two places, not for thousands
    for start in range(reach["first"], reach["last"] + 1, rows.CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO places_placecode (place_id, scheme, code, valid_from)"
                " SELECT id, %s, code, %s FROM places_place p"
                " WHERE id >= %s AND id < %s AND opened_in_id = %s AND NOT EXISTS"
                " (SELECT 1 FROM places_placecode c WHERE c.place_id = p.id)",
                [
                    *(PlaceCode.Scheme.KEMENDAGRI.value, edition.valid_from),
                    *(start, start + rows.CHUNK, edition.pk),
                ],
            )
