"""Answers of the command line as Excel workbooks: numbers as numbers, days as days, one table a worksheet."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from captilt.contract.backtest import BacktestAnswer
from captilt.contract.signals import SignalsAnswer
from captilt.output_file import write_output
from captilt.review.workbook import Cell, write_workbook

Sheet = tuple[str, Sequence[Sequence[Cell]]]


def record_workbook(answer: BacktestAnswer) -> bytes:
    """The walk-forward record: summary, months, years, worst spells, bets, and simple rules beside it."""
    rules = (("recommended, net", answer.net), ("gross", answer.gross), ("before both cuts", answer.unscaled))
    named = [*rules, *((row.name, row) for row in (*answer.costs, *answer.variants, *answer.benchmarks))]
    figures = ("active_return_bp", "tracking_error_percent", "ir", "max_active_drawdown_percent", "turnover")
    return write_workbook(
        [
            ("Rules", [("rule", *figures), *((name, *(getattr(row, key) for key in figures)) for name, row in named)]),
            _sheet("Months", answer.rows),
            _sheet("Years", answer.years),
            _sheet("Worst spells", answer.spells),
            _sheet("Bets", answer.positions),
        ]
    )


def signals_workbook(answer: SignalsAnswer) -> bytes:
    """Every signal of a day, and what is known of its data."""
    return write_workbook([_sheet("Signals", answer.rows), _sheet("Dated facts", answer.dated_facts)])


def write_file(file: Path, content: bytes) -> None:
    """Write a workbook where the user wants it.

    Raises
    ------
    UsageError, InputError
        For a name that is no workbook's, or a place that cannot be written.
    """
    from signals.errors import UsageError

    if file.suffix.lower() != ".xlsx":
        raise UsageError(f"{file.name} is no Excel workbook.", remedy="End the name with .xlsx.")
    write_output(file, content)


def _sheet(title: str, rows: Iterable[Any]) -> Sheet:
    """Records of one type as a table: its fields across, plain values only."""
    listed = list(rows)
    if not listed:
        return title, [("nothing",)]
    plain = [field.name for field in fields(listed[0]) if all(_fits(getattr(row, field.name)) for row in listed)]
    return title, [tuple(plain), *(tuple(_cell(getattr(row, name)) for name in plain) for row in listed)]


def _fits(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | dt.date)


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="minutes")  # a workbook knows no time zone
    return str(value) if isinstance(value, str) else value
