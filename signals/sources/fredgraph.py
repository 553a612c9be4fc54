"""FRED's graph files: no key, no vintages.

A file shows the latest revision only, so a series that is revised is marked not point in time by the
dictionary and known by its conservative rule; a revision noticed between two fetches is a fact of the
moment it was noticed.
"""

import datetime as dt

from signals.errors import SourceError
from signals.series.dictionary import describe
from signals.sources.csv_sheet import Sheet, parse_sheet
from signals.sources.http import Wire
from signals.sources.provider import Delivery, StoredFacts
from signals.sources.validation.series import checked
from signals.sources.watchlist import FRED

OVERLAP_DAYS = 400  # read again each time, so that a changed past is noticed
DATE_HEADERS = ("observation_date", "DATE")  # since 2024, and before


class FredGraphSource:
    """FRED without a key.

    Parameters
    ----------
    url : str
        Address of ``fredgraph.csv``.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    """

    name = "fredgraph"

    def __init__(self, url: str, *, timeout: float, budget: float) -> None:
        self._url = url
        self._wire = Wire("FRED (without key)", timeout=timeout, budget=budget, per_second=2.0)

    def offers(self) -> tuple[str, ...]:
        """See `signals.sources.watchlist`."""
        return tuple(f"fred:{series}" for series in FRED)

    def stored(self, series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """The series itself."""
        return (series,)

    def reach(self, seconds: float) -> None:
        """Ask for some days of one series, and of another where that one fails: a single series may hang."""
        try:
            self._few_days("DFF", seconds / 2)
        except SourceError:
            self._few_days("DGS10", seconds / 2)

    def _few_days(self, code: str, seconds: float) -> None:
        few = {"id": code, "cosd": "2020-01-01", "coed": "2020-01-03"}
        self._wire.once(self._url, few, lambda body: _sheet(body, f"fred:{code}"), seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """The graph file of ``fred:ID``, checked."""
        described, before = describe(series), stored(series)
        params = {"id": series.partition(":")[2]}
        if before.period.size:
            params["cosd"] = str(before.period[-1] - OVERLAP_DAYS)
        sheet = self._wire.read(self._url, params, lambda body: _sheet(body, series))
        return checked(described, sheet, before, now, name="FRED (without key)")


def _sheet(body: bytes, series: str) -> Sheet:
    """The rows of a graph file; ValueError where it is not the file of `series`."""
    from signals.errors import InputError

    if body.lstrip()[:1] == b"<":
        raise ValueError("a web page instead of a table")
    try:
        sheet = parse_sheet(body, series, series)
    except InputError as fault:
        raise ValueError(fault.message) from None
    code = series.partition(":")[2]
    if len(sheet.header) != 2 or sheet.header[0] not in DATE_HEADERS or sheet.header[1] != code:  # noqa: PLR2004 - date and value
        raise ValueError(f"columns {', '.join(sheet.header)[:60]!r} instead of a date and {code}")
    columns = {"date": sheet.columns[sheet.header[0]], "value": sheet.columns[code]}
    return Sheet(series, ("date", "value"), columns, sheet.lines, sheet.refused)
