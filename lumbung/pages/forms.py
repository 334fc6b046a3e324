"""Forms as our pages show them: what is wrong first, each with its mending."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lumbung.core.refusal import Refusal
from lumbung.words import say

Done = TypeVar("Done")
DJANGOS = forms.Field.default_error_messages["required"]


class Form(forms.Form):
    """A plain form. A view hands its verb to `attempt`, and shows the form again."""

    use_required_attribute = False  # the page answers in words, not the browser

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def full_clean(self) -> None:
        """Check what was sent, with our words in place of Django's.

        Fields may be added until now; those that say something of their own keep it.
        """
        for field in self.fields.values():
            said = field.error_messages
            if said["required"] == DJANGOS:
                said["required"] = needed(field)
            # Django puts the number in.
            said.setdefault("max_value", _("At most %(limit_value)s."))
            said.setdefault("min_value", _("At least %(limit_value)s."))
        super().full_clean()

    def attempt(self, verb: Callable[[], Done]) -> Done | None:
        """What `verb` gives where all is filled in well and it does not refuse."""
        if not self.is_valid():
            return None
        try:
            return verb()
        except Refusal as refusal:
            self.refuse(refusal)
            return None

    def refuse(self, refusal: Refusal) -> None:
        """Say a refusal beside the field it is about, or above the form."""
        sentences = [refusal.message, *refusal.parts, refusal.mend]
        text = " ".join(say(sentence) for sentence in sentences if sentence)
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, text)


def needed(field: forms.Field) -> str:
    match field:
        case forms.FileField():
            return _("Choose a file.")
        case forms.ChoiceField():
            return _("Choose one.")
        case _:
            return _("Fill this in.")


class DateField(forms.DateField):
    """A day, typed or picked; browsers send `2020-02-14`, people write `14/02/2020`.

    The year 202 is a slip of the hand, and the year 1 has no midnight in Jakarta.
    """

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [
        MinValueValidator(date(1900, 1, 1)),
        MaxValueValidator(date(9000, 12, 31)),
    ]

    default_error_messages = dict.fromkeys(
        ["invalid", "min_value", "max_value"],
        gettext_lazy("Write day, month and year, such as 31/12/2019."),
    )

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y"])
        super().__init__(**kwargs)
