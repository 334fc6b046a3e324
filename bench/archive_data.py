"""Observations in bulk, as if one large import had been accepted."""

from datetime import date
from itertools import islice, product

from django.utils import timezone

from lumbung.accounts.models import User
from lumbung.imports.models import Import
from lumbung.measures.models import Indicator, Observation, Source
from lumbung.places.models import Level, Place


def observe(rows: int) -> None:
    """`rows` values of all villages: indicators by years."""
    by = User.objects.get(username="petugas")
    country = Place.objects.get(code="ID")
    of = Import.objects.create(
        kind="observations",
        file_name="bench.csv",
        sha256="0" * 64,
        place=country,
        by=by,
        at=timezone.now(),
        state=Import.State.ACCEPTED,
        expires_on=date(2030, 1, 1),
    )
    source = Source.objects.create(title="Bench", is_example=True)
    indicators = list(Indicator.objects.values_list("pk", flat=True))
    villages = list(
        Place.objects.filter(level=Level.VILLAGE).values_list("pk", flat=True)
    )
    years = [str(year) for year in range(1990, 2030)]
    keys = islice(product(years, indicators, villages), rows)
    while piece := list(islice(keys, 50_000)):
        Observation.objects.bulk_create(
            (
                Observation(
                    of=of,
                    indicator_id=indicator,
                    place_id=village,
                    period=year,
                    source=source,
                    value=f"{village % 997 / 10:.1f}",
                    number=village % 997 / 10,
                    as_published=f"{village % 997 / 10:.1f}".replace(".", ","),
                    row=village % 60_000,
                )
                for year, indicator, village in piece
            ),
            batch_size=5_000,
        )
