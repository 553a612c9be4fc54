"""How small and large companies are financed, in the contract: every series at its newest month-end, and a bill."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allocator.interest_bill import bills
from captilt.contract.record import Answer, fill
from captilt.formats import counted, month
from signals.calendars import day_of
from signals.derived.financing_gap import WAITS
from signals.filings.measures import MEASURES
from signals.filings.size_groups import LARGE, PASS_THROUGH, SMALL, STATISTICS, series_of
from signals.series.dated_facts import known
from signals.signal import Gap

if TYPE_CHECKING:
    from signals.asof import AsOf
    from signals.filings.interest_bill import Saving

POLICY_BP = -100.0
Z95 = 1.96
BRIEF = (  # measure, in words, unit
    ("net_debt_ebitda", "net debt", "times EBITDA"),
    ("effective_rate", "interest", "% of debt"),
)
TITLES = (
    *((measure.name, measure.title, measure.unit) for measure in MEASURES),
    (PASS_THROUGH, "policy moves that reach interest paid", "share"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingNumber:
    """A number of a group, with its 95 % interval and what went in; coverage 0 to 1."""

    value: float
    standard_error: float
    interval: tuple[float, float]
    companies: int | None = None
    coverage: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingRow:
    """One measure of small and of large companies, and the difference; None where too few answer."""

    measure: str
    title: str
    unit: str
    small: FinancingNumber | None
    large: FinancingNumber | None
    gap: FinancingNumber | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestSaved:
    """Interest saved in a year, percent of EBITDA; most of it after so many quarters."""

    saved_percent_of_ebitda: float
    interval: tuple[float, float]
    delay_quarters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestBill:
    """The interest bill after a move of the policy rate; `reason` says why where it is not known."""

    policy_bp: float
    reason: str = ""
    filings_of: dt.date | None = None
    companies: int | None = None
    small: InterestSaved | None = None
    large: InterestSaved | None = None
    gap: InterestSaved | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedNumber:
    """What somebody published of the same thing, whether or not it has expired since; to be compared, not leant on."""

    measure: str
    group: str
    value: float
    unit: str
    says: str
    source: str
    observed: dt.date
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FinancingAnswer(Answer):
    """What `captilt filings show` answers; `reason` where nothing is known yet."""

    as_of: dt.date
    filings_of: dt.date | None
    reason: str
    rows: tuple[FinancingRow, ...]
    interest_bill: InterestBill
    sentence: str  # the bill in words
    published: tuple[PublishedNumber, ...] = ()
    brief: str = ""  # all of it in two sentences


def financing_answer(view: "AsOf") -> FinancingAnswer:
    """Every series at its newest month-end known, and the interest bill."""
    rows = tuple(_row(view, *title) for title in TITLES)
    months = view.latest(series_of(TITLES[0][0], SMALL)).period
    bill = interest_bill(view)
    return FinancingAnswer(
        as_of=day_of(view.moment),
        filings_of=months[-1].item() if months.size else None,
        reason="" if months.size else f"{WAITS[0].upper()}{WAITS[1:]}.",
        rows=tuple(row for row in rows if row.small or row.large),
        interest_bill=bill,
        sentence=interest_bill_sentence(bill),
        brief=_brief(rows, interest_bill_sentence(bill)),
        published=published_numbers(day_of(view.moment)),
    )


def published_numbers(day: dt.date) -> tuple[PublishedNumber, ...]:
    """What could be read by `day` of what the filings measure, small before large."""
    numbers = [
        fill(PublishedNumber, fact, measure=measure, group=group, expired=fact.expired(day))
        for fact in known(day)
        if fact.measured.startswith("filings:")
        for measure, group in (fact.measured.split(":")[1:],)
    ]
    return tuple(sorted(numbers, key=lambda number: (number.measure, number.group != SMALL, number.value)))


def published_sentence(answer: FinancingAnswer) -> str:
    """The published numbers in one line, with their source and day; empty where there are none."""
    parts = [
        f"{number.value:g} {'%' if number.unit == 'percent' else 'times'} {number.says} ({number.source}, "
        f"{month(number.observed)})"
        for number in answer.published
    ]
    return f"Published: {'; '.join(parts)}." if parts else ""


def _brief(rows: tuple[FinancingRow, ...], sentence: str) -> str:
    """How small and large companies are financed, in two sentences; empty before the first fetch."""
    by_measure = {row.measure: row for row in rows}
    parts = [
        f"{words} {row.small.value:.1f} against {row.large.value:.1f} {unit}"
        for measure, words, unit in BRIEF
        if (row := by_measure.get(measure)) and row.small and row.large
    ]
    return f"Small companies against large ones, from filings: {', '.join(parts)}. {sentence}" if parts else ""


def interest_bill(view: "AsOf") -> InterestBill:
    """The bill after a cut of a percentage point."""
    saving = bills(view, POLICY_BP)
    if isinstance(saving, Gap):
        return InterestBill(policy_bp=POLICY_BP, reason=saving.reason)
    return fill(
        InterestBill,
        saving,
        filings_of=saving.month.item(),
        small=_saved(saving.small),
        large=_saved(saving.large),
        gap=_saved(saving.gap),
    )


def interest_bill_sentence(bill: InterestBill) -> str:
    """One sentence for a person."""
    if bill.small is None or bill.large is None or bill.gap is None:
        return f"Interest bill: {bill.reason}."
    low, high = bill.gap.interval
    move = f"{abs(bill.policy_bp):.0f} bp {'lower' if bill.policy_bp < 0 else 'higher'}"
    quarters = bill.gap.delay_quarters
    wait = f"within about {counted(quarters, 'quarter')}" if quarters else "at once"
    return (
        f"Interest bill: a policy rate {move} saves small companies {bill.small.saved_percent_of_ebitda:.1f} % of "
        f"EBITDA a year and large ones {bill.large.saved_percent_of_ebitda:.1f} %, a gap of "
        f"{bill.gap.saved_percent_of_ebitda:.1f} (95 %: {low:.1f} to {high:.1f}), {wait}; "
        f"filings of {bill.companies:,} companies known on {bill.filings_of}."
    )


def _saved(saving: "Saving") -> InterestSaved:
    return InterestSaved(
        saved_percent_of_ebitda=saving.percent_of_ebitda,
        interval=saving.band(),
        delay_quarters=saving.delay_quarters,
    )


def _row(view: "AsOf", measure: str, title: str, unit: str) -> FinancingRow:
    small, large = (_number(view, measure, group) for group in (SMALL, LARGE))
    gap = None
    if small and large:
        error = (small.standard_error**2 + large.standard_error**2) ** 0.5
        gap = _with_interval(small.value - large.value, error)
    return FinancingRow(measure=measure, title=title, unit=unit, small=small, large=large, gap=gap)


def _number(view: "AsOf", measure: str, group: str) -> FinancingNumber | None:
    parts = [view.latest(series_of(measure, group, statistic)).value for statistic in STATISTICS]
    if not all(part.size for part in parts):
        return None
    value, error, companies, coverage = (float(part[-1]) for part in parts)
    return _with_interval(value, error, companies=int(companies), coverage=coverage)


def _with_interval(
    value: float, error: float, *, companies: int | None = None, coverage: float | None = None
) -> FinancingNumber:
    return FinancingNumber(
        value=value,
        standard_error=error,
        interval=(value - Z95 * error, value + Z95 * error),
        companies=companies,
        coverage=coverage,
    )
