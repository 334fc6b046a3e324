"""Runs for programs: places put into classes by a rule, and what each place got."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Field, Query, Router, Schema

from lumbung.accounts.requests import SignedIn
from lumbung.core.message import Message
from lumbung.fields import below
from lumbung.imports.models import Import
from lumbung.measures.models import Run
from lumbung.measures.runs import rule_words
from lumbung.measures.runs.computing import NotDone
from lumbung.measures.runs.lines import Line, fits, lines_of
from lumbung.pages.cursors import Paging, Part, cut, cut_list
from lumbung.pages.shapes import Code, Person, Typed, Words, both, person, typed
from lumbung.places.codes import entered
from lumbung.words import say

router = Router(tags=["runs"])
MOST = 5_000  # places in one part: each part reads the run's file once


class CountShape(Schema):
    """How many places have a class; those without data have an empty `code`."""

    code: str
    name: Words
    tone: str
    count: int


class RunShape(Schema):
    """A run of a rule. An example is invented: say so where shown.

    Its classes count while `state` is accepted; those that wait are for their own
    territory. A run that is still at work, or failed, has no counts.
    """

    uid: str
    rule: str
    name: Words
    pack: str
    scheme: str
    period: str
    place: str
    state: str
    counts: list[CountShape]
    is_example: bool
    by: Person
    at: datetime
    page: str


class RunFull(RunShape):
    """A run with its rule in sentences, and what it read, to be repeated.

    `rows` and `labels` are SHA-256 over what was read and what came out; `source` is
    set where the values of one source alone were read.
    """

    sentences: list[str]
    read: int
    doubled: int
    source: str | None
    program: str
    rows: str
    labels: str


class LabelShape(Schema):
    """The class that a run gave a place, under the code and name that it had then.

    `value` is rounded as people read it, `exact` a fraction. Without data both are
    null, and `code` is empty.
    """

    place: str
    place_name: str
    code: str
    name: Words
    tone: str
    value: Typed | None
    exact: str | None


class RunsAsked(Schema):
    """Which runs of those one may see. Each that is given must hold."""

    rule: Code | None = None
    period: Code | None = None
    state: Import.State | None = None
    place: Code | None = Field(None, description="Its territory is this one or below")


class LabelsAsked(Schema):
    """Which places of a run."""

    within: Code | None = Field(None, description="Only this place and what is in it")
    code: Code | None = Field(None, description="Only of this class; - is no data")


class LongPaging(Paging):
    """Which part of a list of very many is asked for."""

    limit: int = Field(1_000, ge=1, le=MOST, description="Most items in one answer")


@router.get("", response=Part[RunShape])
def runs(
    request: SignedIn, asked: Query[RunsAsked], paging: Query[Paging]
) -> Part[RunShape]:
    """Runs whose classes count, and those of one's own territory; oldest first."""
    rows = rows_for(request)
    if asked.place:
        rows = rows.filter(
            below("place__path", entered(asked.place, field="place").path)
        )
    columns = {"rule": asked.rule, "period": asked.period, "of__state": asked.state}
    rows = rows.filter(**{name: v for name, v in columns.items() if v is not None})
    found, following = cut(request, rows, paging)
    return Part(items=[shape(row) for row in found], next=following)


@router.get("/{uuid:uid}", response=RunFull)
def run(request: SignedIn, uid: UUID) -> RunFull:
    """One run: the rule it followed, what it read, how many places have each class."""
    found = get_object_or_404(rows_for(request), uid=uid)
    sentences = rule_words.sentences(found.content, found.period)
    return RunFull(
        **shape(found).model_dump(),
        sentences=[say(sentence) for sentence in sentences],
        read=found.read,
        doubled=found.doubled,
        source=found.only.title if found.only else None,
        program=found.program,
        rows=found.rows,
        labels=found.labels,
    )


@router.get("/{uuid:uid}/classes", response=Part[LabelShape])
def labels(
    request: SignedIn, uid: UUID, asked: Query[LabelsAsked], paging: Query[LongPaging]
) -> Part[LabelShape]:
    """The class of each place as the run kept it, in the order of codes."""
    found = get_object_or_404(rows_for(request), uid=uid)
    if not found.labels:
        raise NotDone(Message("This run has not come to its labels."))
    lines = lines_of(
        found, entered(asked.within, field="within") if asked.within else None
    )
    chosen = [line for line in lines if fits(line, asked.code or "")]
    part, following = cut_list(request, chosen, paging, key="code")
    return Part(items=[label_shape(line) for line in part], next=following)


def rows_for(request: SignedIn) -> QuerySet[Run]:
    rows = Run.objects.visible_to(request.user).marked()
    return rows.select_related("of", "place", "by", "pack", "scheme", "only")


def shape(row: Run) -> RunShape:
    tally = rule_words.counted(row.content, row.counts) if row.labels else []
    return RunShape(
        uid=str(row.uid),
        rule=row.rule,
        name=both(rule_words.name_of(row.content)),
        pack=str(row.pack),
        scheme=row.scheme.code,
        period=row.period,
        place=row.place.code,
        state=row.of.state,
        counts=[
            CountShape(
                code=each["code"].removeprefix("-"),
                name=both(each["name"]),
                tone=each["tone"],
                count=each["count"],
            )
            for each in tally
        ],
        is_example=row.is_example,
        by=person(row.by),
        at=row.at,
        page=reverse("runs:run", args=[row.uid]),
    )


def label_shape(line: Line) -> LabelShape:
    return LabelShape(
        place=line.code,
        place_name=line.name,
        code=line.klass,
        name=both(line.word),
        tone=line.tone if line.klass else "nodata",
        value=None if line.value is None else typed(line.value),
        exact=None if line.exact is None else str(line.exact),
    )
