"""A piece of evidence as the API says it, without where a photo was taken."""

from datetime import date, datetime

from ninja import Schema

from lumbung.evidence.models import Evidence
from lumbung.pages.shapes import Person, person


class EvidenceShape(Schema):
    """A photo or paper. `file` is the address of its bytes; `size` is in bytes."""

    uid: str
    title: str
    file_name: str
    media_type: str
    size: int
    place: str
    programme: str
    dated_on: date
    by: Person
    at: datetime
    is_withdrawn: bool
    file: str


def evidence_shape(paper: Evidence, file: str) -> EvidenceShape:
    """`paper.file`, `.place` and `.by` should be at hand."""
    return EvidenceShape(
        uid=str(paper.uid),
        title=paper.title,
        file_name=paper.file_name,
        media_type=paper.file.media_type,
        size=paper.file.size,
        place=paper.place.code,
        programme=paper.programme,
        dated_on=paper.dated_on,
        by=person(paper.by),
        at=paper.at,
        is_withdrawn=paper.voided_at is not None,
        file=file,
    )
