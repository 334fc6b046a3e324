"""The papers of a case: what somebody who may see the case may read there."""

from django.db.models import Q, QuerySet

from lumbung.evidence.models import Evidence
from lumbung.programmes.models import Case, StepEvidence


def papers_of(case: Case) -> QuerySet[Evidence]:
    """Evidence laid to the case, minutes of its decisions, proof of its facts."""
    laid = StepEvidence.objects.filter(case=case)
    return Evidence.objects.select_related("file", "place").filter(
        Q(pk__in=laid.values("evidence"))
        | Q(pk__in=case.decisions.values("minutes"))
        | Q(pk__in=case.declared_facts.values("evidence"))
    )
