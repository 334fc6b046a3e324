"""The same cast here as in the packages, and packs forgotten between tests as there."""

from lumbung.conftest import *  # noqa: F403
from lumbung.conftest import _packs_forgotten  # noqa: F401  # a star leaves it out
