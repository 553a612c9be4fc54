"""Everything a person asks of the Fed path at one moment, gathered once for terminal, page and JSON."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf
from signals.fedpath.history import MeetingChange, changes, history_since, percentiles
from signals.fedpath.path import fed_path
from signals.fedpath.records import FedPath
from signals.fedpath.solve import View
from signals.fedpath.surprise import surprises
from signals.fedpath.yield_outlook import Outlook, outlook

SURPRISES = 16  # two years of scheduled decisions


@dataclass(frozen=True, slots=True)
class FedReport:
    """The path with what changed, where it stands in its history, and the last surprise.

    Attributes
    ----------
    path : FedPath
    outlook : Outlook
        Expected moves from futures, or from yields where there are none.
    changes : tuple of MeetingChange
    percentiles : dict of str to float or None
        Share (0 to 1) of days since `percentiles_since` with a lower or equal expected move.
    percentiles_since : datetime.date or None
        The first day of that history.
    last_surprise : tuple of (datetime.date, float) or None
        The newest decision and its surprise in basis points; None where a price of its two sessions is missing.
    surprises : tuple of (datetime.date, float)
        The last decisions whose surprise can be read, oldest first.
    """

    path: FedPath
    outlook: Outlook
    changes: tuple[MeetingChange, ...]
    percentiles: dict[str, float | None]
    percentiles_since: dt.date | None
    last_surprise: tuple[dt.date, float] | None
    surprises: tuple[tuple[dt.date, float], ...] = ()


def fed_report(view: AsOf, kind: View = "conditional") -> FedReport:
    """The whole answer at the view's moment."""
    path = fed_path(view, kind)
    return FedReport(
        path,
        outlook(view, path),
        changes(view, path),
        percentiles(view, path),
        history_since(view),
        newest_surprise(view),
        recent_surprises(view),
    )


def recent_surprises(view: AsOf) -> tuple[tuple[dt.date, float], ...]:
    """The last decisions and their surprises, basis points, oldest first; those without a price are left out."""
    decided = surprises(view)
    known = np.flatnonzero(np.isfinite(decided.surprise_bp))[-SURPRISES:]
    return tuple((decided.date[n].item(), float(decided.surprise_bp[n])) for n in known)


def newest_surprise(view: AsOf) -> tuple[dt.date, float] | None:
    """The newest decision and its surprise, basis points; None where it cannot be read."""
    decided = surprises(view)
    if not decided.date.size or not np.isfinite(decided.surprise_bp[-1]):
        return None
    return decided.date[-1].item(), float(decided.surprise_bp[-1])
