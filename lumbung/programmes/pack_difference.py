"""What a newer version of a pack changes: for its steps, and for each running case."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from lumbung.core.gates import demands
from lumbung.core.message import Message
from lumbung.programmes.models import Case, PackVersion, StepEvidence
from lumbung.programmes.pack import Requirement, Step, Template, pack_of
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
    skipped: tuple[Step, ...] = ()
    lacking: tuple[Lacking, ...] = ()

    @property
    def moves(self) -> bool:
        return self.then is not None and self.then.id != self.now.id


def changes(old: Template, new: Template) -> list[Change]:
    """All that differs between two versions of a template, in the order of steps."""
    before = {step.id: step for step in old.steps}
    after = {step.id: step for step in new.steps}
    found = [
        Change("removed", id, Message("Step “%(step)s” is dropped.", step=step.name))
        for id, step in before.items()
        if id not in after
    ]
    for step in new.steps:
        if step.id in before:
            found += of_step(before[step.id], step)
        else:
            found.append(added(step))
    kept = [step.id for step in old.steps if step.id in after]
    if kept != [step.id for step in new.steps if step.id in before]:
        found.append(Change("order", "", Message("The steps stand in another order.")))
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
    after = {each.id: each for each in new.steps}
    position = old.step(step).position
    rest = (each.id for each in old.steps[position - 1 :])
    return next((after[id] for id in rest if id in after), None)


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
    known = {step.id: step for step in old.steps}
    passed = new.steps[: then.position - 1]
    lacking = tuple(
        Lacking(step, paper, laid.get((step.id, paper.id), 0))
        for step in passed
        for paper in newly_asked(known.get(step.id), step)
        if laid.get((step.id, paper.id), 0) < paper.at_least
    )
    skipped = tuple(step for step in passed if step.id not in known)
    return Standing(case, now, then, skipped, lacking)


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
