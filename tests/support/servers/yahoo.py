"""A server that answers Yahoo's chart endpoint from daily bars."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.servers.http import Answer

NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Bar:
    day: dt.date
    close: float | None
    volume: int | None = 1000
    adjusted: float | None = None
    dividend: float = 0.0
    split: float = 0.0
    open_: float | None = None


def opening(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(9, 30), NEW_YORK).timestamp())


def bars(days: list[dt.date], close: Callable[[int], float]) -> list[Bar]:
    return [Bar(day, round(close(place), 4)) for place, day in enumerate(days)]


@dataclass
class Yahoo:
    shares: dict[str, list[Bar]]
    before: Callable[[str, dict[str, str], int], Answer | None] = lambda _path, _query, _count: None
    chart: Callable[[dict[str, Any]], dict[str, Any]] = lambda chart: chart
    symbol: str = ""
    currency: str = "USD"
    count: int = 0
    asked: list[str] = field(default_factory=list)

    def __call__(self, path: str, query: dict[str, str]) -> Answer:
        if "/chart/" not in path:
            return Answer(b"crumb")
        self.count += 1
        symbol = path.rsplit("/", 1)[-1].replace("%5E", "^")
        self.asked.append(symbol)
        if "period1" in query:
            special = self.before(path, query, self.count)
            if special is not None:
                return special
        if symbol not in self.shares:
            body = {
                "chart": {
                    "result": None,
                    "error": {"code": "Not Found", "description": "No data found, symbol may be delisted"},
                }
            }
            return Answer(json.dumps(body).encode(), 404, {"Content-Type": "application/json"})
        start, end = int(query.get("period1", 0)), int(query.get("period2", 2**40))
        rows = [bar for bar in self.shares[symbol] if start <= opening(bar.day) < end]
        chart = self.chart(self._chart(symbol, rows)) if "period1" in query else self._chart(symbol, rows)
        return Answer(json.dumps(chart).encode(), 200, {"Content-Type": "application/json"})

    def _chart(self, symbol: str, rows: list[Bar]) -> dict[str, Any]:
        def column(of: Callable[[Bar], Any]) -> list[Any]:
            return [of(row) for row in rows]

        events: dict[str, Any] = {}
        if paid := [row for row in rows if row.dividend]:
            events["dividends"] = {
                str(opening(row.day)): {"amount": row.dividend, "date": opening(row.day)} for row in paid
            }
        if split := [row for row in rows if row.split]:
            events["splits"] = {
                str(opening(row.day)): {
                    "date": opening(row.day),
                    "numerator": row.split,
                    "denominator": 1.0,
                    "splitRatio": f"{row.split}:1",
                }
                for row in split
            }
        meta = {
            "symbol": self.symbol or symbol, "currency": self.currency, "instrumentType": "ETF",
            "exchangeTimezoneName": "America/New_York", "timezone": "EST", "exchangeName": "PCX", "gmtoffset": -18000,
            "firstTradeDate": 959347800, "regularMarketTime": 1795212000, "dataGranularity": "1d", "priceHint": 2,
            "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
            "currentTradingPeriod": {"regular": {"timezone": "EST", "start": 1795185000, "end": 1795208400, "gmtoffset": -18000}},
        }  # fmt: skip
        result: dict[str, Any] = {"meta": meta, "indicators": {"quote": [{}], "adjclose": [{}]}}
        if rows:
            result["timestamp"] = column(lambda row: opening(row.day))
            price = column(lambda row: row.close)
            result["indicators"] = {
                "quote": [
                    {
                        "open": price,
                        "high": price,
                        "low": price,
                        "close": price,
                        "volume": column(lambda row: row.volume),
                    }
                ],
                "adjclose": [{"adjclose": column(lambda row: row.close if row.adjusted is None else row.adjusted)}],
            }
        if events:
            result["events"] = events
        return {"chart": {"result": [result], "error": None}}
