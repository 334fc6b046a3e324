"""Places for programs: search, browse, and what a code means."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema
from pydantic import AfterValidator

from lumbung.pages.cursors import Paging, Part, cut
from lumbung.pages.shapes import Code, printable
from lumbung.places.codes import UnknownCode, entered, resolve
from lumbung.places.models import Level, Place, PlaceCode
from lumbung.places.search import search
from lumbung.places.shapes import PlaceFull, PlaceShape, place_full, place_shape

router = Router(tags=["places"])


class PlacesAsked(Schema):
    """Which places. With `q` the likeliest come first, in one part."""

    q: Annotated[str, AfterValidator(printable)] = Field(
        "", max_length=100, description="A name as people type it, or a code"
    )
    below: Code | None = Field(None, description="Only what lies in this place")
    level: Level | None = Field(None, description="0 country … 4 village")


@router.get("", response=Part[PlaceShape])
def places(
    request: HttpRequest, asked: Query[PlacesAsked], paging: Query[Paging]
) -> Part[PlaceShape]:
    """Places in force, in the order of their codes; or the answers to a search."""
    within = entered(asked.below, field="below") if asked.below else None
    levels = [] if asked.level is None else [asked.level]
    if asked.q.strip():
        hits = search(asked.q, within=within, levels=levels, limit=paging.limit)
        return Part(items=[place_shape(hit.place) for hit in hits])
    rows = Place.objects.in_force().select_related("parent")
    if within:
        rows = rows.below(within)
    if levels:
        rows = rows.filter(level__in=levels)
    found, following = cut(request, rows, paging, key="path")
    return Part(items=[place_shape(place) for place in found], next=following)


class CodeAsked(Schema):
    """How the code is to be read."""

    scheme: PlaceCode.Scheme | None = Field(
        None, description="Whose list the code is from"
    )


@router.get("/{code}", response=PlaceFull)
def place(request: HttpRequest, code: Code, asked: Query[CodeAsked]) -> PlaceFull:
    """One place by any code it has or had; a code that means two is refused.

    The present code, as lists write it, means its place whatever other lists say.
    """
    try:
        if asked.scheme is None:
            return place_full(entered(code, field="code"))
        return place_full(resolve(code, asked.scheme))
    except UnknownCode as refusal:
        refusal.status = 404  # it is the address that names it
        raise
