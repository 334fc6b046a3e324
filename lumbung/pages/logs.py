"""Log lines: moment, level, request number, what happened. No personal data."""

import logging
import time

from lumbung.pages import requests


class Line(logging.Formatter):
    """`2026-11-23T01:02:03Z INFO 1f2e3d4c lumbung.request GET /berkas/… 200 12 ms`."""

    converter = staticmethod(time.gmtime)

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)sZ %(levelname)s %(number)s %(name)s %(message)s",
            datefmt="%Y-%m-%dT%H:%M:%S",
        )

    def format(self, record: logging.LogRecord) -> str:
        record.number = requests.number.get()
        return super().format(record)
