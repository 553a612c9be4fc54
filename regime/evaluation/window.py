"""The months and meetings over which models are compared, with the truth as far as it is final."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from regime.features import FIRST_MONTH
from regime.maturity import labels_known
from regime.transitions import MONTHS
from signals.asof import AsOf
from signals.calendars import FIRST_RECORD, day_of, meetings_known, month_end_sessions
from signals.derived.policy_rate import target_path
from signals.errors import UsageError

HALVES = dt.date(2008, 1, 1)  # choices were made before, reported once after


@dataclass(frozen=True, slots=True)
class EvaluationWindow:
    """The months and meetings over which models compete, with their truth.

    Attributes
    ----------
    months, meetings : tuple of datetime.date
    month_truth, meeting_truth : ndarray of int
        Indices into `PHASES`.
    later_truth : ndarray of int
        Label three months after each month-end; -1 where it is not final.
    """

    months: tuple[dt.date, ...]
    meetings: tuple[dt.date, ...]
    month_truth: np.ndarray
    meeting_truth: np.ndarray
    later_truth: np.ndarray

    @property
    def early(self) -> np.ndarray:
        """True for the months on which choices were made."""
        return np.array([day < HALVES for day in self.months], dtype=bool)


def evaluation_window(view: AsOf, first: dt.date, last: dt.date) -> EvaluationWindow:
    """Month-ends and meetings in [first, last] whose hindsight label is final at the view's moment."""
    if first < FIRST_RECORD or last < first:
        raise UsageError(
            f"the league runs from {FIRST_RECORD} on, and not from {first} to {last}.", remedy="Give --from and --to."
        )
    last = min(last, day_of(view.moment))
    meeting_days = [m.date for m in meetings_known(view.moment) if m.announced <= view.moment]
    months, month_truth = _final(view, month_end_sessions(first, last))
    met, meeting_truth = _final(view, tuple(day for day in meeting_days if first <= day <= last))
    if not months or not met:
        raise UsageError(f"no month from {first} to {last} has a final label.", remedy="Ask for earlier months.")
    every = month_end_sessions(FIRST_MONTH, day_of(view.moment))
    known = dict(zip(*_final(view, every), strict=True))
    later = [
        known.get(every[later_row], -1) if (later_row := every.index(day) + MONTHS) < len(every) else -1
        for day in months
    ]
    return EvaluationWindow(months, met, month_truth, meeting_truth, np.array(later))


def _final(view: AsOf, days: tuple[dt.date, ...]) -> tuple[tuple[dt.date, ...], np.ndarray]:
    labels = labels_known(
        *target_path(view),
        label_days=np.array(days, dtype="datetime64[D]"),
        today=np.datetime64(day_of(view.moment), "D"),
    )
    return tuple(np.array(days)[labels.mature].tolist()), labels.code[labels.mature].astype(int)
