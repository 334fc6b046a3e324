"""The rules of a programme as the API says them: templates, steps, gates, facts."""

from ninja import Schema

from lumbung.core.gates import Condition, Gate
from lumbung.pages.shapes import Typed, Words, both, typed
from lumbung.programmes.packs.pack import (
    FactType,
    Pack,
    ProgrammeRule,
    Source,
    Step,
    Template,
)
from lumbung.words import say


class SourceShape(Schema):
    """Where a rule comes from."""

    title: str
    url: str
    kind: str


class Ruled(Schema):
    """An item of a pack: `status` is official, local or example (not real)."""

    id: str
    name: Words
    status: str
    source: list[SourceShape]


class GateShape(Schema):
    """What a gate asks: a condition on one fact, or a group with `parts`.

    Of a group at least `n` parts must be met.
    """

    name: Words | None
    fact: str = ""
    operator: str = ""
    need: list[Typed] = []
    n: int | None = None
    parts: "list[GateShape]" = []


class RequirementShape(Schema):
    """A kind of paper or photo that a step asks for."""

    id: str
    name: Words
    help: Words | None
    at_least: int


class FactShape(Ruled):
    """A fact that people declare: count, share, number, rupiah, date, yesno, choice."""

    type: str
    choices: dict[str, Words]


class StepShape(Ruled):
    """A step, who decides, what it asks for, and the gate at its end."""

    position: int
    purpose: Words
    decides: Words
    movers: list[str]
    expected_days: int | None
    evidence: list[RequirementShape]
    declares: list[FactShape]
    returns: list[str]
    gate: GateShape | None
    quorum: str


class TemplateShape(Ruled):
    """The way a kind of case walks."""

    prefix: str
    steps: list[StepShape]
    outcomes: dict[str, Words]


class ProgrammeShape(Ruled):
    """A programme; `pack` is the version that new cases start on."""

    summary: Words
    pack: str
    templates: list[str]


class ProgrammeFull(ProgrammeShape):
    """A programme with its templates and their steps; `sectors` are of attendance."""

    rules: list[TemplateShape]
    sectors: dict[str, Words]


def sources(pack: Pack, ids: tuple[str, ...]) -> list[SourceShape]:
    def shape(source: Source) -> SourceShape:
        return SourceShape(title=source.title, url=source.url, kind=source.kind)

    return [shape(source) for source in pack.sources_of(ids)]


def gate_shape(gate: Gate) -> GateShape:
    name = both(gate.name) if gate.name else None
    if isinstance(gate, Condition):
        needs = gate.need if isinstance(gate.need, tuple) else (gate.need,)
        return GateShape(
            name=name,
            fact=gate.fact,
            operator=gate.operator,
            need=[typed(need) for need in needs],
        )
    return GateShape(name=name, n=gate.n, parts=[gate_shape(p) for p in gate.parts])


def fact_shape(pack: Pack, fact: FactType) -> FactShape:
    return FactShape(
        id=fact.id,
        name=both(fact.name),
        status=fact.status,
        source=sources(pack, fact.source),
        type=fact.type,
        choices={id: both(name) for id, name in fact.choices.items()},
    )


def step_shape(pack: Pack, step: Step) -> StepShape:
    return StepShape(
        id=step.id,
        name=both(step.name),
        status=step.status,
        source=sources(pack, step.source),
        position=step.position,
        purpose=both(step.purpose),
        decides=both(step.decides),
        movers=list(step.movers),
        expected_days=step.expected_days,
        evidence=[
            RequirementShape(
                id=asked.id,
                name=both(asked.name),
                help=both(asked.help) if asked.help else None,
                at_least=asked.at_least,
            )
            for asked in step.evidence
        ],
        declares=[fact_shape(pack, pack.facts[id]) for id in step.declares],
        returns=list(step.returns),
        gate=gate_shape(step.gate) if step.gate else None,
        quorum=say(step.quorum.rule()) if step.quorum else "",
    )


def outcomes(template: Template) -> dict[str, Words]:
    return {outcome.id: both(outcome.name) for outcome in template.outcomes}


def template_shape(pack: Pack, template: Template) -> TemplateShape:
    return TemplateShape(
        id=template.id,
        name=both(template.name),
        status=template.status,
        source=sources(pack, template.source),
        prefix=template.prefix,
        steps=[step_shape(pack, step) for step in template.steps],
        outcomes=outcomes(template),
    )


def programme_shape(pack: Pack, rule: ProgrammeRule) -> ProgrammeShape:
    return ProgrammeShape(
        id=rule.code,
        name=both(rule.name),
        status=rule.status,
        source=sources(pack, rule.source),
        summary=both(rule.summary),
        pack=f"{pack.code}@{pack.version}",
        templates=list(rule.templates),
    )


def programme_full(pack: Pack, rule: ProgrammeRule) -> ProgrammeFull:
    return ProgrammeFull(
        **programme_shape(pack, rule).model_dump(),
        rules=[template_shape(pack, pack.templates[id]) for id in rule.templates],
        sectors={id: both(name) for id, name in pack.sectors.items()},
    )
