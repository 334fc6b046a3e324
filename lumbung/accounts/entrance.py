"""allauth's forms in our words, and the computer that many people share."""

from typing import Any, ClassVar

from allauth.account.forms import ChangePasswordForm as ChangePassword
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeAgainForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as ActivateTOTP
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
)
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from lumbung.accounts import sign_ins
from lumbung.accounts.models import SignIn

CODE = _("Six digits from your phone, or a recovery code")


class Plain(forms.Form):
    """Labels stand above their fields; nothing hides in a placeholder."""

    use_required_attribute = False
    labels: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = ""
            field.label = self.labels.get(name, field.label)


class SignInForm(Plain, LoginForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {
        "login": _("Username or e-mail"),
        "password": _("Password"),
    }
    shared = forms.BooleanField(
        required=False,
        label=_("Others use this computer too: sign me out after 30 idle minutes"),
    )

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> Any:
        shared = self.cleaned_data["shared"]
        request.session[sign_ins.SHARED] = shared
        response: HttpResponse = super().login(request, redirect_url)
        if shared:
            request.session.set_expiry(0)  # the cookie ends with the browser
        return response


class PasswordForm(Plain, ChangePassword):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }


class PasswordAgainForm(Plain, ReauthenticateForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"password": _("Password")}


class TotpForm(Plain, ActivateTOTP):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"code": _("Six digits that the app shows")}


class CodeForm(Plain, AuthenticateForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"code": CODE}

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        """A wrong code is a failed try to sign in, and is noted as one."""
        super()._emit_authentication_failed(authenticator)
        sign_ins.note(
            context.request, self.user, method=SignIn.Method.CODE, succeeded=False
        )


class CodeAgain(Plain, CodeAgainForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"code": CODE}


class KeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the password."""

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except forms.ValidationError:
            sign_ins.note(
                context.request, self.user, method=SignIn.Method.KEY, succeeded=False
            )
            raise


class AddKeyForm(Plain, AddWebAuthnForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {
        "name": _("Name of the key"),
        "passwordless": _("It opens my account alone, without a password"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True


class NameKeyForm(Plain, EditWebAuthnForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"name": _("Name of the key")}
