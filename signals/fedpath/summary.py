"""Everything a person asks of the Fed path at one moment, gathered once for terminal, page and JSON."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from signals.asof import AsOf
from signals.fedpath.history import MeetingChange, changes, percentiles
from signals.fedpath.path import fed_path
from signals.fedpath.records import ExpectedMoves, FedPath, to_json
from signals.fedpath.solve import View
from signals.fedpath.surprise import surprises
from signals.fedpath.yield_outlook import Outlook, outlook


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
        Share (0 to 1) of days since 1994 with a lower or equal expected move.
    last_surprise : tuple of (datetime.date, float) or None
        The newest decision and its surprise in basis points; None where a price of its two sessions is missing.
    """

    path: FedPath
    outlook: Outlook
    changes: tuple[MeetingChange, ...]
    percentiles: dict[str, float | None]
    last_surprise: tuple[dt.date, float] | None


def fed_report(view: AsOf, kind: View = "conditional") -> FedReport:
    """The whole answer at the view's moment."""
    path = fed_path(view, kind)
    return FedReport(path, outlook(view, path), changes(view, path), percentiles(view, path), newest_surprise(view))


def newest_surprise(view: AsOf) -> tuple[dt.date, float] | None:
    """The newest decision and its surprise, basis points; None where it cannot be read."""
    decided = surprises(view)
    if not decided.date.size or not np.isfinite(decided.surprise_bp[-1]):
        return None
    return decided.date[-1].item(), float(decided.surprise_bp[-1])


def report_json(report: FedReport) -> dict[str, Any]:
    """The `fedpath` object with its additions, without the schema number."""
    return {
        **to_json(report.path),
        "outlook": {
            "source": report.outlook.source,
            "note": report.outlook.note,
            "bp": _moves(report.outlook.bp),
            "band_90_bp": _moves(report.outlook.band_bp),
        },
        "changes": [
            {"date": c.date, "rate": c.rate, "day_bp": c.day_bp, "week_bp": c.week_bp, "month_bp": c.month_bp}
            for c in report.changes
        ],
        "percentiles": report.percentiles,
        "last_surprise": report.last_surprise
        and {"date": report.last_surprise[0], "surprise_bp": report.last_surprise[1]},
    }


def _moves(moves: ExpectedMoves) -> dict[str, float | None]:
    return {"next": moves.next, "m3": moves.m3, "m6": moves.m6, "m12": moves.m12}
