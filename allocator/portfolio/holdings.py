"""A real book, read from a CSV: what can be used becomes positions, the rest is named line by line.

The file has a header with ``symbol`` and ``quantity`` or ``value``; ``price`` and ``leg`` are welcome.
Comma, semicolon or tab separate. A row is either understood or returned with its line and the reason:
nothing is guessed, nothing stops the other rows.

    symbol,quantity,price
    IWM,1200,200.71
    SPY,2100,475.31
    CASH,25000,
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from signals.errors import InputError

Leg = Literal["small", "large", "cash", "other"]

MAX_BYTES = 262_144  # a custodian's export of two thousand rows has about a third of this
MAX_ROWS = 2_000
MAX_CELL = 200  # characters; longer cells are no numbers and no symbols
MAX_AMOUNT = 1e13  # ten trillion: anything above is a slip of units
SMALL_FUNDS = frozenset({"IWM", "IJR", "VB", "SCHA", "VTWO", "SPSM"})  # broad US small-cap index funds
LARGE_FUNDS = frozenset({"SPY", "IVV", "VOO", "SPLG", "IWB", "VV", "SCHX"})  # broad US large-cap index funds
CASH = frozenset({"CASH", "USD", "$CASH"})
LEGS: tuple[Leg, ...] = ("small", "large", "cash", "other")

_SYMBOL = re.compile(r"[$^]?[A-Z][A-Z0-9.\-]{0,11}")
_NUMBER = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?(?:[eE]\+?\d{1,2})?")
_HEADINGS = {
    "symbol": ("symbol", "ticker", "instrument"),
    "quantity": ("quantity", "shares", "units", "qty"),
    "value": ("value", "market value", "market_value", "amount"),
    "price": ("price", "last price", "last_price"),
    "leg": ("leg", "role"),
}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used: its line in the file, what stood there, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Position:
    """One holding.

    Attributes
    ----------
    symbol : str
    leg : str
        small, large, cash or other; only small and large are ever traded here.
    value : float or None
        Money; None until a price is known.
    quantity, price : float or None
        Shares, and money per share.
    line : int
        Where it stands in the file (the first line, where accounts were added up).
    """

    symbol: str
    leg: Leg
    value: float | None
    quantity: float | None
    price: float | None
    line: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything a file said: positions with a value, and the rows that cannot be used."""

    positions: tuple[Position, ...]
    bad: tuple[BadRow, ...]

    @property
    def total(self) -> float:
        """Money in the whole book."""
        return sum(p.value or 0.0 for p in self.positions)

    def of(self, leg: Leg) -> tuple[Position, ...]:
        """Positions of one leg, largest first."""
        return tuple(sorted((p for p in self.positions if p.leg == leg), key=lambda p: -(p.value or 0)))

    def weight(self, leg: Leg) -> float:
        """Share of `leg` in the whole book, 0 to 1; 0 in a book that is worth nothing."""
        return sum(p.value or 0.0 for p in self.of(leg)) / self.total if self.total else 0.0


def read_holdings(raw: bytes | str, *, small: str, large: str, prices: Mapping[str, float] | None = None) -> Holdings:
    """Understand a holdings file.

    Parameters
    ----------
    raw : bytes or str
        The file; bytes must be UTF-8, with or without a byte-order mark.
    small, large : str
        The benchmark pair; always taken as its leg.
    prices : mapping of symbol to money per share, optional
        Used where the file gives a quantity and no price.

    Raises
    ------
    InputError
        Where the file as a whole cannot be read, or holds no usable row.
    """
    header, rows = _table(raw)
    bad: list[BadRow] = []
    found: dict[str, Position] = {}
    for line, cells in rows:
        outcome = _position(header, cells, line, pair=(small, large), prices={} if prices is None else prices)
        if isinstance(outcome, BadRow):
            bad.append(outcome)
        else:
            found[outcome.symbol] = _together(found.get(outcome.symbol), outcome)
    if not found:
        first = f" The first: line {bad[0].line}, {bad[0].reason}" if bad else ""
        raise InputError(
            f"no row of the holdings file can be used.{first}", remedy="Give symbol and quantity or value."
        )
    return Holdings(tuple(found.values()), tuple(bad))


def _table(raw: bytes | str) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    """The header as column places, and the rows with their line numbers."""
    text = _text(raw)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max((",", ";", "\t"), key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=separator, strict=True)
    try:
        lines = [
            (reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(c.strip() for c in cells)
        ]
    except csv.Error as fault:
        raise InputError(
            f"line {reader.line_num} of the holdings file is not CSV: {fault}.", remedy="Check the quotes on that line."
        ) from None
    if not lines:
        raise InputError("the holdings file is empty.", remedy="Give a header and one row per holding.")
    if len(lines) > MAX_ROWS + 1:
        raise InputError(
            f"the holdings file has {len(lines) - 1} rows; at most {MAX_ROWS} are read.",
            remedy="Add positions up first.",
        )
    return _header(lines[0][1]), lines[1:]


def _text(raw: bytes | str) -> str:
    if len(raw) > MAX_BYTES:
        raise InputError(
            f"the holdings file has {len(raw):,} bytes; at most {MAX_BYTES:,} are read.", remedy="Send positions only."
        )
    if isinstance(raw, bytes):
        try:
            raw = raw.decode("utf-8-sig")
        except UnicodeDecodeError as fault:
            raise InputError(
                f"the holdings file is not UTF-8 text (byte {fault.start}).", remedy="Save it as CSV UTF-8."
            ) from None
    if "\x00" in raw:
        raise InputError("the holdings file holds NUL bytes: it is no text file.", remedy="Save it as CSV UTF-8.")
    return raw.removeprefix("\ufeff")


def _header(cells: list[str]) -> dict[str, int]:
    names = [cell.lower() for cell in cells]
    places: dict[str, int] = {}
    for field, spellings in _HEADINGS.items():
        at = [place for place, name in enumerate(names) if name in spellings]
        if len(at) > 1:
            raise InputError(f"the holdings file has {len(at)} columns for {field}.", remedy="Keep one of them.")
        if at:
            places[field] = at[0]
    if "symbol" not in places or not {"quantity", "value"} & set(places):
        shown = ", ".join(cell[:MAX_CELL] for cell in cells[:8])
        raise InputError(
            f"the header of the holdings file is [{shown}].", remedy="It needs symbol, and quantity or value."
        )
    return places


def _position(
    header: Mapping[str, int], cells: list[str], line: int, *, pair: tuple[str, str], prices: Mapping[str, float]
) -> Position | BadRow:
    """One row, understood or refused."""
    shown = ", ".join(cells)[:MAX_CELL]
    if any(len(cell) > MAX_CELL for cell in cells):
        return BadRow(line, shown, f"a cell is longer than {MAX_CELL} characters")
    word = {field: (cells[place] if place < len(cells) else "") for field, place in header.items()}
    symbol = word["symbol"].upper()
    if not (_SYMBOL.fullmatch(symbol) or symbol in CASH):
        return BadRow(line, shown, f"'{symbol[:20]}' is no symbol" if symbol else "the symbol is missing")
    numbers = {field: _number(word.get(field, "")) for field in ("quantity", "value", "price")}
    for field, number in numbers.items():
        if isinstance(number, str):
            return BadRow(line, shown, f"{field} {number}")
    leg = word.get("leg", "").lower()
    if leg and leg not in LEGS:
        return BadRow(line, shown, f"leg '{leg[:20]}' is none of {', '.join(LEGS)}")
    held = Position(symbol, leg or _leg(symbol, pair), numbers["value"], numbers["quantity"], numbers["price"], line)  # type: ignore[arg-type]
    return _valued(held, prices, shown)


def _valued(held: Position, prices: Mapping[str, float], shown: str) -> Position | BadRow:
    """The position with a value, or the reason why it has none."""
    if held.leg == "cash":
        amount = held.value if held.value is not None else held.quantity
        return (
            replace(held, value=amount, quantity=None, price=None)
            if amount is not None
            else BadRow(held.line, shown, "no amount")
        )
    if held.quantity is None and held.value is None:
        return BadRow(held.line, shown, "neither quantity nor value is given")
    price = held.price or prices.get(held.symbol)
    if held.value is not None:
        price = held.value / held.quantity if held.quantity else price
        return replace(held, price=price)
    if price is None:
        return BadRow(held.line, shown, f"no price of {held.symbol} is known: add a price or a value")
    value = (held.quantity or 0.0) * price
    if value > MAX_AMOUNT:
        return BadRow(held.line, shown, f"quantity times price is beyond {MAX_AMOUNT:.0e}")
    return replace(held, price=price, value=value)


def _number(word: str) -> float | str | None:
    """A positive number, None for an empty cell, or what is wrong with it."""
    if not word:
        return None
    if word.startswith(("-", "(")):
        return f"'{word[:20]}' is negative: short positions are not rebalanced here"
    if word.startswith(("=", "@", "+")):
        return f"'{word[:20]}' is a formula, not a number"
    if not _NUMBER.fullmatch(word):
        return f"'{word[:20]}' is not a number (1234.5 or 1,234.5)"
    number = float(word.replace(",", "").replace("$", ""))
    return number if number <= MAX_AMOUNT else f"'{word[:20]}' is beyond {MAX_AMOUNT:.0e}"


def _leg(symbol: str, pair: tuple[str, str]) -> Leg:
    small, large = pair
    if symbol in CASH:
        return "cash"
    if symbol == small or (symbol in SMALL_FUNDS and symbol != large):
        return "small"
    return "large" if symbol == large or symbol in LARGE_FUNDS else "other"


def _together(earlier: Position | None, later: Position) -> Position:
    """Two accounts that hold the same symbol, added up."""
    if earlier is None:
        return later
    value = (earlier.value or 0.0) + (later.value or 0.0)
    counted = earlier.quantity is not None and later.quantity is not None
    quantity = (earlier.quantity or 0.0) + (later.quantity or 0.0) if counted else None
    price = value / quantity if quantity else (later.price or earlier.price)
    return replace(earlier, value=value, quantity=quantity, price=price)
