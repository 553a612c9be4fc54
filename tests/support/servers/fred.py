"""A server that answers as FRED does: series, observations with real-time periods, vintage dates, limits.

The book of a series is a list of (date, realtime_start, value as text); what was shown on a day is the last
row of each date up to it. `realtime_start` in an answer is clamped to the window asked for, as FRED does.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from tests.support.servers.http import Answer

KEY = "canary0123456789abcdef0123456789"
MOST_VINTAGES, MOST_ROWS = 2000, 100_000
Row = tuple[str, str, str]


@dataclass
class Fred:
    books: dict[str, list[Row]]
    frequency: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    today: str = "2026-11-20"
    before: Callable[[str, dict[str, str], int], Answer | None] = lambda _path, _query, _count: None
    after: Callable[[str, bytes], bytes] = lambda _path, body: body
    rows: Callable[[list[Row]], list[Row]] = lambda rows: rows
    renamed: str = ""
    most_rows: int = MOST_ROWS
    count: int = 0

    def __call__(self, path: str, query: dict[str, str]) -> Answer:
        self.count += 1
        special = self.before(path, query, self.count)
        if special is not None:
            return special
        if path.endswith("fredgraph.csv"):
            return self._graph(query)
        if query.get("api_key") != KEY:
            return self._refuse("Bad Request. The value for variable api_key is not registered.")
        series = query.get("series_id", "")
        if series not in self.books:
            return self._refuse("Bad Request. The series does not exist.")
        kind = path.rsplit("/", 1)[-1]
        body = {"series": self._info, "observations": self._observations, "vintagedates": self._vintages}[kind](
            series, query
        )
        return body if isinstance(body, Answer) else Answer(self.after(kind, body.encode()))

    def _refuse(self, message: str) -> Answer:
        return Answer(f'<?xml version="1.0"?><error code="400" message={quoteattr(message)}/>'.encode(), 400)

    def _info(self, series: str, _query: dict[str, str]) -> str:
        dates = sorted(row[0] for row in self.books[series])
        return (
            f'<seriess realtime_start="{self.today}" realtime_end="{self.today}"><series id="{self.renamed or series}"'
            f' title={quoteattr(self.titles.get(series, series))} observation_start="{dates[0]}" observation_end="{dates[-1]}"'
            f' frequency_short="{self.frequency.get(series, "D")}" units="Percent" last_updated="{self.today} 15:16:00-06"/></seriess>'
        )

    def _vintages(self, series: str, query: dict[str, str]) -> str:
        days = sorted({row[1] for row in self.books[series]})
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 10000))
        page = "".join(f"<vintage_date>{day}</vintage_date>" for day in days[offset : offset + limit])
        return f'<vintage_dates count="{len(days)}" offset="{offset}" limit="{limit}">{page}</vintage_dates>'

    def _observations(self, series: str, query: dict[str, str]) -> str | Answer:
        start, end = query.get("realtime_start", self.today), query.get("realtime_end", self.today)
        inside = {row[1] for row in self.books[series] if start <= row[1] <= end}
        if len(inside) > MOST_VINTAGES and query.get("output_type", "1") == "1":
            return self._refuse(
                f"Bad Request. There are {len(inside)} vintage dates in the specified real-time period. This exceeds the maximum number of vintage dates allowed (2000)."
            )
        found = self.first(series) if query.get("output_type") == "4" else self.shown(series, start, end)
        found = self.rows([row for row in found if row[0] >= query.get("observation_start", "0000")])
        offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", MOST_ROWS)), self.most_rows)
        page = "".join(
            f'<observation realtime_start="{since}" realtime_end="9999-12-31" date="{date}" value="{value}"/>'
            for date, since, value in found[offset : offset + limit]
        )
        return f'<observations count="{len(found)}" offset="{offset}" limit="{limit}" units="lin">{page}</observations>'

    def first(self, series: str) -> list[Row]:
        seen: dict[str, Row] = {}
        for row in sorted(self.books[series], key=lambda row: row[1]):
            seen.setdefault(row[0], row)
        return sorted(seen.values())

    def shown(self, series: str, start: str, end: str) -> list[Row]:
        """Rows in force at any time of [start, end], their start clamped to the window."""
        book = sorted(self.books[series])
        found = []
        for place, (date, since, value) in enumerate(book):
            following = book[place + 1] if place + 1 < len(book) and book[place + 1][0] == date else None
            until = following[1] if following else "9999-12-31"
            if since <= end and until > start:
                found.append((date, max(since, start), value))
        return found

    def _graph(self, query: dict[str, str]) -> Answer:
        series = query["id"]
        if series not in self.books:
            return Answer(b"<html>Not Found</html>", 404)
        rows = self.rows(
            [row for row in self.shown(series, self.today, self.today) if row[0] >= query.get("cosd", "0000")]
        )
        text = "".join(f"{date},{'' if value == '.' else value}\n" for date, _, value in rows)
        body = f"observation_date,{self.renamed or series}\n{text}".encode()
        return Answer(self.after("graph", body))


def daily(first: str, last: str, value: Callable[[int], float]) -> list[Row]:
    """An unrevised daily book: every weekday, shown the day after."""
    day, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    rows, place = [], 0
    while day <= end:
        if day.weekday() < 5:
            rows.append((day.isoformat(), (day + dt.timedelta(days=1)).isoformat(), f"{value(place):.2f}"))
            place += 1
        day += dt.timedelta(days=1)
    return rows
