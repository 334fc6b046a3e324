"""Doors of OpenID Connect: out to the provider, and back."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lumbung.accounts import openid, sign_ins
from lumbung.accounts import openid_actions as actions
from lumbung.accounts.models import SignIn, User
from lumbung.accounts.requests import SignedIn
from lumbung.core.refusal import Refusal

ASKED = "openid"


def way_back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("accounts:openid_back"))


@require_GET
@never_cache
def openid_out(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider; whoever is signed in here links the two."""
    if not openid.is_offered():
        raise Http404
    asked = openid.Asked.anew()
    try:
        url = openid.way_out(asked, way_back(request))
    except Refusal as refusal:
        return refused(request, refusal, None)
    request.session[ASKED] = asked.kept()
    return redirect(url)


@require_GET
@never_cache
def openid_back(request: HttpRequest) -> HttpResponse:
    """Where the provider sends them back to; the question is good for one answer."""
    if not openid.is_offered():
        raise Http404
    kept = request.session.pop(ASKED, None)
    try:
        if kept is None or request.GET.get("state") != kept["state"]:
            raise openid.not_believed()
        code = request.GET.get("code", "")
        if not code:
            raise openid.not_believed()
        somebody = openid.answer(openid.Asked(**kept), code, way_back(request))
        if isinstance(request.user, User):
            return linked(request, somebody)
        person = actions.recognise(somebody=somebody, now=timezone.now())
    except Refusal as refusal:
        return refused(request, refusal, kept)
    record_authentication(request, person, "openid")
    answer: HttpResponse = perform_login(request, Login(user=person))
    return answer


def linked(request: HttpRequest, somebody: openid.Somebody) -> HttpResponse:
    assert isinstance(request.user, User)
    actions.link_openid(somebody=somebody, by=request.user, now=timezone.now())
    said = _("%s now opens your account.") % settings.OIDC_NAME
    messages.success(request, said)
    return redirect("accounts:account")


def refused(request: HttpRequest, refusal: Refusal, kept: object) -> HttpResponse:
    """Say why on a page of ours; a try that came back is noted as failed."""
    if kept is not None and not request.user.is_authenticated:
        sign_ins.note(request, None, method=SignIn.Method.OPENID, succeeded=False)
    context = {"refusal": refusal, "name": settings.OIDC_NAME}
    return render(
        request, "accounts/openid_refused.html", context, status=refusal.status
    )


@require_POST
@login_required
def openid_unlink(request: SignedIn) -> HttpResponse:
    actions.unlink_openid(by=request.user)
    messages.success(request, _("Only what stands below opens your account now."))
    return redirect("accounts:account")
