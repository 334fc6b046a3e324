"""What a borrower owes on which day, to the last rupiah."""

from calendar import isleap, monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from lumbung.core.measure import BadInput, Measure, Outcome, Parameter, Takes
from lumbung.core.message import Message, Rupiah

PERS = ("month", "year")
METHODS = ("flat", "declining", "annuity", "bullet")
EVERIES = ("month", "week")
# Rows to look through for the largest unit (a second or two), and what else to try.
PATIENCE = 1_000_000
ROUND_ONES = [step * 10**tens for tens in range(12, -1, -1) for step in (5, 2, 1)]
DAY_COUNTS = ("30/360", "actual/365", "actual/actual")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What lender and borrower agree on. Money is whole rupiah, a rate a share.

    With `due` the days are as given and `every` is not looked at. `grace` is the
    number of first instalments that pay interest only. `round_up` is the unit
    to which each instalment but the last is rounded up; 0 leaves it alone.
    """

    principal: int
    rate: Fraction
    per: str
    method: str
    instalments: int
    start: date
    every: str = "month"
    due: tuple[date, ...] = ()
    day_count: str = "30/360"
    round_up: int = 0
    grace: int = 0


class Instalment(NamedTuple):
    """One row of a schedule, in whole rupiah; `balance` is what is owed after it."""

    number: int
    due_on: date
    principal: int
    interest: int
    total: int
    balance: int


def schedule(terms: Terms) -> list[Instalment]:
    """Return the instalments of a loan. Σ principal is the loan, to the rupiah.

    Interest is the base × the rate of the period, rounded half up to the rupiah
    once. The base is the original principal (`flat`) or the balance (all other
    methods). The principal of each instalment is

    flat, declining  loan / instalments, rounded half up
    annuity          the equal instalment that pays the loan off, less interest
    bullet           nothing

    and the last instalment pays the whole balance. Rounding an instalment up to
    a unit looks at its exact amount, and what it adds pays principal. Rounding
    that would end the loan before its last instalment is refused.

    The form of a real loan (docs/measures/schedule.md): Rp 5,000,000 over 24
    months at 1.5 % flat is 208,333.33 + 75,000 = 283,333.33, up to 284,000.

    >>> terms = Terms(principal=5_000_000, rate=Fraction("0.015"), per="month",
    ...     method="flat", instalments=24, start=date(2013, 1, 31), round_up=1000)
    >>> rows = schedule(terms)
    >>> [row.total for row in rows] == [284_000] * 23 + [268_000]
    True
    >>> rows[0]  # doctest: +NORMALIZE_WHITESPACE
    Instalment(number=1, due_on=datetime.date(2013, 2, 28), principal=209000,
               interest=75000, total=284000, balance=4791000)

    Source: the formulas are those of any textbook of lending; the rounding rule
    is read off the form.
    """
    refuse_bad(terms)
    days = due_days(terms)
    rates = period_rates(terms, days)
    rows = list(instalments(terms, days, rates))
    refuse_unpaid_interest(rows)
    if early(rows):
        if not terms.round_up:
            raise too_little(terms)
        refuse_unit(terms, days, rates)
    return rows


def instalments(
    terms: Terms, days: Sequence[date], rates: Sequence[Fraction]
) -> Iterator[Instalment]:
    """Walk the periods; where rounding pays too much, the balance falls below 0."""
    loan = balance = terms.principal
    count, unit, flat = terms.instalments, terms.round_up, terms.method == "flat"
    exact = exact_principal(terms, rates)
    level = terms.method == "annuity"
    for number, (due_on, rate) in enumerate(zip(days, rates, strict=True), 1):
        top, bottom = (loan if flat else balance) * rate.numerator, rate.denominator
        interest = half_up(top, bottom)
        if number == count:
            principal = balance
        elif number <= terms.grace:
            principal = 0
        elif unit:
            # The exact instalment is over / under; whole numbers are quicker.
            under = exact.denominator * (1 if level else bottom)
            over = exact.numerator * (1 if level else bottom)
            over += 0 if level else top * exact.denominator
            principal = -(-over // (under * unit)) * unit - interest
        else:
            principal = half_up(exact.numerator, exact.denominator)
            principal -= interest if level else 0
        balance -= principal
        yield Instalment(
            number, due_on, principal, interest, principal + interest, balance
        )


def refuse_unpaid_interest(rows: Sequence[Instalment]) -> None:
    for row in rows[:-1]:
        if row.principal < 0:
            raise BadInput(
                Message(
                    "Instalment %(number)s would not even pay its interest.",
                    number=row.number,
                ),
                mend=Message("Choose due dates that lie closer together."),
                field="due",
            )


def exact_principal(terms: Terms, rates: Sequence[Fraction]) -> Fraction:
    """Return what each instalment pays before rounding, interest left out.

    For an annuity: with interest. It is the payment whose values, brought back
    to the day of the loan at the rate of each period, sum to the loan.
    """
    paying = rates[terms.grace :]
    match terms.method:
        case "bullet":
            return Fraction(0)
        case "annuity":
            return terms.principal / worth_of_one(paying)
        case _:
            return Fraction(terms.principal, len(paying))


def worth_of_one(rates: Sequence[Fraction]) -> Fraction:
    """Return what one rupiah at the end of each period is worth at the beginning.

    >>> worth_of_one([Fraction("0.1"), Fraction("0.1")])  # 1/1.1 + 1/1.21
    Fraction(210, 121)
    """
    # Whole numbers until the end: a Fraction would be reduced at every step.
    worth, scale = 0, 1
    for rate in reversed(rates):
        worth = (worth + scale) * rate.denominator
        scale *= rate.denominator + rate.numerator
    return Fraction(worth, scale)


def half_up(top: int, bottom: int) -> int:
    """Return top / bottom to the nearest whole number, halves upwards.

    >>> half_up(5, 2), half_up(7, 3)
    (3, 2)
    """
    return (2 * top + bottom) // (2 * bottom)


def due_days(terms: Terms) -> list[date]:
    """Return the day of each instalment.

    Monthly days keep the day of the start: the 31st falls on 28 February and
    again on 31 March.
    """
    numbers = range(1, terms.instalments + 1)
    if terms.due:
        return list(terms.due)
    try:
        if terms.every == "week":
            return [terms.start + timedelta(weeks=n) for n in numbers]
        return [months_after(terms.start, n) for n in numbers]
    except (OverflowError, ValueError):
        raise BadInput(
            Message("The last instalment would fall after the year 9999."),
            field="instalments",
        ) from None


def months_after(start: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month.

    >>> months_after(date(2021, 1, 31), 1), months_after(date(2021, 1, 31), 2)
    (datetime.date(2021, 2, 28), datetime.date(2021, 3, 31))
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if start.day <= 28:
        return date(year, month + 1, start.day)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def period_rates(terms: Terms, days: Sequence[date]) -> list[Fraction]:
    """Return the rate of each period, exactly.

    30/360         a month is 30 days and a year 360: an instalment a month is
                   one month whatever the calendar says, one a week 7 days; days
                   between given dates by the rule 30E/360 (a 31st counts as 30th)
    actual/365     calendar days over 365
    actual/actual  calendar days over 366 in leap years and 365 in others (ISDA)
    """
    yearly = terms.rate * 12 if terms.per == "month" else terms.rate
    if terms.day_count == "30/360" and not terms.due:
        days_each = 7 if terms.every == "week" else 30
        return [yearly * days_each / 360] * len(days)
    starts = [terms.start, *days[:-1]]
    share = SHARES[terms.day_count]
    found = []
    for start, end in zip(starts, days, strict=True):
        top, bottom = share(start, end)
        found.append(Fraction(yearly.numerator * top, yearly.denominator * bottom))
    return found


def share_30_360(start: date, end: date) -> tuple[int, int]:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + min(end.day, 30) - min(start.day, 30), 360


def share_365(start: date, end: date) -> tuple[int, int]:
    return (end - start).days, 365


def share_actual(start: date, end: date) -> tuple[int, int]:
    """Return the years between two days, each calendar year by its own length.

    >>> share_actual(date(2019, 12, 31), date(2020, 1, 31))  # 1/365 + 30/366
    (11316, 133590)
    """
    common = leap = 0
    for year in range(start.year, end.year + 1):
        first = start if year == start.year else date(year, 1, 1)
        if year == end.year:
            days = (end - first).days
        else:
            days = date(year, 12, 31).toordinal() + 1 - first.toordinal()
        if isleap(year):
            leap += days
        else:
            common += days
    if not leap:
        return common, 365
    return (common * 366 + leap * 365, 365 * 366) if common else (leap, 366)


SHARES = {
    "30/360": share_30_360,
    "actual/365": share_365,
    "actual/actual": share_actual,
}


def early(rows: Sequence[Instalment]) -> bool:
    return any(row.balance <= 0 for row in rows[:-1])


def too_little(terms: Terms) -> BadInput:
    return BadInput(
        Message(
            "%(principal)s is too little for %(count)s instalments.",
            principal=Rupiah(terms.principal),
            count=terms.instalments,
        ),
        mend=Message("Choose fewer instalments."),
        field="instalments",
    )


def refuse_unit(terms: Terms, days: Sequence[date], rates: Sequence[Fraction]) -> None:
    """Refuse rounding that ends the loan early, and name the unit that would do."""

    def works(unit: int) -> bool:
        changed = Terms(**{**vars(terms), "round_up": unit})
        rows = list(instalments(changed, days, rates))
        return not early(rows) and all(row.principal >= 0 for row in rows[:-1])

    largest = largest_unit(terms, rates, works)
    smaller = (unit for unit in ROUND_ONES if unit < terms.round_up)
    some = largest or next(filter(works, smaller), 0)
    if not some:
        raise too_little(terms)
    raise BadInput(
        Message(
            "Rounded up to %(unit)s, the loan would end before instalment %(count)s.",
            unit=Rupiah(terms.round_up),
            count=terms.instalments,
        ),
        mend=Message("The largest unit that works is %(unit)s.", unit=Rupiah(some))
        if largest
        else Message("A unit that works is %(unit)s.", unit=Rupiah(some)),
        field="round_up",
    )


def largest_unit(
    terms: Terms, rates: Sequence[Fraction], works: Callable[[int], bool]
) -> int:
    """Return the largest unit below the one given that keeps the loan to its last day.

    Spans of units are halved, the upper half first, and left behind where each of
    their units surely ends the loan early. 0 where none works, or beyond `PATIENCE`.
    """
    spans = [(1, terms.round_up - 1)]
    exact = exact_principal(terms, rates)
    for _ in range(PATIENCE // terms.instalments):
        if not spans:
            break
        low, high = spans.pop()
        if low == high and works(low):
            return low
        if low < high and not all_end_early(terms, rates, exact, low, high):
            middle = (low + high) // 2
            spans += [(low, middle), (middle + 1, high)]
    return 0


def all_end_early(
    terms: Terms, rates: Sequence[Fraction], exact: Fraction, low: int, high: int
) -> bool:
    """Return whether each unit from `low` to `high` surely ends the loan early.

    Followed is the most that may still be owed, whichever the unit: an instalment is
    at least `low` times the fewest multiples, those of `high`. With a smaller balance
    one multiple less may do, and more be left: that is looked at too.
    """
    level, flat = terms.method == "annuity", terms.method == "flat"
    most = terms.principal

    def paid(balance: int, rate: Fraction) -> tuple[int, int]:
        """Return what is left at most, and the fewest multiples that were paid."""
        top = (terms.principal if flat else balance) * rate.numerator
        bottom = rate.denominator
        under = exact.denominator * (1 if level else bottom)
        over = exact.numerator * (1 if level else bottom)
        over += 0 if level else top * exact.denominator
        fewest = -(-over // (under * high))
        return balance + half_up(top, bottom) - fewest * low, fewest

    for rate in rates[terms.grace : -1]:
        balance = most
        most, fewest = paid(balance, rate)
        if rate and fewest > 1 and not (level or flat):
            over = (fewest - 1) * high * exact.denominator - exact.numerator
            edge = over * rate.denominator // (rate.numerator * exact.denominator)
            # By rounding, a still smaller one may leave 2 rupiah more than this one.
            most = max(most, paid(edge, rate)[0] + 2)
        if most <= 0:
            return True
    return False


def refuse_bad(terms: Terms) -> None:
    """Refuse terms that are no loan, one sentence each."""
    words = (("per", PERS), ("method", METHODS), ("every", EVERIES))
    for name, known in (*words, ("day_count", DAY_COUNTS)):
        if getattr(terms, name) not in known:
            raise BadInput(
                Message(
                    "%(given)s is none of %(known)s.",
                    given=str(getattr(terms, name)),
                    known=", ".join(known),
                ),
                field=name,
            )
    if terms.principal <= 0:
        raise BadInput(
            Message("A loan is more than nothing: whole rupiah above 0."),
            field="principal",
        )
    if not 0 <= terms.rate <= 1:
        raise BadInput(
            Message("A rate lies between 0 and 1; one and a half per cent is 1.5%."),
            field="rate",
        )
    if terms.instalments < 1:
        raise BadInput(
            Message("A loan has at least one instalment."), field="instalments"
        )
    if terms.round_up < 0:
        raise BadInput(
            Message("The unit to round up to is 1 rupiah or more."), field="round_up"
        )
    refuse_bad_grace(terms)
    refuse_bad_days(terms)


def refuse_bad_grace(terms: Terms) -> None:
    if not 0 <= terms.grace < terms.instalments:
        raise BadInput(
            Message("At least one instalment must pay principal after the grace."),
            field="grace",
        )
    if terms.grace and terms.method == "bullet":
        raise BadInput(
            Message(
                "A bullet loan pays no principal before its end: no grace to give."
            ),
            field="grace",
        )


def refuse_bad_days(terms: Terms) -> None:
    if not terms.due:
        return
    if len(terms.due) != terms.instalments:
        raise BadInput(
            Message(
                "%(days)s due dates are given for %(count)s instalments.",
                days=len(terms.due),
                count=terms.instalments,
            ),
            field="due",
        )
    days = (terms.start, *terms.due)
    for before, after in zip(days, days[1:], strict=False):
        if after <= before:
            raise BadInput(
                Message(
                    "Due dates must follow one another: %(after)s is not after"
                    " %(before)s.",
                    after=after,
                    before=before,
                ),
                field="due",
            )


def compute(*, due: tuple[date, ...] | None, **parameters: Any) -> Outcome:
    terms = Terms(due=due or (), **parameters)
    return Outcome({"": [row._asdict() for row in schedule(terms)]})


SCHEDULE = Measure(
    name="schedule",
    kind="plain",
    definition=(
        "Exact to the rupiah. Interest is base × rate of the period, rounded half"
        " up once; the base is the original principal (flat) or the balance. The"
        " last instalment pays what is left. Rounding up looks at the exact"
        " instalment, and what it adds pays principal."
    ),
    source="Textbook formulas; the rounding rule from a loan form in use (PPMK).",
    parameters=(
        Parameter(
            name="principal",
            takes=Takes.RUPIAH,
            required=True,
            help="the loan, in whole rupiah",
        ),
        Parameter(
            name="rate",
            takes=Takes.NUMBER,
            required=True,
            help="interest or service charge as a share: 1.5% or 0.015",
        ),
        Parameter(
            name="per",
            takes=Takes.WORD,
            required=True,
            choices=PERS,
            help="what the rate is for",
        ),
        Parameter(
            name="method",
            takes=Takes.WORD,
            required=True,
            choices=METHODS,
            help="how principal and interest run",
        ),
        Parameter(
            name="instalments",
            takes=Takes.COUNT,
            required=True,
            help="how many instalments",
        ),
        Parameter(
            name="every",
            takes=Takes.WORD,
            choices=EVERIES,
            default="month",
            help="how often one is due",
        ),
        Parameter(
            name="due",
            takes=Takes.DATES,
            help="the due dates themselves, instead of every month or week",
        ),
        Parameter(
            name="start",
            takes=Takes.DATE,
            required=True,
            help="the day the money is handed over",
        ),
        Parameter(
            name="day_count",
            takes=Takes.WORD,
            choices=DAY_COUNTS,
            default="30/360",
            help="how days become a part of a year",
        ),
        Parameter(
            name="round_up",
            takes=Takes.RUPIAH,
            default=0,
            help="round each instalment up to this many rupiah",
        ),
        Parameter(
            name="grace",
            takes=Takes.COUNT,
            default=0,
            help="so many first instalments pay interest only",
        ),
    ),
    columns="number due_on principal interest total balance",
    compute=compute,
    grouped=False,
)
