"""The command line, `lumbung`. Each package keeps its own commands."""

import importlib
import os
from typing import Any

import click

# Name on the command line: where it lives. Loaded only when called, so that
# `lumbung measure` starts without Django.
COMMANDS = {
    "backup": "lumbung.archive.commands:backup",
    "classify": "lumbung.measures.commands:classify",
    "demo": "lumbung.desk.commands:demo",
    "export": "lumbung.archive.commands:export",
    "import": "lumbung.imports.commands:import_file",
    "init": "lumbung.desk.commands:init",
    "measure": "lumbung.measure.command:measure",
    "pack": "lumbung.programmes.commands:pack",
    "places": "lumbung.desk.boundary_commands:places",
    "restore": "lumbung.archive.commands:restore",
    "serve": "lumbung.desk.commands:serve",
    "verify": "lumbung.verify.command:verify",
    "upgrade": "lumbung.desk.upgrade_command:upgrade_command",
    "user": "lumbung.accounts.commands:user",
    "work": "lumbung.work.commands:work",
}
WITHOUT_DJANGO = {"measure"}


class Commands(click.Group):
    """Finds a command by name and sets Django up for those that need it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in WITHOUT_DJANGO:
            set_up_django()
        module, name = COMMANDS[cmd_name].split(":")
        command: Any = getattr(importlib.import_module(module), name)
        return command  # type: ignore[no-any-return]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; where there is no installation yet, say so in words."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if is_full(error):
                raise click.ClickException(storage_full()) from error
            if not is_without_tables(error):
                raise
            from django.conf import settings  # noqa: PLC0415  # Django is set up

            raise click.ClickException(
                f"There is no installation in {settings.HOME} yet. Run `lumbung init`"
                " (or `lumbung demo`) first, or set LUMBUNG_HOME to where it is."
            ) from error


def is_without_tables(error: Exception) -> bool:
    """Whether a command failed because `lumbung init` has never run here."""
    kind = type(error).__module__, type(error).__name__
    missing = "no such table" in str(error) or "does not exist" in str(error)
    named = {"OperationalError", "ProgrammingError"}
    return missing and kind[0].startswith("django.db") and kind[1] in named


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

    django.setup()


@click.command(cls=Commands)
@click.version_option(package_name="lumbung")
def main() -> None:
    """Lumbung: what is known, agreed, promised and done for villages."""
