"""The tearsheet of the walk-forward record: months by year, and what a reader should know of its few bets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from captilt.formats import month, number, percent, signed

BP = 100.0  # basis points in a percent
MONTHS = 12
SHADES = 10  # of a month's return in the table


@dataclass(frozen=True, slots=True)
class MonthCell:
    """One month's net active return in basis points, None where there is none; its shade from -10 to 10."""

    bp: float | None
    shade: int = 0


@dataclass(frozen=True, slots=True)
class YearRow:
    """One calendar year: its months, its sum in basis points, and its mean tilt in points."""

    year: int
    months: tuple[MonthCell, ...]
    total_bp: float
    mean_points: float


def monthly_table(answer: Mapping[str, Any]) -> tuple[YearRow, ...]:
    """Net active return by month, newest year first; a month is that in which the trade was made.

    Parameters
    ----------
    answer : mapping
        JSON of `captilt backtest` with monthly decisions.
    """
    rows = [row for row in answer.get("rows", ()) if row.get("net_percent") is not None]
    reach = max((abs(BP * row["net_percent"]) for row in rows), default=0.0) or 1.0
    by_year: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_year.setdefault(int(row["traded"][:4]), []).append(row)
    return tuple(_year(year, months, reach) for year, months in sorted(by_year.items(), reverse=True))


def _year(year: int, rows: Sequence[Mapping[str, Any]], reach: float) -> YearRow:
    bp = {int(row["traded"][5:7]): BP * row["net_percent"] for row in rows}
    cells = tuple(
        MonthCell(bp[month], round(SHADES * bp[month] / reach)) if month in bp else MonthCell(None)
        for month in range(1, MONTHS + 1)
    )
    mean = sum(row["recommended_points"] for row in rows) / len(rows)
    return YearRow(year, cells, sum(bp.values()), mean)


def record_sentences(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """How often the record stood where, and how few independent bets it made."""
    shares, taken = answer["stances"], answer.get("positions", ())
    stances = (
        f"The view was overweight in {percent(shares['overweight'], 0)} of months, neutral in"
        f" {percent(shares['neutral'], 0)} and underweight in {percent(shares['underweight'], 0)}; the position was"
        f" under one point in {percent(shares['under_one_point'], 0)}."
    )
    lines = [stances]
    if taken:
        years = (int(answer["to"][:4]) + int(answer["to"][5:7]) / MONTHS) - (
            int(answer["from"][:4]) + int(answer["from"][5:7]) / MONTHS
        )
        best = max(taken, key=lambda one: one["net_bp"])
        right = sum(one["net_bp"] > 0 for one in taken)
        total = sum(one["net_bp"] for one in taken)
        span = f"{month(best['start'])} to {month(best['end'])}"
        lines.append(
            f"{len(taken)} positions of a point or more in {number(years, 0)} years, and {right} of them earned:"
            f" a record of few bets, however many months. The best one, from {span},"
            f" earned {signed(best['net_bp'], 0)} of {signed(total, 0)} bp."
        )
    return tuple(lines)
