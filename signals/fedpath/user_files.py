"""A person's own strip and meetings, from the text of two small CSV files; every fault names the line.

``contract,price`` with contract months YYYY-MM in order, expired months welcome; ``date`` with decision days in
order, those already held included. Other columns are ignored.
"""

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator
from itertools import pairwise

from signals.errors import InputError, UsageError
from signals.fedpath.meetings import decisions_on
from signals.fedpath.strip import TOP_PRICE

CONTRACT = re.compile(r"(19|20)\d{2}-(0[1-9]|1[0-2])")
SATURDAY = 5
RATES = (-1.0, 25.0)  # percent: no target was ever outside, so a value there is in another unit


def prices_from(text: str, where: str) -> dict[str, float]:
    """Prices by contract month.

    Parameters
    ----------
    text : str
        The file's content.
    where : str
        Its name, for the messages.

    Raises
    ------
    InputError
        Missing column, unreadable contract or price, a price outside 0 to 100, a contract twice or out of order.
    """
    prices: dict[str, float] = {}
    for line, row in _rows(text, where, ("contract", "price")):
        contract, price = row["contract"], _number(row["price"])
        if not CONTRACT.fullmatch(contract):
            raise _fault(where, line, f"contract {contract!r} is not a month like 2026-12")
        if price is None or not 0 < price <= TOP_PRICE:
            raise _fault(where, line, f"price {row['price']!r} of {contract} does not lie in 0 to 100")
        if contract in prices:
            raise _fault(where, line, f"contract {contract} is listed twice")
        prices[contract] = price
    _in_order(list(prices), where, "contract")
    return prices


def meetings_from(text: str, where: str) -> tuple[dt.date, ...]:
    """Decision days, ascending.

    Raises
    ------
    InputError
        Missing column, an unreadable date, a weekend, a date twice or out of order.
    """
    days: list[dt.date] = []
    for line, row in _rows(text, where, ("date",)):
        try:
            day = dt.date.fromisoformat(row["date"])
        except ValueError:
            raise _fault(where, line, f"{row['date']!r} is not a day like 2026-12-09") from None
        if day.weekday() >= SATURDAY:
            raise _fault(where, line, f"the meeting of {day} falls on a {day:%A}")
        if day in days:
            raise _fault(where, line, f"the meeting of {day} is listed twice")
        days.append(day)
    _in_order(days, where, "date")
    return tuple(days)


def dots_from(text: str, where: str) -> dict[int, float]:
    """Policymakers' median rate at the end of each year, percent, from ``year,percent``.

    Raises
    ------
    InputError
        Missing column, an unreadable year or rate, a rate in another unit, a year twice.
    """
    rates: dict[int, float] = {}
    for line, row in _rows(text, where, ("year", "percent")):
        rate = _number(row["percent"])
        if not re.fullmatch(r"(19|20)\d{2}", row["year"]):
            raise _fault(where, line, f"year {row['year']!r} is not a year like 2026")
        if rate is None or not RATES[0] <= rate <= RATES[1]:
            raise _fault(where, line, f"{row['percent']!r} is no rate in percent between {RATES[0]:g} and {RATES[1]:g}")
        if int(row["year"]) in rates:
            raise _fault(where, line, f"{row['year']} is listed twice")
        rates[int(row["year"])] = rate
    return rates


def checked_target(low: float) -> float:
    """The lower bound of the target range, percent, where it can be one."""
    lowest, highest = RATES
    if not (math.isfinite(low) and lowest <= low <= highest):
        raise UsageError(
            f"--target is {low}; a target rate in percent lies in {lowest:g} to {highest:g}.",
            remedy="Give the lower bound of the range on that day, for example --target 3.75.",
        )
    return low


def checked_horizon(prices: dict[str, float], meetings: tuple[dt.date, ...], day: dt.date) -> tuple[dt.date, ...]:
    """The meetings after `day`, where the strip covers at least one of them."""
    ahead = tuple(meeting for meeting in meetings if meeting > day)
    if not ahead or f"{ahead[0]:%Y-%m}" > max(prices):
        last = ahead[0] if ahead else meetings[-1]
        raise InputError(
            f"no meeting lies in the horizon: the strip runs from {min(prices)} to {max(prices)}, the day is {day}, "
            f"and the {'next' if ahead else 'last'} meeting is {last}.",
            remedy="Add meetings after the day, or contracts that reach the next one.",
        )
    return ahead


def left_out(prices: dict[str, float], meetings: tuple[dt.date, ...], day: dt.date) -> tuple[dt.date, ...]:
    """Decisions of our own calendar that fall into a month of the strip and do not stand in the file.

    A month whose meeting is left out looks like an anchor, and every meeting beside it is then misread.
    """
    ours = decisions_on(day).tolist()
    return tuple(decision for decision in ours if f"{decision:%Y-%m}" in prices and decision not in meetings)


def _rows(text: str, where: str, needed: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and needed cells of every row."""
    if "\0" in text:
        raise InputError(f"{where} holds NUL bytes: it is not a text file.", remedy="Save it as CSV.")
    reader = csv.reader(io.StringIO(text))
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        absent = [name for name in needed if header.count(name) != 1]
        if absent:
            raise InputError(
                f"{where} needs exactly one column {absent[0]!r}; its first line is {header}.",
                remedy=f"Start the file with the line `{','.join(needed)}`.",
            )
        column = {name: header.index(name) for name in needed}
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as fault:
        raise InputError(f"{where} cannot be read as CSV: {fault}.", remedy="Save it as CSV.") from None
    if not rows:
        raise InputError(f"{where} has no rows below its first line.", remedy="Add at least one.")
    for line, row in rows:
        if len(row) <= max(column.values()):
            raise _fault(where, line, f"{len(row)} cells, where {len(header)} are named")
        yield line, {name: row[at].strip() for name, at in column.items()}


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _in_order(values: list[str] | list[dt.date], where: str, what: str) -> None:
    for before, after in pairwise(values):
        if after < before:  # type: ignore[operator]
            raise InputError(
                f"{where} is not in order: {what} {after} comes after {before}.",
                remedy=f"Sort the file by {what}; an order that surprises often hides a wrong year.",
            )


def _fault(where: str, line: int, what: str) -> InputError:
    return InputError(f"{where}, line {line}: {what}.", remedy="Mend that line; nothing was computed.")
