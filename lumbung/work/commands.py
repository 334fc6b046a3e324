"""`lumbung work`."""

import signal
import threading
from pathlib import Path

import click
from django.conf import settings

from lumbung.places.commands import refusals
from lumbung.running import running
from lumbung.work import loop


@click.command()
@click.option("--once", is_flag=True, help="End when nothing waits any more.")
def work(once: bool) -> None:
    """Do what pages have asked for: read large files, tidy up.

    Runs until Ctrl-C or a TERM signal and then finishes the job in hand. Several
    may run at once, on several machines; a job whose worker was killed is taken
    over by another after a minute. `lumbung serve` runs one by itself.
    """
    with refusals(), running(Path(settings.HOME)):
        count = loop.work_off() if once else work_on()
    click.echo(f"{count} done.")


def work_on() -> int:
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    return loop.run(stop)
