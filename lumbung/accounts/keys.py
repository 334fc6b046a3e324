"""Passkeys of one's own account, told apart by their number, never by a row's key."""

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse

from lumbung.accounts.requests import SignedIn


def nth(request: SignedIn, number: int) -> int:
    """The primary key of the reader's passkey of this number, counted from 1."""
    mine = Authenticator.objects.filter(
        user=request.user, type=Authenticator.Type.WEBAUTHN
    )
    rows = list(mine.order_by("pk").values_list("pk", flat=True))
    if not 1 <= number <= len(rows):
        raise Http404
    return int(rows[number - 1])


@login_required
def name_key(request: SignedIn, number: int) -> HttpResponse:
    response: HttpResponse = views.edit_webauthn(request, pk=nth(request, number))
    return response


@login_required
def remove_key(request: SignedIn, number: int) -> HttpResponse:
    response: HttpResponse = views.remove_webauthn(request, pk=nth(request, number))
    return response
