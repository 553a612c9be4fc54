"""The verdict by rule: whether the record of the recommended tilt is more than luck after a search.

The verdict stands beside the tilt and scales nothing. Every past day has its own, from the record known at the last
month-end before the moment, and it comes with the power of the very test that gave it.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np

from allocator.evidence.effective_trials import unfit_for_dsr
from allocator.evidence.power import DSR_AT_LEAST, Power, haircut_t, power_of_dsr
from allocator.evidence.sharpe import MONTHS, Moments, dsr, information_ratio, psr
from allocator.evidence.trials import Trials, trials_at
from signals.calendars import cut, day_of, month_end_sessions, session_on_or_before

Answer = Literal["no reliable edge", "edge supported", "not evaluated"]
NO_EDGE: Answer = "no reliable edge"
SUPPORTED: Answer = "edge supported"
NOT_EVALUATED: Answer = "not evaluated"

SHORTEST_RECORD = 60  # months: below it no verdict
SPA_P_AT_MOST = 0.05
PBO_AT_MOST = 0.25


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """Monthly active returns of the walk-forward strategy.

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
        known = self.known_on <= np.datetime64(day, "D")
        return TrackRecord(self.known_on[known], self.net[known])


@dataclass(frozen=True, slots=True)
class SharpeTest:
    """The deflated Sharpe ratio of one record, beside what it can see.

    Attributes
    ----------
    dsr, psr, ir, t : float or None
        Of the record; the ir is annual, t that of the mean. None where the record is under 60 months.
    haircut_t : float or None
        t after the correction for `trials` tries; to be set against 3.
    months : int
        Length of the record.
    trials : Trials
        Both registers; its `count` is N.
    as_of : datetime.date
        The month-end whose knowledge went in.
    unfit : str or None
        Why this record may not be judged by a deflated Sharpe ratio.
    power : Power or None
        What the test could have seen by now.
    """

    dsr: float | None
    psr: float | None
    ir: float | None
    t: float | None
    haircut_t: float | None
    months: int
    trials: Trials
    as_of: dt.date
    unfit: str | None
    power: Power | None


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


def sharpe_test(record: TrackRecord, moment: dt.datetime, trials: Trials | None = None) -> SharpeTest:
    """Judge the record known at the last month-end before `moment`.

    Parameters
    ----------
    record : TrackRecord
        Walk-forward; whatever was known later is dropped here.
    moment : datetime.datetime
        Aware.
    trials : Trials, optional
        Those that count at the moment where not given.

    Returns
    -------
    SharpeTest
    """
    as_of = last_month_end(moment)
    counted = trials_at(moment) if trials is None else trials
    net = record.until(as_of).net
    months = int(net.size)
    if months < SHORTEST_RECORD:
        return SharpeTest(None, None, None, None, None, months, counted, as_of, None, None)
    moments = Moments.of(net)
    t = moments.sharpe * months**0.5
    return SharpeTest(
        dsr=dsr(moments, trials=counted.count, variance=counted.variance),
        psr=psr(moments),
        ir=information_ratio(net),
        t=t,
        haircut_t=haircut_t(t, counted.count),
        months=months,
        trials=counted,
        as_of=as_of,
        unfit=unfit_for_dsr(net),
        power=power_of_dsr(months / MONTHS, counted.count),
    )


def verdict(
    *,
    months: int,
    dsr: float | None,
    spa_p: float | None = None,
    pbo: float | None = None,
    ir_interval: tuple[float, float] | None = None,
    unfit: str | None = None,
) -> Verdict:
    """The verdict by rule.

    Any test that fails is enough for ``no reliable edge``; all four must be known and met for ``edge
    supported``; anything else, any record under 60 months, and any that a deflated Sharpe ratio cannot judge, is
    ``not evaluated``.

    Parameters
    ----------
    months : int
        Length of the record.
    dsr, spa_p, pbo : float or None
        None where not computed (the last three are computed once a month).
    ir_interval : (low, high) or None
        Bootstrap interval of the net information ratio.
    unfit : str or None
        Why a deflated Sharpe ratio cannot judge this record (see `unfit_for_dsr`).
    """
    if months < SHORTEST_RECORD:
        return Verdict(NOT_EVALUATED, (f"the record has {months} months; a verdict needs {SHORTEST_RECORD}",))
    if unfit is not None:
        return Verdict(NOT_EVALUATED, (f"a deflated Sharpe ratio cannot judge this record: {unfit}",))
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
    name: str, measured: float | tuple[float, float] | None, bar: str, met: bool, *, decimals: int = 2
) -> tuple[str, bool | None]:
    """One reason, and whether its bar was met (None: not computed)."""
    if measured is None:
        return f"{name}: not computed (needs {bar})", None
    number = f"{measured[0]:.2f} to {measured[1]:.2f}" if isinstance(measured, tuple) else f"{measured:.{decimals}f}"
    return f"{name} {number}: {'met' if met else 'not met'} ({bar})", met
