"""Figures for programs: the certificate of a number as JSON."""

from datetime import date
from typing import Any

from django.http import Http404
from django.utils import timezone
from ninja import Router, Schema

from lumbung.accounts.requests import SignedIn
from lumbung.imports.models import Import
from lumbung.measures.figures.figure import FIGURES, Figure, Point, address, certify
from lumbung.measures.models import Source
from lumbung.pages.shapes import Typed, Words, both, refuse_unknown, typed
from lumbung.words import say

router = Router(tags=["figures"])


class SourceShape(Schema):
    """Where a number comes from. An example is invented: say so where shown."""

    title: str
    url: str
    cut_off_on: date | None
    is_example: bool


class RuleShape(Schema):
    """What it was measured by; `status` is official, local or example."""

    name: Words
    pack: str
    version: str
    status: str


class CameShape(Schema):
    """The import that brought it; its uid and file's name for who sees that import."""

    uid: str | None
    at: str
    row: int
    sha256: str
    file: str | None
    by: str | None


class PointShape(Schema):
    label: str
    value: Typed
    source: str
    at: str


class OtherShape(Schema):
    """The same figure by another source; `difference` is that value less this one."""

    source: SourceShape
    value: Typed
    difference: Typed | None
    address: str


class RowsShape(Schema):
    """What was counted; `sha256` is over the rows' uids or codes, sorted, one a line."""

    count: int
    sha256: str
    page: str


class FigureShape(Schema):
    """A number and its birth certificate, as the sender may see it."""

    address: str
    page: str
    title: Words
    value: Typed
    printed: str
    meaning: Words
    formula: Words
    counts: Words
    place: str | None
    is_example: bool
    sources: list[SourceShape]
    rule: RuleShape | None
    came_in: CameShape | None
    revisions: list[PointShape]
    periods: list[PointShape]
    others: list[OtherShape]
    rows: RowsShape | None


@router.get("/{kind}", response=FigureShape)
def figure(request: SignedIn, kind: str) -> FigureShape:
    """A number by its address: the kind, and the keys as parameters.

    `nilai` (tempat, indikator, periode, rincian, sumber), `kelas` (tempat, skema,
    periode), `jumlah-kelas` and `bagian-kelas` (and tingkat, kelas), `tempat`
    (tempat, tingkat, ada), `berkas` (program, jenis, langkah, posisi, keadaan, macet,
    wilayah, letak, orang). The same parameters as the pages have.
    """
    if kind not in FIGURES:
        raise Http404
    refuse_unknown(request.GET, FIGURES[kind].keys)
    keys = address(kind, request.GET.dict())
    found = certify(keys, request.user, timezone.localdate())
    if found is None:
        raise Http404
    return shape(found, request)


def shape(found: Figure, request: SignedIn) -> FigureShape:
    return FigureShape(
        address=str(found.address),
        page=found.address.url,
        title=both(found.title),
        value=typed_class(found.value),
        printed=found.said,
        meaning=both(found.meaning),
        formula=both(found.formula),
        counts=both(found.counts),
        place=found.place.code if found.place else None,
        is_example=found.is_example,
        sources=[source_shape(each) for each in found.sources],
        rule=RuleShape(
            name=both(found.rule.name),
            pack=found.rule.pack,
            version=found.rule.version,
            status=found.rule.status,
        )
        if found.rule
        else None,
        came_in=came_in(found, request),
        revisions=[point_shape(each) for each in found.revisions],
        periods=[point_shape(each) for each in found.periods],
        others=[
            OtherShape(
                source=source_shape(each.source),
                value=typed_class(each.value),
                difference=typed_class(each.difference) if each.difference else None,
                address=str(each.address),
            )
            for each in found.others
        ],
        rows=RowsShape(
            count=found.rows.count, sha256=found.rows.digest, page=found.rows.url
        )
        if found.rows
        else None,
    )


def typed_class(value: Any) -> Typed:
    """A value; the name of a class as a choice in the reader's language."""
    return typed(
        value if isinstance(value, int) or not hasattr(value, "id") else say(value)
    )


def source_shape(source: Source) -> SourceShape:
    return SourceShape(
        title=source.title,
        url=source.url,
        cut_off_on=source.cut_off_on,
        is_example=source.is_example,
    )


def point_shape(point: Point) -> PointShape:
    return PointShape(
        label=point.label,
        value=typed_class(point.value),
        source=point.source.title,
        at=point.of.at.isoformat(),
    )


def came_in(found: Figure, request: SignedIn) -> CameShape | None:
    of = found.of
    if of is None:
        return None
    seen = Import.objects.visible_to(request.user).filter(pk=of.pk).exists()
    return CameShape(
        uid=str(of.uid) if seen else None,
        at=of.at.isoformat(),
        row=found.row,
        sha256=of.sha256,
        file=of.file_name if seen else None,
        by=str(of.by) if seen else None,
    )
