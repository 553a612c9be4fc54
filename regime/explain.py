"""Why: the log-odds of the phase in force against climatology, taken apart in order of weight.

The groups of features are switched on one after another, in a fixed order, each from its neutral value; the steps
of the log-odds sum exactly to the distance between the model's answer and climatology.
"""

import math
from dataclasses import dataclass

import numpy as np

from regime.dating import EPSILON
from regime.features import COLUMNS, Rows
from regime.models.model import Fitted, Past
from regime.models.structural_hazard import LOWER_BOUND
from regime.open_phases import against, open_phases, over_phases
from regime.phase import PHASES

FLOOR = 1e-3  # probabilities are clipped here, as in the score
SMALL = 0.1  # log-odds steps below this are not worth a sentence
GROUPS = (
    ("time", tuple(name for name in COLUMNS if name in ("since", "since_leg", "meetings"))),
    ("pace", tuple(name for name in COLUMNS if name.startswith("change_") or name == "moves")),
    ("level", ("target",)),
    ("market", tuple(name for name in COLUMNS if name.startswith("gap_"))),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the log-odds.

    Attributes
    ----------
    name : str
        structure | time | pace | level | market.
    log_odds : float
        Step in nats; positive speaks for the phase in force.
    text : str
    """

    name: str
    log_odds: float
    text: str


def climatology(known: Past) -> np.ndarray:
    """Share of each phase in the mature past, shape (4,); each phase counted once more than seen."""
    _, code = known.mature()
    counts = np.bincount(code, minlength=len(PHASES)) + 1.0
    return counts / counts.sum()


def reasons(fitted: Fitted, known: Past, now: Rows, phase: int) -> tuple[Reason, ...]:
    """Parts of the log-odds of `phase`, heaviest first; they sum to the model's log-odds less climatology's."""
    neutral = _neutral(known, now)
    stages = [climatology(known)[phase], over_phases(now, np.array([0.5]))[0, phase]]
    for stage in range(len(GROUPS) + 1):
        shown = now.values.copy()
        for _, names in GROUPS[stage:]:
            where = [COLUMNS.index(name) for name in names]
            shown[:, where] = neutral[where]
        stages.append(fitted.probabilities(Rows(now.days, shown))[0, phase])
    odds = [_log_odds(chance) for chance in stages]
    steps = np.diff(odds)
    steps = np.concatenate([[steps[0] + steps[1]], steps[2:]])  # structure, with the model's neutral answer
    texts = _texts(now)
    parts = [Reason(name, float(step), texts[name]) for name, step in zip(texts, steps, strict=True)]
    return tuple(sorted(parts, key=lambda reason: -abs(reason.log_odds)))


def sentences(parts: tuple[Reason, ...]) -> tuple[str, ...]:
    """Reasons worth a sentence, each with its weight."""
    return tuple(
        f"{reason.text} ({reason.log_odds:+.1f} {'for' if reason.log_odds > 0 else 'against'})"
        for reason in parts
        if abs(reason.log_odds) >= SMALL
    )


def _neutral(known: Past, now: Rows) -> np.ndarray:
    """Median feature values of past rows in the same case, signed like the present."""
    alike = known.rows.take(against(known.rows) == against(now)[0])
    alike = alike if alike.size else known.rows
    signed = alike.values.copy()
    where = [column for column, name in enumerate(COLUMNS) if name.startswith(("change_", "gap_"))]
    signed[:, where] *= (alike["sign"] * now["sign"][0])[:, None]
    with np.errstate(all="ignore"):
        columns = [column[np.isfinite(column)] for column in signed.T]
    return np.array([np.median(column) if column.size else math.nan for column in columns])


def _log_odds(chance: float) -> float:
    bounded = min(max(float(chance), FLOOR), 1 - FLOOR)
    return math.log(bounded / (1 - bounded))


def _texts(now: Rows) -> dict[str, str]:
    moving, hold = (PHASES[int(codes[0])] for codes in open_phases(now))
    sign = now["sign"][0]
    kind, wait = ("hike", "hikes") if sign > 0 else ("cut", "cuts")
    pace = 100 * now["change_6m"][0]
    gaps = [now[name][0] for name in ("gap_1y", "gap_2y")]
    market = (
        "market yields are not known"
        if not np.isfinite(gaps).all()
        else (f"the 1- and 2-year yields are {100 * gaps[0]:+.0f} and {100 * gaps[1]:+.0f} bp from the target")
    )
    room = ", where there is no room for cuts" if now["target"][0] <= LOWER_BOUND + EPSILON else ""
    return {
        "structure": f"the path of the target leaves {moving.value} and {hold.value} open, and little else",
        "time": f"{now['since'][0]:.1f} months and {now['meetings'][0]:.0f} meetings since the last {kind}",
        "pace": f"the target has moved {pace:+.0f} bp in six months, after {now['moves'][0]:.0f} {wait} in a row",
        "level": f"the target is {now['target'][0]:g} %{room}",
        "market": market,
    }
