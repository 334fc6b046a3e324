"""What a specification of multidimensional poverty says."""

from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from lumbung.core.measure import BadInput
from lumbung.core.message import Message
from lumbung.core.specified import (
    fraction_in,
    mapping_in,
    refuse_others,
    text_in,
)

COUNTED = 2**63  # below which whole numbers are exact in every engine
MISSING = ("refuse", "drop", "deprived", "not-deprived")


@dataclass(frozen=True)
class Indicator:
    """Of a dimension: what tells a deprivation, a yes-or-no column or an expression.

    `applies` tells to which households it applies; to all where it is empty.
    """

    name: str
    dimension: str
    weight: Fraction
    column: str
    expression: str
    applies: str


@dataclass(frozen=True)
class Index:
    """Indicators whose weights sum to exactly 1, and the cut-off k."""

    indicators: tuple[Indicator, ...]
    k: Fraction
    missing: str
    members: str | None

    @property
    def unit(self) -> int:
        """The whole number that weights become whole by."""
        return lcm(*(indicator.weight.denominator for indicator in self.indicators))

    def whole(self, indicator: Indicator) -> int:
        return int(indicator.weight * self.unit)


def read_index(spec: dict[str, Any]) -> Index:
    """Return the index that a specification says, or refuse it.

    k: 1/3
    members: household_size      # people in a household; 1 where not said
    missing: drop                # or refuse, deprived, not-deprived
    dimensions:
      health:
        nutrition: {weight: 1/6, expression: "bmi < 18.5", applies: "adults > 0"}
        mortality: {weight: 1/6, column: lost_a_child}
    """
    refuse_others(spec, {"k", "members", "missing", "dimensions"}, within="spec")
    indicators = tuple(
        read_indicator(name, dimension, said)
        for dimension, named in mapping_in(spec, "dimensions", within="spec").items()
        for name, said in mapping_in(
            {dimension: named}, dimension, within="spec"
        ).items()
    )
    refuse_bad_weights(indicators)
    k = fraction_in(spec, "k", within="spec")
    if not 0 < k <= 1:
        raise BadInput(Message("k must be above 0 and at most 1."), field="spec")
    missing = spec.get("missing", "refuse")
    if missing not in MISSING:
        raise BadInput(
            Message("There is no rule %(name)s for missing values.", name=str(missing)),
            mend=Message("Rules are: %(names)s.", names=", ".join(MISSING)),
            field="spec",
        )
    index = Index(indicators, k, missing, spec.get("members"))
    if index.unit * max(k.denominator, k.numerator) >= COUNTED:
        raise BadInput(
            Message("The weights and k have too many digits to be compared exactly."),
            mend=Message("Write them as fractions, such as 1/6."),
            field="spec",
        )
    return index


def read_indicator(name: str, dimension: str, said: Any) -> Indicator:
    if not isinstance(said, dict):
        raise BadInput(
            Message("%(within)s must say %(name)s.", within=name, name="weight"),
            field="spec",
        )
    refuse_others(said, {"weight", "column", "expression", "applies"}, within=name)
    if ("column" in said) == ("expression" in said):
        raise BadInput(
            Message("%(name)s must say either column or expression.", name=name),
            field="spec",
        )
    return Indicator(
        name=name,
        dimension=dimension,
        weight=fraction_in(said, "weight", within=name),
        column=text_in(said, "column", within=name) if "column" in said else "",
        expression=text_in(said, "expression", within=name)
        if "expression" in said
        else "",
        applies=text_in(said, "applies", within=name) if "applies" in said else "",
    )


def refuse_bad_weights(indicators: tuple[Indicator, ...]) -> None:
    for indicator in indicators:
        if indicator.weight <= 0:
            raise BadInput(
                Message("The weight of %(name)s must be above 0.", name=indicator.name),
                field="spec",
            )
        if [i.name for i in indicators].count(indicator.name) > 1:
            raise BadInput(
                Message("Two indicators are called %(name)s.", name=indicator.name),
                field="spec",
            )
    total = sum((indicator.weight for indicator in indicators), start=Fraction(0))
    if total != 1:
        raise BadInput(
            Message("The weights sum to %(total)s, not to 1.", total=str(total)),
            mend=Message("Write them as fractions, such as 1/6."),
            field="spec",
        )
