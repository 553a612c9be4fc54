"""Hysteresis from a stated cost: when to announce that the phase has changed.

Decisions bring the information, at meetings. Until the next one, D sessions away, staying in phase i is expected to
cost D (1 - p_i) and announcing j costs D (1 - p_j) plus c p_i: the cost c of a false switch, paid if i is still
true. So j is announced when

    D (p_j - p_i) > c p_i.

Right after a meeting D is large and the rule is close to "the likelier phase"; on the eve of a meeting D is 1 and
with c = 3 the new phase must be four times as likely: it pays to wait for the evidence. A material move is itself
the evidence, so on its day the likelier phase is taken at once and the rule starts afresh from there.
"""

import datetime as dt
from functools import lru_cache

import numpy as np

from regime.features import rows
from regime.models.model import Model
from regime.open_phases import open_phases
from regime.walk_forward import walk
from signals.asof import AsOf
from signals.calendars import cut, day_of, meetings_known, session_count, sessions_between

UNSCHEDULED = 30  # sessions assumed to the next decision where no calendar is known (eight meetings a year)
MEMORY = 400  # sessions: beyond eighteen months without a move only the hold is open


def in_force(probabilities: np.ndarray, pairs: np.ndarray, *, waits: np.ndarray, cost: float) -> np.ndarray:
    """Phase in force on each day since the last material move.

    Parameters
    ----------
    probabilities : ndarray, shape (n, 4)
        Daily, in `PHASES` order; the first row is of the move's day.
    pairs : ndarray of int, shape (n, 2)
        The two open phases of each day.
    waits : ndarray, shape (n,)
        Sessions until the next scheduled decision, at least 1.
    cost : float
        Of a false switch, in days spent in a phase that has ended.

    Returns
    -------
    ndarray of int, shape (n,)
        Indices into `PHASES`.
    """
    out = np.empty(len(probabilities), dtype=int)
    for day, chance in enumerate(probabilities):
        one, two = pairs[day]
        likelier, other = (one, two) if chance[one] >= chance[two] else (two, one)
        stays = day > 0 and out[day - 1] == other
        pays = waits[day] * (chance[likelier] - chance[other]) > cost * chance[other]
        out[day] = other if stays and not pays else likelier
    return out


def announced(view: AsOf, model: Model, *, moved: dt.date, cost: float) -> tuple[int, dt.date]:
    """Phase in force at the view's moment, and the day it was announced.

    Parameters
    ----------
    view : AsOf
    model : Model
    moved : datetime.date
        Day of the last material move.
    cost : float
        Of a false switch, in days.

    Returns
    -------
    tuple of (int, datetime.date)
        Index into `PHASES`; the session on which the rule first put that phase in force.
    """
    days = [day.item() for day in sessions_between(moved, day_of(view.moment))][-MEMORY:]
    moments = [moment for day in days if (moment := cut(day)) <= view.moment]
    moments = moments if moments and moments[-1] == view.moment else [*moments, view.moment]
    features = rows(view, moments)
    pairs = np.column_stack(open_phases(features))
    waits = np.array([sessions_to_decision(moment) for moment in moments])
    path = in_force(walk(view, moments, model), pairs, waits=waits, cost=cost)
    changed = np.flatnonzero(path[:-1] != path[-1])
    first = int(changed[-1]) + 1 if changed.size else 0
    return int(path[-1]), day_of(moments[first])


@lru_cache(maxsize=1024)
def sessions_to_decision(moment: dt.datetime) -> int:
    """Sessions from the day of `moment` to the next scheduled decision that was known then, at least 1."""
    today = day_of(moment)
    ahead = [m.date for m in meetings_known(moment) if m.scheduled and m.announced > moment]
    if not ahead or (ahead[0] - today).days > 2 * UNSCHEDULED:
        return UNSCHEDULED  # before 1994, or beyond the calendar that is known
    return max(1, session_count(today, ahead[0]))
