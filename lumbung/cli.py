"""The command line, `lumbung`. Each package keeps its own commands."""

import importlib
import os
from typing import Any, NamedTuple

import click


class Entry(NamedTuple):
    """Where a command lives, and what the list of commands says of it."""

    where: str
    says: str


# Loaded only when called, so that `lumbung measure` starts without Django, and the list
# of commands without any of them.
COMMANDS = {
    "backup": Entry(
        "lumbung.archive.commands:backup",
        "Write everything into one archive while people go on.",
    ),
    "classify": Entry(
        "lumbung.measures.runs.commands:classify",
        "Put places into classes by a rule; compute a run again.",
    ),
    "demo": Entry(
        "lumbung.desk.commands:demo",
        "Build the demonstration and serve it.",
    ),
    "export": Entry(
        "lumbung.archive.commands:export",
        "Take one territory's data out, in open formats.",
    ),
    "import": Entry(
        "lumbung.imports.commands:import_file",
        "Read a table of numbers or classes of places.",
    ),
    "init": Entry(
        "lumbung.desk.commands:init",
        "Set up: keys, tables, places, programmes, administrator.",
    ),
    "measure": Entry(
        "lumbung.measure.command:measure",
        "Compute poverty, inequality, clusters, loans from a file.",
    ),
    "pack": Entry(
        "lumbung.programmes.packs.commands:pack",
        "Check, load and list packs: programmes as data.",
    ),
    "places": Entry(
        "lumbung.desk.boundary_commands:places",
        "Load, search and update places; put boundaries on maps.",
    ),
    "restore": Entry(
        "lumbung.archive.commands:restore",
        "Put a backup back into an empty installation.",
    ),
    "serve": Entry(
        "lumbung.desk.commands:serve",
        "Serve the pages and the API.",
    ),
    "upgrade": Entry(
        "lumbung.desk.upgrade_command:upgrade_command",
        "Take this installation to this version, with a way back.",
    ),
    "user": Entry(
        "lumbung.accounts.commands:user",
        "Invite people, give mandates, make one-time links.",
    ),
    "verify": Entry(
        "lumbung.verify.command:verify",
        "Prove that what is stored is what was written.",
    ),
    "work": Entry(
        "lumbung.work.commands:work",
        "Do what pages have asked for: read large files, tidy up.",
    ),
}
WITHOUT_DJANGO = {"measure"}


class Refused(click.ClickException):
    exit_code = 2


class Commands(click.Group):
    """Finds a command by name and sets Django up for those that need it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in WITHOUT_DJANGO:
            set_up_django()
        module, name = COMMANDS[cmd_name].where.split(":")
        command: Any = getattr(importlib.import_module(module), name)
        return command  # type: ignore[no-any-return]

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, COMMANDS[name].says) for name in sorted(COMMANDS)]
            )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say in words what is wrong with the installation.

        As in `lumbung measure`: 2 is a refusal, 1 what a command found to be wrong,
        such as `verify`, or a fault of ours.
        """
        try:
            return super().invoke(ctx)
        except click.UsageError:
            raise
        except click.ClickException as refused:
            raise Refused(refused.message) from refused
        except Exception as error:
            said = storage_full() if is_full(error) else about_the_database(error)
            if not said:
                raise
            raise Refused(said) from error


def about_the_database(error: Exception) -> str:
    """What is wrong with the database, and how to mend it; '' for any other fault."""
    if not type(error).__module__.startswith("django.db"):
        return ""
    from lumbung.desk import installation  # noqa: PLC0415  # only those that fail pay
    from lumbung.words import say  # noqa: PLC0415  # as above

    refusal = installation.refusal_of(error)  # type: ignore[arg-type]
    return f"{say(refusal.message)}\n{say(refusal.mend)}" if refusal else ""


def is_full(error: Exception) -> bool:
    """Whether a command failed because a disk is full; tells without Django, too."""
    from lumbung.pages import space  # noqa: PLC0415  # only those that fail pay for it

    return space.is_full(error)


def storage_full() -> str:
    from lumbung.pages import space  # noqa: PLC0415  # as above
    from lumbung.words import say  # noqa: PLC0415

    return f"{say(space.FULL)}\n{say(space.MEND)}"


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.settings")
    import django  # noqa: PLC0415  # only the commands that need it pay for it

    try:
        django.setup()
    except SystemExit as unfit:  # a setting that cannot be read, said in words
        raise Refused(str(unfit)) from unfit


@click.command(cls=Commands)
@click.version_option(package_name="lumbung")
def main() -> None:
    """Lumbung: what is known, agreed, promised and done for villages."""
