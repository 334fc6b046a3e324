"""The demonstration: one story, told by calling the same verbs that people call.

Who appears is invented and marked so; places, and figures with a source, are real.
The same day gives the same story: nothing in it is drawn by chance.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from ruamel.yaml import YAML

from lumbung.accounts import actions as accounts
from lumbung.accounts.actions import Newcomer
from lumbung.accounts.models import Role, User
from lumbung.accounts.posts import Post
from lumbung.core.conditions import value
from lumbung.core.message import Message
from lumbung.core.refusal import Refusal
from lumbung.desk import demo_figures
from lumbung.desk.demo_tale import Item, Tale, in_order, tell
from lumbung.places.codes import addressed

STORY = Path(__file__).parent / "demo_story"
Progress = Callable[[int], None]


class RealPeople(Refusal):
    """A demonstration among real people would mix what is invented with what is true."""

    code = "real_people"


def is_here() -> bool:
    return bool(User.objects.examples().exists())


def refuse_real_people() -> None:
    count = User.objects.filter(is_example=False).count()
    if count:
        raise RealPeople(
            Message(
                "%(count)s real people work here; a demonstration has no place among"
                " them.",
                count=count,
            ),
            mend=Message("Give it a folder of its own: LUMBUNG_HOME=demo lumbung demo"),
        )


def read(name: str) -> list[Item]:
    """One file of the story."""
    items: list[Item] = YAML(typ="safe", pure=True).load(STORY / name)
    return items


def cases() -> list[Item]:
    return list(in_order(read("laboratory.yaml") + read("others.yaml")))


def length() -> int:
    """How many parts the story has, for a progress bar."""
    return len(read("people.yaml")) + len(cases()) + demo_figures.PARTS


def build(*, now: datetime, progress: Progress) -> None:
    """Tell the whole story, or nothing of it."""
    refuse_real_people()
    tale = Tale(today=timezone.localdate(now), now=now)
    with translation.override("id"), transaction.atomic():
        for _ in parts(tale):
            progress(1)


def parts(tale: Tale) -> Iterator[Any]:
    for item in read("people.yaml"):
        yield invite(item, tale)
    tale.people = {user.username: user for user in User.objects.examples()}
    for item in cases():
        yield tell(item, tale)
    yield from demo_figures.tell(tale, first_values())


def first_values() -> dict[str, int]:
    """What villages of the laboratory began with: thousandths in deciles 1 to 4."""
    shares = {
        item["place"]: value(item["steps"][0]["declare"]["decile_1_4_share"])
        for item in read("laboratory.yaml")
    }
    return {code: int(share * 1000) for code, share in shares.items()}


def invite(item: Item, tale: Tale) -> User:
    """Register one invented person with their posts, by who stands above them."""
    newcomer = Newcomer(name=item["name"], username=item["username"], is_example=True)
    posts = item.get("posts", ())
    if not posts:
        person, _ = accounts.first_administrator(
            newcomer=newcomer, place=addressed("ID"), now=tale.now
        )
        return person
    first, *others = posts
    person, _ = accounts.invite_user(
        newcomer=newcomer, post=post(first, tale), by=giver(first), now=tale.now
    )
    for each in others:
        accounts.give_mandate(
            person=person, post=post(each, tale), by=giver(each), now=tale.now
        )
    return person


def post(item: Item, tale: Tale) -> Post:
    return Post(
        role=Role.objects.get(code=item["role"]),
        place=addressed(item["place"]),
        starts_on=tale.day(date(2017, 1, 2)),
        programme=item.get("programme", ""),
    )


def giver(item: Item) -> User:
    person: User = User.objects.get(username=item["by"])
    return person
