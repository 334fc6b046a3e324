"""Evidence for programs: what lies in one's territory, and its bytes."""

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from ninja import Query, Router

from lumbung.accounts.requests import SignedIn
from lumbung.evidence.attachments import serve
from lumbung.evidence.models import Evidence
from lumbung.evidence.shapes import EvidenceShape, evidence_shape
from lumbung.pages.cursors import Paging, Part, cut

router = Router(tags=["evidence"])


def shape(paper: Evidence) -> EvidenceShape:
    return evidence_shape(paper, reverse("api:evidence_file", args=[paper.uid]))


@router.get("", response=Part[EvidenceShape])
def evidences(request: SignedIn, paging: Query[Paging]) -> Part[EvidenceShape]:
    """Evidence in one's territory, oldest first."""
    rows = Evidence.objects.visible_to(request.user)
    found, following = cut(request, rows.select_related("file", "place", "by"), paging)
    return Part(items=[shape(paper) for paper in found], next=following)


@router.get("/{uuid:uid}", response=EvidenceShape)
def evidence(request: SignedIn, uid: UUID) -> EvidenceShape:
    """One piece of evidence."""
    return shape(find(request, uid))


@router.get("/{uuid:uid}/file", url_name="evidence_file")
def evidence_file(request: SignedIn, uid: UUID) -> HttpResponseBase:
    """The bytes of a piece of evidence."""
    return serve(request, find(request, uid))


def find(request: SignedIn, uid: UUID) -> Evidence:
    rows = Evidence.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("file", "place", "by"), uid=uid)
