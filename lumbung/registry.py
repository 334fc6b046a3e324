"""Imports once what packages offer to those below them; see `programmes/registry.py`."""

import lumbung.desk.waiting
import lumbung.imports.jobs
import lumbung.measures.facts
import lumbung.programmes.facts
import lumbung.programmes.story
import lumbung.programmes.waiting  # noqa: F401
