"""Pages on the people of one's territory: who they are, what they may, who let them in."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from lumbung.accounts import actions, qr_code
from lumbung.accounts.forms import (
    HandOverForm,
    InviteForm,
    MandateForm,
    PeopleFilter,
    ReasonForm,
)
from lumbung.accounts.models import (
    AccessLink,
    Mandate,
    MandateQuerySet,
    User,
    UserQuerySet,
)
from lumbung.accounts.views import SignedIn
from lumbung.core.refusal import Refusal
from lumbung.fields import below
from lumbung.pages.tables import Column, Table
from lumbung.words import day, say

Page = Callable[..., HttpResponseBase]


def holding(*abilities: str) -> Callable[[Page], Page]:
    """Only for people who have one of these abilities somewhere."""

    def decorate(page: Page) -> Page:
        @login_required
        @wraps(page)
        def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(request.user.may_somewhere(ability) for ability in abilities):
                raise PermissionDenied
            return page(request, *args, **kwargs)

        return guarded

    return decorate


overseeing = holding("mandate.give", "audit.read")
managing = holding("mandate.give")


def mandates_said(person: Any) -> str:
    """Mandates as one text, for a downloaded cell."""
    return "; ".join(
        f"{say(m.role.words)}, {m.place.name} ({m.place.code})"
        + (f", {m.programme}" if m.programme else "")
        + f", {day(m.starts_on)} - {day(m.ends_on) if m.ends_on else ''}"
        for m in person.shown_mandates
    )


COLUMNS = [
    Column(
        "name",
        gettext_lazy("Name"),
        lambda person: person.name,
        sort="name",
        template="accounts/person_cell.html",
    ),
    Column(
        "username",
        gettext_lazy("Username"),
        lambda p: p.username,
        "username",
        wide=True,
    ),
    Column(
        "mandates",
        gettext_lazy("Mandates"),
        mandates_said,
        template="accounts/mandates_cell.html",
    ),
    Column(
        "last",
        gettext_lazy("Last sign-in"),
        lambda p: p.last_login,
        "last_login",
        template="accounts/last_cell.html",
        wide=True,
    ),
]


@overseeing
def people(request: SignedIn) -> HttpResponseBase:
    """Everybody of one's territory, with the mandates one may see."""
    chosen = PeopleFilter(request.GET)
    mandates = Mandate.objects.visible_to(request.user)
    shown = Prefetch(
        "mandates",
        mandates.with_names().order_by("role__rank", "pk"),
        to_attr="shown_mandates",
    )
    found = narrowed(User.objects.visible_to(request.user), mandates, chosen)
    table = Table(
        request,
        found.order_by("name", "pk").prefetch_related(shown),
        COLUMNS,
        name=_("people"),
    )
    if table.wanted:
        return table.download()
    context = {"section": "people", "table": table, "form": chosen}
    return render(request, "accounts/people.html", context)


def narrowed(
    people: UserQuerySet, mandates: MandateQuerySet, chosen: PeopleFilter
) -> UserQuerySet:
    """The people that a filter leaves; what is filled in wrongly does not filter."""
    chosen.is_valid()
    wanted = {k: v for k, v in getattr(chosen, "cleaned_data", {}).items() if v}
    if text := wanted.get("q"):
        people = people.filter(Q(name__icontains=text) | Q(username__icontains=text))
    if role := wanted.get("role"):
        mandates = mandates.filter(role__code=role)
    if place := wanted.get("place"):
        mandates = mandates.filter(below("place__path", place.path))
    state = wanted.get("state", "")
    if state == "inactive":
        people = people.filter(is_active=False)
    elif state == "without":
        current = mandates.in_force(timezone.localdate())
        return people.exclude(pk__in=current.values("user"))
    elif state == "in_force":
        mandates = mandates.in_force(timezone.localdate())
    if {"role", "place"} & set(wanted) or state == "in_force":
        people = people.filter(pk__in=mandates.values("user"))
    return people


def find(request: SignedIn, uid: UUID) -> User:
    found: User = get_object_or_404(User.objects.visible_to(request.user), uid=uid)
    return found


@overseeing
def person(request: SignedIn, uid: UUID) -> HttpResponse:
    found, user = find(request, uid), request.user
    mandates = list(
        Mandate.objects.visible_to(user).filter(user=found).with_names().order_by("-pk")
    )
    now = timezone.now()
    context = {
        "section": "people",
        "person": found,
        "mandates": mandates,
        "elsewhere": found.mandates.count() - len(mandates),
        "deeds": True,
        "may_give": user.may_somewhere("mandate.give") and found != user,
        "manages": user.manages(found),
        "link": found.links.filter(used_at=None, expires_at__gt=now).first(),
    }
    return render(request, "accounts/person.html", context)


@never_cache
@managing
def invite_user(request: SignedIn) -> HttpResponse:
    """Register somebody with a first mandate; the answer is the slip to hand over."""
    form = InviteForm(request.POST or None, user=request.user)
    invited = form.attempt(
        lambda: actions.invite_user(
            newcomer=form.newcomer(),
            post=form.post(),
            by=request.user,
            now=timezone.now(),
        )
    )
    if invited:
        return slip(request, *invited)
    context = {"section": "people", "form": form}
    return answer(request, "invite_user", context)


@managing
def give_mandate(request: SignedIn, uid: UUID) -> HttpResponse:
    found = find(request, uid)
    form = MandateForm(request.POST or None, user=request.user)
    if form.attempt(
        lambda: actions.give_mandate(
            person=found, post=form.post(), by=request.user, now=timezone.now()
        )
    ):
        messages.success(request, _("The mandate is given."))
        return redirect("accounts:person", uid=found.uid)
    context = {"section": "people", "form": form, "person": found}
    return answer(request, "give_mandate", context)


def answer(request: SignedIn, page: str, context: dict[str, Any]) -> HttpResponse:
    """The page with its form: 422 where something in it is not right."""
    status = 422 if context["form"].errors else 200
    return render(request, f"accounts/{page}.html", context, status=status)


def find_mandate(request: SignedIn, uid: UUID) -> Mandate:
    """A mandate that one oversees, or one's own."""
    mandates = Mandate.objects.visible_to(request.user).with_names()
    return get_object_or_404(mandates, uid=uid)


@managing
def end_mandate(request: SignedIn, uid: UUID) -> HttpResponse:
    mandate = find_mandate(request, uid)
    form = ReasonForm(request.POST or None)
    if form.attempt(
        lambda: actions.end_mandate(
            mandate=mandate, by=request.user, now=timezone.now(), **form.cleaned_data
        )
    ):
        messages.success(request, _("The mandate is ended."))
        return redirect("accounts:person", uid=mandate.user.uid)
    context = {"section": "people", "form": form, "mandate": mandate}
    return answer(request, "end_mandate", context)


@managing
def hand_over_mandate(
    request: SignedIn,
    uid: UUID,
    verb: Callable[..., object],
) -> HttpResponse:
    """Give a mandate to a successor. `verb` comes from above: cases go along."""
    mandate = find_mandate(request, uid)
    form = HandOverForm(request.POST or None, user=request.user)
    if form.attempt(
        lambda: verb(
            mandate=mandate, by=request.user, now=timezone.now(), **form.cleaned_data
        )
    ):
        messages.success(request, _("The mandate is handed over."))
        return redirect("accounts:person", uid=form.cleaned_data["to"].uid)
    context = {"section": "people", "form": form, "mandate": mandate}
    return answer(request, "hand_over_mandate", context)


@never_cache
@require_POST
@managing
def make_reset_link(request: SignedIn, uid: UUID) -> HttpResponse:
    found = find(request, uid)
    try:
        secret = actions.make_reset_link(
            person=found, by=request.user, now=timezone.now()
        )
    except Refusal as refusal:
        return refused(request, found, refusal)
    return slip(request, found, secret)


@managing
def deactivate_user(request: SignedIn, uid: UUID) -> HttpResponse:
    found = find(request, uid)
    form = ReasonForm(request.POST or None)
    if form.attempt(
        lambda: actions.deactivate_user(
            person=found, by=request.user, now=timezone.now(), **form.cleaned_data
        )
    ):
        messages.success(request, _("The account is closed."))
        return redirect("accounts:person", uid=found.uid)
    context = {"section": "people", "form": form, "person": found}
    return answer(request, "deactivate_user", context)


@require_POST
@managing
def reactivate_user(request: SignedIn, uid: UUID) -> HttpResponse:
    found = find(request, uid)
    try:
        actions.reactivate_user(person=found, by=request.user)
    except Refusal as refusal:
        return refused(request, found, refusal)
    messages.success(request, _("The account is open again."))
    return redirect("accounts:person", uid=found.uid)


@require_POST
@managing
def remove_second_factor(request: SignedIn, uid: UUID) -> HttpResponse:
    found = find(request, uid)
    try:
        actions.remove_second_factor(person=found, by=request.user)
    except Refusal as refusal:
        return refused(request, found, refusal)
    messages.success(request, _("The password alone now opens the account."))
    return redirect("accounts:person", uid=found.uid)


def refused(request: SignedIn, person: User, refusal: Refusal) -> HttpResponse:
    """Say a refusal where there is no form to say it in."""
    context = {"section": "people", "person": person, "refusal": refusal}
    return render(request, "accounts/refused.html", context, status=refusal.status)


def slip(request: SignedIn, person: User, secret: str) -> HttpResponse:
    """The paper to hand over. It cannot be shown again: only a digest is kept."""
    address = reverse("accounts:use_link", args=[secret])
    link = AccessLink.objects.filter(user=person).latest("pk")
    url = request.build_absolute_uri(address)
    context = {
        "section": "people",
        "person": person,
        "secret": secret,
        "url": url,
        "code": qr_code.draw(url),
        "link": link,
    }
    return render(request, "accounts/slip.html", context)
