"""The shapes of files in the documented format, each turned into facts by series.

========  ============================================  ==========================================
shape     recognised by                                 series
========  ============================================  ==========================================
plain     a date column and number columns              ``ID`` (column `value`), else ``ID:column``
log       `realtime_start`                              ``ID``, one fact per revision
futures   `contract`                                    ``ID:YYYY-MM:close``, volume, open_interest
decisions `decision_date`, `to_target`                  ``fomc:target``
listing   `issuer` (one row an event)                   ``ID:count``, ``ID:first_day_percent`` a day
survey    `horizon_years`                               ``ID:5y``, one series a horizon
========  ============================================  ==========================================

`realtime_start` is a month, a day, or a full ISO instant, which is how an export keeps a known-at that
no rule gives.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from signals.asof import History
from signals.calendars import CUT, instants
from signals.errors import InputError
from signals.new_york import instant
from signals.series.dictionary import Series
from signals.series.known_at import NEVER, Rule, decision_instants, parse
from signals.sources.csv_sheet import Sheet, days, numbers
from signals.sources.provider import Arrival
from signals.sources.validation.rules import OLDEST, breaches, duplicated
from signals.store.shipped_decisions import TARGET

DATE_COLUMNS = ("date", "as_of", "trade_date", "decision_date")
PERCENT = "pct_smallcap_funds_underperforming_sp600"  # the survey of active funds
NEEDS = {  # what marks a shape, and what it cannot do without
    "realtime_start": ("value",),
    "horizon_years": (PERCENT,),
    "to_target": ("decision_date",),
}
TEXT_COLUMNS = frozenset({"issuer", "symbol", "url", "Time", "date_time", "flag"})
LARGEST_GAIN = 10_000.0  # percent on the first day; the record is under a thousand
FLAGS = {"P": "a placeholder, not a trade", "S": "a stale copy of an earlier close", "B": "a bad close"}
VINTAGE_MONTH = "last business day of the vintage month 18:00"  # METHOD 6
FIRST_VINTAGE, LAST_VINTAGE = "1900", "2100"  # years in which somebody can have published something
NOT_A_TIME = np.datetime64("NaT", "us")
_MONTH, _DAY = re.compile(r"[0-9]{4}-[0-9]{2}"), re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}[+-][0-9]{2}:[0-9]{2}")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*(am|pm)?")


Describe = Callable[[str], Series]


def arrivals(sheet: Sheet, parent: Series, describe: Describe, today: dt.date) -> list[Arrival]:
    """The facts in a sheet; rows that break the contract are put on the sheet's list of refusals."""
    header = set(sheet.header)
    _complete(sheet, header)
    if "realtime_start" in header:
        return _log(sheet, parent, today)
    if {"contract", "date"} <= header:
        return _futures(sheet, parent, describe, today)
    if {"decision_date", "to_target"} <= header:
        return _decisions(sheet, describe(TARGET), today)
    if "issuer" in header:
        return _listing(sheet, parent, describe, today)
    if "horizon_years" in header:
        return _survey(sheet, parent, describe, today)
    return _plain(sheet, parent, describe, today)


def _complete(sheet: Sheet, header: set[str]) -> None:
    """Raise where a shape is recognised and a column that it cannot do without is missing."""
    if not header.intersection(DATE_COLUMNS):
        missing = ["date"]
    else:
        needs = next((columns for mark, columns in NEEDS.items() if mark in header), ())
        missing = [name for name in needs if name not in header]
    if missing:
        raise InputError(
            f"{sheet.origin} has no column {missing[0]!r}. Nothing was stored.",
            remedy="Give it the columns of the documented format (signals/sources/README.md).",
        )


def _dated(sheet: Sheet, series: str, today: dt.date) -> tuple[Sheet, np.ndarray]:
    """The rows with a readable and possible date, and those dates."""
    column = next(name for name in DATE_COLUMNS if name in sheet.header)
    periods, bad = days(sheet.columns[column])
    future, past = periods > np.datetime64(today, "D"), periods < OLDEST
    sheet.refuse(series, np.flatnonzero(bad), "cell.date", "not a date like 2023-12-29")
    sheet.refuse(series, np.flatnonzero(future), "period.future", f"later than {today}, the day it arrived")
    sheet.refuse(series, np.flatnonzero(past), "period.past", f"before {OLDEST}")
    keep = ~(bad | future | past)
    return sheet.keep(keep), periods[keep]


def _values(
    sheet: Sheet, column: str, series: Series, periods: np.ndarray, today: dt.date, *, repeats: bool = False
) -> np.ndarray:
    """The numbers of a column, NaN where there is none or where the contract is broken (then refused).

    With `repeats` a period may stand there twice, as two statements of one day or two revisions do.
    """
    values, bad = numbers(sheet.columns[column])
    sheet.refuse(series.id, np.flatnonzero(bad), "cell.number", "not a number")
    for breach in breaches(series, periods, values, today):
        if repeats and breach.rule == "row.duplicate":
            continue
        sheet.refuse(series.id, breach.rows, breach.rule, breach.reason)
        bad[breach.rows] = True
    return np.where(bad, np.nan, values)


def _stated(periods: np.ndarray, known: np.ndarray, values: np.ndarray) -> History:
    """Rows with a value, sorted, agreeing duplicates once."""
    stated = ~np.isnan(values)
    return History.of(periods[stated], known[stated], values[stated])


def _plain(sheet: Sheet, parent: Series, describe: Describe, today: dt.date) -> list[Arrival]:
    sheet, periods = _dated(sheet, parent.id, today)
    columns = [name for name in sheet.header if name not in DATE_COLUMNS and name not in TEXT_COLUMNS]
    known = parent.known(periods)
    clocks = [name for name in ("Time", "date_time") if name in sheet.header]
    for clock in clocks:
        known = _announced(periods, sheet.columns[clock], known)
    arrivals_of_columns = []
    for column in columns:
        series = parent if column == "value" else describe(f"{parent.id}:{column}")
        values = _values(sheet, column, series, periods, today, repeats=bool(clocks))
        arrivals_of_columns.append(Arrival(series, _stated(periods, known, values)))
    return arrivals_of_columns


def _announced(periods: np.ndarray, cells: list[str], known: np.ndarray) -> np.ndarray:
    """Known-at from a column of clock times, where one can be read."""
    known = known.copy()
    for row, cell in enumerate(cells):
        if clock := _CLOCK.search(cell):
            hour = int(clock[1]) % 12 + (12 if clock[3] == "pm" else 0) if clock[3] else int(clock[1])
            if hour < 24 and int(clock[2]) < 60:  # noqa: PLR2004 - hours and minutes of a clock
                known[row] = instants(periods[row : row + 1], dt.time(hour, int(clock[2])))[0]
    return known


def _log(sheet: Sheet, parent: Series, today: dt.date) -> list[Arrival]:
    sheet, periods = _dated(sheet, parent.id, today)
    known = _learned(sheet.columns["realtime_start"], parent)
    unreadable = np.isnat(known)
    sheet.refuse(
        parent.id, np.flatnonzero(unreadable), "cell.date", "realtime_start is neither a month, a day nor an instant"
    )
    values, bad = numbers(sheet.columns["value"])
    sheet.refuse(parent.id, np.flatnonzero(bad), "cell.number", "not a number")
    bad |= unreadable
    for breach in breaches(replace(parent, jump=np.inf, unit=""), periods, values, today):
        if breach.rule != "row.duplicate":  # a log has one row per revision of a period
            sheet.refuse(parent.id, breach.rows, breach.rule, breach.reason)
            bad[breach.rows] = True
    for rule, reason, rows in _wrong_versions(periods, known, values, today):
        sheet.refuse(parent.id, np.flatnonzero(rows & ~bad), rule, reason)
        bad |= rows
    keep = ~bad
    return [
        Arrival(parent, _without_leading_blanks(History.of(periods[keep], known[keep], values[keep])), revisions=True)
    ]


def _wrong_versions(
    periods: np.ndarray, known: np.ndarray, values: np.ndarray, today: dt.date
) -> tuple[tuple[str, str, np.ndarray], ...]:
    """Rows of a log that cannot be versions: learned after they arrived, or two values of one period at one instant."""
    early = (known >= np.datetime64(today, "D") + np.timedelta64(2, "D")) & (known < NEVER)  # a day for the zones
    _, group = np.unique(np.stack([periods.astype("int64"), known.astype("int64")]), axis=1, return_inverse=True)
    group = group.reshape(-1)
    first = np.zeros(group.max(initial=-1) + 1)
    first[group[::-1]] = values[::-1]
    differs = (values != first[group]) & ~(np.isnan(values) & np.isnan(first[group]))
    twice = np.isin(group, group[differs])
    return (
        ("known.future", "known only after the day it arrived", early),
        ("row.duplicate", "one period, two values at one instant", twice),
    )


def _without_leading_blanks(log: History) -> History:
    """A withdrawal before any value says nothing."""
    first = np.ones(log.period.size, dtype=bool)
    first[1:] = log.period[1:] != log.period[:-1]
    stated = ~np.isnan(log.value)
    stated_so_far = np.cumsum(stated)
    start = np.maximum.accumulate(np.where(first, stated_so_far - stated, 0))
    keep = stated_so_far > start
    return log if keep.all() else History(log.period[keep], log.known_at[keep], log.value[keep])


def _learned(cells: list[str], parent: Series) -> np.ndarray:
    """Instants (UTC) from `realtime_start`, NaT where unreadable."""
    if not cells:
        return np.empty(0, dtype="datetime64[us]")
    rule = parent.known_at if "vintage month" in parent.known_at else VINTAGE_MONTH
    unique = {cell: row for row, cell in enumerate(dict.fromkeys(cells))}
    learned = np.array([_instant(cell, parse(rule)) for cell in unique], dtype="datetime64[us]")
    return learned[[unique[cell] for cell in cells]]


def _instant(cell: str, end_of_month: Rule) -> np.datetime64:
    """A month or a day by the series' rule, an instant with an offset as it stands."""
    try:
        if _INSTANT.fullmatch(cell):
            return instant(dt.datetime.fromisoformat(cell))
        if not FIRST_VINTAGE <= cell[:4] <= LAST_VINTAGE:
            return NOT_A_TIME
        if _MONTH.fullmatch(cell):
            return end_of_month(np.array([cell], "datetime64[M]"))[0]
        if _DAY.fullmatch(cell):
            return instants(np.array([cell], "datetime64[D]"), CUT)[0]
    except (ValueError, OverflowError):
        pass
    return NOT_A_TIME


def _futures(sheet: Sheet, parent: Series, describe: Describe, today: dt.date) -> list[Arrival]:
    flags = np.array(sheet.columns.get("flag", [""] * sheet.lines.size))
    for flag in sorted(set(flags) - {""}):
        sheet.refuse(
            parent.id, np.flatnonzero(flags == flag), f"futures.flag_{flag}", FLAGS.get(flag, "flagged at the source")
        )
    sheet, periods = _dated(sheet.keep(flags == ""), parent.id, today)
    contracts = np.array(sheet.columns["contract"])
    readable = np.array([bool(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", name)) for name in contracts], dtype=bool)
    sheet.refuse(parent.id, np.flatnonzero(~readable), "cell.contract", "not a contract month like 2023-12")
    expired = np.zeros(contracts.size, dtype=bool)
    expired[readable] = periods[readable].astype("datetime64[M]") > contracts[readable].astype("datetime64[M]")
    sheet.refuse(parent.id, np.flatnonzero(expired), "futures.expired", "quoted after its month had ended")
    good = readable & ~expired
    sheet, periods, contracts = sheet.keep(good), periods[good], contracts[good]
    known = parent.known(periods)
    columns = [name for name in sheet.header if name not in {"date", "contract", "flag"}]
    return [
        arrival
        for column in columns
        for arrival in _by_contract(sheet, describe(f"{parent.id}::{column}"), (contracts, periods, known), today)
    ]


def _by_contract(
    sheet: Sheet, series: Series, rows: tuple[np.ndarray, np.ndarray, np.ndarray], today: dt.date
) -> list[Arrival]:
    contracts, periods, known = rows
    root, column = series.id.split("::")
    values, bad = numbers(sheet.columns[column])
    sheet.refuse(root, np.flatnonzero(bad), "cell.number", "not a number")
    keys = contracts.astype("datetime64[M]").astype("int64") * 100_000 + periods.astype(
        "int64"
    )  # one per contract and day
    for breach in breaches(series, periods, values, today):
        if breach.rule != "row.duplicate":
            sheet.refuse(root, breach.rows, breach.rule, breach.reason)
            bad[breach.rows] = True
    twice = duplicated(keys, values)
    sheet.refuse(root, np.flatnonzero(twice), "row.duplicate", "one contract and day with two values")
    values = np.where(bad | twice, np.nan, values)
    order = np.argsort(contracts, kind="stable")
    names, starts = np.unique(contracts[order], return_index=True)
    parts = zip(names.tolist(), np.split(order, starts[1:]) if names.size else (), strict=True)
    histories = (
        (replace(series, id=f"{root}:{name}:{column}"), _stated(periods[part], known[part], values[part]))
        for name, part in parts
    )
    return [Arrival(described, facts) for described, facts in histories if facts.period.size]


def _decisions(sheet: Sheet, series: Series, today: dt.date) -> list[Arrival]:
    sheet, periods = _dated(sheet, series.id, today)
    values, bad = numbers(sheet.columns["to_target"])
    sheet.refuse(series.id, np.flatnonzero(bad), "cell.number", "not a number")
    values[bad] = np.nan
    return [Arrival(series, _stated(periods, decision_instants(periods), values), revisions=True)]


def _listing(sheet: Sheet, parent: Series, describe: Describe, today: dt.date) -> list[Arrival]:
    sheet, periods = _dated(sheet, parent.id, today)
    days, day_of_row, count = np.unique(periods, return_inverse=True, return_counts=True)
    columns: dict[str, np.ndarray] = {"count": count.astype(np.float64)}
    if {"offer", "first_close"} <= set(sheet.header):
        offer, first = numbers(sheet.columns["offer"])[0], numbers(sheet.columns["first_close"])[0]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            gain = 100 * (first / offer - 1)
        stated = (offer > 0) & (first > 0) & (gain < LARGEST_GAIN)
        size = np.bincount(day_of_row[stated], minlength=days.size)
        total = np.bincount(day_of_row[stated], weights=gain[stated], minlength=days.size)
        columns["first_day_percent"] = np.divide(total, size, out=np.full(days.size, np.nan), where=size > 0)
    if "spac_like" in sheet.header:
        spac = np.array(sheet.columns["spac_like"]) == "1"
        columns["spac_count"] = np.bincount(day_of_row[spac], minlength=days.size).astype(np.float64)
    known = parent.known(days)
    return [
        Arrival(describe(f"{parent.id}:{column}"), _stated(days, known, values)) for column, values in columns.items()
    ]


def _survey(sheet: Sheet, parent: Series, describe: Describe, today: dt.date) -> list[Arrival]:
    sheet, periods = _dated(sheet, parent.id, today)
    horizons = np.array(sheet.columns["horizon_years"])
    values, bad = numbers(sheet.columns[PERCENT])
    sheet.refuse(parent.id, np.flatnonzero(bad), "cell.number", "not a number")
    known = parent.known(periods)
    arrivals_of_horizons: list[Arrival] = []
    for horizon in sorted(set(horizons.tolist())):
        rows = (horizons == horizon) & ~bad
        arrivals_of_horizons.append(
            Arrival(describe(f"{parent.id}:{horizon}y"), _stated(periods[rows], known[rows], values[rows]))
        )
    return arrivals_of_horizons


def skipped(row: Mapping[str, str]) -> str:
    """Why a file of the manifest holds no facts for the store; empty where it does."""
    return "meeting calendars ship with the package" if row["series"] == "fomc:meetings" else ""
