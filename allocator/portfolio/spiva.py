"""How many active small-cap funds lagged the S&P 600, dead ones counted, as S&P Dow Jones Indices published it.

The table holds what could be checked against the published text; `published` is on the late side. A fund list of
today leaves out what closed, and what closed had done worse: the distance between the two shares is the size of that.
"""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from importlib import resources

LONG = 10  # years: the horizon shown


@dataclass(frozen=True, slots=True)
class LaggingShare:
    """Share of all small-cap funds behind the S&P 600 over some years, percent."""

    as_of: dt.date
    published: dt.date
    years: int
    percent: float
    source: str


def lagging_shares(day: dt.date) -> tuple[LaggingShare, ...]:
    """Every share published by `day`, oldest first."""
    text = (resources.files("allocator.portfolio") / "spiva.csv").read_text(encoding="utf-8")
    rows = (
        LaggingShare(
            as_of=dt.date.fromisoformat(row["as_of"]),
            published=dt.date.fromisoformat(row["published"]),
            years=int(row["years"]),
            percent=float(row["lagging_percent"]),
            source=row["source"],
        )
        for row in csv.DictReader(io.StringIO(text))
    )
    return tuple(sorted((row for row in rows if row.published <= day), key=lambda row: (row.published, row.years)))


def latest_lagging_share(day: dt.date, *, years: int = LONG) -> LaggingShare | None:
    """The newest share over `years` that was published by `day`; None before there is one."""
    return next((row for row in reversed(lagging_shares(day)) if row.years == years), None)
