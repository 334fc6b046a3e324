"""Every gate of every pack that comes with Lumbung, at its line and one short of it.

The values are those that stand in docs/packs/.
"""

import pytest

from lumbung.core.gates import Verdict, conditions, evaluate
from maintenance.pack_tables import (
    Demand,
    Facts,
    demands,
    just_open,
    know,
    misses,
    packs,
    tables,
)

DEMANDS = list(demands())
every_demand = pytest.mark.parametrize("demand", DEMANDS, ids=lambda each: each.id)


def judge(demand: Demand, facts: Facts) -> Verdict:
    return evaluate(demand.step.gate, lambda fact: know(facts, fact))


def opening(demand: Demand) -> Facts:
    assert demand.step.gate is not None
    return just_open(demand.step.gate, demand.condition)


@every_demand
def test_it_opens_at_the_line(demand: Demand) -> None:
    assert judge(demand, opening(demand)).met


@every_demand
def test_it_stays_shut_one_short(demand: Demand) -> None:
    short = {demand.condition.fact: misses(demand.condition)}
    verdict = judge(demand, opening(demand) | short)
    assert not verdict.met
    assert verdict.missing


@every_demand
def test_it_stays_shut_where_the_fact_is_not_known(demand: Demand) -> None:
    unknown: Facts = {demand.condition.fact: None}
    assert not judge(demand, opening(demand) | unknown).met


@every_demand
def test_what_is_missing_is_said_in_the_packs_own_words(demand: Demand) -> None:
    """No sentence falls back on a fact's technical name."""
    assert demand.condition.name is not None


@pytest.mark.parametrize("pack", [p for p, _ in packs()], ids=lambda pack: pack.code)
def test_each_step_has_a_gate_and_each_paper_is_asked_for(pack: object) -> None:
    for template in pack.templates.values():  # type: ignore[attr-defined]
        for step in template.steps:
            assert step.gate is not None, step.id
            asked = {condition.fact for condition in conditions(step.gate)}
            papers = {f"evidence:{paper.id}" for paper in step.evidence}
            assert papers <= asked, step.id
            for condition in conditions(step.gate):
                for paper in step.evidence:
                    if condition.fact == f"evidence:{paper.id}":
                        assert condition.need == paper.at_least, (step.id, paper.id)


def test_the_issue_s_gates_are_there() -> None:
    """What the programmes themselves laid down, by their own numbers."""
    asked = {
        (d.pack.code, d.template.id, d.step.id): {
            (c.fact, c.operator, str(c.need)) for c in conditions(d.step.gate)
        }
        for d in DEMANDS
    }
    assert {
        ("declared:members", "at_least", "5"),
        ("declared:women_share", "at_least", "3/10"),
        ("declared:saving_months", "at_least", "3"),
        ("declared:joint_liability_signed", "equals", "yes"),
    } <= asked["bdc", "self_help_group", "strengthened"]
    assert {
        ("declared:buyer_commitments", "at_least", "1"),
        ("declared:government_commitments", "at_least", "1"),
    } <= asked["kpel", "cluster", "contracted"]
    assert ("declared:adaptation_agreed", "equals", "yes") in asked[
        "ksst", "replication", "adaptation"
    ]
    assert {
        ("decision:sectors", "at_least", "4"),
        ("decision:women_share", "at_least", "3/10"),
        ("declared:decile_1_4_share", "below", "2/5"),
    } <= asked["lab", "village", "evaluated"]


def test_the_steps_are_as_many_as_the_programmes_have() -> None:
    steps = {
        (pack.code, template.id): len(template.steps)
        for pack, _ in packs()
        for template in pack.templates.values()
    }
    assert steps["kpel", "cluster"] == 13
    assert steps["lab", "village"] == 9


def test_the_reconstruction_of_kpel_is_marked_as_an_example() -> None:
    kpel = next(pack for pack, _ in packs() if pack.code == "kpel")
    template = kpel.templates["cluster"]
    assert {template.status, *(step.status for step in template.steps)} == {"example"}


WEIGHT = {"example": 0, "local": 1, "official": 2}


@every_demand
def test_no_step_claims_more_than_the_facts_that_its_gate_asks_for(
    demand: Demand,
) -> None:
    kind, _, name = demand.condition.fact.partition(":")
    if kind == "declared":
        fact = demand.pack.facts[name]
        assert WEIGHT[demand.step.status] <= WEIGHT[fact.status], fact.id


def test_the_kinds_of_case_stand_in_the_order_in_which_the_programme_names_them() -> (
    None
):
    for pack, _ in packs():
        for code, programme in pack.programmes.items():
            own = [template.id for template in pack.templates_of(code)]
            assert own == list(programme.templates)


def test_the_tables_are_as_the_packs_say() -> None:
    stale = [path.name for path, text in tables().items() if path.read_text() != text]
    assert stale == [], "python -m maintenance.pack_tables"
