"""Numbers as people and brokers write them: $1,234.50, 1.234,50, (500.00), 1'234, --.

A single `1.200` is one thousand two hundred in one office and one and a fifth in another. The file decides by its
other numbers; where it gives no evidence the number is refused, never guessed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from signals.errors import InputError

DecimalMark = Literal[".", ",", "?"]

MAX_AMOUNT = 1e13  # ten trillion: anything above is a slip of units
EMPTY = frozenset({"", "-", "--", "n/a", "na", "incomplete", "none", "null"})

_CURRENCY = re.compile(r"USD|US\$|[$€£]", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[ '\u2019\u202f]\d{3})+(?:[.,]\d+)?")
_BODY = re.compile(r"\d[\d.,]*|[.,]\d+")
_EXPONENT = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d{1,2}")
_AMBIGUOUS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_POINT = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d*)(?:\.\d*)?")
_COMMA = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d*)(?:,\d*)?")


@dataclass(frozen=True, slots=True)
class NotANumber:
    """Why a cell cannot be read as a number."""

    reason: str


def decimal_mark(cells: Iterable[str], *, separator: str = ",") -> DecimalMark:
    """The decimal mark that the numbers of a file agree on; ``?`` where none of them tells.

    Parameters
    ----------
    cells : iterable of str
        Every cell of the number columns.
    separator : str
        Of the file. A file with commas between its cells is American unless a number says otherwise.

    Raises
    ------
    InputError
        Where two numbers disagree.
    """
    evidence: dict[str, str] = {}
    for cell in cells:
        mark = _mark_of(cell)
        if mark:
            evidence.setdefault(mark, cell)
    if len(evidence) > 1:
        raise InputError(
            f"the holdings file writes decimals in two ways: '{evidence['.'][:20]}' and '{evidence[','][:20]}'.",
            remedy="Use one decimal mark throughout.",
        )
    if evidence:
        return "." if "." in evidence else ","
    return "." if separator in (",", "") else "?"


def read_number(cell: str, mark: DecimalMark) -> float | NotANumber | None:
    """A number, None for an empty cell, or what is wrong with it.

    Examples
    --------
    >>> read_number("$1,234.50", "."), read_number("(1.234,50)", ","), read_number("--", ".")
    (1234.5, -1234.5, None)
    >>> read_number("1.200", "?").reason
    "'1.200' can be 1,200 or 1.2: say which decimal mark the file uses"
    """
    if cell.strip().lower() in EMPTY:
        return None
    negative, body = _unsigned(cell)
    reason = _fault(cell, body, mark)
    if reason:
        return NotANumber(f"'{cell[:20]}' {reason}")
    number = float(body if _EXPONENT.fullmatch(body) else _plain(body, mark) or "nan")
    if number > MAX_AMOUNT:
        return NotANumber(f"'{cell[:20]}' is beyond {MAX_AMOUNT:.0e}")
    return -number if negative else number


def _fault(cell: str, body: str, mark: DecimalMark) -> str:
    """Why a cell is no number; empty where it is one."""
    if cell.startswith(("=", "@")):
        return "is a formula, not a number"
    if _EXPONENT.fullmatch(body):
        return ""
    if not _BODY.fullmatch(body):
        return "is not a number (1234.5 or 1,234.5)"
    if mark == "?" and _AMBIGUOUS.fullmatch(body):
        whole = re.sub(r"[.,]", ",", body)
        return f"can be {whole} or {float(whole.replace(',', '.')):g}: say which decimal mark the file uses"
    return "" if _plain(body, mark) else f"is not a number with the decimal mark '{mark}'"


def _plain(body: str, mark: DecimalMark) -> str | None:
    """Digits with a decimal point, or None where the marks stand in wrong places."""
    if mark == "?":
        mark = _mark_of(body) or "."
    if not (_POINT if mark == "." else _COMMA).fullmatch(body):
        return None
    plain = body.replace(",", "") if mark == "." else body.replace(".", "").replace(",", ".")
    return plain if plain.strip(".") else None


def _mark_of(cell: str) -> DecimalMark | None:
    """The decimal mark that one cell proves, or None."""
    _, body = _unsigned(cell)
    if not _BODY.fullmatch(body) or _AMBIGUOUS.fullmatch(body):
        return None
    points, commas = body.count("."), body.count(",")
    if points and commas:
        return "." if body.rfind(".") > body.rfind(",") else ","
    if points > 1:
        return ","
    if commas > 1:
        return "."
    return "." if points else "," if commas else None


def _unsigned(cell: str) -> tuple[bool, str]:
    """Whether the number is negative, and its digits and marks alone."""
    text = cell.strip().replace("\u2212", "-")
    negative = text.startswith("(") and text.endswith(")")
    text = text.strip("()")
    text = _CURRENCY.sub("", text).replace("%", "").strip()
    if text.startswith(("-", "+")):
        negative = negative or text.startswith("-")
        text = text[1:].strip()
    if text.endswith("-"):
        negative, text = True, text[:-1].strip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[ '\u2019\u202f]", "", text)
    return negative, text
