"""What the pages of evidence ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.pages.forms import Form


class VoidForm(Form):
    reason = forms.CharField(
        label=_("Why is it taken back?"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
