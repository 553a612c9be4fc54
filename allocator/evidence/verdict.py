"""The verdict by rule, and how far the record lets the forecast be followed.

The verdict is said beside the tilt. The multiplier scales it: the deflated Sharpe ratio of the
walk-forward record, before any multiplier, that was known at the last month-end before the moment.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np

from allocator.evidence.sharpe import Moments, dsr, information_ratio, psr
from allocator.evidence.trials import Trials, trials_at
from signals.calendars import cut, day_of, month_end_sessions, session_on_or_before

Answer = Literal["no reliable edge", "edge supported", "not evaluated"]
NO_EDGE: Answer = "no reliable edge"
SUPPORTED: Answer = "edge supported"
NOT_EVALUATED: Answer = "not evaluated"

SHORTEST_RECORD = 60  # months: below it no verdict
SHORT_RECORD_MULTIPLIER = 0.5  # neither trusted nor ignored until there is a record
DSR_AT_LEAST = 0.95
SPA_P_AT_MOST = 0.05
PBO_AT_MOST = 0.25


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Monthly active returns of the walk-forward strategy, before any multiplier.

    Attributes
    ----------
    known_on : ndarray of datetime64[D], shape (n,)
        Session at whose cut each return was known, ascending.
    net : ndarray of float64, shape (n,)
        Active return of the month after cost; any unit, for only its ratio counts.
    """

    known_on: np.ndarray
    net: np.ndarray

    def __post_init__(self) -> None:
        if len(self.known_on) != len(self.net):
            raise ValueError(f"{len(self.known_on)} days for {len(self.net)} returns")

    def until(self, day: dt.date) -> "TrackRecord":
        """The part known at the cut of `day`."""
        seen = self.known_on <= np.datetime64(day, "D")
        return TrackRecord(self.known_on[seen], self.net[seen])


@dataclass(frozen=True, slots=True)
class Multiplier:
    """The factor on the tilt, and what led to it.

    Attributes
    ----------
    value : float
        0 to 1.
    dsr, psr, ir : float or None
        Of the record; the ir is annual. None where the record is under 60 months.
    months : int
        Length of the record.
    trials : int
    as_of : datetime.date
        The month-end whose knowledge went in.
    not_evaluated : bool
        True where the record is too short for a verdict.
    """

    value: float
    dsr: float | None
    psr: float | None
    ir: float | None
    months: int
    trials: int
    as_of: dt.date
    not_evaluated: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the evidence allows to be said.

    Attributes
    ----------
    answer : str
        no reliable edge | edge supported | not evaluated.
    reasons : tuple of str
        Each test with its number, its bar and whether it was met.
    """

    answer: Answer
    reasons: tuple[str, ...]


def last_month_end(moment: dt.datetime) -> dt.date:
    """The last month-end session whose cut lies strictly before `moment`.

    At the cut of a month-end itself this is the month-end before: the track record of a decision never
    includes the day of the decision.
    """
    today = day_of(moment)
    ends = month_end_sessions(today - dt.timedelta(days=70), session_on_or_before(today))
    return max(end for end in ends if cut(end) < moment)


def multiplier(
    record: TrackRecord,
    moment: dt.datetime,
    trials: Trials | None = None,
    *,
    setting: Literal["dsr", "none"] = "dsr",
) -> Multiplier:
    """How far the record known at the last month-end before `moment` lets the forecast be followed.

    Parameters
    ----------
    record : TrackRecord
        Walk-forward, before any multiplier; whatever was known later is dropped here.
    moment : datetime.datetime
        Aware.
    trials : Trials, optional
        Those that count at the moment where not given.
    setting : {"dsr", "none"}
        ``none`` follows the forecast in full and still reports the rest.

    Returns
    -------
    Multiplier
    """
    as_of = last_month_end(moment)
    counted = trials_at(moment) if trials is None else trials
    net = record.until(as_of).net
    if net.size < SHORTEST_RECORD:
        value = 1.0 if setting == "none" else SHORT_RECORD_MULTIPLIER
        return Multiplier(value, None, None, None, int(net.size), counted.count, as_of, not_evaluated=True)
    moments = Moments.of(net)
    deflated = dsr(moments, trials=counted.count, variance=counted.variance)
    return Multiplier(
        value=1.0 if setting == "none" else deflated,
        dsr=deflated,
        psr=psr(moments),
        ir=information_ratio(net),
        months=int(net.size),
        trials=counted.count,
        as_of=as_of,
        not_evaluated=False,
    )


def verdict(
    *,
    months: int,
    dsr: float | None,
    spa_p: float | None = None,
    pbo: float | None = None,
    ir_interval: tuple[float, float] | None = None,
) -> Verdict:
    """The verdict by rule.

    Any test that fails is enough for ``no reliable edge``; all four must be known and met for ``edge
    supported``; anything else, and any record under 60 months, is ``not evaluated``.

    Parameters
    ----------
    months : int
        Length of the record.
    dsr, spa_p, pbo : float or None
        None where not computed (the last three are computed once a month).
    ir_interval : (low, high) or None
        Bootstrap interval of the net information ratio.
    """
    if months < SHORTEST_RECORD:
        return Verdict(NOT_EVALUATED, (f"the record has {months} months; a verdict needs {SHORTEST_RECORD}",))
    tests = (
        _test("deflated Sharpe ratio", dsr, f"at least {DSR_AT_LEAST}", dsr is not None and dsr >= DSR_AT_LEAST),
        _test(
            "SPA p-value", spa_p, f"at most {SPA_P_AT_MOST}", spa_p is not None and spa_p <= SPA_P_AT_MOST, decimals=3
        ),
        _test("probability of overfitting", pbo, f"at most {PBO_AT_MOST}", pbo is not None and pbo <= PBO_AT_MOST),
        _test(
            "95 % interval of the net IR",
            ir_interval,
            "without 0 in it",
            ir_interval is not None and not ir_interval[0] <= 0 <= ir_interval[1],
        ),
    )
    reasons = tuple(reason for reason, _ in tests)
    if any(met is False for _, met in tests):
        return Verdict(NO_EDGE, reasons)
    return Verdict(NOT_EVALUATED if any(met is None for _, met in tests) else SUPPORTED, reasons)


def _test(
    name: str, seen: float | tuple[float, float] | None, bar: str, met: bool, *, decimals: int = 2
) -> tuple[str, bool | None]:
    """One reason, and whether its bar was met (None: not computed)."""
    if seen is None:
        return f"{name}: not computed (needs {bar})", None
    number = f"{seen[0]:.2f} to {seen[1]:.2f}" if isinstance(seen, tuple) else f"{seen:.{decimals}f}"
    return f"{name} {number}: {'met' if met else 'not met'} ({bar})", met
