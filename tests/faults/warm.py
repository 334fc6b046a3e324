"""Starts servers from a process that has everything imported, so that many can die.

Reads a port a line and prints the process id of the server it forked for it: the
leader of a process group with the server's workers and the loop, as `lumbung serve`
has them. It opens no database itself. Ends when its input does.
"""

import os
import signal
import sys
import threading

import django

django.setup()

from django.urls import get_resolver  # noqa: E402

import lumbung.wsgi  # noqa: E402, F401  # imported for the children
from lumbung.desk.server import serve  # noqa: E402
from lumbung.work import loop  # noqa: E402


def main() -> None:
    get_resolver().url_patterns  # noqa: B018
    # The dead are nobody's business here: whoever kills them waits for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            run(int(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def run(port: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if os.fork() == 0:
        loop.run(threading.Event())
    serve("127.0.0.1", port, workers=2, threads=2, work=False)
    os._exit(0)


if __name__ == "__main__":
    main()
