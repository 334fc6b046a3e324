"""Public data that lies beside the repository on some machines, never inside it."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def shared_data() -> Path:
    """The folder of public data; a test that needs it skips where it is absent."""
    beside = os.environ.get("LUMBUNG_SHARED_DATA", ROOT.parent / "shared" / "data")
    folder = Path(beside)
    if not folder.is_dir():
        pytest.skip(f"there is no public data in {folder}")
    return folder
