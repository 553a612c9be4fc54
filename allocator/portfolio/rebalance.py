"""From the book that is held to the one that was advised: drift, trades, cost, risk, and doing nothing.

Small caps are bought from and sold into the large leg (METHOD 4); where the large leg runs out, cash
pays, and what then is missing is said. Pure arithmetic: prices, costs and risk figures are arguments.
"""

import math
from dataclasses import dataclass

from allocator.portfolio.holdings import Holdings, Leg, Position

LOT = 100  # shares in a round lot of a US fund
BP = 1e-4


@dataclass(frozen=True, slots=True)
class Trade:
    """One order.

    Attributes
    ----------
    symbol, side : str
        Side is buy or sell.
    money : float
        What the advice asks for.
    shares : int or None
        Whole shares nearest below it; None where no price is known.
    round_lots, odd_shares : int or None
        The same in lots of 100, and what is left over.
    cost : float
        Money: half of the round-trip cost, on this leg.
    price : float or None
    """

    symbol: str
    side: str
    money: float
    shares: int | None
    round_lots: int | None
    odd_shares: int | None
    cost: float
    price: float | None


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a book stands against policy.

    Attributes
    ----------
    small_weight, large_weight : float
        0 to 1 of the whole book.
    active_points : float
        Small caps against the policy weight, points.
    drift_points : float
        Small caps against the advised weight, points.
    tracking_error_percent : float or None
        Per year, from the active weight alone.
    active_beta : float or None
        Beta that the active weight adds to the policy mix.
    expected_active_bp : float or None
        Forecast of small minus large times the active weight, bp per year, before cost.
    """

    small_weight: float
    large_weight: float
    active_points: float
    drift_points: float
    tracking_error_percent: float | None
    active_beta: float | None
    expected_active_bp: float | None


@dataclass(frozen=True, slots=True)
class Rebalance:
    """The advised trade for a real book, with doing nothing beside it."""

    total: float
    target_weight: float
    before: Stand
    after: Stand
    trades: tuple[Trade, ...]
    cost: float
    cost_bp: float
    hedge_symbol: str
    hedge_money: float | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rebalance is measured with.

    Attributes
    ----------
    small, large : str
        Instruments that are bought.
    policy_weight, target_weight : float
        0 to 1.
    cost_bp : float
        A round trip over both legs.
    sigma_percent : float or None
        Of small minus large, per year.
    relative_beta : float or None
        Of small minus large to the market.
    forecast_annual_percent : float or None
    small_price, large_price : float or None
        Used where the book holds none of an instrument that must be bought.
    """

    small: str
    large: str
    policy_weight: float
    target_weight: float
    cost_bp: float
    sigma_percent: float | None = None
    relative_beta: float | None = None
    forecast_annual_percent: float | None = None
    small_price: float | None = None
    large_price: float | None = None


def rebalance(book: Holdings, terms: Terms) -> Rebalance:
    """Trades that bring the small leg of `book` to the advised weight.

    Money moves only between the small and the large leg, and from cash where the large leg is too small.
    After-trade figures use the money asked for, not the whole shares it rounds to.
    """
    held = book.weight("small")
    wanted = (terms.target_weight - held) * book.total
    moved, remarks = _fundable(book, wanted)
    large_part = _from_large(book, moved)
    small_side = _orders(book, "small", terms.small, moved, terms, terms.small_price)
    large_side = _orders(book, "large", terms.large, -large_part, terms, terms.large_price)
    trades = (*small_side, *large_side) if moved < 0 else (*large_side, *small_side)  # sell first, then buy
    cost = sum(trade.cost for trade in trades)
    after_small = held + moved / book.total
    after_large = book.weight("large") - large_part / book.total
    after = _stand(after_small, after_large, terms)
    return Rebalance(
        total=book.total,
        target_weight=terms.target_weight,
        before=_stand(held, book.weight("large"), terms),
        after=after,
        trades=trades,
        cost=cost,
        cost_bp=cost / book.total / BP,
        hedge_symbol=terms.large,
        hedge_money=None if after.active_beta is None else -after.active_beta * book.total,
        remarks=remarks,
    )


def _fundable(book: Holdings, wanted: float) -> tuple[float, tuple[str, ...]]:
    """The part of `wanted` that the other legs can pay, and what must be said about the rest."""
    purse = sum(p.value or 0.0 for p in (*book.of("large"), *book.of("cash")))
    if wanted <= purse:
        drawn = wanted - sum(p.value or 0.0 for p in book.of("large"))
        said = (f"{drawn:,.0f} of it comes from cash: the large leg is too small.",) if drawn > BP else ()
        return wanted, said
    return purse, (f"Only {purse:,.0f} of the {wanted:,.0f} asked for can be paid from the large leg and cash.",)


def _from_large(book: Holdings, moved: float) -> float:
    """What the large leg gives (positive) or takes (negative)."""
    return min(moved, sum(p.value or 0.0 for p in book.of("large")))


def _orders(
    book: Holdings, leg: Leg, symbol: str, money: float, terms: Terms, known_price: float | None
) -> tuple[Trade, ...]:
    """Buy the instrument named, or sell holdings of the leg: the instrument named first, then the largest."""
    if abs(money) < 0.5 * BP * book.total / 100:  # a millionth of the book is no order
        return ()
    positions = book.of(leg)
    if money > 0:
        price = next((p.price for p in positions if p.symbol == symbol), None) or known_price
        return (_order(symbol, money, price, terms),)
    left, orders = -money, []
    for held in sorted(positions, key=lambda p: p.symbol != symbol):
        part = min(left, held.value or 0.0)
        if part > 0:
            orders.append(_order(held.symbol, -part, held.price, terms, most=held))
        left -= part
    return tuple(orders)


def _order(symbol: str, money: float, price: float | None, terms: Terms, most: Position | None = None) -> Trade:
    shares = None if not price else math.floor(abs(money) / price + 1e-9)
    if shares is not None and most is not None and most.quantity is not None:
        shares = min(shares, math.floor(most.quantity))
    return Trade(
        symbol=symbol,
        side="buy" if money > 0 else "sell",
        money=abs(money),
        shares=shares,
        round_lots=None if shares is None else shares // LOT,
        odd_shares=None if shares is None else shares % LOT,
        cost=abs(money) * terms.cost_bp / 2 * BP,
        price=price,
    )


def _stand(small: float, large: float, terms: Terms) -> Stand:
    active = small - terms.policy_weight
    forecast = terms.forecast_annual_percent
    return Stand(
        small_weight=small,
        large_weight=large,
        active_points=100 * active,
        drift_points=100 * (small - terms.target_weight),
        tracking_error_percent=None if terms.sigma_percent is None else abs(active) * terms.sigma_percent,
        active_beta=None if terms.relative_beta is None else active * terms.relative_beta,
        expected_active_bp=None if forecast is None else 100 * active * forecast,
    )
