"""Every measure by name. A module is loaded when its measure is asked for."""

from importlib import import_module

from lumbung.core.measure import Measure

# name: where it lives, and what it is in a line, so that listing loads nothing.
MEASURES = {
    "agreement": (
        "lumbung.core.agreement:AGREEMENT",
        "how far judges who ranked the same things agree",
    ),
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
    "inequality": (
        "lumbung.core.inequality:INEQUALITY",
        "inequality: Gini, Theil, Atkinson, ratios of shares",
    ),
    "location-quotient": (
        "lumbung.core.quotients:LOCATION_QUOTIENT",
        "which industries are more at home where",
    ),
    "mpi": (
        "lumbung.core.deprivation:MPI",
        "multidimensional poverty (Alkire-Foster)",
    ),
    "portfolio": (
        "lumbung.core.portfolio:PORTFOLIO",
        "loans at risk, repayment, classes of collectibility",
    ),
    "relative-poverty": (
        "lumbung.core.relative_poverty:RELATIVE_POVERTY",
        "poverty below a share of the median or mean",
    ),
    "schedule": ("lumbung.core.schedule:SCHEDULE", "what of a loan is due when"),
    "shift-share": (
        "lumbung.core.shift_share:SHIFT_SHARE",
        "whose growth it is: the country's, the industries', its own",
    ),
    "targeting": (
        "lumbung.core.targeting:TARGETING",
        "who was left out and who was let in",
    ),
    "village-index": (
        "lumbung.core.village_index:VILLAGE_INDEX",
        "parts, index and status of villages from scores",
    ),
}


def find(name: str) -> Measure:
    """Return the measure called `name`; KeyError where there is none."""
    module, attribute = MEASURES[name][0].split(":")
    measure: Measure = getattr(import_module(module), attribute)
    return measure
