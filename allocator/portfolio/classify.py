"""Which part of the portfolio a row of a holdings file is, and how that was told.

First what the file says, then what the user's settings say, then cash, the benchmark pair, the fund table and the
broker's own security type. What is left is unknown and asked about: a fund that nobody listed may be a small-cap fund.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from allocator.portfolio.brokers.rows import FileRow
from allocator.portfolio.fund_table import fund_table

Leg = Literal["small", "large", "cash", "other", "unknown"]
LEGS: tuple[Leg, ...] = get_args(Leg)
NAMED: tuple[Leg, ...] = ("small", "large", "cash", "other")  # that a file or a setting may say

CASH_SYMBOLS = frozenset(
    {"CASH", "USD", "$CASH", "CASH & CASH INVESTMENTS", "PENDING ACTIVITY", "CASH BALANCE", "FCASH", "CORE", "SWEEP"}
    | {"MARGIN LOAN", "MARGIN BALANCE", "MARGIN DEBIT"}
)
CASH_KINDS = frozenset({"cash and money market", "money market", "money market fund", "cash & cash investments"})
CASH_NAMES = ("MONEY MARKET", "HELD IN FCASH", "CASH RESERVES", "DEPOSIT SWEEP", "BANK SWEEP", "CASH SWEEP")
BOND_KINDS = frozenset({"fixed income", "bond", "bonds", "corporate bond", "treasury", "cd", "bill"})
SMALL_NAMES = re.compile(r"SMALL.?CAP|SML.?CP|SM.?CAP|SMALL.?CO|RUSSELL.?2000|S.?P.?(SMALL.?CAP.?)?600|MICRO.?CAP")

_MONEY_FUND = re.compile(r"[A-Z]{3}XX")  # Nasdaq gives every money-market fund five letters that end in XX
_OPTION = re.compile(r"\d{6}[CP]\d+|\b\d{2}[A-Z]{3}\d{2}\b|\d{2}/\d{2}/\d{4}.*[CP]$")


@dataclass(frozen=True, slots=True)
class Classified:
    """The leg of a row, and the words that tell a person how it was read."""

    leg: Leg
    basis: str


def classify(row: FileRow, *, small: str, large: str, legs: Mapping[str, Leg]) -> Classified:
    """The leg of one row.

    Parameters
    ----------
    row : FileRow
    small, large : str
        The benchmark pair.
    legs : mapping of symbol to leg
        The user's own table; stands above everything but the file.
    """
    fund = fund_table().get(row.symbol)
    named: Leg | None = next((leg for leg in NAMED if leg == row.leg), None)
    hint = ", by its name a US small-cap fund" if SMALL_NAMES.search(row.name.upper()) else ""
    kind = row.kind.lower()
    ways: tuple[tuple[Leg | None, str], ...] = (
        (named, "the file names its leg"),
        (legs.get(row.symbol), "the settings name its leg"),
        ("small" if row.symbol == small else None, "the small-cap instrument"),
        ("large" if row.symbol == large else None, "the large-cap instrument"),
        ("cash" if is_cash(row) else None, "cash or money-market fund"),
        (fund.asset if fund else None, fund.described if fund else ""),
        ("other" if kind in BOND_KINDS else None, f"the broker calls it {kind}"),
        ("unknown", f"not in the fund table{hint}"),
    )
    return next(Classified(leg, basis) for leg, basis in ways if leg is not None)


def is_cash(row: FileRow) -> bool:
    """True for cash, a sweep or a money-market fund."""
    name = row.name.upper()
    return (
        row.symbol in CASH_SYMBOLS
        or bool(_MONEY_FUND.fullmatch(row.symbol))
        or row.kind.lower() in CASH_KINDS
        or any(words in name for words in CASH_NAMES)
    )


def is_option(row: FileRow) -> bool:
    """True for an option: its value says nothing of the exposure it carries."""
    return "option" in row.kind.lower() or row.kind.upper() == "OPT" or bool(_OPTION.search(row.symbol))
