"""`lumbung upgrade`."""

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from lumbung.archive.commands import telling
from lumbung.desk import installation, upgrade
from lumbung.places.commands import refusals
from lumbung.verify.command import report


@click.command("upgrade")
@click.option("--back", is_flag=True, help="Undo the last upgrade.")
@click.option("--no-packs", is_flag=True, help="Do not load newer packs of rules.")
def upgrade_command(back: bool, no_packs: bool) -> None:
    """Take this installation to the version of Lumbung that is installed now.

    Backs up, brings the tables up, loads newer packs of rules and shows what they
    would change for each open case, then verifies. Nothing changes for a programme
    with cases until its rules are adopted: the page of the programme, “Newer rules”,
    or `lumbung pack adopt`.

    \b
      lumbung upgrade
      lumbung upgrade --back      # then install the older Lumbung again

    End `lumbung serve` first. The way back puts the rows of before in place; what
    was recorded since is kept in a backup beside.
    """
    if back:
        return go_back()
    now = timezone.now()
    with refusals(), upgrade.ready():
        is_due = upgrade.is_due(packs=not no_packs)
        if is_due:
            kept = upgrade.back_up(upgrade.BEFORE, now, telling()("back_up"))
            click.echo(_("Backed up before anything else: %(file)s") % {"file": kept})
            installation.make_tables()
        click.echo(_("The tables are those of this version."))
        for version in [] if no_packs else upgrade.load_newer_packs():
            click.echo(
                _("Loaded, and in force where it is adopted: %(pack)s")
                % {"pack": version}
            )
        for line in upgrade.differences():
            click.echo(line)
    if is_due:
        click.echo(_("The way back, if something is wrong: lumbung upgrade --back"))
    return report("", quick=False, as_json=False)


def go_back() -> None:
    with refusals():
        kept = upgrade.go_back(now=timezone.now(), progress=telling())
    click.echo(_("The rows of before the upgrade are in place, read back and equal."))
    click.echo(_("What was recorded since then is kept in: %(file)s") % {"file": kept})
    click.echo(_("Install the older Lumbung again before you serve it."))
