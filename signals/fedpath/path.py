"""The expected path of the policy rate at one moment: what each meeting is priced to do.

`fed_path` reads the strip, the meetings and the target through a view; `path_of` works from plain values, so
that a person's own file of prices goes through the same lines. A meeting is answered in full or refused with
the contract it misses; a bad strip is a value with a reason, never an exception.
"""

import datetime as dt

import numpy as np

from signals.asof import AsOf
from signals.calendars import NEW_YORK, day_of, later_by_months, session_count
from signals.derived.policy_rate import decision_doubts, target_path
from signals.fedpath.meetings import FIRST_DAY, decisions_on, later_moves, upcoming
from signals.fedpath.records import RANGE_BP, Bucket, FedPath, MeetingOdds, Strip, expected_moves, terminal
from signals.fedpath.refusals import Months
from signals.fedpath.solve import View, odds, solve, trusted
from signals.fedpath.strip import KINDS, newest_day, read_strips, series, stale

__all__ = ["Bucket", "FedPath", "MeetingOdds", "Strip", "fed_path", "path_of", "strip_of", "target_on"]

RANGE_SINCE = dt.date(2008, 12, 16)  # the target is a range of 25 bp from this decision on
MAX_AGE_SESSIONS = 3  # an older strip says nothing about today
HORIZON_MONTHS = 12  # meetings so far ahead are always answered or refused by name
NO_CALENDAR = "there is no meeting calendar before 1994"


def fed_path(view: AsOf, kind: View = "conditional", *, day: dt.date | None = None) -> FedPath:
    """The expected path from the futures known at the view's moment.

    Parameters
    ----------
    view : AsOf
    kind : {"conditional", "aggregated"}
    day : datetime.date, optional
        Day of the strip, at or before the view's; by default the newest one with prices.
    """
    return view.remember(("fed path", kind, day), lambda: _fed_path(view, kind, day or day_of(view.moment)))


def _fed_path(view: AsOf, kind: View, today: dt.date) -> FedPath:
    if today < FIRST_DAY:
        return unanswered(today, kind, NO_CALENDAR)
    priced = newest_day(view, today)
    if priced is None:
        return unanswered(today, kind, "no Fed funds futures are stored for this day")
    if doubts := [doubt for doubt in decision_doubts(view) if doubt.day <= today]:
        return unanswered(today, kind, doubts[-1].reason)
    if reason := _out_of_date(priced, today):
        return unanswered(today, kind, reason)
    strip, target = strip_of(view, priced), target_on(view, priced)
    if target is None:
        return unanswered(today, kind, f"the policy rate of {priced} is not known")
    horizon = max(later_by_months(priced, HORIZON_MONTHS), _last_day(max(strip.prices, default=str(priced)[:7])))
    known = decisions_on(priced, later_moves(view))
    return path_of(strip, known, upcoming(priced, horizon), target=target, kind=kind)


def unanswered(day: dt.date, kind: View, reason: str, ahead: tuple[dt.date, ...] | None = None) -> FedPath:
    """A path that refuses every meeting for one and the same reason."""
    if ahead is None:
        ahead = upcoming(day, later_by_months(day, HORIZON_MONTHS))
    return FedPath(day, kind, reason, "", meetings=tuple(MeetingOdds(date, reason=reason) for date in ahead))


def _out_of_date(priced: dt.date, today: dt.date) -> str:
    """Why a strip of `priced` cannot speak for `today`; empty where it can."""
    if (age := session_count(priced, today)) > MAX_AGE_SESSIONS:
        return f"the newest futures prices are of {priced}, {age} sessions old"
    decided = [m for m in decisions_on(today).tolist() if priced < m <= today]
    return f"the newest futures prices are of {priced}, before the decision of {decided[-1]}" if decided else ""


def strip_of(view: AsOf, day: dt.date) -> Strip:
    """The strip of `day` with its refusals, as known at the view's moment."""
    read = read_strips(view, np.array([day], dtype="datetime64[D]"))
    known = np.isfinite(read.price[0])
    contracts = [name for name, here in zip(read.contracts(0), known, strict=True) if here]
    prices = dict(zip(contracts, read.price[0][known].tolist(), strict=True))
    return Strip(day, prices, _source(view, KINDS[read.kind[0]], day), read.refused(0) | stale(view, read, 0))


def _source(view: AsOf, kind: str, day: dt.date) -> str:
    """Kind and day of the prices, and when the month in delivery's was known."""
    known = view.latest(series(f"{day:%Y-%m}", kind))
    here = known.known_at[known.period == np.datetime64(day, "D")]
    if not here.size:
        return f"{kind} of {day}"
    local = here[-1].item().replace(tzinfo=dt.UTC).astimezone(NEW_YORK)
    return f"{kind} of {day}, known {local:%Y-%m-%d %H:%M} New York"


def target_on(view: AsOf, day: dt.date) -> float | None:
    """Target in force after the decisions up to `day`: percent, upper bound from 2008-12-16."""
    days, target = target_path(view)
    count = int(np.searchsorted(days, np.datetime64(day, "D"), side="right"))
    return float(target[count - 1]) if count else None


def path_of(
    strip: Strip, decisions: np.ndarray, ahead: tuple[dt.date, ...], *, target: float, kind: View = "conditional"
) -> FedPath:
    """The expected path from plain values.

    Parameters
    ----------
    strip : Strip
    decisions : ndarray of datetime64[D]
        Every decision day known, held or to come.
    ahead : tuple of datetime.date
        The meetings to answer for, ascending, all after the strip's day.
    target : float
        Percent: the single target, from 2008-12-16 the upper bound of the range.
    kind : {"conditional", "aggregated"}
    """
    if strip.day < FIRST_DAY:
        return unanswered(strip.day, kind, NO_CALENDAR, ahead)
    width_bp = RANGE_BP if strip.day >= RANGE_SINCE else 0
    lower_bp = 100 * target - width_bp
    meetings = _answer(Months.of(strip, decisions, ahead), ahead, kind, (lower_bp, width_bp))
    return FedPath(
        as_of=strip.day,
        view=kind,
        reason=meetings[0].reason if meetings else "no meeting is known in the horizon",
        price_source=strip.source,
        target_bp=(lower_bp, lower_bp + width_bp),
        meetings=meetings,
        bp=expected_moves(strip.day, meetings),
        terminal=terminal(meetings),
        refused=strip.refused,
    )


def _answer(
    months: Months, ahead: tuple[dt.date, ...], kind: View, target: tuple[float, int]
) -> tuple[MeetingOdds, ...]:
    """Every meeting ahead, answered up to the first that cannot be; `target` is its lower bound and width, bp."""
    starts, ends = solve(months.price[None], months.decision[None], months.length[None])
    columns = [months.column(date) for date in ahead]
    single = months.decision[columns] > 0
    start, end = np.where(single, starts[0, columns], np.nan), np.where(single, ends[0, columns], np.nan)
    lowest, probability = odds(*trusted(start[None], end[None]), kind)
    answered = int(np.isfinite(lowest[0]).sum())
    first_bp, width_bp = target
    known = [
        MeetingOdds(
            date,
            start_rate=float(start[m]),
            end_rate=float(end[m]),
            probabilities=_buckets(first_bp + RANGE_BP * lowest[0, m], width_bp, probability[0, m]),
        )
        for m, date in enumerate(ahead[:answered])
    ]
    if answered == len(ahead):
        return tuple(known)
    stop = ahead[answered]
    reason = months.why(stop, start[answered], end[answered])
    later = [MeetingOdds(date, reason=f"follows the refused meeting of {stop}") for date in ahead[answered + 1 :]]
    return (*known, MeetingOdds(stop, reason=reason), *later)


def _buckets(first_bp: float, width_bp: int, probability: np.ndarray) -> tuple[Bucket, ...]:
    """Target ranges 25 bp apart from `first_bp` on, those without probability left out."""
    steps = np.flatnonzero(probability > 0)
    lower = np.round(first_bp + RANGE_BP * steps, 6).tolist()
    return tuple(Bucket(low, low + width_bp, p) for low, p in zip(lower, probability[steps].tolist(), strict=True))


def _last_day(contract: str) -> dt.date:
    return (np.datetime64(contract, "M") + 1).astype("datetime64[D]").item() - dt.timedelta(days=1)
