"""Holdings files of the settings, the command line and the page: found, read, and valued with stored closes."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from allocator.portfolio.brokers.sheet import MAX_BYTES
from allocator.portfolio.holdings import Holdings, Prices, Quote, read_holdings
from captilt.review.workbook import read_sheet
from signals.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from allocator.portfolio.brokers.numbers import DecimalMark
    from captilt.config.settings import Settings
    from signals.asof import AsOf

CLOSE = "yahoo:{}:close"
MARKS: "Mapping[str, DecimalMark | None]" = {"": None, "point": ".", "comma": ","}


@dataclass(frozen=True, slots=True)
class BookFile:
    """One holdings file and how to read it.

    Attributes
    ----------
    name : str
        Of the book in the settings, else of the file.
    raw : bytes
    policy_weight : float
        0 to 1.
    shape, decimal, account : str
        Remembered with the book in the settings; empty to let the file tell.
    written_at : datetime.datetime or None
        When the file was last written, UTC; None for an upload.
    """

    name: str
    raw: bytes
    policy_weight: float
    shape: str = ""
    decimal: str = ""
    account: str = ""
    written_at: dt.datetime | None = None


def open_book(settings: "Settings", named: str) -> BookFile:
    """Open a book of the settings by its name, or a file by its path.

    Raises
    ------
    InputError
        Where the file cannot be read.
    """
    book = settings.books.get(named)
    path = Path(named if book is None else book.file).expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)  # a byte too many is refused by its reader, a device never ends
        written_at = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except OSError as error:
        known = f" Books of the settings: {', '.join(settings.books)}." if settings.books else ""
        raise InputError(f"{path} cannot be read: {error.strerror}.", remedy=f"Name a holdings file.{known}") from None
    policy = settings.portfolio.policy_weight
    if book is None:
        return BookFile(path.name, raw, policy, written_at=written_at)
    own = policy if book.policy_weight is None else book.policy_weight
    return BookFile(named, raw, own, book.shape, book.decimal, book.account, written_at)


def uploaded_book(settings: "Settings", raw: bytes | str, *, decimal: str = "") -> BookFile:
    """A file sent to the page; nothing of it is kept."""
    content = raw if isinstance(raw, bytes) else raw.encode()
    return BookFile("upload", content, settings.portfolio.policy_weight, decimal=decimal)


def read_book(view: "Callable[[], AsOf]", file: BookFile, settings: "Settings") -> Holdings:
    """Understand a holdings file, a quantity without a price at the last close known.

    Parameters
    ----------
    view : callable
        Gives what is known at the cut; called only where a price is missing, so that a file with prices needs no store.
    file : BookFile
    settings : Settings

    Raises
    ------
    InputError
        Where the file as a whole cannot be read.
    """
    portfolio = settings.portfolio
    return read_holdings(
        read_sheet(file.raw),
        small=portfolio.small,
        large=portfolio.large,
        prices=closes(view),
        legs=settings.legs,
        shape=file.shape,
        mark=MARKS[file.decimal],
        account=file.account,
    )


def closes(view: "Callable[[], AsOf]") -> Prices:
    """The last close known of a symbol, with its session."""

    def close(symbol: str) -> Quote | None:
        history = view().latest(CLOSE.format(symbol))
        if not history.value.size:
            return None
        return Quote(float(history.value[-1]), history.period[-1].astype("datetime64[D]").item())

    return close
