"""Total return of a traded fund or share, built from what was known.

Yahoo restates adjusted closes with every dividend, so they serve as ratios only, and only where one file
gave both days. Elsewhere the return of a session is made from what does not change:

    (close + dividend) * split / previous close

with the dividend and the split ratio of the ex-day (2 for two-for-one). Where neither pair exists the
chain is broken, and only the stretch after the last break is used: a hole is never bridged in silence.
"""

import numpy as np

from signals.asof import AsOf, History
from signals.lookup import NOT_A_MOMENT, on_days


def price_inputs(ticker: str) -> tuple[str, ...]:
    """The series that `growth` of `ticker` reads."""
    return tuple(f"yahoo:{ticker}:{part}" for part in ("adj_close", "close", "dividend", "split"))


def growth(view: AsOf, ticker: str) -> History:
    """Growth of one dollar with dividends reinvested, 1.0 at the first session; empty where no price is known.

    A value is known once every price up to it is.
    """
    narrowed = view.only(price_inputs(ticker))  # one answer for every signal that reads this fund
    return narrowed.remember(("total return", ticker), lambda: _growth(narrowed, ticker))


def _growth(view: AsOf, ticker: str) -> History:
    adjusted, raw, dividend, split = (view.latest(name) for name in price_inputs(ticker))
    days = _either(adjusted.period, raw.period)
    if not days.size:
        return adjusted
    adjusted_close, close = (on_days(days, part.period, part.value, np.nan) for part in (adjusted, raw))
    paid = on_days(days, dividend.period, dividend.value, 0.0)
    ratio = on_days(days, split.period, split.value, 1.0)
    ratio = np.where(ratio > 0, ratio, 1.0)  # Yahoo writes 0 on days without a split
    with np.errstate(invalid="ignore", divide="ignore"):
        from_file = adjusted_close[1:] / adjusted_close[:-1]
        from_close = (close[1:] + paid[1:]) * ratio[1:] / close[:-1]
    step = np.where(np.isnan(from_file), from_close, from_file)
    begins = int(np.flatnonzero(np.isnan(step))[-1]) + 1 if np.isnan(step).any() else 0
    learned = np.fmax(*(on_days(days, part.period, part.known_at, NOT_A_MOMENT) for part in (adjusted, raw)))
    return History(
        days[begins:],
        np.maximum.accumulate(learned[begins:]),
        np.append(1.0, np.cumprod(step[begins:])),
    )


def _either(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Days of either, ascending; most often both are the same, or one is empty."""
    if not other.size or np.array_equal(one, other):
        return one
    return other if not one.size else np.union1d(one, other)
