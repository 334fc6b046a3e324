"""What running cases wait for: their present step's gate over their facts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from operator import attrgetter

from django.db.models import prefetch_related_objects

from lumbung.core.gates import Known, Unknown, Verdict, evaluate
from lumbung.core.message import Message
from lumbung.programmes.models import Case
from lumbung.programmes.packs.pack import FactType, Requirement, Step, Template, pack_of
from lumbung.programmes.registry import FACTS, FactKind

NO_SUCH_FACT = Unknown(Message("This installation cannot compute this fact."))


def template_of(case: Case) -> Template:
    """The template as it stood in the pack version that the case started on."""
    return pack_of(case.pack_id).templates[case.template]


def step_of(case: Case) -> Step:
    return template_of(case).step(case.step)


def packs_left(case: Case) -> list[int]:
    """The versions of rules that the case had before, the latest first."""
    rows = sorted(case.transitions.all(), key=attrgetter("pk"), reverse=True)
    return [row.pack_id for row in rows if row.pack_id]


def past_step(case: Case, id: str) -> Step:
    """A step that the case has known: of its rules now, or of those it left behind."""
    forms = [template_of(case)]
    forms += [pack_of(pk).templates[case.template] for pk in packs_left(case)]
    return next(step for form in forms for step in form.steps if step.id == id)


def past_fact(case: Case, name: str) -> FactType:
    """A declared fact that the rules of the case know, or those it left behind."""
    facts = [pack_of(pk).facts for pk in (case.pack_id, *packs_left(case))]
    return next(known[name] for known in facts if name in known)


def requirement(step: Step, id: str) -> Requirement | None:
    """What a step asks for under this id."""
    return next((each for each in step.evidence if each.id == id), None)


def kind_of(fact: str) -> tuple[FactKind | None, str]:
    """Find who computes a fact: its whole name, else the part before the colon."""
    if fact in FACTS:
        return FACTS[fact], ""
    name, _, argument = fact.partition(":")
    return FACTS.get(name), argument


def verdicts(cases: Iterable[Case], *, on: date) -> dict[int, Verdict]:
    """Return each case's verdict by primary key, asking each fact once for all.

    Facts are read anew: what a caller's case remembers may be old by now.
    """
    gates = {case: step_of(case).gate for case in cases}
    for case in gates:
        forget_facts(case)
    asking: dict[str, list[Case]] = defaultdict(list)
    for case, gate in gates.items():
        for fact in gate.facts() if gate else ():
            asking[fact].append(case)
    read_once(list(gates), asking)
    answers = {fact: answer(fact, asked, on) for fact, asked in asking.items()}
    found = {}
    for case, gate in gates.items():
        known = {
            fact: answers[fact][case.pk] for fact in (gate.facts() if gate else ())
        }
        found[case.pk] = evaluate(gate, known.__getitem__)
    return found


def forget_facts(case: Case) -> None:
    """Drop what an earlier verdict has prefetched onto the case."""
    remembered = vars(case).get("_prefetched_objects_cache", {})
    for name in ("evidence", "decisions", "declared_facts"):
        remembered.pop(name, None)


def read_once(cases: list[Case], facts: Iterable[str]) -> None:
    """Read what all these facts need of all these cases, in one query a table."""
    kinds = (kind_of(fact)[0] for fact in facts)
    needed = dict.fromkeys(path for kind in kinds if kind for path in kind.prefetch)
    prefetch_related_objects(cases, *needed)


def answer(fact: str, cases: list[Case], on: date) -> Mapping[int, Known | Unknown]:
    kind, argument = kind_of(fact)
    if kind is None:
        return {case.pk: NO_SUCH_FACT for case in cases}
    return kind.compute(cases, on, argument)


def verdict(case: Case, *, on: date) -> Verdict:
    return verdicts([case], on=on)[case.pk]
