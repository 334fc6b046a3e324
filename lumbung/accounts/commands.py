"""`lumbung user`: people and mandates from the server itself.

Whoever may run commands on the server may do everything here; the trail says so.
"""

from collections.abc import Callable
from typing import Any

import click
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.accounts import actions
from lumbung.accounts.actions import Newcomer
from lumbung.accounts.models import AccessLink, Mandate, Role, User
from lumbung.accounts.posts import Post
from lumbung.fields import below
from lumbung.places.codes import resolve
from lumbung.places.commands import refusals
from lumbung.words import moment, say

Command = Callable[..., Any]
DAY = click.DateTime(["%Y-%m-%d"])
ADDRESS = click.option(
    "--address",
    default="http://localhost:8000",
    show_default=True,
    help="Where people open Lumbung; the link begins with it.",
)


@click.group()
def user() -> None:
    """People who sign in: invite them, give them mandates, help them back in.

    Usually officers do this on the page "Orang dan mandat". The command line is for
    the first people of an installation and for when nobody can sign in any more.
    """


def post_options(command: Command) -> Command:
    """The options that say what a mandate is over."""
    for option in (
        click.option("--until", type=DAY, help="The last day; open-ended without it."),
        click.option("--from", "since", type=DAY, help="The first day; default today."),
        click.option(
            "--programme", default="", help="Within one programme, by its code."
        ),
        click.option("--place", "code", required=True, help="Code, such as 33.26."),
        click.option("--role", required=True, help="See `lumbung user roles`."),
    ):
        command = option(command)
    return command


def newcomer_options(command: Command) -> Command:
    for option in (
        click.option("--email", default="", help="Optional; one may sign in with it."),
        click.option("--name", required=True, help='Such as "Siti Aminah".'),
        click.argument("username"),
    ):
        command = option(command)
    return command


def post_of(role: str, code: str, programme: str, since: Any, until: Any) -> Post:
    return Post(
        role=role_called(role),
        place=resolve(code),
        programme=programme,
        starts_on=since.date() if since else timezone.localdate(),
        ends_on=until.date() if until else None,
    )


def role_called(code: str) -> Role:
    found: Role | None = Role.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Role.objects.order_by("rank").values_list("code", flat=True))
        raise click.BadParameter(
            _("There is no role %(role)s. There are: %(known)s")
            % {"role": code, "known": known or _("none; load the pack `indonesia`")}
        )
    return found


def person(username: str) -> User:
    found: User | None = User.objects.named(username)
    if found is None:
        raise click.ClickException(
            _("Nobody is called %s. See: lumbung user list") % username
        )
    return found


def show_link(secret: str, address: str) -> None:
    link = AccessLink.objects.latest("pk")
    url = address.rstrip("/") + reverse("accounts:use_link", args=[secret])
    click.echo(_("Hand this over; it works once, until %s:") % moment(link.expires_at))
    click.echo(f"  {url}")


@user.command()
@newcomer_options
@post_options
@ADDRESS
def invite(username: str, name: str, email: str, address: str, **post: Any) -> None:
    """Register USERNAME with a mandate, and print a one-time link to hand over.

    \b
    lumbung user invite siti --name "Siti Aminah" \\
        --role facilitator --place 33.26.02
    """
    with refusals():
        _person, secret = actions.invite_user(
            newcomer=Newcomer(name=name, username=username, email=email),
            post=post_of(**post),
            by=None,
            now=timezone.now(),
        )
    show_link(secret, address)


@user.command()
@newcomer_options
@post_options
@click.password_option(prompt="Password")
def add(username: str, name: str, email: str, password: str, **post: Any) -> None:
    """Register USERNAME with a mandate, and type the password here and now."""
    now = timezone.now()
    with refusals(), transaction.atomic():
        actions.invite_user(
            newcomer=Newcomer(name=name, username=username, email=email),
            post=post_of(**post),
            by=None,
            now=now,
        )
        secret = actions.make_reset_link(person=person(username), by=None, now=now)
        actions.use_link(secret=secret, password=password, now=now)
    click.echo(_("%s may sign in now.") % username)


@user.command()
@click.argument("username")
@click.option("--phone", is_flag=True, help="Take a lost phone off the account, too.")
@ADDRESS
def reset(username: str, phone: bool, address: str) -> None:
    """Print a one-time link with which USERNAME sets a new password."""
    found = person(username)
    with refusals():
        if phone:
            actions.remove_second_factor(person=found, by=None)
        secret = actions.make_reset_link(person=found, by=None, now=timezone.now())
    show_link(secret, address)


@user.command()
@click.argument("username")
@post_options
def mandate(username: str, **post: Any) -> None:
    """Give USERNAME one more mandate.

    \b
    lumbung user mandate siti --role facilitator --place 33.26.09 --until 2027-12-31
    """
    with refusals():
        given = actions.give_mandate(
            person=person(username), post=post_of(**post), by=None, now=timezone.now()
        )
    click.echo(line(given))


@user.command()
@click.argument("username")
@click.option("--role", required=True)
@click.option("--place", "code", required=True)
@click.option("--reason", required=True, help="It stands in the trail for good.")
def end(username: str, role: str, code: str, reason: str) -> None:
    """End a mandate of USERNAME at once."""
    found = person(username).mandates.filter(role=role_called(role), ended_at=None)
    with refusals():
        found = found.filter(place=resolve(code))
        if not found:
            raise click.ClickException(
                _("There is no such mandate to end. See: lumbung user list")
            )
        for each in found:
            actions.end_mandate(
                mandate=each, reason=reason, by=None, now=timezone.now()
            )
            click.echo(line(each))


@user.command(name="list")
@click.option("--place", "code", help="Only mandates in this place and below.")
@click.option("--role", help="Only this role.")
def list_(code: str | None, role: str | None) -> None:
    """Print people and their mandates."""
    mandates = Mandate.objects.with_names().order_by("user__username", "pk")
    if code:
        with refusals():
            mandates = mandates.filter(below("place__path", resolve(code).path))
    if role:
        mandates = mandates.filter(role=role_called(role))
    for each in mandates:
        click.echo(line(each))
    if not (code or role):
        for lonely in User.objects.filter(mandates=None).order_by("username"):
            click.echo(f"{lonely.username:<16} {lonely.name:<24} {_('no mandate')}")


@user.command()
def roles() -> None:
    """Print the roles that the packs in force define, highest first."""
    for role in Role.objects.order_by("rank", "code"):
        click.echo(f"{role.code:<26} {say(role.words)}")


def line(mandate: Mandate) -> str:
    """One mandate as one line of a list."""
    who = f"{mandate.user.username:<16} {mandate.user.name:<24}"
    where = f"{mandate.place.name} ({mandate.place.code})"
    until = f" - {mandate.ends_on}" if mandate.ends_on else ""
    programme = f" [{mandate.programme}]" if mandate.programme else ""
    state = {"in_force": _("in force"), "coming": _("to come"), "ended": _("over")}
    return (
        f"{who} {mandate.role.code:<24} {where}{programme}"
        f" {mandate.starts_on}{until} {state[mandate.state]}"
    )
