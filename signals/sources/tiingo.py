"""Tiingo's end-of-day prices: a second source beside Yahoo, with a key, off by default.

One request a share, the key in a header. Closes, dividends and split ratios come as they were on the day; they go
through the same checks as Yahoo's bars and are stored as ``tiingo:TICKER:close`` and so on. Where Yahoo delivers
nothing they stand in for ``yahoo:TICKER``, and where both are held they are compared.
"""

import datetime as dt
import json
from typing import Any

import numpy as np

from signals.asof import History
from signals.errors import SourceError
from signals.sources.http import Wire
from signals.sources.provider import Delivery, StoredFacts
from signals.sources.validation.price_bars import Bars, facts_of_bars
from signals.sources.wire_errors import UnknownForm, WireError

BEGINNING = dt.date(1985, 1, 1)
OVERLAP_DAYS = 40  # read again each time: about 27 sessions to compare with what is held
COLUMNS = ("close", "adjClose", "volume", "divCash", "splitFactor")
SHARES_PER_HOUR = 50  # of the free plan; the pair comes first


class TiingoSource:
    """Tiingo's daily prices.

    Parameters
    ----------
    key : str
    url : str
        Address of the daily endpoint, ``.../tiingo/daily``.
    tickers : tuple of str
        In order of importance.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    """

    name = "tiingo"

    def __init__(self, key: str, url: str, tickers: tuple[str, ...], *, timeout: float, budget: float) -> None:
        self._url = url.rstrip("/")
        self._tickers = tickers[:SHARES_PER_HOUR]
        headers = {"Authorization": f"Token {key}"}
        self._wire = Wire("Tiingo", timeout=timeout, budget=budget, per_second=4.0, headers=headers, hide=key)

    def offers(self) -> tuple[str, ...]:
        """The pair, then the other funds and shares."""
        return tuple(f"tiingo:{ticker}" for ticker in self._tickers)

    def stored(self, series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """The closes."""
        return (f"{series}:close",)

    def reach(self, seconds: float) -> None:
        """Ask for some days of one share, with the key."""
        params = {"startDate": "2024-01-02", "endDate": "2024-01-03"}
        self._wire.once(f"{self._url}/SPY/prices", params, _rows, seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """Bars of ``tiingo:TICKER``, checked."""
        ticker = series.split(":")[1]
        since = _since(stored(f"tiingo:{ticker}:close"))
        try:
            rows = self._wire.read(f"{self._url}/{ticker}/prices", {"startDate": since.isoformat()}, _rows)
        except WireError as fault:
            if fault.status != 404:  # noqa: PLR2004 - how Tiingo says that it does not know a share
                raise
            rows = []
        if not rows:
            raise SourceError(
                f"Tiingo has no prices of {ticker}. Nothing of it was stored.",
                remedy="If it stays so, the share was renamed or delisted.",
                code="source_empty",
            )
        return facts_of_bars(f"tiingo:{ticker}", bars_of(rows), stored, now)


def _rows(body: bytes) -> list[dict[str, Any]]:
    rows = json.loads(body)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and "date" in row for row in rows):
        raise ValueError("no list of days")
    if rows and (missing := [name for name in COLUMNS if name not in rows[0]]):
        raise ValueError(f"days without {', '.join(missing)}")
    return rows


def bars_of(rows: list[dict[str, Any]]) -> Bars:
    """Rows as bars whose closes and dividends are divided by later splits, as the checks expect them.

    Examples
    --------
    >>> day = {"adjClose": 50.0, "volume": 10, "divCash": 0.0}
    >>> first = {"date": "2024-01-02T00:00:00.000Z", "close": 100.0, "splitFactor": 1.0}
    >>> second = {"date": "2024-01-03T00:00:00.000Z", "close": 50.0, "splitFactor": 2.0}
    >>> bars_of([day | first, day | second]).close
    array([50., 50.])
    """
    try:
        periods = np.array([str(row["date"])[:10] for row in rows], dtype="datetime64[D]")
        close, adjusted, volume, dividend, split = (
            np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64) for name in COLUMNS
        )
    except (KeyError, TypeError, ValueError):
        raise UnknownForm("Tiingo", "sent days in a form this version does not know") from None
    ratio = np.where(np.isnan(split) | (split <= 0), 1.0, split)
    later = np.append(np.cumprod(ratio[::-1])[::-1][1:], 1.0)
    return Bars(periods, close / later, adjusted, volume, dividend / later, np.where(ratio == 1, 0.0, ratio))


def _since(stored: History) -> dt.date:
    return stored.period[-1].astype(dt.date) - dt.timedelta(days=OVERLAP_DAYS) if stored.period.size else BEGINNING
