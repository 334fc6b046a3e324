"""Every measure by name. A module is loaded when its measure is asked for."""

from importlib import import_module

from lumbung.core.measure import Measure

# name: where it lives, and what it is in a line, so that listing loads nothing.
MEASURES = {
    "choose": (
        "lumbung.core.choice:CHOOSE",
        "rank alternatives by several criteria: ahp, weighted, topsis",
    ),
    "complexity": (
        "lumbung.core.complexity:COMPLEXITY",
        "how complex areas and industries are, and what lies near",
    ),
    "concentration": (
        "lumbung.core.concentration:CONCENTRATION",
        "areas in few industries, industries in few areas",
    ),
    "fgt": ("lumbung.core.poverty:FGT", "poverty: headcount, gap, severity"),
    "location-quotient": (
        "lumbung.core.quotients:LOCATION_QUOTIENT",
        "which industries are more at home where",
    ),
    "portfolio": (
        "lumbung.core.portfolio:PORTFOLIO",
        "loans at risk, repayment, classes of collectibility",
    ),
    "schedule": ("lumbung.core.schedule:SCHEDULE", "what of a loan is due when"),
    "shift-share": (
        "lumbung.core.shift_share:SHIFT_SHARE",
        "whose growth it is: the country's, the industries', its own",
    ),
}


def find(name: str) -> Measure:
    """Return the measure called `name`; KeyError where there is none."""
    module, attribute = MEASURES[name][0].split(":")
    measure: Measure = getattr(import_module(module), attribute)
    return measure
