"""The New York Fed's reference rates: the effective federal funds rate of each business day, without a key.

``nyfed:EFFR`` is published at about 9:00 of the next business day; FRED's DFF carries the same number. Each row
also names the target range in force on its day, stored as ``nyfed:EFFR:target``: a witness of past decisions.
"""

import datetime as dt
import json
from typing import Any

import numpy as np

from signals.calendars import day_of
from signals.series.dictionary import describe
from signals.sources.csv_sheet import Sheet
from signals.sources.http import Wire
from signals.sources.provider import Delivery, StoredFacts
from signals.sources.validation.series import checked

EFFR, TARGET = "nyfed:EFFR", "nyfed:EFFR:target"
BEGINNING = dt.date(2000, 7, 3)  # the first day of the series
OVERLAP_DAYS = 40  # read again each time, so that a corrected past is noticed


class NewYorkFedSource:
    """Reference rates of the Federal Reserve Bank of New York.

    Parameters
    ----------
    url : str
        Address of the rates, ``.../api/rates``.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    """

    name = "nyfed"

    def __init__(self, url: str, *, timeout: float, budget: float) -> None:
        self._url = f"{url.rstrip('/')}/unsecured/effr"
        self._wire = Wire("the New York Fed", timeout=timeout, budget=budget, per_second=2.0)

    def offers(self) -> tuple[str, ...]:
        """The effective rate, with the target range beside it."""
        return (EFFR,)

    def stored(self, _series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """The rate."""
        return (EFFR,)

    def reach(self, seconds: float) -> None:
        """Ask for the last day."""
        self._wire.once(f"{self._url}/last/1.json", {}, columns_of, seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """The rates since the last ones held, checked."""
        del series
        before = stored(EFFR).period
        since = (before[-1] - OVERLAP_DAYS).astype(dt.date) if before.size else BEGINNING
        params = {"startDate": since.isoformat(), "endDate": day_of(now).isoformat()}
        sheets = self._wire.read(f"{self._url}/search.json", params, columns_of)
        parts = [
            checked(describe(name), sheets[name], stored(name), now, name="the New York Fed")
            for name in (EFFR, TARGET)
            if sheets[name].lines.size
        ]
        return Delivery(
            tuple(arrival for part in parts for arrival in part.arrivals),
            tuple(refusal for part in parts for refusal in part.refused),
            tuple(remark for part in parts for remark in part.remarks),
        )


def columns_of(body: bytes) -> dict[str, Sheet]:
    """Days and cells of the rate and of the upper bound of the target; ValueError for any other answer.

    Examples
    --------
    >>> row = {"effectiveDate": "2026-09-03", "type": "EFFR", "percentRate": 3.63, "targetRateTo": 3.75}
    >>> columns_of(json.dumps({"refRates": [row]}).encode())["nyfed:EFFR"].columns["value"]
    ['3.63']
    """
    try:
        rows: list[dict[str, Any]] = json.loads(body)["refRates"]
        rows = sorted((row for row in rows if row["type"] == "EFFR"), key=lambda row: str(row["effectiveDate"]))
    except (ValueError, KeyError, TypeError):
        raise ValueError("no list of reference rates") from None
    columns = ((EFFR, "percentRate"), (TARGET, "targetRateTo"))
    return {name: _sheet(name, [row for row in rows if row.get(key) is not None], key) for name, key in columns}


def _sheet(name: str, rows: list[dict[str, Any]], key: str) -> Sheet:
    cells = {"date": [str(row["effectiveDate"]) for row in rows], "value": [str(row[key]) for row in rows]}
    return Sheet(name, ("date", "value"), cells, np.arange(1, len(rows) + 1))
