"""The expected path from Treasury yields, where futures are missing, with the wider band that this deserves.

1. Gaps: one- and two-year yields minus the policy rate. The one-year yield averages the path of its year.
2. Where futures have been seen on at least a year of days, their expected moves are regressed on the two gaps,
   on days known at the moment; the residual is what yields miss (term premium, bills' scarcity value).
3. Else the path is a straight line: an average gap g over twelve months ends at 2g, and the residual is the one
   measured on 1995-2007.
4. The band is 90 % of outcomes: past forecast errors of futures, and for yields the residual on top.

References
----------
Piazzesi and Swanson (2008), "Futures Prices as Risk-Adjusted Forecasts of Monetary Policy", JME 55(4).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from signals.asof import AsOf
from signals.calendars import day_of
from signals.derived.policy_rate import POLICY_INPUTS, target_path
from signals.fedpath.history import PathTable, history
from signals.fedpath.path import RANGE_SINCE
from signals.fedpath.records import ExpectedMoves, FedPath
from signals.lookup import rows_of

ONE_YEAR, TWO_YEARS = "fred:DGS1", "fred:DGS2"  # percent, daily; known the next business day 16:15
YIELD_INPUTS = (ONE_YEAR, TWO_YEARS, *POLICY_INPUTS)
MONTHS = {"next": 1.5, "m3": 3, "m6": 6, "m12": 12}  # eight meetings a year: the next one ends 1.5 months on
HALF_WIDTH = 1.645  # standard deviations, 90 % of outcomes if they were normal
MIN_DAYS = 250  # a year of futures before they teach anything
MAX_AGE_DAYS = 10  # calendar days; older yields say nothing about today
RESIDUAL_1995_2007_BP = {"next": 14.0, "m3": 19.0, "m6": 23.0, "m12": 40.0}  # straight line against futures
UNKNOWN = ExpectedMoves()
ERROR_1995_2007_BP = {"next": 16.0, "m3": 29.0, "m6": 58.0, "m12": 82.0}  # of futures; m12 is sqrt(2) of m6


@dataclass(frozen=True, slots=True)
class Outlook:
    """Expected moves of the policy rate with their band, and where they come from.

    Attributes
    ----------
    source : str
        ``futures``, ``yields`` or ``none``.
    note : str
        What the face must say.
    bp : ExpectedMoves
        Basis points.
    band_bp : ExpectedMoves
        Half-width of the 90 % band of outcomes, basis points; wider for yields than for futures.
    """

    source: Literal["futures", "yields", "none"]
    note: str
    bp: ExpectedMoves = UNKNOWN
    band_bp: ExpectedMoves = UNKNOWN


def outlook(view: AsOf, path: FedPath) -> Outlook:
    """Futures where the path answers, else yields, else nothing; each says which."""
    table = history(view)
    errors = forecast_errors(view, table)
    if path.status == "ok":
        return Outlook("futures", f"{path.price_source}; risk-neutral, with a term premium", path.bp, _band(errors, {}))
    gaps = yield_gaps(view)
    if gaps is None:
        return Outlook("none", f"no futures ({path.reason}), and no yields of the last {MAX_AGE_DAYS} days")
    moves, residual = from_yields(view, gaps, table)
    note = f"no futures ({path.reason}): read from one- and two-year yields, with a wider band"
    return Outlook("yields", note, moves, _band(errors, residual))


def _band(errors: dict[str, float], residual: dict[str, float]) -> ExpectedMoves:
    return ExpectedMoves(**{k: HALF_WIDTH * float(np.hypot(errors[k], residual.get(k, 0.0))) for k in MONTHS})


def yield_gaps(view: AsOf) -> tuple[float, float] | None:
    """One- and two-year yields minus the policy rate, basis points; None where they are missing or old."""
    one, two = view.latest(ONE_YEAR), view.latest(TWO_YEARS)
    if not (one.period.size and two.period.size):
        return None
    oldest = min(one.period[-1], two.period[-1])
    if np.datetime64(day_of(view.moment), "D") - oldest > np.timedelta64(MAX_AGE_DAYS, "D"):
        return None
    rate = float(_policy(view, np.array([oldest]))[0])
    return 100 * (float(one.value[-1]) - rate), 100 * (float(two.value[-1]) - rate)


def from_yields(view: AsOf, gaps: tuple[float, float], table: PathTable) -> tuple[ExpectedMoves, dict[str, float]]:
    """Expected moves from the gaps (basis points), and the residual sd against futures by horizon."""
    past, moves = past_gaps(view, table.days), table.moves()
    expected, missed = {}, {}
    for name, months in MONTHS.items():
        known = np.isfinite(moves[name]) & np.isfinite(past).all(axis=1)
        if known.sum() < MIN_DAYS:
            expected[name] = gaps[0] * months / 6
            missed[name] = RESIDUAL_1995_2007_BP[name]
            continue
        design = np.column_stack([np.ones(known.sum()), past[known]])
        slope, *_ = np.linalg.lstsq(design, moves[name][known], rcond=None)
        missed[name] = float(np.std(moves[name][known] - design @ slope))
        expected[name] = float(np.array([1.0, *gaps]) @ slope)
    return ExpectedMoves(**expected), missed


def past_gaps(view: AsOf, days: np.ndarray) -> np.ndarray:
    """Gaps of earlier days, basis points, shape (n, 2); NaN where a yield of the day is missing."""
    rate = _policy(view, days)
    columns = []
    for name in (ONE_YEAR, TWO_YEARS):
        known = view.latest(name)
        row, here = rows_of(days, known.period)
        columns.append(np.where(here, 100 * (known.value[row] - rate), np.nan) if here.any() else here + np.nan)
    return np.column_stack(columns)


def forecast_errors(view: AsOf, table: PathTable) -> dict[str, float]:
    """Root mean square of outcome minus expected move of futures by horizon, on outcomes known by now."""
    moves, today = table.moves(), np.datetime64(day_of(view.moment), "D")
    rate = _policy(view, table.days)
    errors = {}
    for name, months in MONTHS.items():
        later = table.days + np.timedelta64(round(months * 365.25 / 12), "D")
        error = 100 * (_policy(view, later) - rate) - moves[name]
        error = error[np.isfinite(error) & (later <= today)]
        errors[name] = float(np.sqrt(np.mean(error**2))) if error.size >= MIN_DAYS else ERROR_1995_2007_BP[name]
    return errors


def _policy(view: AsOf, days: np.ndarray) -> np.ndarray:
    """The policy rate of each day, percent: the target, from 2008-12-16 the middle of its range."""
    decided, target = target_path(view)
    if not decided.size:
        return np.full(days.size, np.nan)
    row = np.searchsorted(decided, days, side="right") - 1
    middle = target - np.where(decided >= np.datetime64(RANGE_SINCE, "D"), 0.125, 0.0)
    return np.where(row >= 0, middle[np.maximum(row, 0)], np.nan)
