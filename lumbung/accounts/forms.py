"""What people fill in about people. Rules stand in `actions` and `posts`."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lumbung.accounts import audit
from lumbung.accounts.actions import Newcomer
from lumbung.accounts.models import Role, User
from lumbung.accounts.posts import (
    LONGEST_REASON,
    SHORTEST_REASON,
    Post,
    programmes,
)
from lumbung.core.refusal import Refusal
from lumbung.pages.forms import DateField, Form
from lumbung.places.codes import resolve
from lumbung.places.models import Place
from lumbung.words import say

OFFERED = 400  # places and people that a field proposes while one types


class LinkForm(Form):
    secret = forms.CharField(
        label=_("Code on your paper"),
        help_text=_("Twenty letters and digits, such as 7QKXM-0VJ3H-9TZRD-C4WPA."),
    )


class NewPasswordForm(Form):
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_(
            "At least 10 letters or digits; three words you remember are best."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("New password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(_("The two passwords differ."))
        return again


class TokenForm(Form):
    label = forms.CharField(
        label=_("Which program is it for?"), max_length=100, min_length=2
    )
    days = forms.TypedChoiceField(
        label=_("How long is it valid?"),
        coerce=int,
        initial=90,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
    )


class Proposing(forms.TextInput):
    """A text field that proposes values while one types, without a script."""

    template_name = "accounts/proposing.html"

    def __init__(self, proposals: Any = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.proposals = proposals

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        widget = context["widget"]
        widget["proposals"] = [(str(value), label) for value, label in self.proposals]
        widget["attrs"]["list"] = f"{widget['attrs'].get('id', name)}_list"
        return context


class PlaceField(forms.CharField):
    """A place by its code, or by its name where only one place here has it.

    `territory` is the rule of `User.inside`, so that names are looked up where the
    person works; what may be done there is for the verb to say.
    """

    widget = Proposing

    def __init__(self, territory: Q, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places = Place.objects.in_force().filter(territory)

    def among(self, user: User, ability: str) -> None:
        """Look up and propose the places where the user may do this."""
        rule = user.inside("path", ability=ability)
        self.places = Place.objects.in_force().filter(rule)
        near = self.places.order_by("level", "code").values_list("code", "name")
        self.widget.proposals = near[:OFFERED]

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        by_code = Place.objects.in_force().filter(code=text).first()
        if by_code:
            return by_code
        found = list(self.places.filter(name__iexact=text).select_related("parent")[:5])
        if len(found) == 1:
            return found[0]
        if not found:
            return self.coded(text)
        several = "; ".join(f"{p.name}, {p.parent}: {p.code}" for p in found)
        raise forms.ValidationError(
            _("Several places have this name. Write one's code: %(several)s."),
            params={"several": several},
        )

    def coded(self, text: str) -> Place:
        """The place of a code written without dots, or that it had before."""
        if not text[0].isdigit():
            raise forms.ValidationError(_("No place here has this name or code."))
        try:
            return resolve(text)
        except Refusal as refusal:
            said = [refusal.message, *refusal.parts, refusal.mend]
            text = " ".join(say(each) for each in said if each)
            raise forms.ValidationError(text) from refusal


def roles_below(user: User) -> list[tuple[str, str]]:
    """The roles that some mandate of the user stands above."""
    ranks = [m.role.rank for m in user.mandates_to("mandate.give")]
    below = Role.objects.filter(rank__gt=min(ranks, default=9999)).order_by("rank")
    return [(role.code, say(role.words)) for role in below]


class MandateForm(Form):
    role = forms.ChoiceField(label=_("Role"))
    place = PlaceField(
        Q(),
        label=_("Place"),
        help_text=_("Code or name, such as 33.26.09.2005 or Botosari."),
    )
    programme = forms.ChoiceField(label=_("Programme"), required=False)
    starts_on = DateField(label=_("First day"))
    ends_on = DateField(
        label=_("Last day"), required=False, help_text=_("Empty: until it is ended.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_below(user)  # type: ignore[attr-defined]
        within = [("", gettext("All programmes"))]
        within += [(code, code) for code in programmes()]
        self.fields["programme"].choices = within  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = timezone.localdate()
        place = self.fields["place"]
        assert isinstance(place, PlaceField)
        place.among(user, "mandate.give")

    def post(self) -> Post:
        data = self.cleaned_data
        return Post(
            role=Role.objects.get(code=data["role"]),
            place=data["place"],
            programme=data["programme"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
        )


class InviteForm(MandateForm):
    name = forms.CharField(label=_("Full name"), max_length=150, min_length=2)
    username = forms.CharField(
        label=_("Username"),
        max_length=150,
        min_length=3,
        validators=[User.username_validator],
        help_text=_("What the person types to sign in: a short name or phone number."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)

    field_order = ("name", "username", "email")

    def newcomer(self) -> Newcomer:
        data = self.cleaned_data
        return Newcomer(
            name=data["name"], username=data["username"], email=data["email"]
        )


class ReasonForm(Form):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=LONGEST_REASON,
        min_length=SHORTEST_REASON,
        help_text=_("It stands in the trail for good."),
    )


class HandOverForm(ReasonForm):
    to = forms.CharField(
        label=_("Successor"),
        help_text=_("The successor's username."),
        widget=Proposing,
    )
    field_order = ("to", "reason")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = User.objects.visible_to(user).filter(is_active=True)
        near = self.people.exclude(pk=user.pk).order_by("name")
        widget = self.fields["to"].widget
        assert isinstance(widget, Proposing)
        widget.proposals = near.values_list("username", "name")[:OFFERED]

    def clean_to(self) -> User:
        username = self.cleaned_data["to"]
        found: User | None = self.people.filter(username__iexact=username).first()
        if found is None:
            raise forms.ValidationError(
                _("Nobody in your territory has this username.")
            )
        return found


class Filter(Form):
    """Read from the query string; a wrong value is said and does not filter."""


class PeopleFilter(Filter):
    q = forms.CharField(label=_("Name"), required=False, max_length=100)
    role = forms.ChoiceField(label=_("Role"), required=False)
    place = PlaceField(Q(), label=_("Place"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("in_force", _("with a mandate in force")),
            ("without", _("without a mandate in force")),
            ("inactive", _("account closed")),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(r.code, say(r.words)) for r in Role.objects.order_by("rank", "code")]
        self.fields["role"].choices = [("", _("All")), *roles]  # type: ignore[attr-defined]


class TrailFilter(Filter):
    who = forms.CharField(label=_("Username"), required=False, max_length=150)
    verb = forms.ChoiceField(label=_("What"), required=False)
    place = PlaceField(Q(), label=_("Place"), required=False)
    since = DateField(label=_("From"), required=False)
    until = DateField(label=_("Until"), required=False)
    row = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        verbs = sorted((say(words), verb) for verb, words in audit.VERBS.items())
        choices = [(verb, words) for words, verb in verbs]
        self.fields["verb"].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]
