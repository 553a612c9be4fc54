"""Small minus large: what is measured, month by month and between any two closes, as known at a moment.

1. A leg is a traded fund (total return from `signals.derived.total_return`) or a column of a daily French file.
2. A pair is a small leg and a large one; a long-short factor has no large leg (``none``).
3. Before the funds of a declared pair (`allocator.size_pairs`) exist the daily SMB factor of Ken
   French stands in, month by month, never mixed with
   the funds inside one holding period. French files are published weeks late, so the newest months are
   missing while SMB stands in, as they were then.

A return is from close to close. A holding period begins and ends at the close of the session *after* a
decision, because that is when the trade is done.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.settings import PortfolioSettings
from allocator.size_pairs import STAND_IN, is_size_pair, trades_by
from signals.asof import AsOf, History
from signals.calendars import day_of, last_sessions, session_count, sessions
from signals.derived.total_return import growth, price_inputs
from signals.errors import NoAdvice
from signals.new_york import instant

PERCENT = 100.0
FRENCH = "french:"
NONE = "none"  # the large leg of a pair that is already a difference
SMB = STAND_IN  # percent per session, small minus big
MARKET = "french:FF3_DAILY:Mkt-RF"  # percent per session, market over bills
MONTHLY = {SMB: "french:FF3_MONTHLY:SMB", MARKET: "french:FF3_MONTHLY:Mkt-RF"}  # where no daily file is held
LISTED = 6  # symbols in one sentence
OLDEST_PRICE = 5  # sessions; an older one is mentioned wherever it is used, and no order counts shares at it
FIRST_MONTH = np.datetime64("1963-07", "M")  # AMEX is in the file from 1962-07; METHOD's samples start here


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth of one dollar by session.

    Attributes
    ----------
    day : ndarray of datetime64[D], shape (n,)
        Ascending.
    level : ndarray of float64, shape (n,)
    """

    day: np.ndarray
    level: np.ndarray

    def at(self, days: np.ndarray) -> np.ndarray:
        """Level at the close of each of `days`; NaN before the first and after the last session held.

        A hole inside the record is bridged by the last level before it.
        """
        if not self.day.size:
            return np.full(days.shape, np.nan)
        row = np.searchsorted(self.day, days, side="right") - 1
        inside = (row >= 0) & (days <= self.day[-1])
        return np.where(inside, self.level[np.maximum(row, 0)], np.nan)


@dataclass(frozen=True, slots=True)
class Months:
    """Small minus large by calendar month, as known at one moment.

    Attributes
    ----------
    month : ndarray of datetime64[M], shape (n,)
        Consecutive.
    percent : ndarray of float64, shape (n,)
        NaN where not known yet.
    """

    month: np.ndarray
    percent: np.ndarray

    def known(self) -> np.ndarray:
        """The finite values, oldest first."""
        return self.percent[np.isfinite(self.percent)]


def pair_name(pair: PortfolioSettings) -> str:
    """The pair in words, with what stands in for the years before its funds."""
    if pair.small == SMB:
        return "SMB of Ken French"
    legs = pair.small if pair.large == NONE else f"{pair.small} less {pair.large}"
    return f"{legs} (SMB of Ken French before the funds)" if is_size_pair(pair.small, pair.large) else legs


def leg_inputs(leg: str) -> tuple[str, ...]:
    """The series behind a leg."""
    if leg == NONE:
        return ()
    return (leg,) if leg.startswith(FRENCH) else price_inputs(leg)


def pair_inputs(pair: PortfolioSettings) -> tuple[str, ...]:
    """Every series that the returns of a pair may read."""
    return (*leg_inputs(pair.small), *leg_inputs(pair.large), SMB, MARKET, *MONTHLY.values())


def growth_of(view: AsOf, leg: str) -> Growth:
    """Growth of one leg as known at the view's moment; empty where nothing is held."""

    def compute() -> Growth:
        if not leg.startswith(FRENCH):
            grown = growth(view, leg)
            return Growth(grown.period, grown.value)
        daily = view.latest(leg)
        return _by_month(view.latest(MONTHLY[leg])) if leg in MONTHLY and not daily.period.size else _compounded(daily)

    return view.remember(("growth", leg), compute)


def _by_month(factor: History) -> Growth:
    """A file of monthly returns in percent as growth at the last session of each month.

    A level between two month-ends is that of the month-end before, so a holding period that begins at a month's
    first close is measured from the close before it: one day optimistic (METHOD 5), and `by_month_only` says so.
    """
    ends = last_sessions()
    row = np.searchsorted(ends.astype("datetime64[M]"), factor.period.astype("datetime64[M]"))
    return Growth(ends[row], np.cumprod(1 + factor.value / PERCENT))


def by_month_only(view: AsOf) -> bool:
    """True where SMB rests on monthly files, whose holding periods are one day optimistic."""
    return not view.latest(SMB).period.size and bool(view.latest(MONTHLY[SMB]).period.size)


def _compounded(daily: History) -> Growth:
    """A file of daily returns in percent as growth; the level before its first session is 1."""
    return Growth(daily.period, np.cumprod(1 + daily.value / PERCENT))


def between(view: AsOf, pair: PortfolioSettings, days: np.ndarray) -> np.ndarray:
    """Small minus large from each of `days` to the next, percent; the stand-in where the funds have none.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n + 1,)
        Sessions at whose close a holding period ends and the next begins.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where the end is not known at the view's moment.
    """
    own = _difference(view, (pair.small, pair.large), days)
    if not is_size_pair(pair.small, pair.large):
        return own
    return np.where(np.isfinite(own), own, _before(growth_of(view, pair.small), view, days))


def _difference(view: AsOf, legs: tuple[str, str], days: np.ndarray) -> np.ndarray:
    small, large = (_returns(view, leg, days) for leg in legs)
    return PERCENT * (small - large)


def _returns(view: AsOf, leg: str, days: np.ndarray) -> np.ndarray:
    if leg == NONE:
        return np.zeros(days.size - 1)
    level = growth_of(view, leg).at(days)
    return level[1:] / level[:-1] - 1


def _before(own: Growth, view: AsOf, days: np.ndarray) -> np.ndarray:
    """SMB for periods that begin before the fund's first session; NaN for later ones."""
    stand_in = PERCENT * _returns(view, SMB, days)
    begins = own.day[0] if own.day.size else np.datetime64("2999-01-01", "D")
    return np.where(days[:-1] < begins, stand_in, np.nan)


def market_between(view: AsOf, pair: PortfolioSettings, days: np.ndarray) -> np.ndarray:
    """Market return between `days`, percent: the large fund where there is one, else French's market over bills."""
    french = PERCENT * _returns(view, MARKET, days)
    if pair.large == NONE or pair.large.startswith(FRENCH):
        return french
    own = PERCENT * _returns(view, pair.large, days)
    return np.where(np.isfinite(own), own, french)


def monthly(view: AsOf, pair: PortfolioSettings) -> Months:
    """Small minus large by calendar month from 1963-07 to the last complete month known."""

    def compute() -> Months:
        ends, month = month_ends(view.moment)
        return Months(month, between(view, pair, ends))

    return view.remember(("months", pair.small, pair.large), compute)


def prepare(view: AsOf, pair: PortfolioSettings, moments: Sequence[dt.datetime]) -> None:
    """Remember `monthly` at many moments up to the view's own from one pass, where no price was ever revised.

    Without revisions what was known at a moment is what is known now, up to that moment; a test compares
    both ways. With a revision among the inputs nothing is prepared, and `monthly` looks at each moment itself.
    """
    if not unrevised(view, pair):
        return
    ends, month = month_ends(view.moment)
    percent, known_at = between(view, pair, ends), period_known_at(view, pair, ends)
    for moment in moments:
        then = view.at(moment)
        size = int(np.searchsorted(ends, np.datetime64(day_of(moment), "D"), side="right")) - 1
        known_until = instant(moment)
        known = np.where(known_at[:size] <= known_until, percent[:size], np.nan)
        months = Months(month[:size], known)
        then.remember(("months", pair.small, pair.large), lambda months=months: months)


def unrevised(view: AsOf, pair: PortfolioSettings) -> bool:
    """True where no series of the pair has two versions of a period, and no price chain is broken."""
    if not view.history(SMB).period.size:
        return False  # monthly files stand in, which know no sessions
    for series in {*leg_inputs(pair.small), *leg_inputs(pair.large), SMB}:
        whole = view.history(series)
        if (whole.period[1:] == whole.period[:-1]).any() or np.isnan(whole.value).any():
            return False
    funds = [leg for leg in (pair.small, pair.large) if leg != NONE and not leg.startswith(FRENCH)]
    return all(_unbroken(view, fund) for fund in funds)


def _unbroken(view: AsOf, fund: str) -> bool:
    begun = [first[0] for name in price_inputs(fund)[:2] if (first := view.latest(name).period).size]
    return not begun or growth_of(view, fund).day[0] == min(begun)


def period_known_at(view: AsOf, pair: PortfolioSettings, days: np.ndarray) -> np.ndarray:
    """When the return between `days` was known: with the last session that it needs, UTC datetime64[us]."""
    own = [leg for leg in (pair.small, pair.large) if leg != NONE]
    learned = np.max([_level_known_at(view, leg, days) for leg in own], axis=0)
    if pair.small.startswith(FRENCH):
        return learned[1:]
    used_own = np.isfinite(_difference(view, (pair.small, pair.large), days))
    return np.where(used_own, learned[1:], _level_known_at(view, SMB, days)[1:])


def _level_known_at(view: AsOf, leg: str, days: np.ndarray) -> np.ndarray:
    """When the level at each of `days` was known; the far future where it is not."""
    grown = view.latest(leg) if leg.startswith(FRENCH) else growth(view, leg)
    row = np.searchsorted(grown.period, days, side="left")
    learned = np.append(np.maximum.accumulate(grown.known_at), np.datetime64("9999-12-31", "us"))
    return learned[np.minimum(row, grown.period.size)]


def month_ends(moment: dt.datetime) -> tuple[np.ndarray, np.ndarray]:
    """Closes that bound complete months (n + 1 days), and the months between them (n)."""
    last = last_sessions()
    today = np.datetime64(day_of(moment), "D")
    closes = last[(last.astype("datetime64[M]") >= FIRST_MONTH - 1) & (last <= today)]
    return closes, closes[1:].astype("datetime64[M]")


def execution_days(days: Sequence[dt.date]) -> np.ndarray:
    """The session after each decision day: the close at which its trade is done, datetime64[D]."""
    decided = np.array(days, dtype="datetime64[D]")
    return sessions()[np.searchsorted(sessions(), decided, side="right")]


def demand_prices(view: AsOf, pair: PortfolioSettings) -> None:
    """Refuse advice on a pair of which no price of its own is known; the stand-in serves for the past only.

    Raises
    ------
    NoAdvice
        Names the leg without prices.
    """
    day = day_of(view.moment)
    for leg in (pair.small, pair.large):
        traded = leg != NONE and not leg.startswith(FRENCH) and trades_by(leg, day)
        if traded and not growth_of(view, leg).day.size:
            raise NoAdvice(
                f"no price of {leg} is known on {day}, and without prices of its own there is no advice on a pair.",
                remedy=f"`captilt data fetch yahoo:{leg}` tries again; if Yahoo does not know it, name another pair"
                " under [portfolio].",
                code="no_prices",
            )


def old_prices(view: AsOf, symbols: Iterable[str]) -> tuple[str, ...]:
    """One sentence for each day on which prices end that are more than `OLDEST_PRICE` sessions old."""
    today = day_of(view.moment)
    newest = ((symbol, growth_of(view, symbol).day[-1:]) for symbol in dict.fromkeys(symbols))
    last = [(day[0].astype("datetime64[D]").item(), symbol) for symbol, day in newest if day.size]
    by_day = {day: [symbol for end, symbol in last if end == day] for day, _ in last}
    return tuple(
        f"The newest price of {_listed(ended)} is of {day}, {session_count(day, today)} sessions before {today}."
        for day, ended in by_day.items()
        if session_count(day, today) > OLDEST_PRICE
    )


def _listed(symbols: Sequence[str]) -> str:
    more = len(symbols) - LISTED
    return ", ".join(symbols[:LISTED]) + (f" and {more} more" if more > 0 else "")


def demand_overlap(view: AsOf, pair: PortfolioSettings) -> None:
    """Refuse a pair whose legs were never priced on the same days.

    Raises
    ------
    NoAdvice
        Names the leg without prices, or both spans.
    """
    legs = [leg for leg in (pair.small, pair.large) if leg != NONE]
    spans = {leg: growth_of(view, leg).day for leg in legs}
    for leg, day in spans.items():
        if not day.size:
            raise NoAdvice(
                f"no price of {leg} is known at {view.moment:%Y-%m-%d}.",
                remedy=f"Fetch or import {leg}, or name another pair under [portfolio].",
                code="no_prices",
            )
    first, last = max(day[0] for day in spans.values()), min(day[-1] for day in spans.values())
    if first >= last:
        shown = ", ".join(f"{leg} {day[0]} to {day[-1]}" for leg, day in spans.items())
        raise NoAdvice(
            f"the benchmark pair has no overlap: {shown}.",
            remedy="Name two instruments with common history under [portfolio].",
            code="no_overlap",
        )
