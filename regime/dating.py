"""DATE-4: the hindsight chronology of the rate cycle, from the target rate on its decision days.

1. Moves are the days on which the target changes, signed.
2. A zig-zag finds turning points: while rates rise the first day of the running maximum is kept, and it
   becomes a peak on the first day with target <= maximum - theta (troughs mirror it). Before the first
   turning point both extremes are followed and whichever confirms first counts.
3. A leg runs between turning points. Its first move is the first one in its direction after the last day on
   which the target sat at the turning level; its last move is its last one of material size.
4. A leg is split where two of its material moves lie more than 548 days apart. The later part is a phase of
   its own only if it cumulates theta; otherwise its days stay a hold.
5. From first to last move the phase is HIKE or EASE; after it, until the next first move, the hold after it.
6. The newest phase is open. Moves after it that have not cumulated theta yet make a candidate: a row without
   confirmation, which changes no phase.

Dating a shorter path gives the chronology as it was then; `regime.maturity` says which of its labels are final.
"""

import datetime as dt
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from regime.phase import PHASES, Phase

THETA = 0.50  # percentage points that make a turning point; pre-registered
SPLIT = np.timedelta64(548, "D")  # eighteen months without a move end a leg; pre-registered
MATERIAL = 0.125  # percentage points; the sixteenths of the 1980s were technical
EPSILON = 1e-9  # the target is a multiple of 1/16, so this only forgives arithmetic
MOVING = {1: Phase.HIKE, -1: Phase.EASE}
HOLD = {1: Phase.HOLD_AFTER_HIKE, -1: Phase.HOLD_AFTER_EASE}
_CODE = {phase: code for code, phase in enumerate(PHASES)}


@dataclass(frozen=True, slots=True)
class MovingPhase:
    """One run of hikes or of cuts.

    Attributes
    ----------
    phase : Phase
        HIKE or EASE.
    first_move, last_move : datetime.date
        Decision days. `last_move` is None for a candidate, and the last one so far where `open`.
    from_target, to_target : float
        Percent, before the first move and at the turning level (for a part that a split ended: after its last move).
    confirmed_on : datetime.date or None
        When theta was cumulated; None for a candidate.
    open : bool
        True for the newest phase and for a candidate: later decisions can still move its end.
    """

    phase: Phase
    first_move: dt.date
    last_move: dt.date | None
    from_target: float
    to_target: float
    confirmed_on: dt.date | None
    open: bool = False

    @property
    def direction(self) -> int:
        """+1 for hikes, -1 for cuts."""
        return 1 if self.phase is Phase.HIKE else -1


@dataclass(frozen=True, slots=True)
class Chronology:
    """Every moving phase in order, and the candidate after them if there is one.

    Attributes
    ----------
    phases : tuple of MovingPhase
        Confirmed phases, oldest first; the last one is open.
    candidate : MovingPhase or None
        Opposite (or late same-signed) moves that have not cumulated theta.
    theta : float
        Percentage points.
    """

    phases: tuple[MovingPhase, ...]
    candidate: MovingPhase | None
    theta: float

    @property
    def confirmed(self) -> bool:
        """False while a final move smaller than theta leaves the phase in doubt."""
        return self.candidate is None

    def labels(self, days: np.ndarray) -> np.ndarray:
        """Phase of each day as an index into `PHASES`; -1 before the first phase.

        Parameters
        ----------
        days : ndarray of datetime64[D], shape (n,)

        Returns
        -------
        ndarray of int8, shape (n,)
        """
        out = np.full(days.shape, -1, dtype=np.int8)
        for row in self.phases:  # later rows overwrite the hold of earlier ones
            last = np.datetime64(row.last_move, "D")
            out[days >= np.datetime64(row.first_move, "D")] = _CODE[row.phase]
            out[days > last] = _CODE[HOLD[row.direction]]
        return out


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turning point: where the path turned, and the step at which theta was cumulated."""

    at: int
    sign: int  # direction of the leg that starts here
    confirmed: int


def date_cycle(days: np.ndarray, target: np.ndarray, *, theta: float = THETA) -> Chronology:
    """Date the cycle by DATE-4.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n,)
        Decision days, ascending; the first is the start of the record.
    target : ndarray of float, shape (n,)
        Target after each decision, percent (upper bound of a range).
    theta : float
        Percentage points that make a turning point.

    Returns
    -------
    Chronology
        It knows nothing beyond ``days[-1]``: a shorter path gives the chronology of that time.

    Examples
    --------
    >>> days = np.array(["2001-01-01", "2001-02-01", "2001-03-01", "2003-01-01"], dtype="datetime64[D]")
    >>> [str(row.phase) for row in date_cycle(days, np.array([5.0, 4.5, 4.0, 4.25])).phases]
    ['EASE']
    """
    days = np.ascontiguousarray(days, dtype="datetime64[D]")
    target = np.ascontiguousarray(target, dtype=np.float64)
    return _dated(days.tobytes(), target.tobytes(), theta)


@lru_cache(maxsize=1024)
def _dated(days_read: bytes, target_read: bytes, theta: float) -> Chronology:
    """`date_cycle` of the bytes of a path: it lasts for weeks and is asked for at every step of a walk."""
    days = np.frombuffer(days_read, dtype="datetime64[D]")
    target = np.frombuffer(target_read, dtype=np.float64)
    turns = _turning_points(target, theta)
    phases: list[MovingPhase] = []
    candidate = None
    for number, turn in enumerate(turns):
        end = turns[number + 1].at if number + 1 < len(turns) else None
        parts, candidate = _leg(days, target, turn=turn, end=end, theta=theta)
        phases += parts
    if phases:
        phases[-1] = replace(phases[-1], open=True)
    return Chronology(tuple(phases), candidate, theta)


def _day(day: Any) -> dt.date:
    return dt.date.fromisoformat(str(day))


def _turning_points(target: np.ndarray, theta: float) -> list[_Turn]:
    """Zig-zag of step 2."""
    turns: list[_Turn] = []
    if not target.size:
        return turns
    top = bottom = 0
    mode = 0  # 0: start unknown
    for step, level in enumerate(target.tolist()):
        if level > target[top]:
            top = step
        if level < target[bottom]:
            bottom = step
        if mode >= 0 and level <= target[top] - theta + EPSILON:
            turns.append(_Turn(top, -1, step))
            mode, bottom = -1, step
        elif mode <= 0 and level >= target[bottom] + theta - EPSILON:
            turns.append(_Turn(bottom, 1, step))
            mode, top = 1, step
    return turns


def _leg(
    days: np.ndarray, target: np.ndarray, *, turn: _Turn, end: int | None, theta: float
) -> tuple[list[MovingPhase], MovingPhase | None]:
    """Phases of one leg (steps 3 and 4) and, at the open end, the candidate after it."""
    sign = turn.sign
    move = np.diff(target, prepend=target[0])
    last = target.size - 1 if end is None else end
    level = np.flatnonzero(np.abs(target[: turn.confirmed + 1] - target[turn.at]) <= EPSILON)
    inside = np.arange(level[-1] + 1, last + 1)
    with_leg = inside[sign * move[inside] > EPSILON]
    material = with_leg[sign * move[with_leg] >= MATERIAL - EPSILON]
    first = int(with_leg[0])
    if not material.size or material[0] != first:
        material = np.concatenate(([first], material))
    parts = np.split(material, np.flatnonzero(np.diff(days[material]) > SPLIT) + 1)
    turned = int(inside[np.argmax(sign * target[inside])])  # the first day of the leg's extreme
    rows: list[MovingPhase] = []
    loose = 0  # first step of what has not become a phase
    for number, part in enumerate(parts):
        if rows:
            confirmed = _cumulated(target, part, sign=sign, theta=theta)
        else:  # until the leg has a phase, moves of lapsed parts count towards theta
            lapsed = number + 1 < len(parts) and turn.confirmed >= parts[number + 1][0]
            confirmed = None if lapsed else turn.confirmed
        if confirmed is None:
            loose = loose or int(part[0])
            continue
        loose = 0
        final = part is parts[-1]
        rows.append(
            MovingPhase(
                phase=MOVING[sign],
                first_move=_day(days[part[0]]),
                last_move=_day(days[part[-1]]),
                from_target=float(target[part[0] - 1]),
                to_target=float(target[turned] if final else target[part[-1]]),
                confirmed_on=_day(days[confirmed]),
            )
        )
    return rows, None if end is not None else _candidate(days, target, sign=sign, turned=turned, loose=loose)


def _cumulated(target: np.ndarray, part: np.ndarray, *, sign: int, theta: float) -> int | None:
    """Step at which a later part of a split leg has cumulated theta by its own moves."""
    gained = sign * (target[part] - target[part[0] - 1])
    reached = part[gained >= theta - EPSILON]
    return int(reached[0]) if reached.size else None


def _candidate(days: np.ndarray, target: np.ndarray, *, sign: int, turned: int, loose: int) -> MovingPhase | None:
    """Say what the newest moves may become: a new leg, or a late part of the old one."""
    move = np.diff(target, prepend=target[0])
    if loose:
        start, way = loose, sign
    else:
        level = np.flatnonzero(np.abs(target - target[turned]) <= EPSILON)
        after = np.arange(level[-1] + 1, target.size)
        against = after[-sign * move[after] >= MATERIAL - EPSILON]
        resumed = after[sign * move[after] >= MATERIAL - EPSILON]
        if not against.size or (resumed.size and resumed[-1] > against[-1]):
            return None  # nothing against the leg, or the leg's own direction has spoken last
        start, way = int(against[0]), -sign
    return MovingPhase(
        phase=MOVING[way],
        first_move=_day(days[start]),
        last_move=None,
        from_target=float(target[start - 1]),
        to_target=float(target[-1]),
        confirmed_on=None,
        open=True,
    )
