"""Killed at any moment, under writers: what was acknowledged is there, once.

Four programs open cases, lay photos, move and declare by the API, each POST with its
key; an officer imports by the pages. Meanwhile processes are killed with SIGKILL at
random moments: the server, one of its workers, the loop behind it, all at once, also
while they start. Then the clients' journal is held against the database.
"""

import json
import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from maintenance.empty_database import beside
from tests.faults.house import House
from tests.faults.writers import Journal, Officer, Program, Writer

PROGRAMS = 3


def killed(house: House, times: int, dice: random.Random) -> dict[str, int]:
    """Kill and start again, so many times; one in eight dies while it starts.

    Nine in ten start from a process that has read the code already.
    """
    victims: dict[str, int] = {}
    for _ in range(times):
        starting = dice.random() < 1 / 8
        house.start(wait=not starting, warm=dice.random() < 9 / 10)
        time.sleep(dice.uniform(0.1, 1.5))
        victim = house.kill(dice)
        if starting:
            victim = "while starting"
        victims[victim] = victims.get(victim, 0) + 1
    return victims


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A `DATABASE_URL`: '' is SQLite, else an empty database on the one that is set."""
    if request.param == "sqlite":
        yield ""
        return
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        pytest.skip("DATABASE_URL names no PostgreSQL")
    with beside(url, "faults") as fresh:
        yield fresh


def test_killed_at_any_moment_nothing_acknowledged_is_lost(
    address: str, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    times = pytestconfig.getoption("--kills")
    dice = random.Random(pytestconfig.getoption("--seed"))  # noqa: S311
    house = House(tmp_path, url=address)
    world = house.furnish(PROGRAMS)
    journal, stop = Journal(), threading.Event()
    kinds: list[type[Writer]] = [Program] * PROGRAMS + [Officer]
    writers = [
        kind(house, journal, world, number, stop) for number, kind in enumerate(kinds)
    ]
    threads = [threading.Thread(target=writer.run) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        victims = killed(house, times, dice)
        # What broke off is sent again, and everybody finishes a little more.
        house.start()
        time.sleep(2)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
        house.close()
    tell(journal, victims)
    assert journal.problems == []
    assert len(journal.acknowledged) > times
    file = tmp_path / "journal.json"
    file.write_text(json.dumps(journal.acknowledged))
    assert json.loads(house.python("-m", "tests.faults.reckon", str(file))) == []
    proof = json.loads(house.lumbung("verify", "--json"))
    assert proof["holds"], proof
    assert list(tmp_path.glob(".writing-*")) == []


def tell(journal: Journal, victims: dict[str, int]) -> None:
    kinds: dict[str, int] = {}
    for entry in journal.acknowledged:
        kinds[entry["kind"]] = kinds.get(entry["kind"], 0) + 1
    print(  # noqa: T201  # what the run was worth
        f"\n{sum(victims.values())} kills {victims}; {journal.sent} requests,"
        f" {journal.again} sent again; acknowledged {kinds}"
    )
