"""A demonstration, served as people get it, and Chromium to look at it.

LUMBUNG_SHOTS     folder for a screenshot of every page (default a temporary one)
LUMBUNG_BROWSER   folder to build the demonstration in once and use again while writing
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    StorageState,
    sync_playwright,
)

from tests.browser.furnished import PASSWORD, TOTP_SECRET

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
    "--disable-sync",
]
LANGUAGES = ("id", "en")
WIDTHS = (360, 1280)
# Chromium says so whenever a page answers a refusal.
EXPECTED = re.compile(r"status of (4\d\d)")


@dataclass
class World:
    """Where the demonstration is served, and the uids of what tests look at."""

    url: str
    things: dict[str, Any]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    kept = os.environ.get("LUMBUNG_BROWSER")
    home = Path(kept) if kept else tmp_path_factory.mktemp("demo")
    things = home / "world.json"
    if not things.exists():
        lumbung(home, "demo", "--no-serve")
        things.write_text(python(home, "-m", "tests.browser.furnish"))
    with served(home) as url:
        yield World(url, json.loads(things.read_text()))


def surroundings(home: Path) -> dict[str, str]:
    """The settings of an installation, not of the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LUMBUNG_")}
    return kept | {
        "LUMBUNG_HOME": str(home),
        "LUMBUNG_DEMO": "1",
        "LUMBUNG_SYNCHRONOUS": "OFF",
        "DJANGO_SETTINGS_MODULE": "lumbung.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONDEVMODE": "",
    }


def python(home: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # our own
        [sys.executable, *arguments],
        cwd=ROOT,
        env=surroundings(home),
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return done.stdout


CALL = "from lumbung.cli import main; main()"


def lumbung(home: Path, *arguments: str) -> str:
    return python(home, "-c", CALL, *arguments)


@contextmanager
def served(home: Path) -> Iterator[str]:
    """`lumbung serve` on a free port, while the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (home / "serve.log").open("w") as log:
        server = subprocess.Popen(  # noqa: S603  # our own
            [sys.executable, "-c", CALL, "serve", "--port", str(port)],
            cwd=ROOT,
            env=surroundings(home),
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()  # noqa: S310
        except OSError:
            assert server.poll() is None, "the server ended; see serve.log"
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server did not answer within two minutes")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class House:
    """Opens pages as a person, in a language, on a phone or at a desk."""

    chromium: Browser
    url: str
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    # Who signed in before, for the whole session.
    keys: dict[str, StorageState] = field(default_factory=dict)

    def context(
        self, language: str = "id", width: int = 1280, script: bool = True, **more: Any
    ) -> BrowserContext:
        phone = width < 600
        context = self.chromium.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 740 if phone else 900},
            has_touch=phone,
            is_mobile=phone,
            java_script_enabled=script,
            accept_downloads=True,
            **more,
        )
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": "language", "value": language, "url": self.url}])
        context.on("console", lambda said: self.note(said.type, said.text))
        context.on("weberror", lambda error: self.note("error", str(error.error)))
        context.on("request", lambda request: self.stay(request.url))
        self.contexts.append(context)
        return context

    def note(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.search(text):
            self.faults.append(text)

    def stay(self, url: str) -> None:
        """No page asks another host for anything."""
        if not url.startswith((self.url, "data:", "blob:")):
            self.faults.append(f"asked for {url}")

    def enter(
        self, who: str, language: str = "id", width: int = 1280, **more: Any
    ) -> Page:
        """A fresh page of somebody who has signed in by one tap ('' for nobody)."""
        if who and who not in self.keys:
            context = self.context()
            knock(context.new_page(), who)
            self.keys[who] = context.storage_state()
            context.close()
        keys = self.keys.get(who)
        return self.context(language, width, storage_state=keys, **more).new_page()


def knock(page: Page, who: str) -> None:
    """Sign in: by one tap, or with a password (and a code) as `jateng+code`."""
    name, _, how = who.partition("+")
    page.goto("/akun/masuk/")
    if not how:
        page.locator(f"button[name=person][value={name}]").click()
        page.wait_for_url("/")
        return
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form.form button.btn").click()
    page.wait_for_load_state()
    if how == "code":
        page.locator("#id_code").fill(code())
        page.locator("form.form button.btn").click()
        page.wait_for_load_state()


def code() -> str:
    """What the phone shows now."""
    return str(format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // 30)))


KEYS: dict[str, StorageState] = {}


@pytest.fixture
def house(chromium: Browser, world: World) -> Iterator[House]:
    made = House(chromium, world.url, keys=KEYS)
    yield made
    for context in made.contexts:
        context.close()
    assert made.faults == []


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("LUMBUNG_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


SEEN: dict[str, set[str]] = {"pages": set(), "views": set()}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SEEN["views"]:
        terminalreporter.write_line(
            f"axe: {len(SEEN['pages'])} pages in {len(SEEN['views'])} views"
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Read the pages before anybody writes on them, in English among others."""
    items.sort(key=lambda item: "test_pages.py" not in item.nodeid)
