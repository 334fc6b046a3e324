"""No verb writes a work table and stays silent about it.

Each verb found in the code runs once, by its scenario, with its SQL captured. Where
a work table was written and no event was, the trail would have a hole.
"""

import re
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lumbung.accounts import audit
from lumbung.accounts.models import Event, Mandate, Role, User
from lumbung.core.access import Access
from lumbung.core.message import Message
from lumbung.places.models import Place
from tests import scenarios

scenarios.load()
VERBS = scenarios.verbs()
WRITE = re.compile(r'^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"', re.I)
WORK_TABLES = {
    model._meta.db_table
    for model in apps.get_models()
    if getattr(model, "access", None) in {Access.WORK, Access.RESTRICTED, Access.SEALED}
    and model is not Event
}


def written(deed: Callable[[], object]) -> set[str]:
    """The tables that `deed` writes to."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        deed()
    found = (WRITE.match(query["sql"]) for query in captured)
    return {match[1] for match in found if match}


def test_every_verb_has_a_scenario() -> None:
    """Add it to `lumbung/<package>/tests/verbs.py`; `tests/scenarios.py` shows how."""
    assert sorted(set(VERBS) - set(scenarios.SCENARIOS)) == []


def test_every_scenario_has_a_verb() -> None:
    assert sorted(set(scenarios.SCENARIOS) - set(VERBS)) == []


@pytest.mark.parametrize("verb", sorted(scenarios.SCENARIOS))
@pytest.mark.django_db
def test_it_tells_the_trail(verb: str, request: pytest.FixtureRequest) -> None:
    deed = scenarios.SCENARIOS[verb](request.getfixturevalue)
    before = set(Event.objects.values_list("pk", flat=True))

    work = written(deed) & WORK_TABLES

    told = Event.objects.exclude(pk__in=before)
    assert told.exists() or not work, f"{verb} wrote {sorted(work)} and told nobody"
    assert {event.verb for event in told} <= set(audit.VERBS)
    assert all(event.table for event in told)
    # What changed is said in words, not as the code calls it.
    changed = {
        k for event in told for k in {*(event.before or {}), *(event.after or {})}
    }
    assert changed - set(audit.NAMES) == set()


def test_a_silent_verb_is_found_out(
    siti: User, roles: dict[str, Role], botosari: Place
) -> None:
    """The watcher itself: a mandate given behind the trail's back shows."""

    def silent() -> None:
        Mandate.objects.create(
            user=siti,
            role=roles["forum_member"],
            place=botosari,
            starts_on=timezone.localdate(),
            given_at=timezone.now(),
        )
        Mandate.objects.filter(user=siti).update(end_reason="x")

    assert written(silent) & WORK_TABLES == {"accounts_mandate"}


def test_every_verb_has_words_for_people() -> None:
    """What the trail shows is a sentence, never the name of a function.

    Those of `places` are below the trail: the desk's, which call them, tell it.
    """
    names = {v.split(".")[1] for v in VERBS if not v.startswith("places.")}
    assert sorted(names - set(audit.VERBS)) == []
    assert all(isinstance(words, Message) for words in audit.VERBS.values())
