"""What a newer version of a pack changes: for its steps, and for each running case."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from lumbung.core.gates import demands
from lumbung.core.message import Message
from lumbung.programmes.models import Case, PackVersion, StepEvidence
from lumbung.programmes.packs.pack import Requirement, Step, Template, pack_of
from lumbung.words import say


@dataclass(frozen=True)
class Change:
    """One thing that differs in a template: of which kind, about which step."""

    kind: str  # added, removed, renamed, gate, evidence, days, order
    step: str
    said: Message


@dataclass(frozen=True)
class Lacking:
    """Evidence that a step asks for now and that a case which passed it lacks."""

    step: Step
    paper: Requirement
    have: int

    @property
    def said(self) -> Message:
        return Message(
            "%(step)s: %(paper)s, %(have)s of %(need)s",
            step=self.step.name,
            paper=self.paper.name,
            have=self.have,
            need=self.paper.at_least,
        )


@dataclass(frozen=True)
class Standing:
    """Where a case would stand under other rules.

    `then` is None where none of the steps before it is left: the case must stay with
    its own rules. `skipped` are new steps behind which it would already stand.
    """

    case: Case
    now: Step
    then: Step | None
    moves: bool = False
    skipped: tuple[Step, ...] = ()
    lacking: tuple[Lacking, ...] = ()


def changes(old: Template, new: Template) -> list[Change]:
    """All that differs between two versions of a template, in the order of steps."""
    kept = kin(old, new)
    before = {kept[step.id].id: step for step in old.steps if step.id in kept}
    found = [
        Change("removed", s.id, Message("Step “%(step)s” is dropped.", step=s.name))
        for s in old.steps
        if s.id not in kept
    ]
    for step in new.steps:
        if step.id in before:
            found += of_step(before[step.id], step)
        else:
            found.append(added(step))
    if list(before) != [step.id for step in new.steps if step.id in before]:
        found.append(Change("order", "", Message("The steps stand in another order.")))
    return found


def kin(old: Template, new: Template) -> dict[str, Step]:
    """The steps of `new` that are steps of `old`, by the id that they have there.

    A step is the same by its id, or where the later of both versions says what it
    `was` called; the later one may be `old`, on the way back.
    """
    known = {step.id for step in old.steps}
    found: dict[str, Step] = {}
    for step in new.steps:
        if id := next((id for id in step.ids if id in known), ""):
            found.setdefault(id, step)
    left = {step.id: step for step in new.steps if step not in found.values()}
    for step in old.steps:
        if step.id not in found and (was := left.keys() & set(step.was)):
            found[step.id] = left.pop(was.pop())
    return found


def added(step: Step) -> Change:
    said = Message(
        "Step %(number)s, “%(step)s”, is new.", number=step.position, step=step.name
    )
    return Change("added", step.id, said)


def of_step(old: Step, new: Step) -> Iterator[Change]:
    if old.name != new.name:
        yield Change(
            "renamed",
            new.id,
            Message("“%(old)s” is now called “%(new)s”.", old=old.name, new=new.name),
        )
    if old.id != new.id:
        said = Message(
            "“%(step)s” has another id, %(new)s instead of %(old)s. What lies there"
            " stays with it.",
            step=new.name,
            old=old.id,
            new=new.id,
        )
        yield Change("renamed", new.id, said)
    for sentence in gate_changes(old, new):
        yield Change("gate", new.id, sentence)
    for paper in newly_asked(old, new):
        said = Message(
            "“%(step)s” asks for more evidence: %(paper)s, at least %(count)s.",
            step=new.name,
            paper=paper.name,
            count=paper.at_least,
        )
        yield Change("evidence", new.id, said)
    if old.expected_days != new.expected_days:
        said = Message(
            "“%(step)s” may take %(new)s days (before: %(old)s).",
            step=new.name,
            new=new.expected_days or "–",
            old=old.expected_days or "–",
        )
        yield Change("days", new.id, said)


def gate_changes(old: Step, new: Step) -> Iterator[Message]:
    """What a gate asks for anew, and what it no longer asks for."""
    before = [line for _, line in demands(old.gate)]
    after = [line for _, line in demands(new.gate)]
    for line in after:
        if line not in before:
            yield Message(
                "The gate of “%(step)s” now asks: %(line)s", step=new.name, line=line
            )
    for line in before:
        if line not in after:
            yield Message(
                "The gate of “%(step)s” no longer asks: %(line)s",
                step=new.name,
                line=line,
            )


def newly_asked(old: Step | None, new: Step) -> list[Requirement]:
    """The evidence of which `new` asks for more than `old` did."""
    before = {paper.id: paper.at_least for paper in old.evidence} if old else {}
    return [p for p in new.evidence if p.at_least > before.get(p.id, 0)]


def landing(old: Template, new: Template, step: str) -> Step | None:
    """Where a case at `step` would stand: there, or at the next step that is left.

    None where that step and all after it are gone.
    """
    kept = kin(old, new)
    position = old.step(step).position
    rest = (each.id for each in old.steps[position - 1 :])
    return next((kept[id] for id in rest if id in kept), None)


def standings(cases: Iterable[Case], version: PackVersion) -> list[Standing]:
    """Where each case would stand under `version`, and what it would lack: one query."""
    cases = list(cases)
    laid = evidence_laid(cases)
    return [standing(case, version, laid[case.pk]) for case in cases]


def standing(
    case: Case, version: PackVersion, laid: dict[tuple[str, str], int]
) -> Standing:
    old = pack_of(case.pack_id).templates[case.template]
    new = pack_of(version.pk).templates.get(case.template)
    now = old.step(case.step)
    then = landing(old, new, case.step) if new else None
    if new is None or then is None:
        return Standing(case, now, None)
    kept = kin(old, new)
    known = {kept[step.id].id: step for step in old.steps if step.id in kept}
    passed = new.steps[: then.position - 1]
    lacking = tuple(
        Lacking(step, paper, have)
        for step in passed
        for paper in newly_asked(known.get(step.id), step)
        if (have := sum(laid.get((id, paper.id), 0) for id in step.ids))
        < paper.at_least
    )
    skipped = tuple(step for step in passed if step.id not in known)
    return Standing(case, now, then, kept.get(now.id) is not then, skipped, lacking)


def evidence_laid(cases: list[Case]) -> dict[int, dict[tuple[str, str], int]]:
    """How many different standing papers lie to each requirement of each case."""
    found: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = StepEvidence.objects.filter(
        Q(case__in=cases), voided_at=None, evidence__voided_at=None
    )
    for case, step, requirement, count in rows.values_list(
        "case", "step", "requirement"
    ).annotate(count=Count("evidence__file", distinct=True)):
        found[case][step, requirement] = count
    return found


def text(standing: Standing) -> str:
    """A case's line in a terminal."""
    then = standing.then
    where = say(then.name) if then else "–"
    lines = [f"{standing.case.number}: {say(standing.now.name)} → {where}"]
    lines += [f"    + {say(step.name)}" for step in standing.skipped]
    lines += [f"    ! {say(lacking.said)}" for lacking in standing.lacking]
    return "\n".join(lines)
