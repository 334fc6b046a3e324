"""Faults of the machine: processes killed, disks full.

Run by name, since they take their time: `pytest tests/faults --kills 200 --seed 7`.
"""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=20, help="How often to kill")
    parser.addoption("--seed", type=int, default=1, help="When and whom to kill")
