"""Imports once what packages offer to those below them.

Facts, story, what waits (`programmes/registry.py`), what is taken over of packs
(`programmes/packs/actions.py`), figures (`measures/figures/figure.py`), jobs
(`work/jobs.py`), kinds of imports (`imports/importers.py`).
"""

import lumbung.archive.jobs
import lumbung.desk.waiting
import lumbung.evidence.store
import lumbung.imports.jobs
import lumbung.measures.classes
import lumbung.measures.facts
import lumbung.measures.figures.cases
import lumbung.measures.figures.counts
import lumbung.measures.figures.values
import lumbung.measures.observations
import lumbung.measures.packs
import lumbung.measures.questions.waiting
import lumbung.measures.runs.jobs
import lumbung.programmes.facts
import lumbung.programmes.packs.adoption_actions
import lumbung.programmes.story
import lumbung.programmes.waiting
import lumbung.work.loop  # noqa: F401
