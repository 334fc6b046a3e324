"""The page on which who manages a territory takes its data out."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from lumbung.accounts.requests import SignedIn
from lumbung.archive.export_actions import KIND, ask_for_export, may_take_out
from lumbung.archive.jobs import KEPT, export_file
from lumbung.core.refusal import Refusal
from lumbung.places.codes import addressed
from lumbung.places.models import Place
from lumbung.work.models import Job


@login_required
def export(request: SignedIn, code: str) -> HttpResponse:
    """Say what goes along, then ask for it: a job writes it."""
    try:
        place = addressed(code)
    except Refusal as unknown:
        raise Http404 from unknown
    if not may_take_out(request.user, place):
        raise Http404
    if request.method == "POST":
        job = ask_for_export(place=place, by=request.user)
        return redirect("work:job", uid=job.uid)
    context = {"section": "places", "place": place, "days": KEPT.days}
    return render(request, "archive/export.html", context)


@login_required
@require_safe
def download(request: SignedIn, uid: UUID) -> FileResponse:
    """The file of a job of one's own, for as long as one manages what is in it."""
    jobs = Job.objects.visible_to(request.user).filter(kind=KIND, state=Job.State.DONE)
    job = get_object_or_404(jobs, uid=uid)
    place = get_object_or_404(Place, uid=job.payload["place"])
    if not job.result or not may_take_out(request.user, place):
        raise Http404
    try:
        file = export_file(job).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"lumbung-{job.result['place']}.zip"
    return FileResponse(file, as_attachment=True, filename=name)
