"""A process of the server that is killed alone is replaced; the others go on."""

import time
from pathlib import Path

from tests.faults.house import House, one

PATIENCE_SECONDS = 60.0


def test_a_worker_and_the_loop_of_work_are_started_again(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.furnish(1)
    house.start()
    try:
        leader, *others = house.processes()
        assert len(others) == 3, "two workers and the loop"
        for victim in others:
            one(victim)
            wait_for(house, len(others) + 1, without=victim)
            assert house.processes()[0] == leader
            assert house.ask("GET", "/healthz")[0] == 200
    finally:
        house.close()


def wait_for(house: House, count: int, *, without: int) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while len(here := house.processes()) < count or without in here:
        assert time.monotonic() < end, house.log().read_text()[-3000:]
        time.sleep(0.1)
    # A new worker listens a moment after it was started.
    house.wait()
