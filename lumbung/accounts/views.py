"""The door: signing in on a demonstration, using a link, one's own account."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.views import password_change
from allauth.decorators import rate_limit
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from lumbung.accounts import actions, sign_ins
from lumbung.accounts.forms import LinkForm, NewPasswordForm, TokenForm
from lumbung.accounts.models import ExclusiveRoles, Role, SignIn, User
from lumbung.core.refusal import Refusal
from lumbung.pages.requests import Request


class SignedIn(Request):
    """A request of somebody signed in."""

    user: User


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_POST
def enter_demo(request: HttpRequest) -> HttpResponse:
    """Sign in as an invented person. Only a demonstration has this door."""
    if not settings.DEMO:
        raise Http404
    name = request.POST.get("person", "").replace("\0", "")
    person = get_object_or_404(User.objects.examples(), username=name)
    login(request, person, backend=BACKEND)
    UserSession.objects.create_from_request(request)
    sign_ins.note(request, person, method=SignIn.Method.DEMO, succeeded=True)
    return redirect(settings.LOGIN_REDIRECT_URL)


def find_link(request: HttpRequest) -> HttpResponse:
    """For who has the code on paper and no way to open its address."""
    form = LinkForm(request.GET or None)
    if form.is_valid():
        secret = "-".join(form.cleaned_data["secret"].split())
        try:
            actions.live_link(secret, now=timezone.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect("accounts:use_link", secret=secret)
    status = 422 if form.errors else 200
    return render(request, "accounts/find_link.html", {"form": form}, status=status)


@sensitive_post_parameters()
@never_cache
@rate_limit(action="reset_password_from_key")  # type: ignore[untyped-decorator]
def use_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Set a password with a one-time link. Opening it does not use it up."""
    now = timezone.now()
    form = NewPasswordForm(request.POST or None)
    try:
        person = actions.live_link(secret, now=now).user
    except Refusal as refusal:
        return render(
            request, "accounts/link_spent.html", {"refusal": refusal}, status=410
        )
    if form.is_valid():
        try:
            actions.use_link(
                secret=secret, password=form.cleaned_data["password"], now=now
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("account_login")
    context = {"form": form, "person": person}
    status = 422 if form.errors else 200
    return render(request, "accounts/use_link.html", context, status=status)


@login_required
def change_password(request: SignedIn) -> HttpResponse:
    """allauth's page; who came in without a password is told so."""
    if not request.user.has_usable_password():
        return render(request, "accounts/no_password.html", {"section": "account"})
    response: HttpResponse = password_change(request)
    return response


@login_required
def account(request: SignedIn) -> HttpResponse:
    """One's own mandates, last sign-ins, second factor and API tokens."""
    user = request.user
    context = {
        "section": "account",
        "mandates": user.mandates.with_names().order_by("-pk"),
        "sign_ins": user.sign_ins.order_by("-at")[:10],
        "failed": user.failed_tries(),
        "has_phone": Authenticator.objects.filter(
            user=user, type=Authenticator.Type.TOTP
        ).exists(),
        "passkeys": Authenticator.objects.filter(
            user=user, type=Authenticator.Type.WEBAUTHN
        ).count(),
        "linked": user.openid_links.exists(),
        "sessions": UserSession.objects.filter(user=user).count(),
        "tokens": user.tokens.order_by("-made_at"),
    }
    return render(request, "accounts/account.html", context)


@never_cache
@login_required
def make_token(request: SignedIn) -> HttpResponse:
    """Make a key to the API; its secret is on the answer to this one request."""
    form = TokenForm(request.POST or None)
    context: dict[str, Any] = {"section": "account", "form": form}
    if form.is_valid():
        now = timezone.now()
        until = now + timedelta(days=form.cleaned_data["days"])
        token, secret = actions.make_token(
            label=form.cleaned_data["label"], until=until, by=request.user, now=now
        )
        context |= {"token": token, "secret": secret}
    status = 422 if form.errors else 200
    return render(request, "accounts/make_token.html", context, status=status)


@require_POST
@login_required
def revoke_token(request: SignedIn, uid: UUID) -> HttpResponse:
    token = get_object_or_404(request.user.tokens, uid=uid)
    actions.revoke_token(token=token, by=request.user, now=timezone.now())
    messages.success(request, _("The token %s opens nothing any more.") % token.label)
    return redirect("accounts:account")


@login_required
def roles(request: SignedIn) -> HttpResponse:
    """Which roles there are, and what each may do: everyone may read it."""
    context = {
        "section": "people",
        "roles": Role.objects.order_by("rank", "code").prefetch_related("abilities"),
        "exclusive": ExclusiveRoles.objects.select_related("one", "other"),
    }
    return render(request, "accounts/roles.html", context)
