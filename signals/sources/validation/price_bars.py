"""What a provider's bars must satisfy, and how they become raw prices.

rule                  meaning
--------------------  --------------------------------------------------------------------------
period.not_session    a bar on a day without trading
value.missing         a finished session without a close
value.range           a price of zero or less, an absurd one
row.duplicate         the raw answer had the day twice
row.missing           sessions between two bars without one (said, nothing to refuse)
price.jump            half or twice the day before without a split; it and what follows waits
split.unadjusted      a split that the closes before it do not show: repaired
split.range           a ratio that is none
dividend.implied      a dividend that only the adjusted close knows of: repaired
dividend.range        negative, or a quarter of the price
dividend.unconfirmed  a dividend that the adjusted close does not know of (said, kept)
value.contradicted    a held close is now said to be different; the stored value stays
value.disputed        the same by more than one percent
price.currency        not in dollars
"""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from signals.asof import History
from signals.calendars import instants, sessions
from signals.errors import SourceError
from signals.series.dictionary import describe
from signals.sources.provider import Arrival, Delivery, Remark, StoredFacts
from signals.sources.validation.rules import HIGHEST_FUTURE, LARGEST, LOWEST_FUTURE, disagreement
from signals.store.store import Refusal

MARGIN = dt.timedelta(minutes=15)  # after the close, before a bar is believed to be final
CLOSE = dt.time(16, 0)
NOISE = 1e-4  # relative: prices come in single precision
JUMP = 0.5  # a day's move beyond +50 % or -33 % is a split or an error until it has lasted
LASTED = 5  # sessions after which a new level is believed
LASTED_LIKE_SPLIT = 20  # the same where the move looks like a split that is not reported, which Yahoo mends sooner
SPLITS = (1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20)  # usual ratios; consolidations begin at 2
SURGE, USUAL_DAYS = 3.0, 20  # a day's volume over the median before it that a split alone does not bring
LOOKS_LIKE = 0.03  # relative distance to a usual ratio
LARGEST_SPLIT = 100.0
LARGEST_DIVIDEND = 0.25  # of the close before
LEAST_DIVIDEND = 2e-4  # of the close; below it rounding
CHANGED_SHARE, CHANGED_LEAST = 0.5, 5
DISPUTED_PERCENT = 1.0


@dataclass(frozen=True, slots=True)
class Bars:
    """Daily bars as a provider gives them, arrays of one length n.

    Attributes
    ----------
    periods : ndarray of datetime64[D]
    close, adjusted, volume, dividend, split : ndarray of float64
        Dollars, dollars, shares, dollars a share, ratio (0 on most days).
    twice : tuple of datetime.date
        Days that the raw answer had more than once.
    currency : str
    """

    periods: np.ndarray
    close: np.ndarray
    adjusted: np.ndarray
    volume: np.ndarray
    dividend: np.ndarray
    split: np.ndarray
    twice: tuple[dt.date, ...] = ()
    currency: str = "USD"

    def keep(self, rows: np.ndarray) -> "Bars":
        """Only those rows."""
        columns = ("periods", "close", "adjusted", "volume", "dividend", "split")
        return replace(self, **{name: getattr(self, name)[rows] for name in columns})


class _Desk:
    """Collects what is refused and remarked about one share."""

    def __init__(self, parent: str) -> None:
        self.parent = parent
        self.refused: list[Refusal] = []
        self.remarks: list[Remark] = []

    def refuse(self, bars: Bars, rows: np.ndarray, rule: str, reason: str) -> np.ndarray:
        """Put the masked rows in quarantine; the mask of the others."""
        for row in np.flatnonzero(rows):
            content = f"close {bars.close[row]:g}, dividend {bars.dividend[row]:g}, split {bars.split[row]:g}"
            self.refused.append(
                Refusal(f"{self.parent}:close", f"{self.parent}:{bars.periods[row]}", content, rule, reason)
            )
        return ~rows

    def remark(self, rule: str, sentence: str, size: float = 1.0) -> None:
        """Say something about the share."""
        self.remarks.append(Remark(f"{self.parent}:close", rule, sentence, size))


def facts_of_bars(parent: str, bars: Bars, stored: StoredFacts, now: dt.datetime) -> Delivery:
    """Bars to facts: raw close, volume, dividend and split of ``parent``."""
    desk = _Desk(parent)
    if bars.currency not in ("", "USD"):
        raise SourceError(
            f"{parent} came in {bars.currency[:8]} instead of USD (price.currency). Nothing of it was stored.",
            remedy="If it stays so, the share was renamed.",
            code="source_currency",
        )
    before = stored(f"{parent}:close")
    bars = _finished(desk, bars, now)
    bars = _steady(desk, _unsplit(desk, _dividends(desk, bars)))
    _remark_missing(desk, bars, future=parent.startswith("cme:"))
    bars = _settled(desk, bars, before)
    return Delivery(_arrivals(parent, bars), tuple(desk.refused), tuple(desk.remarks))


def _finished(desk: _Desk, bars: Bars, now: dt.datetime) -> Bars:
    """Without bars of days without trading, of sessions still open, and without usable closes."""
    bars = bars.keep(np.argsort(bars.periods, kind="stable"))
    utc = np.datetime64((now.astimezone(dt.UTC) - MARGIN).replace(tzinfo=None), "us")
    bars = bars.keep(instants(bars.periods, CLOSE) <= utc)  # today's bar still moves; it is no fault
    future = desk.parent.startswith("cme:")
    trading = np.is_busday(bars.periods) if future else np.isin(bars.periods, sessions())
    bars = bars.keep(desk.refuse(bars, ~trading, "period.not_session", "no trading on that day"))
    again = np.isin(bars.periods, np.array(bars.twice, dtype="datetime64[D]"))
    again[1:] |= bars.periods[1:] == bars.periods[:-1]
    bars = bars.keep(desk.refuse(bars, again, "row.duplicate", "the answer had the day twice"))
    if bars.close.size and np.isnan(bars.close[-1]):  # the newest session often comes empty for an hour
        desk.remark("row.pending", f"{desk.parent} {bars.periods[-1]} has no close yet")
        bars = bars.keep(np.arange(bars.close.size) < bars.close.size - 1)
    bars = bars.keep(desk.refuse(bars, np.isnan(bars.close), "value.missing", "a finished session without a close"))
    low, high = (LOWEST_FUTURE, HIGHEST_FUTURE) if future else (1e-6, LARGEST)
    outside = (bars.close < low) | (bars.close > high)
    return bars.keep(desk.refuse(bars, outside, "value.range", f"outside {low:g} to {high:g}"))


def _dividends(desk: _Desk, bars: Bars) -> Bars:
    """With dividends that are possible, and those that only the adjusted close shows."""
    paid = np.nan_to_num(bars.dividend)
    before = np.append(np.nan, bars.close[:-1])
    with np.errstate(invalid="ignore", divide="ignore"):
        absurd = (paid < 0) | (paid > LARGEST_DIVIDEND * np.where(np.isnan(before), bars.close, before))
        share_kept = np.append(1.0, (bars.adjusted[:-1] / bars.adjusted[1:]) / (bars.close[:-1] / bars.close[1:]))
        implied = before * (1 - share_kept)
    desk.refuse(bars, absurd, "dividend.range", "negative, or more than a quarter of the price")
    paid = np.where(absurd, 0.0, paid)
    hidden = (implied > LEAST_DIVIDEND * before) & (implied < LARGEST_DIVIDEND * before) & (paid == 0) & ~absurd
    for row in np.flatnonzero(hidden):
        desk.remark(
            "dividend.implied",
            f"{desk.parent} {bars.periods[row]}: a dividend of {implied[row]:.4f} is taken from the adjusted close",
            1.0,
        )
    unknown = (paid > 0) & ~np.isnan(implied) & (implied < 0.5 * paid)
    if unknown.any():
        desk.remark(
            "dividend.unconfirmed",
            f"{int(unknown.sum())} dividends of {desk.parent} are not in its adjusted close",
            int(unknown.sum()),
        )
    return replace(bars, dividend=np.where(hidden, implied, paid))


def _unsplit(desk: _Desk, bars: Bars) -> Bars:
    """With closes and dividends as they were on the day, later splits undone."""
    ratio = np.where(np.isnan(bars.split) | (bars.split == 0), 1.0, bars.split)
    absurd = (ratio <= 1 / LARGEST_SPLIT) | (ratio >= LARGEST_SPLIT)
    desk.refuse(bars, absurd, "split.range", "not a ratio of a split")
    ratio = np.where(absurd, 1.0, ratio)
    before = np.append(np.nan, bars.close[:-1])
    undo = ratio.copy()
    for row in np.flatnonzero(ratio != 1):
        step = abs(np.log(bars.close[row] / before[row])) if row else 0.0
        as_split = abs(np.log(bars.close[row] / before[row] * ratio[row])) if row else np.inf
        if as_split < step and step > 0.5 * abs(np.log(ratio[row])):
            undo[row] = 1.0
            desk.remark(
                "split.unadjusted",
                f"{desk.parent} {bars.periods[row]}: closes before the split of {ratio[row]:g} were not divided by it",
            )
    later = np.append(np.cumprod(undo[::-1])[::-1][1:], 1.0)
    return replace(
        bars, close=bars.close * later, dividend=bars.dividend * later, split=np.where(ratio == 1, 0.0, ratio)
    )


def _steady(desk: _Desk, bars: Bars) -> Bars:
    """Up to the first move that is not believed yet."""
    ratio = np.where(bars.split > 0, bars.split, 1.0)
    move = np.log(bars.close[1:] * ratio[1:] / bars.close[:-1])
    for row in np.flatnonzero((move > np.log1p(JUMP)) | (move < -np.log1p(JUMP))).tolist():
        since = bars.close.size - 1 - row
        like_split = _looks_like_split(move[row]) and not _surges(bars.volume, row + 1)
        if since <= (LASTED_LIKE_SPLIT if like_split else LASTED):
            waiting = np.arange(bars.close.size) > row
            reason = f"{100 * np.expm1(move[row]):+.0f} % in a day without a split; it and what follows waits"
            return bars.keep(desk.refuse(bars, waiting, "price.jump", reason))
    return bars


def _looks_like_split(move: float) -> bool:
    """Whether a log move is near a usual split (down) or consolidation (up)."""
    ratios = SPLITS if move < 0 else SPLITS[1:]
    return bool(np.min(np.abs(abs(move) - np.log(ratios))) < LOOKS_LIKE)


def _surges(volume: np.ndarray, row: int) -> bool:
    """Whether trading of that day stands out, as it does where the price really moved."""
    before = volume[max(0, row - USUAL_DAYS) : row]
    return bool(before.size and volume[row] > SURGE * np.nanmedian(before))


def _remark_missing(desk: _Desk, bars: Bars, *, future: bool) -> None:
    if future or bars.periods.size < 2:  # noqa: PLR2004 - a gap needs two sides
        return
    expected = sessions()
    inside = expected[(expected >= bars.periods[0]) & (expected <= bars.periods[-1])]
    absent = np.setdiff1d(inside, bars.periods)
    if absent.size:
        desk.remark(
            "row.missing", f"{absent.size} sessions of {desk.parent} are missing, the last {absent[-1]}", absent.size
        )


def _settled(desk: _Desk, bars: Bars, before: History) -> Bars:
    """Without closes that repeat what is held; a share that changed as a whole is refused."""
    last = before.latest()
    shared, ours, theirs = np.intersect1d(last.period, bars.periods, return_indices=True)
    close = bars.close.copy()
    close[theirs] = np.where(
        np.isclose(close[theirs], last.value[ours], rtol=NOISE, atol=0.0), last.value[ours], close[theirs]
    )
    _, differing, percent = disagreement(before, bars.periods, close)
    if shared.size >= CHANGED_LEAST and differing > CHANGED_SHARE * shared.size:
        raise SourceError(
            f"Yahoo now gives another value for {differing} of {shared.size} shared sessions of {desk.parent}, by up to"
            f" {percent:.1f} %: another share, or an unannounced split. Nothing of it was stored.",
            remedy="Compare it by hand; `captilt data export` keeps what is stored.",
            code="source_changed",
        )
    if differing:
        rule = "value.disputed" if percent > DISPUTED_PERCENT else "value.contradicted"
        desk.remark(
            rule,
            f"Yahoo contradicts {differing} stored closes of {desk.parent}, by up to {percent:.2g} %; "
            "the stored value stays",
            percent,
        )
    return replace(bars, close=close)


def _arrivals(parent: str, bars: Bars) -> tuple[Arrival, ...]:
    columns = {
        "close": (bars.close, ~np.isnan(bars.close)),
        "volume": (bars.volume, bars.volume >= 0),
        "dividend": (bars.dividend, bars.dividend > 0),
        "split": (bars.split, bars.split > 0),
    }
    arrivals = []
    for column, (values, rows) in columns.items():
        series = describe(f"{parent}:{column}")
        days = bars.periods[rows]
        if days.size:
            arrivals.append(Arrival(series, History.of(days, series.known(days), values[rows])))
    return tuple(arrivals)
