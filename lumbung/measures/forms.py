"""What an import of numbers asks for, beside the file."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.core import cells
from lumbung.measures.models import ClassScheme, Indicator
from lumbung.pages.forms import DateField, Form
from lumbung.places.models import PlaceCode
from lumbung.words import language, say

SCHEMES = [
    (PlaceCode.Scheme.KEMENDAGRI, _("Kemendagri (33.26.09.2005)")),
    (PlaceCode.Scheme.BPS, _("BPS (3326090005)")),
    ("", _("I do not know")),
]


class PeriodField(forms.CharField):
    """`2021`, `2021-S1`, `2021-07`, or nothing where the file has a column for it."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return cells.period(text)
        except cells.CellFault as fault:
            sentences = (fault.message, fault.mend)
            words = " ".join(say(sentence) for sentence in sentences if sentence)
            raise forms.ValidationError(words) from fault


class SourceForm(Form):
    """Where the numbers come from: no number without a source and its date."""

    period = PeriodField(
        label=_("Period"),
        required=False,
        max_length=20,
        help_text=_("Such as 2021 or 2021-07. Empty if the file has a column for it."),
    )
    source_title = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_("As it is to be quoted: who published it, and where."),
    )
    source_url = forms.URLField(
        label=_("Address of the source"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    cut_off_on = DateField(
        label=_("Cut-off date of the data"),
        required=False,
        help_text=_("The day for which the numbers hold."),
    )
    codes = forms.ChoiceField(
        label=_("Whose codes are in the file?"), required=False, choices=SCHEMES
    )
    is_example = forms.BooleanField(
        label=_("These are invented examples; mark them wherever they are shown"),
        required=False,
    )


def named(row: Any) -> str:
    return str(getattr(row, f"name_{language()}"))


class ObservationsForm(SourceForm):
    """Which indicator, unless the file says so itself."""

    field_order = ["indicator", "per_cent", "period"]

    indicator = forms.ChoiceField(label=_("Indicator"), required=False)
    per_cent = forms.BooleanField(
        label=_("Shares are written as per cent, 0 to 100"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(i.code, named(i)) for i in Indicator.objects.order_by("code")]
        self.fields["indicator"] = forms.ChoiceField(
            label=_("Indicator"),
            required=False,
            choices=[("", _("The file names it")), *known],
        )
        self.order_fields(self.field_order)


class ClassesForm(SourceForm):
    """By which scheme places are classed."""

    field_order = ["scheme", "period"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(s.code, named(s)) for s in ClassScheme.objects.order_by("code")]
        self.fields["scheme"] = forms.ChoiceField(
            label=_("Class scheme"), choices=known
        )
        self.order_fields(self.field_order)


def parameters(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """A cleaned form as JSON, as `Import.parameters` keeps it."""
    day = cleaned.get("cut_off_on")
    return {**cleaned, "cut_off_on": day.isoformat() if day else ""}
