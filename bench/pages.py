"""How quickly pages answer with all places and many cases, on both databases."""

import http.client
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.table import Row

ROOT = Path(__file__).parent.parent
MANY, SECONDS = 20_000, 8
OBSERVED = 100  # observations to a case: two million in all
DISTRICT, LARGEST = "33.26", "91.08"
BUILD = """
from lumbung.home import home, make_keys
make_keys(home())
import django; django.setup()
from bench.pages_data import build
build({cases}, {observed})
"""


def run(rows: int = MANY) -> list[Row]:
    """Place, case and board page, closed loop on this machine: p95 at 2 and 8 connections.

    Two server processes of two threads; the client on the same cores. The note has
    the ratio to the same page at a hundredth of the cases, requests a second, the
    server's CPU time a page, and the page's weight as sent (gzip).
    """
    found: list[Row] = []
    for name, url in databases():
        few = measured(url, max(rows // 100, 20))
        many = measured(url, rows)
        for key, now in many.items():
            then = few[key]
            found.append(
                Row(
                    f"{name}: {key}, p95",
                    now["p95"],
                    note=f"{now['p95'] / then['p95']:.2f} × at a hundredth of the cases;"
                    f" p50 {now['p50'] * 1000:.0f} ms, {now['rps']:.0f}/s,"
                    f" {now['cpu'] * 1000:.1f} ms CPU, {now['bytes'] / 1000:.0f} KB",
                )
            )
    subprocess.run([ROOT / ".ci/postgres", "stop"], check=False)
    return found


def databases() -> list[tuple[str, str]]:
    sqlite = ("SQLite", "")
    try:
        url = subprocess.check_output(
            [ROOT / ".ci/postgres", "start"],
            text=True,
            env=os.environ | {"POSTGRES_FSYNC": "on"},
        ).strip()
    except (OSError, subprocess.CalledProcessError):
        return [sqlite]
    return [sqlite, ("PostgreSQL", url)]


def measured(url: str, cases: int) -> dict[str, dict[str, float]]:
    """Build an installation with so many cases, serve it, and ask it."""
    home = tempfile.mkdtemp(prefix="lumbung-bench-")
    port = free_port()
    environment = os.environ | {
        "LUMBUNG_HOME": home,
        "DJANGO_SETTINGS_MODULE": "lumbung.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONDEVMODE": "",
    }
    if url:
        environment["DATABASE_URL"] = f"{url}_{cases}"
        subprocess.run(
            ["createdb", "-h", "127.0.0.1", "-p", url.rsplit(":", 1)[1].split("/", maxsplit=1)[0],
             "-U", "lumbung", f"lumbung_{cases}"],
            check=True,
        )  # fmt: skip
    script = BUILD.format(cases=cases, observed=cases * OBSERVED)
    out = subprocess.check_output(
        [sys.executable, "-c", script], env=environment, cwd=ROOT, text=True
    )
    cookie, *paths = out.strip().splitlines()[-1].split()
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
         "--port", str(port), "--workers", "2", "--blocking-threads", "2",
         "--no-access-log", "--log-level", "error", "lumbung.wsgi:application"],
        env=environment, cwd=ROOT,
    )  # fmt: skip
    try:
        await_port(port)
        return {
            f"{name}{said}, {count} connections": ask(
                Page(port, path, cookie, mode), count, server.pid
            )
            for name, path in zip(NAMES, paths, strict=True)
            for mode, said in MODES.items()
            if mode == KEPT or name in MAPS
            for count in (2, 8)
        }
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(home, ignore_errors=True)


NAMES = [
    "village",
    "district map (285)",
    "largest map (852)",
    "case",
    "board",
    "cases table",
]


MAPS = NAMES[1:3]
# A page as it is after somebody has seen it; drawn anew each time; and still there in
# the browser that asks whether it has changed.
KEPT, ANEW, UNCHANGED = "kept", "anew", "unchanged"
MODES = {KEPT: "", ANEW: ", drawn anew", UNCHANGED: ", unchanged"}


@dataclass(frozen=True)
class Page:
    """What one connection asks for, again and again."""

    port: int
    path: str
    cookie: str
    mode: str = KEPT

    def asked(self, etag: str) -> tuple[str, dict[str, str]]:
        """The address and headers of one request."""
        headers = {"Cookie": f"sessionid={self.cookie}", "Accept-Encoding": "gzip"}
        if self.mode == UNCHANGED:
            headers["If-None-Match"] = etag
        mark = f"?ke={time.perf_counter_ns()}" if self.mode == ANEW else ""
        return self.path + mark, headers


def ask(page: Page, connections: int, pid: int) -> dict[str, float]:
    """Ask for one page in a closed loop from so many connections."""
    times: list[float] = []
    sizes: list[int] = []

    def loop() -> None:
        line = http.client.HTTPConnection("127.0.0.1", page.port)
        while time.monotonic() < stop:
            begun = time.perf_counter()
            path, headers = page.asked(etag)
            line.request("GET", path, headers=headers)
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == expected, (path, answer.status)
            times.append(time.perf_counter() - begun)
            sizes.append(len(body))

    expected = 304 if page.mode == UNCHANGED else 200
    for _ in range(6):  # both processes have seen the page
        etag = one(page)
    stop = time.monotonic() + SECONDS
    cpu = cpu_seconds(pid)
    threads = [threading.Thread(target=loop) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    return {
        "p50": statistics.median(times),
        "p95": times[int(len(times) * 0.95)],
        "rps": len(times) / SECONDS,
        "cpu": (cpu_seconds(pid) - cpu) / len(times),
        "bytes": statistics.median(sizes),
    }


def one(page: Page) -> str:
    """Ask once; returns the page's tag."""
    line = http.client.HTTPConnection("127.0.0.1", page.port)
    line.request("GET", page.path, headers={"Cookie": f"sessionid={page.cookie}"})
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == 200, (page.path, answer.status, body[:300])
    return answer.getheader("ETag") or ""


def cpu_seconds(pid: int) -> float:
    """CPU time of the server and its workers so far."""
    tick = os.sysconf("SC_CLK_TCK")
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(folder.name) == pid or int(fields[1]) == pid:
            total += int(fields[11]) + int(fields[12])
    return total / tick


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def await_port(port: int) -> None:
    for _ in range(200):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")
