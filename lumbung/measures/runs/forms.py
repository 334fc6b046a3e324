"""What starting a run asks for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.measures.forms import PeriodField, named
from lumbung.measures.models import ClassRule
from lumbung.pages.forms import Form


class RunForm(Form):
    """Which rule, where, for which period."""

    place = forms.CharField(
        label=_("Territory"),
        max_length=40,
        help_text=_("Its code, such as 33.26. Everything in it is put into classes."),
    )
    period = PeriodField(
        label=_("Period"),
        max_length=20,
        help_text=_("The period of the values to read, such as 2021 or 2021-07."),
    )

    field_order = ["rule"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = [(r.code, named(r)) for r in ClassRule.objects.order_by("code")]
        self.fields["rule"] = forms.ChoiceField(
            label=_("Rule"), choices=rules, widget=forms.RadioSelect
        )
        self.order_fields(self.field_order)


class DecideForm(Form):
    """What becomes of the labels that wait."""

    choice = forms.ChoiceField(
        choices=[("accept", _("Accept")), ("reject", _("Reject"))]
    )
