"""An installation served for real, and killed."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SERVE = "from lumbung.cli import main; main()"
HURRY_SECONDS = 60.0


@dataclass
class House:
    """The server of one home: `up` is set while it answers."""

    home: Path
    url: str = ""
    port: int = 0
    up: threading.Event = field(default_factory=threading.Event)
    leader: int = 0
    starter: "subprocess.Popen[str] | None" = None
    # Put before each command: how to enter the room with the small disk.
    prefix: list[str] = field(default_factory=list)

    def surroundings(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LUMBUNG_")}
        return kept | {
            "LUMBUNG_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "lumbung.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONDEVMODE": "",
            "DATABASE_URL": self.url,
        }

    def python(self, *arguments: str, fails: bool = False) -> str:
        """Run one of our programs in this home and return what it printed."""
        done = subprocess.run(  # noqa: S603  # our own
            [*self.prefix, sys.executable, *arguments],
            cwd=ROOT,
            env=self.surroundings(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert fails == (done.returncode != 0), done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def furnish(self, writers: int) -> dict[str, Any]:
        said = self.python("-m", "tests.faults.furnish", str(writers))
        found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
        return found

    def lumbung(self, *arguments: str, fails: bool = False) -> str:
        return self.python("-c", SERVE, *arguments, fails=fails)

    def start(self, *options: str, wait: bool = True, warm: bool = False) -> None:
        """Start `lumbung serve`, its processes in a group of their own."""
        self.port = free_port()
        self.leader = self.fork() if warm else self.command(*options)
        if wait:
            self.wait()

    def command(self, *options: str) -> int:
        """As people start it: two seconds of reading before it answers."""
        with self.log().open("a") as log:
            server = subprocess.Popen(  # noqa: S603  # our own
                [*self.prefix, sys.executable, "-c", SERVE, "serve"]
                + ["--port", str(self.port), "--workers", "2", *options],
                cwd=ROOT,
                env=self.surroundings(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        # Somebody must take note of its end, or its number stays in use.
        threading.Thread(target=server.wait, daemon=True).start()
        return server.pid

    def fork(self) -> int:
        """The same processes from one that has read everything already."""
        if self.starter is None:
            with self.log().open("a") as log:
                self.starter = subprocess.Popen(  # noqa: S603  # our own
                    [*self.prefix, sys.executable, "-m", "tests.faults.warm"],
                    cwd=ROOT,
                    env=self.surroundings(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                )
        assert self.starter.stdin
        assert self.starter.stdout
        self.starter.stdin.write(f"{self.port}\n")
        self.starter.stdin.flush()
        return int(self.starter.stdout.readline())

    def log(self) -> Path:
        return self.home / "serve.log"

    def wait(self) -> None:
        end = time.monotonic() + HURRY_SECONDS
        while time.monotonic() < end:
            with suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/healthz")[0] == 200:
                    self.up.set()
                    return
            assert self.processes(), self.log().read_text()[-3000:]
            time.sleep(0.02)
        raise AssertionError(self.log().read_text()[-3000:])

    def kill(self, dice: random.Random) -> str:
        """SIGKILL one of the processes or all at once; in the end none is left."""
        here = self.processes()
        victim = dice.choice(["all", "all", "one", "first"])
        if victim == "one" and len(here) > 1:
            one(dice.choice([pid for pid in here if pid != self.leader]))
            time.sleep(dice.uniform(0, 0.3))
        elif victim == "first":
            one(self.leader)
            time.sleep(dice.uniform(0, 0.3))
        self.up.clear()
        self.end()
        return victim

    def end(self) -> None:
        """Kill what is left of it, and see it gone."""
        for _ in range(500):
            for pid in self.processes():
                one(pid)
            if not self.processes():
                return
            time.sleep(0.01)
        raise AssertionError(f"still there: {self.processes()}")

    def processes(self) -> list[int]:
        """The leader and all that it started: its group, once it has one."""
        return living(self.leader)

    def close(self) -> None:
        if self.leader:
            self.end()
        if self.starter:
            assert self.starter.stdin
            self.starter.stdin.close()
            self.starter.wait(30)
            assert self.starter.stdout
            self.starter.stdout.close()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection of its own; OSError where it breaks off."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, path, body=body, headers=headers or {})
            answer = line.getresponse()
            heads = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status, heads, answer.read()
        finally:
            line.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def one(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def living(leader: int) -> list[int]:
    """The living processes of a group, its leader first, also before it leads."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            state, _, number = parts(folder)
            if leader in {number, int(folder.name)} and state not in "ZX":
                found.append(int(folder.name))
    return sorted(found)


def parts(folder: Path) -> tuple[str, int, int]:
    """State, parent and group of a process."""
    words = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    return words[0], int(words[1]), int(words[2])
