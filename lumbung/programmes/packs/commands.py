"""`lumbung pack`: check, load, list and show the programmes' rules."""

import sys
from pathlib import Path

import click
from django.db import OperationalError
from django.utils.translation import gettext as _

from lumbung.accounts.models import User
from lumbung.core.gates import demands
from lumbung.core.refusal import Refusal
from lumbung.imports.commands import who
from lumbung.places.commands import refusals
from lumbung.programmes.models import PackVersion, Programme
from lumbung.programmes.packs import adoption_actions as adoption
from lumbung.programmes.packs.actions import find_base, load_pack, shipped
from lumbung.programmes.packs.check import Content, digest
from lumbung.programmes.packs.check import check as check_pack
from lumbung.programmes.packs.difference import standings, text
from lumbung.programmes.packs.pack import Pack, Step, pack_of
from lumbung.words import day, say
from lumbung.work import loop

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def pack() -> None:
    """Packs: a programme's steps, gates and terms as data.

    Write a pack as a folder of YAML, CSV and XLSX files, check it, then load it.
    How to write one: docs/how-to/pack.md.
    """


@pack.command()
@click.argument("folders", nargs=-1, required=True, type=FOLDER)
def check(folders: tuple[Path, ...]) -> None:
    """Check packs in FOLDERS and name every fault with file, row and column.

    Nothing is loaded. Ends with status 1 where a fault was found.
    """
    bad = 0
    for folder in folders:
        checked = check_pack(folder, find=find_without_set_up)
        for fault in checked.faults:
            click.echo(f"{folder.name}/{say(fault.said())}")
        bad += len(checked.faults)
        if checked.content:
            name = f"{checked.content['code']}@{checked.content['version']}"
            click.echo(f"{folder.name}: {name} ✓ {digest(checked.content)[:16]}")
    sys.exit(1 if bad else 0)


def find_without_set_up(name: str) -> Content | None:
    """Find the pack to extend, also on a machine that has no installation yet."""
    try:
        return find_base(name)
    except OperationalError:
        return None


@pack.command()
@click.argument("folders", nargs=-1, type=FOLDER)
@click.option("--shipped", "all_shipped", is_flag=True, help="Those of Lumbung itself.")
def load(folders: tuple[Path, ...], all_shipped: bool) -> None:
    """Load packs from FOLDERS: the whole of each, or nothing of it.

    A version once loaded never changes; loading it again does nothing, and other
    content under the same version is refused.
    """
    chosen = [*folders, *(shipped() if all_shipped else ())]
    if not chosen:
        raise click.UsageError("Name a folder, or write --shipped.")
    for folder in chosen:
        try:
            version = load_pack(folder=folder, by=None)
        except Refusal as refusal:
            click.echo(f"{folder.name}: {say(refusal.message)}", err=True)
            for part in refusal.parts:
                click.echo(f"  {say(part)}", err=True)
            click.echo(say(refusal.mend), err=True)
            sys.exit(2)
        click.echo(f"{version} {version.sha256[:16]}")


@pack.command()
@click.argument("name", metavar="PACK@VERSION")
@click.option("--programme", "code", required=True, help="Which programme adopts it.")
@click.option(
    "--by", "person", callback=who, required=True, help="Who adopts: a username."
)
@click.option("--yes", is_flag=True, help="Without this, only show what would change.")
def adopt(name: str, code: str, person: User, yes: bool) -> None:
    """Put a loaded version in force for a programme, and for its open cases.

    Shows first where each open case would stand, and what it would lack.
    """
    version = version_called(name)
    programme = Programme.objects.filter(code=code).first()
    if programme is None:
        known = ", ".join(Programme.objects.values_list("code", flat=True))
        raise click.BadParameter(
            _("There is no programme %(code)s here. There are: %(known)s")
            % {"code": code, "known": known or "–"}
        )
    for found in standings(adoption.to_follow(programme, version), version):
        click.echo(text(found))
    if not yes:
        click.echo(_("Nothing was changed. Adopt it with --yes."))
        return
    with refusals():
        adoption.adopt_pack_version(programme=programme, version=version, by=person)
        loop.work_off()
    click.echo(f"{version} ✓")


@pack.command("list")
def list_packs() -> None:
    """List the pack versions that are loaded."""
    for version in PackVersion.objects.order_by("code", "loaded_at"):
        loaded = day(version.loaded_at.date())
        click.echo(
            f"{version}  {version.sha256[:16]}  {loaded}  {say(pack_of(version.pk).name)}"
        )


@pack.command()
@click.argument("name")
def show(name: str) -> None:
    """Show a loaded pack, such as lab or lab@1.0: steps, gates, sources."""
    version = version_called(name)
    print_pack(pack_of(version.pk), version)


def version_called(name: str) -> PackVersion:
    """A version as people write it; the last loaded one where they name none."""
    code, _at, number = name.partition("@")
    versions = PackVersion.objects.filter(code=code).order_by("loaded_at")
    version = (versions.filter(version=number) if number else versions).last()
    if version is None:
        raise click.ClickException(
            _("No pack %(name)s is loaded. See: lumbung pack list") % {"name": name}
        )
    return version


def print_pack(pack: Pack, version: PackVersion) -> None:
    click.echo(f"{version}  {say(pack.name)}  [{pack.status}]\n{version.sha256}")
    for template in pack.templates.values():
        sources = ", ".join(template.source)
        click.echo(
            f"\n{template.id}: {say(template.name)} [{template.status}; {sources}]"
        )
        for step in template.steps:
            print_step(step)


def print_step(step: Step) -> None:
    sources = ", ".join(step.source)
    click.echo(
        f" {step.position:>2}. {step.id}: {say(step.name)} [{step.status}; {sources}]"
    )
    for depth, demand in demands(step.gate):
        click.echo(f"       {'  ' * depth}{say(demand)}")
