"""Writing notes: what happened while fetching, kept as facts, so that health is a function of the view.

A note (see `signals.series.fetch_notes`) belongs to the cut that its fetch serves: its period is that cut's day, and it
is known in the minute before the cut, in the order of the fetches.
"""

import datetime as dt
from collections.abc import Mapping

import numpy as np

from signals.asof import History
from signals.calendars import cut, day_of, is_session, previous_session
from signals.series.fetch_notes import note_series

LONGEST_GAP = dt.timedelta(days=14)  # between two cuts; the longest real one, in September 2001, was six days


def served(now: dt.datetime) -> dt.datetime:
    """The newest cut at or before `now`: the moment that a fetch made now is for."""
    day = day_of(now)
    return cut(day) if is_session(day) and cut(day) <= now else cut(previous_session(day))


def notes(sizes: Mapping[tuple[str, str], float], now: dt.datetime) -> dict[str, History]:
    """Notes as facts, from sizes by (kind, series)."""
    moment = served(now)
    share_of_gap = min((now - moment) / LONGEST_GAP, 1.0)
    known_moment = moment - dt.timedelta(minutes=1) * (1 - share_of_gap)
    known = np.array([known_moment.astimezone(dt.UTC).replace(tzinfo=None)], dtype="datetime64[us]")
    day = np.array([day_of(moment)], dtype="datetime64[D]")
    return {
        note_series(kind, series): History(day, known, np.array([float(size)]))
        for (kind, series), size in sizes.items()
    }
