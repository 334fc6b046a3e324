"""A place as the API says it."""

from datetime import date

from ninja import Schema

from lumbung.places.models import Place, PlaceCode


class PlaceShape(Schema):
    """A territory, named by its present official code. `above` holds it."""

    code: str
    name: str
    kind: str
    level: int
    above: str | None
    in_force: bool


class CodeShape(Schema):
    """A code that a place has or had, with the first and last day where known."""

    scheme: str
    code: str
    valid_from: date | None
    valid_to: date | None


class PlaceFull(PlaceShape):
    """A place with what holds it, its codes, and whom it came from or became."""

    time_zone: str
    ancestors: list[PlaceShape]
    codes: list[CodeShape]
    came_from: list[PlaceShape]
    became: list[PlaceShape]


def place_shape(place: Place) -> PlaceShape:
    """`place.parent` should be at hand."""
    return PlaceShape(
        code=place.code,
        name=place.name,
        kind=place.kind,
        level=place.level,
        above=place.parent.code if place.parent else None,
        in_force=place.closed_in_id is None,
    )


def place_full(place: Place) -> PlaceFull:
    """Five queries, whatever the place."""
    holding = Place.objects.filter(path__in=place.ancestor_paths()[:-1])
    codes = PlaceCode.objects.filter(place=place).order_by("scheme", "code")
    before = Place.objects.filter(successions__after=place).select_related("parent")
    after = Place.objects.filter(predecessions__before=place).select_related("parent")
    return PlaceFull(
        **place_shape(place).model_dump(),
        time_zone=place.time_zone,
        ancestors=[
            place_shape(above)
            for above in holding.select_related("parent").order_by("level")
        ],
        codes=[
            CodeShape(
                scheme=row.scheme,
                code=row.code,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
            )
            for row in codes
        ],
        came_from=[place_shape(other) for other in before.order_by("path")],
        became=[place_shape(other) for other in after.order_by("path")],
    )
