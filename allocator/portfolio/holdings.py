"""A real book: what a holdings file says becomes positions, and what cannot be used is weighed before any order.

Every row ends in one of three places: a position with a leg and a value, a row that cannot be used with its reason,
or a total that checks the sum. The share of the book that is not understood decides whether orders may be written:
above five percent, or where that share itself is unknown, they may not.

    symbol,quantity,price
    IWM,1200,200.71
    SPY,2100,475.31
    SPAXX**,25000,
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from allocator.portfolio.brokers.numbers import MAX_AMOUNT, DecimalMark
from allocator.portfolio.brokers.registry import read_book_file
from allocator.portfolio.brokers.rows import BookFile, FileRow, StatedTotal
from allocator.portfolio.brokers.sheet import MAX_CELL, Sheet, sheet_of_text
from allocator.portfolio.classify import NAMED, Leg, classify, is_cash, is_option
from signals.errors import InputError

MAX_ROWS = 2_000
MAX_UNREAD = 0.05  # share of the book that may stay unread before orders are refused
SAME = 0.005  # of the total: a difference of rounding and of prices a minute apart
CONTRADICTION = 0.03  # between quantity times price and value: a late price, never a misread number

_SYMBOL = re.compile(r"[$^]?[A-Z0-9][A-Z0-9.\-]{0,14}")


@dataclass(frozen=True, slots=True)
class Quote:
    """A price and the session it is the close of; money per share."""

    price: float
    day: dt.date


WEIGHTS = "weights"  # shape of a file without money
Prices = Callable[[str], Quote | None]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be used.

    Attributes
    ----------
    line : int
        In the file.
    text, reason : str
    value : float or None
        Money that it may stand for, never negative; None where even that is unknown.
    """

    line: int
    text: str
    reason: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """One holding.

    Attributes
    ----------
    symbol : str
    leg : str
        small, large, cash, other or unknown; only small and large are ever traded here.
    value : float
        Money; below zero only for borrowed cash.
    quantity, price : float or None
        Shares, and money per share.
    line : int
        Where it stands in the file (the first line, where accounts were added up).
    name : str
        The broker's description.
    basis : str
        How the leg was told.
    priced_on : datetime.date or None
        Session of the close that valued it; None where the file gave value or price.
    """

    symbol: str
    leg: Leg
    value: float
    quantity: float | None
    price: float | None
    line: int
    name: str = ""
    basis: str = ""
    priced_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything a file said.

    Attributes
    ----------
    positions : tuple of Position
    bad : tuple of BadRow
        Rows that cannot be used.
    shape : str
        Adapter that read the file.
    stated_total : float or None
        What the file itself says the book is worth.
    accounts : tuple of str
        Accounts in the file, in order.
    """

    positions: tuple[Position, ...]
    bad: tuple[BadRow, ...] = ()
    shape: str = "table"
    stated_total: float | None = None
    accounts: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        """Money in the whole book, unknown securities included."""
        return sum(position.value for position in self.positions)

    @property
    def in_money(self) -> bool:
        """False for a book of weights, whose values are percent of it."""
        return self.shape != WEIGHTS

    def of(self, leg: Leg) -> tuple[Position, ...]:
        """Positions of one leg, largest first."""
        return tuple(sorted((p for p in self.positions if p.leg == leg), key=lambda p: -p.value))

    def weight(self, leg: Leg) -> float:
        """Share of `leg` in the whole book, 0 to 1; 0 in a book that is worth nothing."""
        return sum(position.value for position in self.of(leg)) / self.total if self.total > 0 else 0.0

    @property
    def unread_share(self) -> float | None:
        """Share of the book that is not understood, 0 to 1; None where a row has no value at all."""
        if any(row.value is None for row in self.bad):
            return None
        lost = sum(row.value or 0.0 for row in self.bad)
        unknown = sum(abs(position.value) for position in self.of("unknown"))
        whole = sum(abs(position.value) for position in self.positions) + lost
        missing = 0.0
        if self.stated_total is not None and self.stated_total > 0:
            missing = max(0.0, abs(self.stated_total - self.total) - lost)
            whole = max(whole, self.stated_total)
        return (lost + unknown + missing) / whole if whole > 0 else 0.0

    @property
    def open_questions(self) -> tuple[str, ...]:
        """What a person must settle, one sentence each; empty where all is understood."""
        unknown = [
            f"Line {position.line}: what is {position.symbol}{f' ({position.name})' if position.name else ''}? "
            f"{position.value:,.0f}, {position.basis}."
            for position in self.of("unknown")
        ]
        bad = [f"Line {row.line} was not used: {row.reason}." for row in self.bad]
        return (*unknown, *bad, *self._missing())

    def _missing(self) -> tuple[str, ...]:
        if self.stated_total is None or abs(self.stated_total - self.total) <= SAME * abs(self.stated_total):
            return ()
        return (f"The file states a total of {self.stated_total:,.0f}; the rows read add up to {self.total:,.0f}.",)

    def demand_understood(self) -> None:
        """Refuse a book of which more than five percent is not understood.

        Raises
        ------
        InputError
            With every open question.
        """
        if self.total <= 0:
            raise InputError("the holdings are worth nothing.", remedy="Give at least one position with a value.")
        share = self.unread_share
        if share is not None and share <= MAX_UNREAD:
            return
        size = "an unknown part" if share is None else f"{100 * share:.0f} %"
        raise InputError(
            f"{size} of this book is not understood, so no order is written. {' '.join(self.open_questions)}",
            remedy="Add a leg column (small, large, cash, other), name the symbol under [legs] in the settings, or "
            "complete the row.",
            code="book_not_understood",
        )


def read_holdings(
    raw: bytes | str | Sheet,
    *,
    small: str,
    large: str,
    prices: Prices | None = None,
    legs: Mapping[str, Leg] | None = None,
    shape: str = "",
    mark: DecimalMark | None = None,
    account: str = "",
) -> Holdings:
    """Understand a holdings file.

    Parameters
    ----------
    raw : bytes, str or Sheet
        A text file, or the cells of a workbook.
    small, large : str
        The benchmark pair; always taken as its leg.
    prices : callable of symbol, optional
        The last close known, for a quantity without a price.
    legs : mapping of symbol to leg, optional
        The user's own table.
    shape, mark : str, optional
        Adapter and decimal mark, where the file does not tell.
    account : str
        Read only rows of accounts whose name contains this; all where empty.

    Raises
    ------
    InputError
        Where the file as a whole cannot be read, or holds no usable row.
    """
    sheet = raw if isinstance(raw, Sheet) else sheet_of_text(raw)
    file = read_book_file(sheet, shape=shape, mark=mark)
    rows = [row for row in file.rows if account in row.account]
    if len(rows) > MAX_ROWS:
        raise InputError(
            f"the holdings file has {len(rows)} rows; at most {MAX_ROWS} are read.", remedy="Add positions up first."
        )
    positions: dict[str, Position] = {}
    bad: list[BadRow] = []
    for row in rows:
        outcome = _position(row, small=small, large=large, prices=prices, legs={} if legs is None else legs)
        if isinstance(outcome, BadRow):
            bad.append(outcome)
        elif outcome is not None:
            positions[outcome.symbol] = _added(positions.get(outcome.symbol), outcome)
    if not positions:
        first = f" The first: line {bad[0].line}, {bad[0].reason}" if bad else ""
        raise InputError(
            f"no row of the holdings file can be used.{first}", remedy="Give symbol and quantity or value."
        )
    total = sum(position.value for position in positions.values())
    totals = [stated for stated in file.totals if account in stated.account]
    return Holdings(
        tuple(positions.values()),
        tuple(bad),
        shape=file.shape,
        stated_total=_stated(totals, total + sum(row.value or 0.0 for row in bad)),
        accounts=_accounts(file, account),
    )


def _accounts(file: BookFile, account: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.account for row in file.rows if row.account and account in row.account))


def _stated(totals: Sequence[StatedTotal], total: float) -> float | None:
    """The stated total that speaks of the whole: the one nearest to the sum, of each and of all together."""
    if not totals:
        return None
    candidates = [stated.value for stated in totals] + [sum(stated.value for stated in totals)]
    return min(candidates, key=lambda value: abs(value - total))


def _position(
    row: FileRow, *, small: str, large: str, prices: Prices | None, legs: Mapping[str, Leg]
) -> Position | BadRow | None:
    """One row as a position, as a row that cannot be used, or None for a note without any number."""
    silent = row.quantity is None and row.value is None and not row.reason
    if silent and (is_cash(row) or not _SYMBOL.fullmatch(row.symbol)):
        return None
    fault = _fault(row)
    if fault:
        return _bad(row, fault)
    classified = classify(row, small=small, large=large, legs=legs)
    position = Position(
        symbol=row.symbol or row.name.upper(),
        leg=classified.leg,
        value=row.value or 0.0,
        quantity=row.quantity,
        price=row.price,
        line=row.line,
        name=row.name,
        basis=classified.basis,
    )
    return _valued(position, row, prices)


def _fault(row: FileRow) -> str:
    """Why a row cannot be a holding; empty where it can."""
    if row.reason:
        return row.reason
    if row.leg and row.leg not in NAMED:
        return f"leg '{row.leg[:20]}' is none of {', '.join(NAMED)}"
    if is_cash(row) or row.leg == "cash":
        return ""
    checks = (
        (is_option(row), "an option is not read as a holding"),
        (not row.symbol, "the symbol is missing"),
        (not _SYMBOL.fullmatch(row.symbol), f"'{row.symbol[:20]}' is no symbol"),
        ((row.quantity or 0.0) < 0 or (row.value or 0.0) < 0, "short positions are not rebalanced here"),
        (row.quantity is None and row.value is None, "neither quantity nor value is given"),
    )
    return next((reason for failed, reason in checks if failed), "")


def _bad(row: FileRow, reason: str) -> BadRow:
    value = row.value
    if value is None and row.quantity is not None and row.price is not None:
        value = row.quantity * row.price
    return BadRow(row.line, row.text[:MAX_CELL], reason, None if value is None else abs(value))


def _valued(position: Position, row: FileRow, prices: Prices | None) -> Position | BadRow | None:
    """The position with a value, or the reason why it has none."""
    if position.leg == "cash":
        amount = row.value if row.value is not None else (row.quantity or 0.0) * (row.price or 1.0)
        return replace(position, value=amount, quantity=None, price=None)
    if row.value is not None:
        return _checked(position, row)
    quantity = row.quantity or 0.0
    price, day = row.price, None
    if not price and quantity:
        quote = prices(row.symbol) if prices else None
        if quote is None:
            return _bad(row, f"no price of {row.symbol} is known: add a price or a value")
        price, day = quote.price, quote.day
    value = quantity * (price or 0.0)
    if value > MAX_AMOUNT:
        return _bad(row, f"quantity times price is beyond {MAX_AMOUNT:.0e}")
    return replace(position, price=price or None, value=value, priced_on=day)


def _checked(position: Position, row: FileRow) -> Position | BadRow:
    """The position at the file's own value, unless quantity, price and value contradict each other.

    A misread decimal mark or a shifted column shows here. Bonds are quoted per hundred and are left alone.
    """
    value = row.value or 0.0
    if not row.quantity or not row.price:
        return replace(position, price=value / row.quantity if row.quantity else row.price or None)
    product = row.quantity * row.price
    if position.leg in ("small", "large") and abs(product - value) > CONTRADICTION * max(product, value):
        return _bad(row, f"{row.quantity:,g} at {row.price:,g} is {product:,.0f}, not the {value:,.0f} it states")
    return replace(position, price=value / row.quantity or None)


def _added(earlier: Position | None, later: Position) -> Position:
    """Two rows that hold the same symbol, added up."""
    if earlier is None:
        return later
    value = earlier.value + later.value
    counted = earlier.quantity is not None and later.quantity is not None
    quantity = (earlier.quantity or 0.0) + (later.quantity or 0.0) if counted else None
    price = value / quantity if quantity else (later.price or earlier.price)
    priced_on = earlier.priced_on or later.priced_on
    return replace(earlier, value=value, quantity=quantity, price=price, priced_on=priced_on)
