"""What people fill in about people. Rules stand in `actions` and `posts`."""

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.pages.forms import Form


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
