"""Classes of places for programs."""

from django.http import HttpRequest
from ninja import Router, Schema

from lumbung.measures.models import PlaceClass
from lumbung.pages.shapes import Code, Words
from lumbung.places.codes import UnknownCode, entered

router = Router(tags=["places"])
MOST = 500  # a place has one class a scheme and period


class ClassShape(Schema):
    """A class of a place in a period. An example is invented: say so where shown."""

    scheme: str
    period: str
    code: str
    name: Words
    tone: str
    source: str
    is_example: bool


@router.get("/{code}/classes", response=list[ClassShape])
def classes(request: HttpRequest, code: Code) -> list[ClassShape]:
    """The classes of a place by each scheme, latest period first."""
    try:
        place = entered(code, field="code")
    except UnknownCode as refusal:
        refusal.status = 404  # it is the address that names it
        raise
    rows = PlaceClass.objects.current().filter(place=place)
    ready = rows.select_related("scheme", "source").order_by("scheme__code", "-period")
    return [class_shape(row) for row in ready[:MOST]]


def class_shape(row: PlaceClass) -> ClassShape:
    known = next((c for c in row.scheme.classes if c["code"] == row.code), None)
    name = known["name"] if known else {"id": row.code, "en": row.code}
    return ClassShape(
        scheme=row.scheme.code,
        period=row.period,
        code=row.code,
        name=Words(id=name["id"], en=name["en"]),
        tone=known["tone"] if known else "",
        source=row.source.title,
        is_example=row.source.is_example,
    )
