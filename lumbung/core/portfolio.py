"""How healthy the loans of a village fund are: what is late, how late, how much."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import ibis
import ibis.expr.types as ir

from lumbung.core.groups import aggregated, in_order
from lumbung.core.measure import (
    BadInput,
    Column,
    Fault,
    Measure,
    Parameter,
    Takes,
    many_tables,
    wrong,
)
from lumbung.core.message import Message
from lumbung.core.portfolio_spec import EXAMPLE, Bands, LoanClass, Spec, read_spec
from lumbung.core.ratio import ratio

COLUMNS = {
    "loan": Takes.COLUMN,
    "group": Takes.COLUMN,
    "disbursed_on": Takes.COLUMN,
    "principal": Takes.VALUE,
    "balance": Takes.VALUE,
    "overdue_principal": Takes.VALUE,
    "overdue_since": Takes.COLUMN,
    "restructured": Takes.YES_NO,
}
MONEY = ("principal", "balance", "overdue_principal")
# Whole rupiah, summed over millions of loans and times the parts of a fraction.
WIDE = "decimal(38, 0)"


def portfolio(
    table: ir.Table,
    *,
    as_of: date,
    arrears_months: int = 3,
    by: tuple[str, ...] = (),
    spec: Mapping[str, Any] | None = None,
    **fund: Any,
) -> dict[str, ir.Table]:
    """Return the tables `ratios` and `classes` of the loans with a balance.

    The loans have the columns `loan group disbursed_on principal balance
    overdue_principal overdue_since restructured`, in whole rupiah; `overdue_since`
    is the oldest due date that is not fully paid, empty where none is. Months in
    arrears are the completed months from there to `as_of`.

    lar    groups with a loan of `arrears_months` or more / groups with a balance
    par    whole balance of loans of `arrears_months` or more / all balance
    par30  whole balance of loans over 30 days late, or restructured / all balance
    par90  the same over 90 days
    rr     (all balance - overdue principal of the loans in par) / all balance
    ccr    `income` / `cost`, where both are given
    roi    `net_profit` × 12 / `months` / `capital`, where all are given

    `<ratio>_band` is its band in `spec`, by exact fractions: an edge belongs to
    the better side. `classes` has each class of loans with loans, balance, share,
    and reserve where the specification names one. Where nobody owes anything, there
    is a row of empty ratios.

    Three loans of 60, 30 and 10; the second is 10 behind since 100 days, over
    three months, so PAR is 30/100 and RR (100 - 10)/100:

    >>> import ibis
    >>> import pyarrow as pa
    >>> rows = pa.table({
    ...     "loan": [1, 2, 3], "group": ["Melati", "Melati", "Mawar"],
    ...     "disbursed_on": [date(2025, 1, 5)] * 3, "principal": [90, 90, 90],
    ...     "balance": [60, 30, 10], "overdue_principal": [0, 10, 0],
    ...     "overdue_since": [None, date(2025, 9, 5), None],
    ...     "restructured": [False, False, False],
    ... })
    >>> found = portfolio(ibis.memtable(rows), as_of=date(2025, 12, 14))
    >>> row = found["ratios"].to_pyarrow().to_pylist()[0]
    >>> row["lar"], row["par"], row["rr"], row["par_band"], row["rr_band"]
    (0.5, 0.3, 0.9, 'suspend', 'satisfactory')

    Source: standard operating manual of revolving funds (P2KP, 2013) for LAR, PAR,
    CCr, ROI and RR; CGAP, *Microfinance Consensus Guidelines* (2003) for PAR30.
    """
    rules = read_spec(spec or EXAMPLE)
    loans = with_arrears(table, as_of, arrears_months)
    ratios = in_order(of_groups(loans, by), by)
    shown = shares(ratios) | fund_figures(fund)
    named = bands_of(ratios, rules, fund)
    return {
        "ratios": ratios.select(*by, **shown, **named),
        "classes": of_classes(loans, rules.classes, by),
    }


def with_arrears(table: ir.Table, as_of: date, limit: int) -> ir.Table:
    """Return the loans with how late each is, and whether it has a balance.

    Those without one stay: a group that has paid everything back is no group lost.
    """
    since = as_date(table.overdue_since)
    months = completed_months(since, as_of).fill_null(0)
    days = ibis.literal(as_of).delta(since, unit="day").fill_null(0)
    money = {column: table[column].cast(WIDE) for column in MONEY}
    loans = table.mutate(**money)
    has_balance = loans.balance > 0
    return loans.mutate(
        _open=has_balance,
        _late=since.notnull(),
        _months=months,
        _risky=has_balance & since.notnull() & (months >= limit),
        _over30=(days > 30) | table.restructured,
        _over90=(days > 90) | table.restructured,
    )


def completed_months(since: Any, as_of: date) -> Any:
    """Return whole months from `since` to `as_of`.

    A month from the 31st ends on the last day of a shorter month: so on the last
    day of a month, no month that began later in its own month is still open.
    """
    months = (as_of.year - since.year()) * 12 + as_of.month - since.month()
    if as_of.day == monthrange(as_of.year, as_of.month)[1]:
        return months
    return months - (since.day() > as_of.day).cast("int64")


def as_date(column: Any) -> Any:
    if column.type().is_string():
        return column.strip().nullif("").try_cast("date")
    return column.cast("date")


def of_groups(loans: ir.Table, by: tuple[str, ...]) -> ir.Table:
    """Return the sums that the ratios divide, for each group of `by`."""
    zero = ibis.literal(0).cast(WIDE)

    def of(condition: Any, amount: Any) -> Any:
        return condition.ifelse(amount, zero).sum()

    groups = aggregated(
        loans,
        tuple(dict.fromkeys((*by, "group"))),
        _balance=loans.balance.sum(),
        _par=of(loans._risky, loans.balance),
        _par30=of(loans._over30, loans.balance),
        _par90=of(loans._over90, loans.balance),
        _overdue=of(loans._risky, loans.overdue_principal),
        _late=loans._risky.any(),
        _open=loans._open.any(),
    )
    sums = {
        name: groups[name].sum().cast(WIDE)
        for name in ("_balance", "_par", "_par30", "_par90", "_overdue")
    }
    return aggregated(
        groups,
        by,
        **sums,
        _groups=wrong(groups._open).cast(WIDE),
        _lar=wrong(groups._late).cast(WIDE),
    ).mutate(_rr=lambda sums: sums._balance - sums._overdue)


def shares(sums: ir.Table) -> dict[str, Any]:
    names = ("lar", "par", "par30", "par90", "rr")
    return {name: ratio(*parts(sums, name)) for name in names}


def parts(sums: ir.Table, name: str) -> tuple[Any, Any]:
    return sums[f"_{name}"], sums._groups if name == "lar" else sums._balance


def bands_of(sums: ir.Table, rules: Spec, fund: Mapping[str, Any]) -> dict[str, Any]:
    """Return the band of each ratio, by whole numbers and never by floats."""
    own = fund_ratios(fund)
    found: dict[str, Any] = {}
    for name, bands in rules.bands.items():
        if name in own:
            band = bands.of(own[name])
            text = ibis.null("string") if band is None else ibis.literal(band)
            found[f"{name}_band"] = text
        elif f"_{name}" in sums.columns:
            found[f"{name}_band"] = band_of(*parts(sums, name), bands)
    return found


def band_of(top: Any, bottom: Any, bands: Bands) -> Any:
    cases = [(bottom.isnull() | (bottom == 0), ibis.null("string"))]
    for band in bands.bands:
        if band.edge is None:
            continue
        left, right = top * band.edge.denominator, bottom * band.edge.numerator
        cases.append((left <= right if bands.low else left >= right, band.name))
    return ibis.cases(*cases, else_=bands.bands[-1].name)


def of_classes(
    loans: ir.Table, classes: tuple[LoanClass, ...], by: tuple[str, ...]
) -> ir.Table:
    """Return loans and balance of each class; a class without loans has a row too."""
    place = ibis.cases(
        (~loans._open, ibis.null("int64")),
        *((belongs(loans, each), i) for i, each in enumerate(classes[:-1])),
        else_=len(classes) - 1,
    )
    loans = loans.mutate(_place=place)
    zero = ibis.literal(0).cast(WIDE)
    sums = {"_balance": loans.balance.sum()}
    for i in range(len(classes)):
        mine = loans._place == i
        sums |= {
            f"_n{i}": wrong(mine),
            f"_b{i}": mine.ifelse(loans.balance, zero).sum(),
        }
    found = aggregated(loans, by, **sums)
    stacked = (
        ibis.union(
            *(class_rows(found, i, each, classes, by) for i, each in enumerate(classes))
        )
        if len(classes) > 1
        else class_rows(found, 0, classes[0], classes, by)
    )
    return stacked.order_by([*by, "_place"]).drop("_place")


def belongs(loans: ir.Table, each: LoanClass) -> Any:
    if each.clean:
        return ~loans._late
    return loans._months <= each.months


def class_rows(
    sums: ir.Table,
    i: int,
    each: LoanClass,
    classes: tuple[LoanClass, ...],
    by: tuple[str, ...],
) -> ir.Table:
    balance = sums[f"_b{i}"].fill_null(0)
    row = {
        "_place": ibis.literal(i),
        "class": ibis.literal(each.code),
        "name": ibis.literal(each.name),
        "loans": sums[f"_n{i}"],
        "balance": balance.cast("int64"),
        "share": ratio(balance, sums._balance),
    }
    if any(other.reserve is not None for other in classes):
        rate = each.reserve or Fraction(0)
        part = balance * rate.numerator
        row["reserve"] = ratio(part, part * 0 + rate.denominator)
    return sums.select(*by, **row)


# Of the fund as a whole, from numbers that are given and not counted.


def fund_ratios(fund: Mapping[str, Any]) -> dict[str, Fraction | None]:
    """Return ccr and roi where their numbers are given.

    >>> fund_ratios({"income": Fraction(5), "cost": Fraction(4)})
    {'ccr': Fraction(5, 4)}
    """
    refuse_fund(fund)
    found: dict[str, Fraction | None] = {}
    if fund.get("income") is not None:
        found["ccr"] = ratio(Fraction(fund["income"]), Fraction(fund["cost"]))
    if fund.get("net_profit") is not None:
        yearly = Fraction(fund["net_profit"]) * 12 / fund["months"]
        found["roi"] = ratio(yearly, Fraction(fund["capital"]))
    return found


def fund_figures(fund: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: ibis.null("float64") if value is None else ibis.literal(float(value))
        for name, value in fund_ratios(fund).items()
    }


def refuse_fund(fund: Mapping[str, Any]) -> None:
    for together in (("income", "cost"), ("net_profit", "capital", "months")):
        given = [name for name in together if fund.get(name) is not None]
        if given and len(given) < len(together):
            lacking = next(name for name in together if name not in given)
            raise BadInput(
                Message("These go together: %(names)s.", names=", ".join(together)),
                field=lacking,
            )
    for name in ("income", "cost", "capital"):
        if (fund.get(name) or 0) < 0:
            raise BadInput(Message("It cannot be below zero."), field=name)
    if fund.get("months") is not None and not 1 <= fund["months"] <= 12:
        raise BadInput(Message("Months of one year: 1 to 12."), field="months")


def reads(**_: Any) -> list[Column]:
    return [
        Column(name, "DATA", takes, may_be_missing=name == "overdue_since")
        for name, takes in COLUMNS.items()
    ]


def faults(
    table: ir.Table,
    *,
    as_of: date,
    arrears_months: int = 3,
    by: tuple[str, ...] = (),
    spec: Mapping[str, Any] | None = None,
    **fund: Any,
) -> list[Fault]:
    read_spec(spec or EXAMPLE)
    if fund_ratios(fund) and by:
        raise BadInput(
            Message(
                "Income, cost, profit and capital are of the whole, not of groups."
            ),
            field="by",
        )
    if arrears_months < 1:
        raise BadInput(Message("One month or more."), field="arrears_months")
    different = table.select("loan").distinct().count().as_scalar()
    return [
        *(
            Fault(count=wrong(rows), message=said, parameter="DATA")
            for said, rows in broken(table, as_of)
        ),
        Fault(
            count=table.count() - different,
            message=Message("Loans that stand in the data twice"),
            parameter="DATA",
        ),
    ]


def broken(table: ir.Table, as_of: date) -> list[tuple[Message, Any]]:
    """Return what cannot be true of a loan, and of which it is."""
    since, given_on = as_date(table.overdue_since), as_date(table.disbursed_on)
    balance, overdue = table.balance, table.overdue_principal
    unread = as_text(table.overdue_since).notnull() & since.isnull()
    parts = [name for name in MONEY if table[name].type().is_floating()]
    return [
        *(
            (
                Message("Loans with a part of a rupiah in %(column)s", column=name),
                table[name] != table[name].round(),
            )
            for name in parts
        ),
        (
            Message("Loans without a day such as 2026-01-31 in disbursed_on"),
            given_on.isnull(),
        ),
        (Message("Loans without a day such as 2026-01-31 in overdue_since"), unread),
        (Message("Loans disbursed after the day of the report"), given_on > as_of),
        (Message("Loans overdue since after the day of the report"), since > as_of),
        (Message("Loans overdue before they were disbursed"), since < given_on),
        (Message("Loans with a principal of nothing or less"), table.principal <= 0),
        (Message("Loans with a balance below zero"), balance < 0),
        (
            Message("Loans with a balance above the principal"),
            balance > table.principal,
        ),
        (Message("Loans with an overdue principal below zero"), overdue < 0),
        (Message("Loans overdue with more than their balance"), overdue > balance),
        (
            Message("Overdue loans that do not say since when"),
            (overdue > 0) & since.isnull(),
        ),
    ]


def as_text(column: Any) -> Any:
    return column.cast("string").strip().nullif("")


def judge(*_: Any, spec: Mapping[str, Any] | None = None, **__: Any) -> tuple[Any, ...]:
    if spec:
        return ()
    return (
        Message("Bands and classes are an example; give those in force with --spec."),
    )


def results(**_: Any) -> tuple[str, ...]:
    ratios = ("lar", "par", "par30", "par90", "rr", "ccr", "roi")
    bands = tuple(f"{name}_band" for name in ratios)
    return (*ratios, *bands, "class", "name", "loans", "balance", "share", "reserve")


PORTFOLIO = Measure(
    name="portfolio",
    kind="table",
    definition=(
        "From loans with a balance: months in arrears are completed months since"
        " the oldest unpaid due date. PAR is the whole balance of loans at or over"
        " the limit, RR takes off their overdue principal only, LAR counts groups;"
        " par30 and par90 are over 30 and 90 days, restructured loans included."
        " Bands by exact fractions, an edge belongs to the better side."
    ),
    source="Manual of revolving funds (P2KP 2013); CGAP 2003 for PAR30.",
    parameters=(
        Parameter(
            name="as_of", takes=Takes.DATE, required=True, help="the day of the report"
        ),
        Parameter(
            name="arrears_months",
            takes=Takes.COUNT,
            default=3,
            help="from how many completed months a loan is at risk",
        ),
        Parameter(
            name="spec",
            takes=Takes.SPEC,
            help="bands of the ratios and classes of loans; an example if not given",
        ),
        Parameter(name="income", takes=Takes.NUMBER, help="rupiah, for ccr"),
        Parameter(name="cost", takes=Takes.NUMBER, help="rupiah, for ccr"),
        Parameter(name="net_profit", takes=Takes.NUMBER, help="rupiah, for roi"),
        Parameter(name="capital", takes=Takes.NUMBER, help="rupiah, for roi"),
        Parameter(
            name="months", takes=Takes.COUNT, help="months that the profit is of"
        ),
    ),
    columns="ratios: lar par par30 par90 rr …_band, classes: class name loans balance",
    results=results,
    compute=portfolio,
    several=many_tables,
    faults=faults,
    reads=reads,
    judge=judge,
)
