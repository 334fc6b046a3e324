"""Bands of a portfolio's ratios and classes of its loans, as a pack writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from lumbung.core.message import Message
from lumbung.core.specified import bad, exact, refuse_unknown

RATIOS = ("lar", "par", "par30", "par90", "rr", "ccr", "roi")

# What is used until a pack says otherwise. Bands: the manual of revolving funds of
# 2013 (P2KP), whose comparison signs were lost in the copy at hand. Classes: months
# as urban funds commonly have them; edges 3 to 5 of the manual cannot be read.
EXAMPLE: dict[str, Any] = {
    "bands": {
        name: [
            {"band": "satisfactory", side: good},
            {"band": "minimum", side: fair},
            {"band": "suspend"},
        ]
        for name, side, good, fair in (
            ("lar", "at_most", "10%", "20%"),
            ("par", "at_most", "10%", "20%"),
            ("rr", "at_least", "90%", "80%"),
            ("ccr", "at_least", "125%", "100%"),
            ("roi", "at_least", "10%", "0%"),
        )
    },
    "classes": [
        {"class": "1", "name": "current", "months": "none"},
        {"class": "2", "name": "special mention", "months": "3"},
        {"class": "3", "name": "sub-standard", "months": "6"},
        {"class": "4", "name": "doubtful", "months": "9"},
        {"class": "5", "name": "loss"},
    ],
}


@dataclass(frozen=True)
class Band:
    """A name for a stretch of a ratio; `edge` belongs to it, None takes the rest."""

    name: str
    edge: Fraction | None


@dataclass(frozen=True)
class Bands:
    """The bands of one ratio, the best first; `low` says that less is better."""

    low: bool
    bands: tuple[Band, ...]

    def of(self, value: Fraction | None) -> str | None:
        """Return the band that `value` falls in; its edge belongs to the better one.

        >>> bands = read_spec(EXAMPLE).bands["par"]
        >>> bands.of(Fraction(1, 10)), bands.of(Fraction(1, 5)), bands.of(Fraction(1))
        ('satisfactory', 'minimum', 'suspend')
        """
        if value is None:
            return None
        for band in self.bands:
            if band.edge is None or (
                value <= band.edge if self.low else value >= band.edge
            ):
                return band.name
        return None


@dataclass(frozen=True)
class LoanClass:
    """Loans with up to so many completed months in arrears (0: none at all).

    `months` None takes the rest. `reserve` is the share of the balance to set
    aside, None where the pack names none.
    """

    code: str
    name: str
    months: int | None
    reserve: Fraction | None
    clean: bool  # no arrears at all, not even for a day


@dataclass(frozen=True)
class Spec:
    bands: Mapping[str, Bands]
    classes: tuple[LoanClass, ...]


def read_spec(content: Mapping[str, Any]) -> Spec:
    """Return the specification, or refuse it with what is wrong and where."""
    refuse_unknown(content, ("bands", "classes"), "")
    bands = content.get("bands") or {}
    refuse_unknown(bands, RATIOS, "bands")
    classes = content.get("classes") or []
    if not isinstance(classes, list) or not classes:
        raise bad("classes", Message("At least one class of loans is needed."))
    return Spec(
        bands={name: read_bands(name, bands[name]) for name in RATIOS if name in bands},
        classes=read_classes(classes),
    )


def read_bands(name: str, listed: Any) -> Bands:
    where = f"bands.{name}"
    if not isinstance(listed, list) or not listed:
        raise bad(where, Message("Bands are a list, the best first."))
    sides = {
        side for each in listed for side in ("at_most", "at_least") if side in each
    }
    if len(sides) != 1:
        raise bad(where, Message("All bands of a ratio have at_most, or all at_least."))
    [side] = sides
    found = []
    for i, each in enumerate(listed):
        refuse_unknown(each, ("band", side), where)
        last = i == len(listed) - 1
        if (side in each) == last:
            raise bad(
                where, Message("The last band takes the rest, and only the last.")
            )
        edge = None if last else share(each[side], where)
        found.append(Band(text(each, "band", where), edge))
    edges = [band.edge for band in found if band.edge is not None]
    if edges != sorted(set(edges), reverse=side == "at_least"):
        raise bad(where, Message("The edges of bands go from the best to the worst."))
    return Bands(low=side == "at_most", bands=tuple(found))


def read_classes(listed: list[Any]) -> tuple[LoanClass, ...]:
    found = []
    for i, each in enumerate(listed):
        refuse_unknown(each, ("class", "name", "months", "reserve"), "classes")
        last = i == len(listed) - 1
        if ("months" in each) == last:
            raise bad(
                "classes", Message("The last class takes the rest, and only the last.")
            )
        reserve = share(each["reserve"], "classes") if "reserve" in each else None
        if reserve is not None and not 0 <= reserve <= 1:
            raise bad("classes", Message("A reserve is a share from 0 to 1."))
        found.append(
            LoanClass(
                code=text(each, "class", "classes"),
                name=str(each.get("name", "")),
                months=None if last else months(each["months"]),
                reserve=reserve,
                clean=each.get("months") == "none",
            )
        )
    codes = [each.code for each in found]
    edges = [(not each.clean, each.months) for each in found[:-1]]
    if len(set(codes)) < len(codes):
        raise bad("classes", Message("Two classes have the same code."))
    if edges != sorted(set(edges), key=lambda edge: (edge[0], edge[1] or 0)):
        raise bad(
            "classes", Message("The months of classes rise from one to the next.")
        )
    return tuple(found)


def months(given: Any) -> int:
    if given == "none":
        return 0
    if not str(given).isdigit():
        raise bad("classes", Message("Months are none, or a whole number."))
    return int(given)


def share(given: Any, where: str) -> Fraction:
    try:
        return exact(str(given))
    except ValueError:
        raise bad(
            where, Message("%(text)s is no share: write 10%% or 0.1.", text=str(given))
        ) from None


def text(given: Mapping[str, Any], key: str, where: str) -> str:
    if not given.get(key):
        raise bad(where, Message("%(key)s is missing.", key=key))
    return str(given[key])
