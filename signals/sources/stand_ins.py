"""Second ways to the same number: what fills in where FRED or Yahoo delivers nothing, and what is compared.

The Board's H.15, the Treasury and the New York Fed publish the numbers that FRED's series copy. Each is stored
under its own name. Where it has a newer day than FRED's series, that day is stored as FRED's too, with the source
in the batch and the known-at of the source; where both have a day, they are compared.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from signals.asof import History
from signals.new_york import instant

YIELDS = ("DGS3MO", "DGS6MO", "DGS1", "DGS2", "DGS10")
STAND_INS: Mapping[str, tuple[str, ...]] = {
    **{f"fred:{name}": (f"h15:{name}", f"treasury:{name}") for name in YIELDS},
    "fred:DFF": ("nyfed:EFFR",),
}
PRICE_COLUMNS = ("close", "volume", "dividend", "split")
COMPARED = 5  # newest shared periods
RATE_SLACK = 0.015  # percentage points: rounding of two decimals
PRICE_SLACK = 1e-3  # relative: two vendors round a close differently


@dataclass(frozen=True, slots=True)
class Filled:
    """Periods of one series that came from a stand-in.

    Attributes
    ----------
    series, stand_in : str
    facts : History
    """

    series: str
    stand_in: str
    facts: History


def pairs(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Stand-ins by series: the fixed ones, and Tiingo for every share among the stored `names`."""
    shares = sorted({name.split(":")[1] for name in names if name.startswith("tiingo:")})
    prices = {f"yahoo:{share}:{column}": (f"tiingo:{share}:{column}",) for share in shares for column in PRICE_COLUMNS}
    return {**STAND_INS, **prices}


def fill(history: Callable[[str], History], stand_ins: Mapping[str, tuple[str, ...]], now: dt.datetime) -> list[Filled]:
    """Days that stand-ins have after the newest day of a series; each adds to those before it in the list."""
    now_utc = instant(now)
    fills = []
    for series, others in stand_ins.items():
        stored = history(series)
        newest = stored.period[-1] if stored.period.size else np.datetime64("1900-01-01", "D")
        for other in others:
            offered = history(other).until(now_utc).latest()
            later = offered.period > newest
            if later.any():
                facts = History(offered.period[later], offered.known_at[later], offered.value[later])
                fills.append(Filled(series, other, facts))
                newest = offered.period[-1]
    return fills


def disagreements(history: Callable[[str], History], stand_ins: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """Percent by which two sources of a series differ on the newest days that both have; 0 where they agree."""
    worst_of: dict[str, float] = {}
    for series, others in stand_ins.items():
        stored = history(series).latest()
        for other in others:
            offered = history(other).latest()
            shared, ours, theirs = np.intersect1d(stored.period, offered.period, return_indices=True)
            if not shared.size:
                continue
            one, two = stored.value[ours][-COMPARED:], offered.value[theirs][-COMPARED:]
            slack = np.abs(one) * PRICE_SLACK if series.startswith("yahoo:") else RATE_SLACK
            apart = np.abs(one - two)
            differs = apart > slack + 1e-9
            worst = float((100 * apart / np.maximum(np.abs(one), RATE_SLACK))[differs].max()) if differs.any() else 0.0
            worst_of[series] = max(worst_of.get(series, 0.0), worst)
    return worst_of
