"""The server: granian's processes, and the loop that works behind the page."""

import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from lumbung.cli import set_up_django
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.running import running

logger = logging.getLogger("lumbung.work")
SECONDS_BETWEEN_LOOKS = 2
LOCAL = {"127.0.0.1", "localhost", "::1"}
WORK = "from lumbung.desk.server import work_beside; work_beside()"


class PortTaken(Refusal):
    code = "port_taken"


class NoSuchAddress(Refusal):
    code = "no_such_address"


def serve(host: str, port: int, *, workers: int, threads: int, work: bool) -> None:
    """Answer requests until Ctrl-C or a TERM signal; finish what is in hand."""
    server = Server(
        "lumbung.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
        respawn_failed_workers=True,
    )
    # Worker processes are forked: none may inherit an open connection.
    connections.close_all()
    with running(Path(settings.HOME)), working(enabled=work):
        server.serve()


@contextmanager
def working(*, enabled: bool) -> Iterator[None]:
    """Run the loop of `lumbung work` beside, in a process of its own.

    Killed, for lack of memory perhaps, it is started again: pages would go on without
    it, and nobody would see that nothing is read, sealed or backed up any more.
    """
    if not enabled:
        yield
        return
    # Until granian listens to signals, a TERM must reach the `finally` below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    helper, ended = start_work(), threading.Event()

    def watch() -> None:
        nonlocal helper
        while not ended.wait(SECONDS_BETWEEN_LOOKS):
            if helper.poll() is not None:
                logger.warning("The loop of work ended by itself; starting it again")
                helper = start_work()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
        helper.terminate()
        helper.wait()


def start_work() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", WORK])  # noqa: S603  # our own


def work_beside() -> None:
    """Work until told to stop, or until the server that started this is gone."""
    set_up_django()
    from lumbung.work import loop  # noqa: PLC0415  # needs Django set up

    stop, server = threading.Event(), os.getppid()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())

    def watch() -> None:
        while not stop.wait(SECONDS_BETWEEN_LOOKS):
            if os.getppid() != server:
                stop.set()

    threading.Thread(target=watch, daemon=True).start()
    loop.run(stop)


def refuse_taken(host: str, port: int) -> None:
    """Refuse an address that cannot be listened at, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise PortTaken(
                Message("Only root may listen at port %(port)s.", port=str(port)),
                mend=Message("Choose one from 1024 on: --port 8000"),
            ) from error
        except OSError as error:
            raise refusal_of(error, host, port) from error


def refusal_of(error: OSError, host: str, port: int) -> Refusal:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            Message("Something listens at port %(port)s already.", port=str(port)),
            mend=Message("Choose another: --port %(port)s", port=str(port + 1)),
        )
    return NoSuchAddress(
        Message("This machine has no address %(host)s.", host=host),
        mend=Message("Write --host 127.0.0.1, or --host 0.0.0.0 for all addresses."),
    )
