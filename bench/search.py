"""How well and how quickly places are found in spite of typing errors.

    python -m bench.search

1,000 names of villages and sub-districts of random districts, each with one or two
seeded errors (a letter wrong, missing, too many, or swapped with its neighbour), asked
for within their district and country-wide. Needs `lumbung places load` done.
"""

import os
import random
import string
import time

import django

SEED, COUNT = 20200214, 1000


def misspelled(name: str, errors: int, rng: random.Random) -> str:
    """Return `name` with `errors` typing errors, never the name itself."""
    while True:
        text = name.lower()
        for _ in range(errors):
            text = one_error(text, rng)
        if text != name.lower():
            return text


def one_error(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    letter = rng.choice(string.ascii_lowercase)
    match rng.choice("wrong missing extra swapped".split()):
        case "wrong":
            return text[:place] + letter + text[place + 1 :]
        case "missing" if len(text) > 1:
            return text[:place] + text[place + 1 :]
        case "extra":
            return text[:place] + letter + text[place:]
        case _:
            place = min(place, max(len(text) - 2, 0))
            return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def run(count: int = COUNT) -> dict[str, float]:
    """Ask for `count` names; return shares found and milliseconds at p95."""
    from lumbung.places.models import Level, Place
    from lumbung.places.search import search

    rng = random.Random(SEED)
    districts = list(
        Place.objects.in_force().filter(level=Level.DISTRICT).order_by("code")
    )
    search("pemanasan")
    hits = {"district": 0, "very place": 0, "one error": 0, "country, first ten": 0}
    times: dict[str, list[float]] = {"district": [], "country": []}
    for number in range(count):
        district = rng.choice(districts)
        below = (
            Place.objects.in_force().below(district).filter(level__gt=Level.DISTRICT)
        )
        place = rng.choice(list(below.order_by("code")))
        errors = 1 + number % 2
        words = misspelled(place.name, errors, rng)
        start = time.perf_counter()
        found = search(words, within=district)
        times["district"].append(time.perf_counter() - start)
        right = bool(found) and found[0].place.name == place.name
        hits["district"] += right
        hits["one error"] += right and errors == 1
        hits["very place"] += bool(found) and found[0].place == place
        start = time.perf_counter()
        wide = search(words)
        times["country"].append(time.perf_counter() - start)
        hits["country, first ten"] += any(h.place.name == place.name for h in wide)
    return {
        "right at the top, given the district": hits["district"] / count,
        "  the very place, not a namesake": hits["very place"] / count,
        "  with one error only": hits["one error"] / (count / 2),
        "name among the first ten, country-wide": hits["country, first ten"] / count,
        "p95 ms, given the district": p95(times["district"]),
        "p95 ms, country-wide": p95(times["country"]),
    }


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.settings")
    django.setup()
    start = time.perf_counter()
    from lumbung.places.search import search

    search("pemanasan")
    print(f"{'first search of a process, s':45} {time.perf_counter() - start:8.2f}")
    for what, figure in run().items():
        print(f"{what:45} {figure:8.3f}")


if __name__ == "__main__":
    main()
