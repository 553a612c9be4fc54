"""The hedge of the contract: what a tilt does to a book, and what takes it out."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from captilt.contract.record import Answer, fill

if TYPE_CHECKING:
    from allocator.portfolio.book_returns import BookReturns
    from allocator.portfolio.hedge import Beta as Slope
    from allocator.portfolio.hedge import Hedge
    from allocator.portfolio.holdings import Holdings


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
class ShortCrisis:
    """A crisis that counts in the slope of all together and is too short for one of its own; `n` months."""

    sample: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A holding that was valued here: the close used, in dollars a share, and its session."""

    symbol: str
    price: float
    day: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingBeta:
    """Slope over the 36 months that end here (YYYY-MM)."""

    month: str
    beta: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeAnswer(Answer):
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
    short_crises: tuple[ShortCrisis, ...] = ()
    priced: tuple[Priced, ...] = ()
    open_questions: tuple[str, ...] = ()
    old_prices: tuple[str, ...] = ()


def hedge_answer(
    hedge: "Hedge",
    book: "BookReturns",
    *,
    day: dt.date,
    holdings: "Holdings | None",
    old_prices: tuple[str, ...] = (),
) -> HedgeAnswer:
    """The hedge of a real book, or of the policy mix where `holdings` is None."""
    by_ten, low, high = hedge.added_by_ten
    months = zip(hedge.rolling_month, hedge.rolling_beta.tolist(), strict=True)
    total = holdings.total if holdings is not None and holdings.in_money else None
    positions = () if holdings is None else holdings.positions
    return fill(
        HedgeAnswer,
        hedge,
        as_of=day,
        whole=_beta(hedge.whole),
        recent=_beta(hedge.recent),
        crises=tuple(_beta(slope) for slope in hedge.crises),
        short_crises=tuple(ShortCrisis(sample=sample, n=count) for sample, count in hedge.short_crises),
        added_beta_by_ten_points=by_ten,
        added_beta_by_ten_points_interval=(low, high),
        hedge_money=None if total is None else hedge.hedge_share * total,
        book=Book(total=total, shares=dict(book.used), left_out=tuple(book.left_out)),
        bad_rows=tuple(fill(BadRow, row) for row in (() if holdings is None else holdings.bad)),
        priced=tuple(
            Priced(symbol=position.symbol, price=position.price or 0.0, day=position.priced_on)
            for position in positions
            if position.priced_on is not None
        ),
        open_questions=() if holdings is None else holdings.open_questions,
        old_prices=old_prices,
        rows=tuple(RollingBeta(month=str(month), beta=beta) for month, beta in months),
    )


def _beta(slope: "Slope") -> Beta:
    return fill(Beta, slope, n=slope.months)
