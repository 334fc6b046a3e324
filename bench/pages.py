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
from pathlib import Path

from bench.table import Row

ROOT = Path(__file__).parent.parent
MANY, SECONDS = 20_000, 8
DISTRICT, LARGEST = "33.26", "91.08"
BUILD = """
from lumbung.home import home, make_keys
make_keys(home())
import django; django.setup()
from bench.pages_data import build
build({cases})
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
    script = BUILD.format(cases=cases)
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
            f"{name}, {count} connections": ask(port, path, cookie, count, server.pid)
            for name, path in zip(NAMES, paths, strict=True)
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


def ask(
    port: int, path: str, cookie: str, connections: int, pid: int
) -> dict[str, float]:
    """Ask for one page in a closed loop from so many connections."""
    times: list[float] = []
    sizes: list[int] = []

    def loop() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < stop:
            begun = time.perf_counter()
            line.request(
                "GET",
                path,
                headers={"Cookie": f"sessionid={cookie}", "Accept-Encoding": "gzip"},
            )
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == 200, (path, answer.status)
            times.append(time.perf_counter() - begun)
            sizes.append(len(body))

    for _ in range(6):  # both processes have seen the page
        one(port, path, cookie)
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


def one(port: int, path: str, cookie: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == 200, (path, answer.status, body[:300])


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
