"""The hedge of the contract: what a tilt does to a book, and what takes it out."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captilt.contract.record import fill

if TYPE_CHECKING:
    from allocator.portfolio.book_returns import BookReturns
    from allocator.portfolio.hedge import Beta as Slope
    from allocator.portfolio.hedge import Hedge
    from allocator.portfolio.holdings import BadRow as UnusableRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Beta:
    """Slope of small minus large on a book over one sample, with its 95 % interval."""

    sample: str
    beta: float
    interval: tuple[float, float]
    correlation: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The book: its value, the share of each symbol (0 to 1), and the symbols without a price."""

    total: float | None
    shares: Mapping[str, float]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row of the holdings that cannot be used."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingBeta:
    """Slope over the 36 months that end here (YYYY-MM)."""

    month: str
    beta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeAnswer:
    """What `captilt hedge` answers (see `allocator.portfolio.hedge.Hedge`)."""

    as_of: dt.date
    whole: Beta
    recent: Beta
    crises: tuple[Beta, ...]
    tilt_points: float
    added_beta: float
    added_beta_by_ten_points: float
    added_beta_by_ten_points_interval: tuple[float, float]
    hedge_share: float
    hedge_money: float | None
    book: Book
    bad_rows: tuple[BadRow, ...]
    rows: tuple[RollingBeta, ...]


def hedge_answer(
    hedge: "Hedge", book: "BookReturns", *, day: dt.date, total: float | None, bad: "tuple[UnusableRow, ...]"
) -> HedgeAnswer:
    """The hedge of a book worth `total` (None where only its shares are known)."""
    by_ten, low, high = hedge.added_by_ten
    months = zip(hedge.rolling_month, hedge.rolling_beta.tolist(), strict=True)
    return fill(
        HedgeAnswer,
        hedge,
        as_of=day,
        whole=_beta(hedge.whole),
        recent=_beta(hedge.recent),
        crises=tuple(_beta(slope) for slope in hedge.crises),
        added_beta_by_ten_points=by_ten,
        added_beta_by_ten_points_interval=(low, high),
        hedge_money=None if total is None else hedge.hedge_share * total,
        book=Book(total=total, shares=dict(book.used), left_out=tuple(book.left_out)),
        bad_rows=tuple(fill(BadRow, row) for row in bad),
        rows=tuple(RollingBeta(month=str(month), beta=beta) for month, beta in months),
    )


def _beta(slope: "Slope") -> Beta:
    return fill(Beta, slope, n=slope.months)
