"""How allauth behaves here."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lumbung.accounts import ciphers, qr_code, sign_ins
from lumbung.accounts.models import SignIn, User
from lumbung.core.message import Message
from lumbung.words import say

# One sentence for a wrong name and a wrong password: it tells nobody who exists.
NO_MATCH = _("No account has this name and password. Check both and try again.")
PATIENCE = _("Too many tries. Wait five minutes, then try again.")

# What allauth reports, in our words; what is not here is not worth a message.
SAID = {
    "account/messages/logged_out.txt": Message("You have signed out."),
    "account/messages/password_changed.txt": Message("Your new password holds."),
    "mfa/messages/totp_activated.txt": Message("Your phone now guards your account."),
    "mfa/messages/totp_deactivated.txt": Message(
        "Your phone no longer guards your account."
    ),
    "mfa/messages/recovery_codes_generated.txt": Message(
        "There are new recovery codes; the old ones no longer work."
    ),
    "mfa/messages/webauthn_added.txt": Message("Your passkey now opens your account."),
    "mfa/messages/webauthn_removed.txt": Message(
        "This passkey no longer opens your account."
    ),
    "usersessions/messages/sessions_logged_out.txt": Message(
        "All other devices are signed out."
    ),
}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up alone: officers invite. Each try to sign in is noted."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": NO_MATCH,
        "username_password_mismatch": NO_MATCH,
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_code": _("This code is not right. Wait for the next one."),
        "too_many_login_attempts": PATIENCE,
        "rate_limited": PATIENCE,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(  # noqa: PLR0913  # allauth's signature
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        words = SAID.get(message_template or "")
        if words or message:
            messages.add_message(request, level, message or say(words), extra_tags)

    def post_login(
        self, request: HttpRequest, user: User, **details: Any
    ) -> HttpResponse:
        used = request.session.get("account_authentication_methods", [])
        sign_ins.note(request, user, method=method_of(used), succeeded=True)
        response: HttpResponse = super().post_login(request, user, **details)
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        user = User.objects.named(
            credentials.get("email") or credentials.get("username") or ""
        )
        sign_ins.note(request, user, method=SignIn.Method.PASSWORD, succeeded=False)

    def set_password(self, user: User, password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:account")


def method_of(used: list[dict[str, Any]]) -> str:
    """How somebody signed in, from what allauth noted of this session."""
    if any(each["method"] == "openid" for each in used):
        return SignIn.Method.OPENID
    factor = next((each for each in used if each["method"] == "mfa"), None)
    if factor is None:
        return SignIn.Method.PASSWORD
    if factor.get("type") != "webauthn":
        return SignIn.Method.CODE
    return SignIn.Method.PASSKEY if factor.get("passwordless") else SignIn.Method.KEY


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """Authenticator secrets, encrypted at rest with the installation's key."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code or key is not right. Try once more."),
        "cannot_generate_recovery_codes": _("Set up your phone first."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What a passkey is bound to: this host, under our name."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Lumbung"}

    def generate_authenticator_name(self, user: User, type: str) -> str:
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Key %(number)s") % {"number": count + 1}

    def get_totp_label(self, user: User) -> str:
        return user.username

    def build_totp_svg(self, url: str) -> SafeString:
        return qr_code.draw(url)

    def encrypt(self, text: str) -> str:
        return ciphers.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return ciphers.decrypt(encrypted_text)
