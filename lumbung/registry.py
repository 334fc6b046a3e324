"""Imports once what packages offer to those below them.

Facts, story, what waits (`programmes/registry.py`), what is taken over of packs
(`programmes/pack_actions.py`), jobs (`work/jobs.py`), kinds of imports
(`imports/importers.py`).
"""

import lumbung.archive.jobs
import lumbung.desk.waiting
import lumbung.evidence.store
import lumbung.imports.jobs
import lumbung.measures.case_figures
import lumbung.measures.classes
import lumbung.measures.count_figures
import lumbung.measures.facts
import lumbung.measures.jobs
import lumbung.measures.observations
import lumbung.measures.packs
import lumbung.measures.value_figures
import lumbung.measures.waiting
import lumbung.programmes.adoption_actions
import lumbung.programmes.facts
import lumbung.programmes.story
import lumbung.programmes.waiting
import lumbung.work.loop  # noqa: F401
