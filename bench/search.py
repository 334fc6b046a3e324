"""How well and how quickly places are found in spite of typing errors."""

import os
import random
import string
import tempfile
import time
import tracemalloc
from collections import Counter

import django

from bench.table import Row

SEED, COUNT = 20200214, 1000


def run(rows: int = COUNT) -> list[Row]:
    """1,000 names of villages and sub-districts with one or two typing errors.

    Each of a random district, with letters wrong, missing, too many or swapped; asked
    for within the district and country-wide. The time is the 95th percentile.
    """
    load_places()
    from lumbung.places.models import Level, Place  # noqa: PLC0415  # after set-up
    from lumbung.places.search import search  # noqa: PLC0415

    begun = time.perf_counter()
    search("pemanasan")
    first = time.perf_counter() - begun
    rng = random.Random(SEED)  # noqa: S311  # seeded, so that each run asks the same
    places = Place.objects.in_force()
    districts = list(places.filter(level=Level.DISTRICT).order_by("code"))
    right: Counter[str] = Counter()
    times: dict[str, list[float]] = {"district": [], "country": []}
    for number in range(rows):
        district = rng.choice(districts)
        below = places.below(district).filter(level__gt=Level.DISTRICT)
        place = rng.choice(list(below.order_by("code")))
        words = misspelled(place.name, 1 + number % 2, rng)
        found = timed(times["district"], words, within=district)
        right["top"] += found[:1] == [place.name]
        wide = timed(times["country"], words, within=None)
        right["ten"] += place.name in wide
    return [
        Row("given the district, p95", p95(times["district"]), note=f"{right['top'] / rows:.1%} right at the top"),
        Row("country-wide, p95", p95(times["country"]), note=f"{right['ten'] / rows:.1%} among the first ten"),
        Row("first search of a process", first, note=f"{memory():.0f} MB for the array"),
    ]  # fmt: skip


def load_places() -> None:
    """Set Django up over a database of its own, and load the shipped list."""
    os.environ["LUMBUNG_HOME"] = tempfile.mkdtemp(prefix="lumbung-bench-")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from lumbung.places.actions import load_shipped  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    load_shipped(now=timezone.now())


def timed(times: list[float], words: str, *, within: object) -> list[str]:
    from lumbung.places.search import search  # noqa: PLC0415

    begun = time.perf_counter()
    found = search(words, within=within)  # type: ignore[arg-type]
    times.append(time.perf_counter() - begun)
    return [hit.place.name for hit in found]


def misspelled(name: str, errors: int, rng: random.Random) -> str:
    """Return `name` with `errors` typing errors, never the name itself."""
    text = name
    while text.lower() == name.lower():
        text = name.lower()
        for _ in range(errors):
            text = one_error(text, rng)
    return text


def one_error(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    letter = rng.choice(string.ascii_lowercase)
    match rng.choice(["wrong", "missing", "extra", "swapped"]):
        case "wrong":
            return text[:place] + letter + text[place + 1 :]
        case "missing" if len(text) > 1:
            return text[:place] + text[place + 1 :]
        case "extra":
            return text[:place] + letter + text[place:]
        case _:
            place = min(place, max(len(text) - 2, 0))
            return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def memory() -> float:
    """Megabytes that the array of names takes, built once more to be measured."""
    from lumbung.places import search  # noqa: PLC0415

    search.index_of.cache_clear()
    tracemalloc.start()
    search.present_index()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return taken / 1e6


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
