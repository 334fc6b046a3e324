"""`lumbung init`, `lumbung serve`, `lumbung demo`."""

import os
import sys
from pathlib import Path
from typing import Any

import click
from django.conf import settings
from django.db import transaction
from django.urls import get_resolver, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.accounts.actions import Newcomer, first_administrator, use_link
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.desk import demo as demonstration
from lumbung.desk import installation, server
from lumbung.places.actions import load_shipped, waiting
from lumbung.places.codes import resolve
from lumbung.places.commands import bar, refusals
from lumbung.places.editions import read, shipped
from lumbung.places.models import Level, Place
from lumbung.places.search import search
from lumbung.running import alone
from lumbung.words import say


class WhichDistrict(Refusal):
    code = "which_district"
    status = 422


PORT = click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8000,
    show_default=True,
    help="Where to listen.",
)
HOST = click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Which address to listen at; 0.0.0.0 is all of this machine's.",
)
WORKERS = click.option(
    "--workers",
    default=min(os.cpu_count() or 2, 8),
    show_default="one a core",
    type=click.IntRange(1, 64),
    help="Processes that answer.",
)
THREADS = click.option(
    "--threads",
    default=2,
    show_default=True,
    type=click.IntRange(1, 32),
    help="Threads in each.",
)
WORK = click.option(
    "--work/--no-work", default=True, help="Run the loop of `lumbung work` beside."
)


@click.command()
@click.option("--district", metavar="CODE|NAME", help="Whose: 33.26, or ID for all.")
@click.option(
    "--programme",
    "programmes",
    multiple=True,
    metavar="CODE",
    help="Which to run; more than once for several. Default: all.",
)
@click.option("--admin", metavar="USERNAME", help="Who administers: their username.")
@click.option("--admin-name", metavar="NAME", help="Their name, as people call them.")
@click.option(
    "--password-stdin", is_flag=True, help="Read their password from standard input."
)
@click.option("--yes", is_flag=True, help="Ask nothing: defaults, and a one-time link.")
def init(
    district: str | None,
    programmes: tuple[str, ...],
    admin: str | None,
    admin_name: str | None,
    password_stdin: bool,
    yes: bool,
) -> None:
    """Set Lumbung up: keys, tables, places, programmes, first administrator.

    Asks what it needs to know, or takes it from the options:

    \b
      lumbung init
      lumbung init --yes --district 33.26 --programme lab --admin bappeda

    Run again, it brings tables, places and packs up to this version of Lumbung and
    leaves all else as it is. Everything lies in one folder, ./lumbung-data unless
    LUMBUNG_HOME names another.
    """
    asking = not yes and sys.stdin.isatty() and not password_stdin
    with refusals():
        set_up(programmes or chosen_programmes(asking=asking))
        if installation.has_people():
            click.echo(_("People are here already; nobody was added."))
            click.echo(_("Serve it: lumbung serve"))
            return
        place = place_of(district, asking=asking)
        username = admin or ask(_("Username of the administrator"), "admin", asking)
        name = admin_name or ask(_("Name"), username, asking)
        add_administrator(
            Newcomer(name=name, username=username),
            place,
            password_of(asking=asking, from_stdin=password_stdin),
        )


def ask(what: str, default: str, asking: bool) -> str:
    return click.prompt(what, default=default) if asking else default


def set_up(programmes: tuple[str, ...] | list[str]) -> None:
    """Folder, keys, tables, places, packs: each only where it is missing."""
    installation.prepare_home()
    click.echo(_("Folder: %(folder)s") % {"folder": settings.HOME})
    installation.make_tables()
    load_places()
    for version in installation.load_packs(programmes):
        click.echo(_("In force: %(pack)s") % {"pack": version})


def load_places() -> None:
    new = [edition for edition in map(read, shipped()) if waiting(edition)]
    total = sum(len(edition.names) for edition in new)
    with bar(total, _("Loading places")) as progress:
        load_shipped(now=timezone.now(), progress=progress)


def chosen_programmes(*, asking: bool) -> list[str]:
    """Every programme there is, or those that somebody at the terminal names."""
    offered = installation.programmes()
    if not asking:
        return list(offered)
    click.echo(_("Programmes that come with Lumbung:"))
    for code, content in offered.items():
        name = next(i["name"] for i in content["programmes"] if i["id"] == code)
        click.echo(f"  {code:8} {name['id']}")
    answer = click.prompt(_("Which, by comma"), default=",".join(offered))
    return [code.strip() for code in answer.split(",") if code.strip()]


def place_of(asked: str | None, *, asking: bool) -> Place:
    """The territory of the first administrator; asks again while it is not clear."""
    question = _("For which district? Code or name; ID is all of Indonesia")
    while True:
        try:
            return district_called(asked or ask(question, "ID", asking))
        except Refusal as refusal:
            if not asking:
                raise
            click.echo(say(refusal.message), err=True)
            asked = None


def district_called(wanted: str) -> Place:
    """A district, province or country by its code, or by a name that is its own."""
    if wanted.upper() == "ID" or any(letter.isdigit() for letter in wanted):
        return resolve(wanted)
    hits = [hit for hit in search(wanted) if hit.place.level <= Level.DISTRICT]
    best = [hit.place for hit in hits if hit.score == hits[0].score]
    if len(best) == 1:
        return best[0]
    raise WhichDistrict(
        Message("“%(name)s” is not the name of one district.", name=wanted),
        mend=Message("Write its code, such as 33.26."),
        parts=tuple(
            Message("%(name)s: %(code)s", name=place.name, code=place.code)
            for place in best
        ),
    )


def password_of(*, asking: bool, from_stdin: bool) -> str:
    """A password, or '' for a one-time link."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not asking:
        return ""
    password: str = click.prompt(
        _("Password; empty for a one-time link"),
        default="",
        show_default=False,
        hide_input=True,
        confirmation_prompt=True,
    )
    return password


def add_administrator(newcomer: Newcomer, place: Place, password: str) -> None:
    now = timezone.now()
    with transaction.atomic():
        person, secret = first_administrator(newcomer=newcomer, place=place, now=now)
        if password:
            use_link(secret=secret, password=password, now=now)
    click.echo()
    click.echo(_("Ready. What to do next:"))
    click.echo("  1. lumbung serve")
    address = reverse("account_login")
    if not password:
        address = reverse("accounts:use_link", args=[secret])
    click.echo(f"  2. http://localhost:8000{address}")
    if password:
        text = _("Sign in as %(name)s.") % {"name": person.username}
    else:
        text = _(
            "This link works once, within 14 days; %(name)s sets a password there."
        ) % {"name": person.username}
    click.echo(f"     {text}")
    text = _("There, invite the officers under “People and mandates”.")
    click.echo(f"  3. {text}")


@click.command()
@HOST
@PORT
@WORKERS
@THREADS
@WORK
def serve(host: str, port: int, workers: int, threads: int, work: bool) -> None:
    """Serve the pages and the API until Ctrl-C.

    Behind a web server that speaks TLS, set LUMBUNG_HTTPS=1, and LUMBUNG_HOSTS to
    the names people type.
    """
    with refusals():
        installation.refuse_unready()
        run(host, port, workers=workers, threads=threads, work=work)


def run(host: str, port: int, **options: Any) -> None:
    server.refuse_taken(host, port)
    installation.collect_static()
    # Read before the workers are forked, so that no first visitor waits for it.
    get_resolver().url_patterns  # noqa: B018
    shown = "localhost" if host in {*server.LOCAL, "0.0.0.0"} else host  # noqa: S104
    click.echo(
        _("Lumbung serves at http://%(host)s:%(port)s/ (end it with Ctrl-C)")
        % {"host": shown, "port": port}
    )
    if host not in server.LOCAL and "LUMBUNG_HOSTS" not in os.environ:
        click.echo(
            _(
                "Others reach it only by names in LUMBUNG_HOSTS, such as"
                " LUMBUNG_HOSTS=localhost,lumbung.example.go.id"
            ),
            err=True,
        )
    server.serve(host, port, **options)


@click.command()
@HOST
@PORT
@click.option("--no-serve", is_flag=True, help="Only build it.")
@click.option("--reset", is_flag=True, help="Build it anew, as of today.")
def demo(host: str, port: int, no_serve: bool, reset: bool) -> None:
    """Build the demonstration and serve it: one story with invented people.

    It has a folder of its own: LUMBUNG_HOME, else ./lumbung-data. A second start
    serves what is there; --reset tells the story anew, up to today. It never goes
    among real people.
    """
    with refusals():
        if not no_serve:
            server.refuse_taken(host, port)
        build_demo(reset=reset)
        if no_serve:
            return
        # Worker processes read this, and are forked from here.
        os.environ["LUMBUNG_DEMO"] = "1"
        settings.DEMO = True
        run(host, port, workers=2, threads=2, work=True)


def build_demo(*, reset: bool) -> None:
    installation.prepare_home()
    installation.make_tables()
    demonstration.refuse_real_people()
    if reset and demonstration.is_here():
        with alone(Path(settings.HOME)):
            installation.wipe()
            installation.make_tables()
    if demonstration.is_here():
        click.echo(_("The demonstration is here already (--reset builds it anew)."))
        return
    set_up(list(installation.programmes()))
    with click.progressbar(
        length=demonstration.length(), label=_("Telling the story")
    ) as progress:
        demonstration.build(now=timezone.now(), progress=progress.update)
