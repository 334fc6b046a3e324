"""What templates ask about the reader: what they may, whom they could be."""

from allauth.mfa.models import Authenticator
from django import template
from django.conf import settings

from lumbung.accounts import audit, openid, sign_ins
from lumbung.accounts.abilities import WORDS
from lumbung.accounts.models import Event, Mandate, Role, SignIn, User
from lumbung.core.message import Message
from lumbung.places.models import Level
from lumbung.words import say

register = template.Library()


@register.filter
def may(user: User, ability: str) -> bool:
    """Whether some mandate of the reader has this ability, wherever it is."""
    return user.is_authenticated and user.may_somewhere(ability)


@register.filter
def may_manage(user: User, mandate: Mandate) -> bool:
    """Whether the reader may end this mandate or hand it over."""
    return user.may_manage(mandate)


@register.simple_tag
def openid_name() -> str:
    """What the sign-in page calls the OpenID Connect provider; '' where there is none."""
    return str(settings.OIDC_NAME) if openid.is_offered() else ""


@register.simple_tag
def demo_people() -> list[User]:
    """The invented people at the door of a demonstration, highest role first."""
    people: list[User] = User.objects.at_the_door()
    return people


@register.filter
def device(agent: str) -> str:
    """Browser and system in words: `Chrome, Android`."""
    return sign_ins.device(agent) or say(Message("Unknown device"))


HOW = {
    SignIn.Method.PASSWORD: Message("by password"),
    SignIn.Method.CODE: Message("by password and phone"),
    SignIn.Method.DEMO: Message("as a demo person"),
    SignIn.Method.PASSKEY: Message("by passkey"),
    SignIn.Method.KEY: Message("by password and passkey"),
    SignIn.Method.OPENID: Message("by another service"),
}


@register.filter
def how(sign_in: SignIn) -> str:
    return say(HOW[SignIn.Method(sign_in.method)])


@register.filter
def rights(role: Role) -> str:
    """What a role may do besides reading, in words, in the order of our list."""
    held = {ability.name for ability in role.abilities.all()}
    return "; ".join(say(words) for name, words in WORDS.items() if name in held)


@register.filter
def levels(role: Role) -> str:
    return ", ".join(say(LEVELS[Level(level)]) for level in role.levels)


LEVELS = {
    Level.COUNTRY: Message("country"),
    Level.PROVINCE: Message("province"),
    Level.DISTRICT: Message("district"),
    Level.SUBDISTRICT: Message("sub-district"),
    Level.VILLAGE: Message("village"),
}


@register.filter
def changes(event: Event) -> list[audit.Change]:
    """What an event changed, in words."""
    return audit.changes(event)


@register.filter
def guarded(person: User) -> bool:
    """Whether signing in as this person takes a phone."""
    factors = Authenticator.objects.filter(user=person)
    return bool(factors.filter(type=Authenticator.Type.TOTP).exists())
