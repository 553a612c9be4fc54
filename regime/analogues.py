"""Past moments that looked like this one, and what followed: all of them, winners and losers."""

import math

import numpy as np

from regime.dating import Chronology
from regime.features import Rows
from regime.models.model import Past
from regime.open_phases import against
from regime.phase import PHASES
from regime.regime_call import Analogue
from signals.asof import AsOf

SMB = "french:FF3_DAILY:SMB"  # small minus big, percent a day, restated with each release
SHOWN = 6  # one for each of the nearest legs
YEAR = np.timedelta64(365, "D")
ENOUGH = 200  # sessions a twelve-month return must have
FEATURES = ("since", "change_6m", "change_12m", "gap_1y", "gap_2y")
SIGNED = ("change_6m", "change_12m", "gap_1y", "gap_2y")


def analogues(view: AsOf, known: Past, now: Rows, chronology: Chronology) -> tuple[Analogue, ...]:
    """Nearest past month-end of each of the nearest legs, nearest first.

    Distance is Euclidean over standardised features, hikes and cuts pooled by the sign of the last move; only
    months of the same case (with the leg, or against it) and with a final label are compared.
    """
    alike = known.labels.mature & (against(known.rows) == against(now)[0])
    past = known.rows.take(alike)
    if not past.size:
        return ()
    distance = _distance(past, now)
    legs = np.searchsorted(_starts(chronology), past.days, side="right")
    nearest: dict[int, int] = {}
    for row in np.argsort(distance, kind="stable"):
        if math.isfinite(distance[row]):
            nearest.setdefault(int(legs[row]), int(row))
    smb = view.latest(SMB)
    code = known.labels.code[alike]
    return tuple(
        Analogue(
            date=past.days[row].item(),
            phase=PHASES[code[row]],
            distance=float(distance[row]),
            small_minus_large_12m_percent=_year_after(smb.period, smb.value, past.days[row]),
            note="" if past["sign"][row] == now["sign"][0] else "mirrored",
        )
        for row in list(nearest.values())[:SHOWN]
    )


def _distance(past: Rows, now: Rows) -> np.ndarray:
    """Root mean square over the features known on both sides."""
    then, present = _signed(past), _signed(now)
    with np.errstate(invalid="ignore"):
        known = np.isfinite(then) & np.isfinite(present)
    spread = np.array([np.std(column[np.isfinite(column)]) if np.isfinite(column).any() else 1.0 for column in then.T])
    gap = np.where(known, (then - present) / np.where(spread > 0, spread, 1.0), 0.0)
    count = known.sum(axis=1)
    return np.where(count > 0, np.sqrt((gap**2).sum(axis=1) / np.maximum(count, 1)), math.inf)


def _signed(rows: Rows) -> np.ndarray:
    return np.column_stack([rows[name] * (rows["sign"] if name in SIGNED else 1.0) for name in FEATURES])


def _starts(chronology: Chronology) -> np.ndarray:
    return np.array([phase.first_move for phase in chronology.phases], dtype="datetime64[D]")


def _year_after(period: np.ndarray, value: np.ndarray, day: np.datetime64) -> float | None:
    """Compounded small minus large over the year after `day`, percent; None where that year is not all known."""
    if not period.size or period[-1] < day + YEAR or period[0] > day:
        return None
    inside = (period > day) & (period <= day + YEAR)
    if inside.sum() < ENOUGH:
        return None
    return float(100 * (np.prod(1 + value[inside] / 100) - 1))


def outcome(analogues: tuple[Analogue, ...]) -> str:
    """One sentence on what followed, over all analogues."""
    known = [one.small_minus_large_12m_percent for one in analogues if one.small_minus_large_12m_percent is not None]
    if not known:
        return ""
    led = sum(value > 0 for value in known)
    return (
        f"small caps led in {led} of {len(known)} alike moments, by {min(known):+.0f} to {max(known):+.0f} % in a year"
    )
