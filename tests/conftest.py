"""The same cast here as in the packages."""

from lumbung.conftest import *  # noqa: F403
