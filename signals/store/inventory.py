"""What a store holds: age, gaps, truncation, quarantine, contradictions, by series.

A wide file's columns and a strip's contracts are one holding each (``french:FF3_DAILY``, ``cme:ZQ``).
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from signals.calendars import day_of, holidays, session_count, sessions
from signals.new_york import instant
from signals.series.dictionary import START_SLACK_DAYS, Series
from signals.series.fetch_notes import NOTE
from signals.series.known_at import NEVER
from signals.store.store import Store

_AGGREGATE = """
SELECT s.name, a.facts, a.periods, a.first, a.newest,
       (SELECT max(f.known_at) FROM fact f WHERE f.series = a.series AND f.period = a.newest AND f.known_at <= :moment)
FROM (SELECT series, count(*) AS facts, count(DISTINCT period) AS periods, min(period) AS first, max(period) AS newest
      FROM fact WHERE known_at <= :moment GROUP BY series) a JOIN series s ON s.id = a.series
ORDER BY s.name
"""
_NEVER_MICROS = int(NEVER.astype("int64"))


@dataclass(frozen=True, slots=True)
class Holding:
    """One series, or one family of columns, as held and known at a moment.

    Attributes
    ----------
    series : str
    columns : int
        How many series stand behind the row.
    facts, periods : int
        Versions, and different periods of the longest column.
    first, newest : datetime.date
    known_at : datetime.datetime
        When the newest period was learned.
    age, allowed_age : int or None
        Trading sessions since the newest period; None where age means nothing.
    gaps : int or None
        Expected periods inside the range without a value; None where none can be expected.
    condition : str
        ok | stale | truncated | ended
    point_in_time : bool
        False where only the latest revision is held.
    refused, contradicted : int
        Rows in quarantine, values that contradict what is held.
    terms : str
    """

    series: str
    columns: int
    facts: int
    periods: int
    first: dt.date
    newest: dt.date
    known_at: dt.datetime
    age: int | None
    allowed_age: int | None
    gaps: int | None
    condition: str
    point_in_time: bool
    refused: int
    contradicted: int
    terms: str


def holdings(store: Store, moment: dt.datetime) -> tuple[Holding, ...]:
    """Everything known at `moment`, in order of name; notes on fetches are left out."""
    limit = min(int(instant(moment).astype("int64")), _NEVER_MICROS - 1)
    rows = [row for row in store.query(_AGGREGATE, moment=limit) if not row[0].startswith(NOTE)]
    refused = _counts(store.query("SELECT series, count(*) FROM quarantine GROUP BY series"))
    clashes = _counts(store.query("SELECT series, count(*) FROM contradiction GROUP BY series"))
    families = groupby(rows, key=lambda row: family(row[0]))
    return tuple(_holding(store, name, list(members), (refused, clashes), day_of(moment)) for name, members in families)


def family(series: str) -> str:
    """The holding a series belongs to: provider and id, without its column."""
    return ":".join(series.split(":")[:2])


def _counts(rows: Iterable[tuple[Any, ...]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, count in rows:
        counts[family(name)] += count
    return counts


def _holding(
    store: Store,
    name: str,
    members: list[tuple[Any, ...]],
    troubles: tuple[Counter[str], Counter[str]],
    today: dt.date,
) -> Holding:
    series = store.describe(name)
    first, newest = _day(min(row[3] for row in members)), _day(max(row[4] for row in members))
    known = max(row[5] for row in members if _day(row[4]) == newest)
    age = session_count(newest, today) if series.allowed_age is not None else None
    longest = max(members, key=lambda row: row[2])
    return Holding(
        series=name,
        columns=len(members),
        facts=sum(row[1] for row in members),
        periods=longest[2],
        first=first,
        newest=newest,
        known_at=dt.datetime.fromtimestamp(known / 1e6, dt.UTC),
        age=age,
        allowed_age=series.allowed_age,
        gaps=_gaps(series, _day(longest[3]), _day(longest[4]), longest[2]),
        condition=condition(series, first, newest, age),
        point_in_time=series.point_in_time,
        refused=troubles[0][name],
        contradicted=troubles[1][name],
        terms=series.terms,
    )


def condition(series: Series, first: dt.date, newest: dt.date, age: int | None) -> str:
    """One word for the state of a series."""
    if series.since and first > series.since + dt.timedelta(days=START_SLACK_DAYS):
        return "truncated"
    if age is None or series.allowed_age is None or age <= series.allowed_age:
        return "ok"
    return "ended" if series.ended and newest >= series.ended else "stale"


def _gaps(series: Series, first: dt.date, newest: dt.date, periods: int) -> int | None:
    """Expected periods between first and newest, less those held."""
    if series.id.startswith(("cme:", "events:")):
        return None
    low, high = np.datetime64(first, "D"), np.datetime64(newest, "D")
    match series.frequency:
        case "D":
            days = sessions()[np.searchsorted(sessions(), low) : np.searchsorted(sessions(), high, side="right")]
            expected = days.size if series.stamp == "session" else int(np.is_busday(days, holidays=holidays()).sum())
        case "W":
            expected = int((high - low).astype(int)) // 7 + 1
        case "M":
            expected = int((high.astype("datetime64[M]") - low.astype("datetime64[M]")).astype(int)) + 1
        case "Q":
            expected = int((high.astype("datetime64[M]") - low.astype("datetime64[M]")).astype(int)) // 3 + 1
        case _:
            return None
    return max(0, expected - periods)


def _day(number: int) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=number)


def quarantine(store: Store, series: str = "") -> list[dict[str, Any]]:
    """What was refused, newest first: series, place, content, rule, reason, when, source."""
    rows = store.query(
        "SELECT q.series, q.place, q.content, q.rule, q.reason, b.recorded_at, b.source FROM quarantine q"
        " JOIN batch b ON b.id = q.batch WHERE :series = '' OR q.series = :series OR q.series LIKE :below"
        " ORDER BY q.id DESC",
        series=series,
        below=f"{series}:%",
    )
    names = ("series", "place", "content", "rule", "reason", "recorded_at", "source")
    return [
        dict(zip(names, (*row[:5], dt.datetime.fromtimestamp(row[5] / 1e6, dt.UTC), row[6]), strict=True))
        for row in rows
    ]


def contradictions(store: Store, series: str = "") -> list[dict[str, Any]]:
    """Values that disagree with what is held, newest first."""
    rows = store.query(
        "SELECT c.series, c.period, c.held, c.offered, b.recorded_at, b.source FROM contradiction c"
        " JOIN batch b ON b.id = c.batch WHERE :series = '' OR c.series = :series OR c.series LIKE :below"
        " ORDER BY c.id DESC",
        series=series,
        below=f"{series}:%",
    )
    names = ("series", "period", "held", "offered", "recorded_at", "source")
    return [
        dict(
            zip(
                names,
                (row[0], _day(row[1]), row[2], row[3], dt.datetime.fromtimestamp(row[4] / 1e6, dt.UTC), row[5]),
                strict=True,
            )
        )
        for row in rows
    ]
