"""What an adapter makes of a holdings file: rows that may be holdings, totals to check them by, and the rest."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from allocator.portfolio.brokers.numbers import DecimalMark, NotANumber, decimal_mark, read_number
from allocator.portfolio.brokers.sheet import MAX_CELL, Cells, Sheet
from signals.errors import InputError

NUMBERS = ("quantity", "price", "value", "weight")
HEADER_WITHIN = 40  # lines from the top in which a table must begin

# Headings, lower case, as brokers write them; a few in German for the files with decimal commas.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "symbol": ("symbol", "ticker", "instrument", "security", "ticker symbol"),
    "name": ("name", "description", "investment name", "fund name", "bezeichnung"),
    "quantity": ("quantity", "shares", "units", "qty", "qty (quantity)", "position", "anzahl", "stück"),
    "price": ("price", "last price", "last_price", "share price", "mark price", "markprice", "close price", "kurs"),
    "value": (
        "value", "market value", "market_value", "amount", "mkt val (market value)", "current value", "total value",
        "position value", "positionvalue", "wert", "marktwert", "kurswert",
    ),
    "weight": ("weight", "weight %", "weight (%)", "% of portfolio", "percent", "gewicht", "allocation"),
    "kind": ("security type", "asset type", "asset category", "asset class", "assetclass", "type"),
    "leg": ("leg", "role"),
    "account": ("account", "account number", "clientaccountid"),
    "currency": ("currency", "currencyprimary", "ccy"),
    "detail": ("levelofdetail",),
}  # fmt: skip

_TOTAL = re.compile(
    r"(?:(?:grand|account|positions?|portfolio|sub|net|overall)[\s-]*)?total(?:s|\s+(?:value|portfolio|account))?:?"
    r"|summe|gesamt(?:summe|wert)?|net asset value",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row that may be a holding, with its cells read.

    Attributes
    ----------
    line : int
        In the file.
    text : str
        As it stood there.
    symbol : str
        Upper case, without a broker's marks; empty where the row has none.
    name, kind : str
        The broker's description and security type, empty where the file has none.
    account : str
    quantity, price, value : float or None
        Shares, money per share, money.
    weight : float or None
        As written: percent or a share of one, which the adapter tells.
    leg : str
        As the file names it; empty where it does not.
    reason : str
        Why the row cannot be used; empty where it can.
    """

    line: int
    text: str
    symbol: str = ""
    name: str = ""
    kind: str = ""
    account: str = ""
    quantity: float | None = None
    price: float | None = None
    value: float | None = None
    weight: float | None = None
    leg: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StatedTotal:
    """A total that the file itself states: never a holding, always a check."""

    line: int
    account: str
    value: float


@dataclass(frozen=True, slots=True)
class BookFile:
    """A holdings file, read by the adapter that knows its shape.

    Attributes
    ----------
    shape : str
        Name of the adapter.
    rows : tuple of FileRow
    totals : tuple of StatedTotal
    ignored : tuple of int
        Lines that are titles, notes or another table.
    """

    shape: str
    rows: tuple[FileRow, ...]
    totals: tuple[StatedTotal, ...] = ()
    ignored: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Adapter:
    """One shape of file.

    Attributes
    ----------
    name : str
        The word under which the shape is remembered.
    title : str
        As a person calls it.
    recognises : callable of Sheet
        True where the file is of this shape beyond doubt.
    read : callable of (Sheet, decimal mark or None)
        The rows; None lets the adapter tell the decimal mark.
    """

    name: str
    title: str
    recognises: Callable[[Sheet], bool]
    read: Callable[[Sheet, DecimalMark | None], BookFile]


@dataclass(slots=True)
class TableReader:
    """Reads rows under one header.

    Attributes
    ----------
    columns : mapping of str to int
        Field to column.
    mark : str
        Decimal mark.
    account : str
        Where the rows name none.
    width : int
        Cells of the header: a row with more of them has slipped; 0 where any number will do.
    """

    columns: Mapping[str, int]
    mark: DecimalMark
    account: str = ""
    width: int = 0
    rows: list[FileRow] = field(default_factory=list)
    totals: list[StatedTotal] = field(default_factory=list)
    ignored: list[int] = field(default_factory=list)

    def take(self, line: int, cells: Cells) -> None:
        """Read one row as a holding or as a total."""
        row = self._row(line, cells)
        if self._is_lot(cells):
            self.ignored.append(line)  # repeats its summary
            return
        if is_total(row.symbol) or (is_total(row.name) and not row.quantity) or _labelled_total(cells, self.columns):
            value = row.value
            if value is not None:
                self.totals.append(StatedTotal(line, row.account, value))
            else:
                self.ignored.append(line)
            return
        self.rows.append(row)

    def _is_lot(self, cells: Cells) -> bool:
        at = self.columns.get("detail")
        return at is not None and at < len(cells) and cells[at].upper() == "LOT"

    def _row(self, line: int, cells: Cells) -> FileRow:
        words = {name: cells[at] if at < len(cells) else "" for name, at in self.columns.items()}
        shown = ", ".join(cells)[:MAX_CELL]
        numbers = {name: read_number(words.get(name, ""), self.mark) for name in NUMBERS}
        faults = [f"{name} {number.reason}" for name, number in numbers.items() if isinstance(number, NotANumber)]
        if any(len(cell) > MAX_CELL for cell in words.values()):
            faults = [f"a cell is longer than {MAX_CELL} characters"]
        if self.width and any(cells[self.width :]):
            faults.append(f"it has more cells than the header's {self.width}: is a thousands comma unquoted?")
        currency = words.get("currency", "").upper()
        if currency not in ("", "USD"):
            faults.append(f"its value is in {currency[:8]}, not in US dollars")
        return FileRow(
            line=line,
            text=shown,
            symbol=clean_symbol(words.get("symbol", "")),
            name=words.get("name", "")[:MAX_CELL],
            kind=words.get("kind", ""),
            account=words.get("account", "") or self.account,
            leg=words.get("leg", "").lower(),
            reason="; ".join(faults),
            quantity=_known(numbers["quantity"]),
            price=_known(numbers["price"]),
            value=_known(numbers["value"]),
            weight=_known(numbers["weight"]),
        )


def _known(number: float | NotANumber | None) -> float | None:
    return None if isinstance(number, NotANumber) else number


def clean_symbol(word: str) -> str:
    """A symbol without footnote marks: ``SPAXX**`` is SPAXX, ``BRK/B`` is BRK.B."""
    return re.sub(r"[*†]+$", "", word.strip()).strip().upper().replace("/", ".")


def is_total(word: str) -> bool:
    """True for the words that head a totals row."""
    return bool(_TOTAL.fullmatch(word.strip()))


def columns_of(cells: Cells, *, headings: Mapping[str, tuple[str, ...]] = HEADINGS) -> dict[str, int]:
    """Field to column for a header row; empty where the row is no header of holdings.

    Raises
    ------
    InputError
        Where two columns have the same meaning.
    """
    names = [cell.lower().strip() for cell in cells]
    columns: dict[str, int] = {}
    for name, spellings in headings.items():
        at = [column for column, heading in enumerate(names) if heading in spellings]
        best = min((spellings.index(names[column]) for column in at), default=0)
        at = [column for column in at if spellings.index(names[column]) == best]
        if len(at) > 1:
            raise InputError(f"the holdings file has {len(at)} columns for {name}.", remedy="Keep one of them.")
        if at:
            columns[name] = at[0]
    useful = {"symbol", "name"} & set(columns) and {"quantity", "value", "weight"} & set(columns)
    return columns if useful else {}


def header_row(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """Index in `sheet.rows` of the first header of holdings, with its columns."""
    for index, (_, cells) in enumerate(sheet.rows[:HEADER_WITHIN]):
        if cells and (columns := columns_of(cells)) and "symbol" in columns:
            return index, columns
    return None


def mark_of(sheet: Sheet, columns: Mapping[str, int], rows: Iterable[tuple[int, Cells]]) -> DecimalMark:
    """The decimal mark of the number columns of these rows."""
    places = [columns[name] for name in NUMBERS if name in columns]
    cells = (cells[at] for _, cells in rows for at in places if at < len(cells))
    return decimal_mark(cells, separator=sheet.separator)


def starts_with(cells: Cells, *headings: str) -> bool:
    """True where a row begins with these cells, letters' case aside."""
    return tuple(cell.lower() for cell in cells[: len(headings)]) == headings


def _labelled_total(cells: Sequence[str], columns: Mapping[str, int]) -> bool:
    """True for a row whose only words are a total's: ``,,,,,Total,"$6,290.00"``."""
    if "symbol" in columns and columns["symbol"] < len(cells) and cells[columns["symbol"]]:
        return False
    words = [cell for cell in cells if re.search(r"[A-Za-z]", cell)]
    return bool(words) and all(is_total(word) for word in words)
