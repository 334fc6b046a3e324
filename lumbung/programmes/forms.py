"""What the pages of a case ask for."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from lumbung.accounts.forms import PlaceField
from lumbung.accounts.models import User
from lumbung.core.message import Rupiah, Share, Value
from lumbung.pages.forms import DateField, Form
from lumbung.programmes.models import Case, Decision, Programme
from lumbung.programmes.packs.pack import FactType, Step, Template, pack_of
from lumbung.programmes.verdicts import step_of, template_of
from lumbung.words import say

FILES = {"accept": "image/*,application/pdf"}
# `1e-9999999` is a short text and a number without end.
DIGITS: dict[str, Any] = {"max_digits": 27, "decimal_places": 12, "localize": True}


def today() -> Any:
    return timezone.localdate()


class MoveForm(Form):
    """Which step to go to, on which day; `version` is what the mover saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    to = forms.CharField(widget=forms.HiddenInput)
    on = DateField(label=_("On"), initial=today)


class CloseForm(MoveForm):
    """The last step: how the case ends."""

    def __init__(self, *args: Any, form: Template, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = ending(form)


def ending(form: Template) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("How does it end?"),
        choices=[(outcome.id, say(outcome.name)) for outcome in form.outcomes],
        widget=forms.RadioSelect,
    )


class DecisionForm(Form):
    """A body's decision with attendance by sex and sector, and its signed minutes."""

    body = forms.CharField(label=_("Who decided?"), max_length=200)
    number = forms.CharField(
        label=_("Number of the decision"),
        required=False,
        max_length=60,
        help_text=_("As written on the letter, for example 050/17/2018."),
    )
    decided_on = DateField(label=_("Day of the meeting"), initial=today)
    venue = forms.CharField(label=_("Where"), max_length=200)
    result = forms.ChoiceField(
        label=_("Result"),
        choices=[
            (Decision.Result.APPROVED, _("Approved")),
            (Decision.Result.REJECTED, _("Rejected")),
            (Decision.Result.DEFERRED, _("Deferred")),
        ],
        widget=forms.RadioSelect,
        initial=Decision.Result.APPROVED,
    )
    reason = forms.CharField(
        label=_("What was decided and why"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("So that people of the village who read it next year understand."),
    )
    invited = forms.IntegerField(
        label=_("How many were invited"),
        required=False,
        min_value=1,
        max_value=99_999,
    )
    minutes = forms.FileField(
        label=_("Signed minutes"),
        help_text=_("A photo or PDF, 20 MB at most."),
        widget=forms.FileInput(attrs=FILES),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        step = step_of(case)
        self.fields["body"].initial = say(step.decides)
        self.fields["invited"].required = step.quorum is not None
        self.sectors = pack_of(case.pack_id).sectors
        for sector, name in self.sectors.items():
            for sex, word in (("women", _("women")), ("men", _("men"))):
                self.fields[f"{sex}_{sector}"] = forms.IntegerField(
                    label=lazystr(f"{say(name)}, {word}"),
                    required=False,
                    min_value=0,
                    max_value=9999,
                    widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                )

    def head_fields(self) -> list[forms.BoundField]:
        return [
            field
            for field in self.visible_fields()
            if not self.is_attendance(field.name)
        ]

    def attendance_rows(self) -> list[dict[str, Any]]:
        """One row a sector: its name, and the two boxes for women and men."""
        return [
            {"name": name, "women": self[f"women_{id}"], "men": self[f"men_{id}"]}
            for id, name in self.sectors.items()
        ]

    def is_attendance(self, name: str) -> bool:
        return name.startswith(("women_", "men_"))

    def clean(self) -> dict[str, Any]:
        """Gather the boxes into `attendance`: sector → (women, men)."""
        data = super().clean() or {}
        pairs = {
            id: (data.pop(f"women_{id}", None) or 0, data.pop(f"men_{id}", None) or 0)
            for id in self.sectors
        }
        data["attendance"] = {id: pair for id, pair in pairs.items() if sum(pair)}
        return data


class StopForm(DecisionForm):
    """A decision to end a case before its goal: always an approval, with a number."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["result"]
        self.fields["number"].required = True
        self.fields["reason"].label = _("Reason")


class OverrideForm(StopForm):
    """A decision to pass the gate; at the last step it says how the case ends."""

    to = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        following = next_choice(case)
        if following is None:
            self.fields["to"] = ending(template_of(case))
        else:
            self.fields["to"].initial = following.id


class EvidenceForm(Form):
    """A photo or paper for one requirement of the present step."""

    requirement = forms.ChoiceField(label=_("What is it?"), widget=forms.RadioSelect)
    upload = forms.FileField(
        label=_("Photo or PDF"),
        help_text=_("20 MB at most. A photo of the paper is enough."),
        widget=forms.FileInput(attrs=FILES),
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        help_text=_("Left empty, the name of what is asked for."),
    )
    dated_on = DateField(label=_("Day on the paper"), initial=today)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.id, say(each.name)) for each in step_of(case).evidence]
        self.fields["requirement"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["requirement"].initial = choices[0][0]


class FactForm(Form):
    """One declared fact, asked for in its own type, with a paper that proves it."""

    value = forms.CharField()
    as_of = DateField(label=_("As of"), initial=today)
    upload = forms.FileField(
        label=_("Proof"),
        help_text=_("A photo or PDF, 20 MB at most."),
        widget=forms.FileInput(attrs=FILES),
    )

    def __init__(self, *args: Any, fact: FactType, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"] = field_of(fact)

    def typed(self, fact: FactType) -> Value:
        """The value as the fact's own type."""
        return typed(fact.type, self.cleaned_data["value"])


def field_of(fact: FactType) -> forms.Field:
    common: dict[str, Any] = {"label": say(fact.name), "help_text": say(fact.help)}
    match fact.type:
        case "count" | "rupiah":
            return forms.IntegerField(min_value=0, localize=True, **common)
        case "share":
            common["help_text"] += " " + str(_("In per cent, 0 to 100."))
            return forms.DecimalField(min_value=0, max_value=100, **DIGITS, **common)
        case "number":
            return forms.DecimalField(**DIGITS, **common)
        case "date":
            return DateField(**common)
        case "yesno":
            choices: list[tuple[str, Any]] = [("yes", _("Yes")), ("no", _("No"))]
        case _:
            choices = [(id, say(name)) for id, name in fact.choices.items()]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def typed(type: str, value: Any) -> Value:
    match type:
        case "rupiah":
            return Rupiah(value)
        case "share":
            return Share(Fraction(Decimal(value)) / 100)
        case _:
            return value  # type: ignore[no-any-return]


class ReasonForm(Form):
    """Why a case is paused, taken up again or sent back."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    on = DateField(label=_("On"), initial=today)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A sentence that people who read it next year understand."),
    )


class TakeBackForm(Form):
    """Why evidence is taken back from a step."""

    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=300
    )


class ReturnForm(ReasonForm):
    """To which earlier step a case goes back, and why."""

    to = forms.ChoiceField(label=_("Back to"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [template_of(case).step(id) for id in step_of(case).returns]
        choices = [(step.id, say(step.name)) for step in steps]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["to"].initial = choices[0][0]
        self.order_fields(["to", "on", "reason"])


class HandOverForm(ReasonForm):
    """Who takes a case over: people with a mandate where it is."""

    to = forms.ModelChoiceField(
        label=_("New responsible person"),
        queryset=User.objects.none(),
        to_field_name="uid",
        empty_label=_("Choose"),
    )
    reason = forms.CharField(
        label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
        self.order_fields(["to", "on", "reason"])


class OpenForm(Form):
    """A new case: of which template, where, by whom."""

    template = forms.ChoiceField(label=_("Kind of case"), widget=forms.RadioSelect)
    place = PlaceField(
        Q(),
        label=_("Main place"),
        help_text=_("Code or name, such as 33.26.09.2005 or Botosari."),
    )
    also = forms.CharField(
        label=_("Further places"), required=False, help_text=_("Codes, by comma.")
    )
    partners = forms.CharField(
        label=_("Partner places"), required=False, help_text=_("Codes, by comma.")
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        required=False,
        help_text=_("Left empty, the name of the place."),
    )
    on = DateField(label=_("On"), initial=today)
    origin = forms.ModelChoiceField(
        label=_("Case that it copies"),
        queryset=Case.objects.none(),
        to_field_name="number",
        required=False,
        widget=forms.TextInput,
        help_text=_("Its number, for a replication."),
    )

    def __init__(
        self, *args: Any, programme: Programme, user: User, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, PlaceField)
        place.among(user, "case.open")
        templates = pack_of(programme.pack_id).templates_of(programme.code)
        choices = [(t.id, say(t.name)) for t in templates]
        self.fields["template"].choices = choices  # type: ignore[attr-defined]
        self.fields["template"].initial = choices[0][0] if choices else None
        cases = Case.objects.visible_to(user)
        self.fields["origin"].queryset = cases  # type: ignore[attr-defined]


def next_choice(case: Case) -> Step | None:
    """The step a case goes on to; None at the last, where an outcome is chosen."""
    return template_of(case).after(case.step)
