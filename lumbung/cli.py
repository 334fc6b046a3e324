"""The command line, `lumbung`. Each package keeps its own commands."""

import importlib
import os
from typing import Any

import click

# Name on the command line: where it lives. Loaded only when called, so that
# `lumbung measure` starts without Django.
COMMANDS = {
    "demo": "lumbung.desk.commands:demo",
    "init": "lumbung.desk.commands:init",
    "measure": "lumbung.measure:measure",
    "pack": "lumbung.programmes.commands:pack",
    "places": "lumbung.desk.place_commands:places",
    "serve": "lumbung.desk.commands:serve",
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


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.settings")
    import django  # noqa: PLC0415  # only the commands that need it pay for it

    django.setup()


@click.command(cls=Commands)
@click.version_option(package_name="lumbung")
def main() -> None:
    """Lumbung: what is known, agreed, promised and done for villages."""
