"""The Treasury's daily par yield curve, one small CSV file a year, without a key.

The first column is ``Date`` as MM/DD/YYYY, newest first; a maturity that did not exist on a day is an empty
cell. The yields equal FRED's DGS series, which the Board copies from here.
"""

import csv
import datetime as dt
import io
from collections.abc import Mapping

import numpy as np

from signals.calendars import day_of
from signals.series.dictionary import describe
from signals.sources.csv_sheet import Sheet
from signals.sources.http import Wire
from signals.sources.provider import Delivery, StoredFacts
from signals.sources.validation.series import checked

ALL = "treasury:YIELDS"  # one file carries every maturity
COLUMNS: Mapping[str, str] = {
    "3 Mo": "treasury:DGS3MO",
    "6 Mo": "treasury:DGS6MO",
    "1 Yr": "treasury:DGS1",
    "2 Yr": "treasury:DGS2",
    "10 Yr": "treasury:DGS10",
}
KIND = "daily_treasury_yield_curve"
YEARS_BACK = 1  # on a first fetch; this source bridges weeks, the history comes from elsewhere


class TreasurySource:
    """Par yields of the Treasury.

    Parameters
    ----------
    url : str
        Address up to ``daily-treasury-rates.csv``.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    """

    name = "treasury"

    def __init__(self, url: str, *, timeout: float, budget: float) -> None:
        self._url = url.rstrip("/")
        self._wire = Wire("the Treasury", timeout=timeout, budget=budget, per_second=2.0)

    def offers(self) -> tuple[str, ...]:
        """All maturities at once."""
        return (ALL,)

    def stored(self, _series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """One column tells of all."""
        return (COLUMNS["10 Yr"],)

    def reach(self, seconds: float) -> None:
        """Any answer will do."""
        self._wire.knock(self._url, seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """The years that are not complete yet, checked."""
        del series
        year = day_of(now).year
        newest = stored(COLUMNS["10 Yr"]).period
        first = min(year, newest[-1].astype(dt.date).year) if newest.size else year - YEARS_BACK
        tables = [self._year(year_wanted) for year_wanted in range(first, year + 1)]
        parts = [
            checked(
                describe(name),
                _joined(name, [table[name] for table in tables if name in table]),
                stored(name),
                now,
                name="the Treasury",
            )
            for name in COLUMNS.values()
            if any(name in table for table in tables)
        ]
        return Delivery(
            tuple(arrival for part in parts for arrival in part.arrivals),
            tuple(refusal for part in parts for refusal in part.refused),
            tuple(remark for part in parts for remark in part.remarks),
        )

    def _year(self, year: int) -> dict[str, Sheet]:
        params = {"type": KIND, "field_tdr_date_value": str(year), "page": "", "_format": "csv"}
        return self._wire.read(f"{self._url}/{year}/all", params, columns_of)


def columns_of(body: bytes) -> dict[str, Sheet]:
    r"""Days (ISO, oldest first) and cells by our series; ValueError where the bytes are not such a file.

    Examples
    --------
    >>> columns_of(b'Date,"3 Mo","10 Yr"\\n01/05/2026,3.65,4.17\\n01/02/2026,3.65,\\n')["treasury:DGS10"].columns
    {'date': ['2026-01-02', '2026-01-05'], 'value': ['', '4.17']}
    """
    try:
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error):
        raise ValueError("a file that is no table") from None
    if not rows or "Date" not in rows[0]:
        raise ValueError("no column `Date`")
    rows = [row for row in rows if (row["Date"] or "").strip()]
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("a row with more or fewer cells than columns")
    try:
        days = [dt.datetime.strptime(row["Date"].strip(), "%m/%d/%Y").date() for row in rows]  # noqa: DTZ007 - a day
    except ValueError:
        raise ValueError("a date that is not MM/DD/YYYY") from None
    order = np.argsort(np.array(days, dtype="datetime64[D]"), kind="stable").tolist()
    sheets = {}
    for column, name in COLUMNS.items():
        if column in rows[0]:
            cells = [(rows[number][column] or "").strip().replace("N/A", "") for number in order]
            dates = [days[number].isoformat() for number in order]
            sheets[name] = Sheet(name, ("date", "value"), {"date": dates, "value": cells}, np.arange(1, len(rows) + 1))
    if not sheets:
        raise ValueError("not one of the expected maturities")
    return sheets


def _joined(name: str, sheets: list[Sheet]) -> Sheet:
    columns = {key: [cell for sheet in sheets for cell in sheet.columns[key]] for key in ("date", "value")}
    return Sheet(name, ("date", "value"), columns, np.arange(1, len(columns["date"]) + 1))
