"""Tells one case of the demonstration by calling the verbs, as people would.

What the story leaves out of a step that was left, its gate says; what it leaves out of
the present step is what the case waits for.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from lumbung.accounts.models import User
from lumbung.core.conditions import Condition, conditions, value
from lumbung.core.message import Rupiah, Share, Value
from lumbung.desk.demo_files import draw
from lumbung.evidence.actions import add_evidence
from lumbung.evidence.models import Evidence
from lumbung.places.codes import addressed
from lumbung.programmes import actions
from lumbung.programmes.checks import main_place
from lumbung.programmes.models import Case, Decision, Programme
from lumbung.programmes.packs.pack import FactType, Requirement, Step, pack_of
from lumbung.programmes.verdicts import requirement, step_of, template_of
from lumbung.words import say

TOLD_ON = date(2020, 2, 14)
WOMEN, MEN = 4, 6  # of each sector at a meeting that the story does not tell
Item = Mapping[str, Any]


@dataclass
class Tale:
    """The story so far. `shift` moves its days so that its last day is today."""

    today: date
    now: datetime
    people: dict[str, User] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)

    @property
    def shift(self) -> timedelta:
        return self.today - TOLD_ON

    def day(self, told: date) -> date:
        return told + self.shift


def tell(item: Item, tale: Tale) -> Case:
    """Open the case and walk it as far as the story goes."""
    by = tale.people[item["by"]]
    case = actions.open_case(
        programme=Programme.objects.get(code=item["programme"]),
        template=item["template"],
        title=item["title"],
        place=addressed(item["place"]),
        also=[addressed(code) for code in item.get("also", ())],
        partners=[addressed(code) for code in item.get("partners", ())],
        responsible=tale.people[item.get("responsible", item["by"])],
        on=tale.day(item["opened"]),
        by=by,
        origin=tale.cases.get(item.get("origin", "")),
        is_example=True,
    )
    helpers = [tale.people[name] for name in item["helpers"]] or [by]
    for part in item["steps"]:
        case = Part(case, part, tale, by, helpers).tell()
    tale.cases[item["key"]] = case
    return case


@dataclass
class Part:
    """What happened in one step of a case."""

    case: Case
    story: Item
    tale: Tale
    by: User
    helpers: list[User]
    used: int = 0

    def tell(self) -> Case:
        """Do what the story says; if the step was left, also what its gate asks."""
        self.lay_papers()
        for name, raw in self.story.get("declare", {}).items():
            self.declare(name, typed(self.fact(name), raw))
        if "meeting" in self.story:
            self.meet(self.story["meeting"])
        if "override" in self.story:
            return self.override(self.story["override"])
        if "pause" in self.story:
            return self.pause(self.story["pause"])
        if "left" in self.story:
            self.fill()
            return self.leave()
        return self.case

    @property
    def step(self) -> Step:
        return step_of(self.case)

    @property
    def end(self) -> date:
        """The day the step was left; for the present one the last day told."""
        return self.tale.day(self.story.get("left", TOLD_ON))

    def day_within(self) -> date:
        """A day for what the story gives none: a few before the step was left."""
        self.used += 1
        return max(self.case.since, self.end - timedelta(days=2 + self.used % 5))

    def helper(self, name: str = "") -> User:
        if name:
            return self.tale.people[name]
        return self.helpers[self.used % len(self.helpers)]

    def fact(self, name: str) -> FactType:
        return pack_of(self.case.pack_id).facts[name]

    def lay_papers(self) -> None:
        for name, papers in self.story.get("papers", {}).items():
            for paper in papers:
                on = self.tale.day(paper["on"]) if "on" in paper else self.day_within()
                self.lay(
                    name, paper["title"], on, paper.get("kind", "paper"),
                    self.helper(paper.get("by", "")),
                )  # fmt: skip

    def lay(self, name: str, title: str, on: date, kind: str, by: User) -> None:
        evidence = self.keep(kind, title, on, by)
        actions.attach_evidence(
            case=self.case, requirement=name, evidence=evidence, by=by
        )

    def keep(self, kind: str, title: str, on: date, by: User) -> Evidence:
        place = main_place(self.case)
        return add_evidence(
            upload=draw(kind, title, place.name, on),
            title=title,
            place=place,
            programme=self.case.programme.code,
            dated_on=on,
            by=by,
        )

    def declare(self, name: str, declared: Value) -> None:
        by, on = self.helper(), self.day_within()
        title = f"Dasar angka: {say(self.fact(name).name)}"
        actions.declare_fact(
            case=self.case,
            name=name,
            value=declared,
            as_of=on,
            evidence=self.keep("paper", title, on, by),
            by=by,
        )

    def meet(self, story: Item, about: str = Decision.About.STEP) -> Decision:
        """Record a meeting; its signed minutes carry its name."""
        on = self.tale.day(story["on"]) if "on" in story else self.day_within()
        body = story.get("body") or say(self.step.decides)
        return actions.record_decision(
            case=self.case,
            body=body,
            decided_on=on,
            venue=story.get("venue", main_place(self.case).name),
            result=story.get("result", Decision.Result.APPROVED),
            reason=story.get("reason", ""),
            attendance={key: tuple(n) for key, n in story["attendance"].items()},
            invited=story.get("invited"),
            minutes=self.keep("paper", f"Catatan rapat: {body}", on, self.by),
            by=self.by,
            about=about,
            number=story.get("number", ""),
        )

    def override(self, story: Item) -> Case:
        decision = self.meet(story, about=Decision.About.OVERRIDE)
        return actions.override_gate(
            case=self.case,
            to=self.following(),
            decision=decision,
            on=self.end,
            by=self.by,
            version=self.case.version,
        )

    def pause(self, story: Item) -> Case:
        return actions.pause_case(
            case=self.case,
            reason=story["reason"],
            on=self.tale.day(story["on"]),
            by=self.by,
            version=self.case.version,
        )

    def leave(self) -> Case:
        by = self.tale.people[self.story["by"]] if "by" in self.story else self.by
        return actions.move_case(
            case=self.case,
            to=self.following(),
            on=self.end,
            by=by,
            version=self.case.version,
        )

    def following(self) -> str:
        step = template_of(self.case).after(self.case.step)
        assert step, "the story goes on after the last step"
        return step.id

    def fill(self) -> None:
        """Lay, declare and decide what the gate asks and the story does not tell."""
        asked = list(conditions(self.step.gate))
        told = set(self.story.get("declare", ()))
        for condition in asked:
            kind, _, name = condition.fact.partition(":")
            if kind == "evidence":
                self.fill_papers(requirement(self.step, name), condition)
            if kind == "declared" and name not in told:
                told.add(name)
                self.declare(name, enough(self.fact(name), condition))
        needs_meeting = any(c.fact.startswith("decision:") for c in asked)
        if needs_meeting and "meeting" not in self.story:
            self.meet({"attendance": self.everyone(), "invited": 80})

    def fill_papers(self, asked: Requirement | None, condition: Condition) -> None:
        assert asked
        laid = self.case.evidence.filter(step=self.case.step, requirement=asked.id)
        for number in range(laid.count() + 1, int(condition.need) + 1):
            title = f"{say(asked.name)} {number if condition.need > 1 else ''}".strip()
            self.lay(asked.id, title, self.day_within(), "paper", self.helper())

    def everyone(self) -> dict[str, tuple[int, int]]:
        return dict.fromkeys(pack_of(self.case.pack_id).sectors, (WOMEN, MEN))


def typed(fact: FactType, raw: Any) -> Value:
    """A value as the story writes it, in the type that the pack gives the fact."""
    read = value(raw)
    match fact.type:
        case "rupiah":
            return Rupiah(read)
        case "share":
            return Share(read)
        case "number":
            return Decimal(read)
    return read  # type: ignore[no-any-return]


def enough(fact: FactType, condition: Condition) -> Value:
    """A value of the fact that meets the condition and no more."""
    need = condition.need
    match condition.operator:
        case "one_of":
            return typed(fact, need[0])
        case "below" if fact.type == "share":
            return Share(need / 2)
        case "below":
            return typed(fact, need - 1)
        case "before":
            return need - timedelta(days=1)  # type: ignore[no-any-return]
    return typed(fact, need)


def in_order(items: Iterable[Item]) -> Iterator[Item]:
    """Cases by the day they were opened, as their numbers are drawn."""
    yield from sorted(items, key=lambda item: item["opened"])
