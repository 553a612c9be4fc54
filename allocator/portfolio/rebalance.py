"""From the book that is held to the one that is advised: trades, cost, cash, risk, and doing nothing beside it.

1. The view of the day is the same for every book. Its size for *this* book (clip, no-trade band, step, smallest
   trade) comes from the very functions that `decide` uses, with the weight that the book really holds.
2. Orders follow that size and nothing else: where it says hold there is no order, and no order points the other way.
3. Small caps are bought from and sold into the large leg (METHOD 4); where the large leg runs out, cash pays, and
   what then is missing is said.
4. A tilt comes and goes, so it is bought in the instrument of the pair and sold from it and from index funds first;
   an active sleeve is cut last. A fund whose record does not earn its fee (`funds`: passive) is sold before all.

Pure arithmetic: prices, costs and risk figures are arguments.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from allocator import tilt
from allocator.portfolio.classify import Leg
from allocator.portfolio.fund_table import fund_table
from allocator.portfolio.holdings import Holdings, Position
from allocator.recommendation import Action, Line
from allocator.returns import OLDEST_PRICE
from allocator.settings import TiltSettings

LOT = 100  # shares in a round lot of a US fund
BP = 1e-4
ROUNDING_POINTS = 1e-9  # below this a trade is the noise of a sum
NO_ORDER = 1e-8  # of the book: a hundredth of a dollar in a million
SOLD_FIRST: Mapping[str, int] = {"index": 0, "rules": 1, "": 2, "active": 3}  # an active sleeve is cut last
IN_PERCENT = "The file states weights and no money: orders are in percent of the book."


@dataclass(frozen=True, slots=True)
class View:
    """What the engine says on one day, whatever is held.

    Attributes
    ----------
    points : float
        Wish after confidence and multiplier, points against policy.
    confidence : float
        Data confidence, 0 to 1: scales the largest tilt.
    sigma_percent : float
        Of small minus large, per year.
    relative_beta : float or None
        Of small minus large to the market.
    """

    points: float
    confidence: float
    sigma_percent: float
    relative_beta: float | None = None


@dataclass(frozen=True, slots=True)
class BookAdvice:
    """What the view asks of one book.

    Attributes
    ----------
    action : str
        trade or hold.
    view_points : float
    policy_weight, held_weight, target_weight : float
        0 to 1 of the book.
    trade_points : float
        100 (target_weight - held_weight).
    band_points : float
        Half-width of the no-trade band.
    lines : tuple of Line
        What clip, band, step and smallest trade made of the view; sums to the active weight.
    """

    action: Action
    view_points: float
    policy_weight: float
    held_weight: float
    target_weight: float
    trade_points: float
    band_points: float
    lines: tuple[Line, ...]


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
    """Where a book stands against policy and view.

    Attributes
    ----------
    small_weight, large_weight : float
        0 to 1 of the whole book.
    active_points : float
        Small caps against the policy weight, points.
    drift_points : float
        Small caps against the advised weight, points.
    tracking_error_percent : float
        Per year, from the active weight alone.
    active_beta : float or None
        Beta that the active weight adds to the policy mix.
    expected_active_bp : float
        Expected active return as far as it is trusted (after confidence and multiplier), per year, before cost.
    risk_charge_bp : float
        What the mandate's risk aversion charges for that tracking error, per year.
    worth_bp : float
        Expected return less the risk charge, per year, before cost.
    """

    small_weight: float
    large_weight: float
    active_points: float
    drift_points: float
    tracking_error_percent: float
    active_beta: float | None
    expected_active_bp: float
    risk_charge_bp: float
    worth_bp: float


@dataclass(frozen=True, slots=True)
class VehicleShare:
    """One small-cap holding and its part in the trade; money.

    `conclusion` is what its record says against the benchmark fund: active, passive, no difference, or empty where it
    was not weighed.
    """

    symbol: str
    management: str
    expense_ratio_percent: float | None
    value: float
    traded: float
    conclusion: str = ""


@dataclass(frozen=True, slots=True)
class Rebalance:
    """The advised trade for a real book, with doing nothing beside it.

    Attributes
    ----------
    advice : BookAdvice
    total : float
        Money in the book.
    before, after : Stand
        If nothing is done, and after the trade (money asked for, before rounding to whole shares).
    trades : tuple of Trade
        Sales first.
    cost, cost_bp : float
        Of all trades: money, and basis points of the book.
    gain_bp : float
        What the trade adds to `worth_bp` in a year, after its cost; 0 without a trade.
    cash_before, cash_after : float
        Money; after the trade in whole shares and its cost.
    hedge_symbol : str
    hedge_money : float or None
        To buy (negative: sell) of the large leg besides, so that the market exposure stays that of policy.
    vehicles : tuple of VehicleShare
    remarks : tuple of str
    in_money : bool
        False for a book of weights: then every amount is percent of the book.
    """

    advice: BookAdvice
    total: float
    before: Stand
    after: Stand
    trades: tuple[Trade, ...]
    cost: float
    cost_bp: float
    gain_bp: float
    cash_before: float
    cash_after: float
    hedge_symbol: str
    hedge_money: float | None
    vehicles: tuple[VehicleShare, ...]
    remarks: tuple[str, ...]
    in_money: bool = True

    @property
    def traded_small(self) -> tuple[str, ...]:
        """Small-cap funds in the orders, in their order."""
        traded = {vehicle.symbol for vehicle in self.vehicles if vehicle.traded}
        return tuple(trade.symbol for trade in self.trades if trade.symbol in traded)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rebalance is measured with.

    Attributes
    ----------
    small, large : str
        Instruments that are bought.
    policy_weight : float
        0 to 1.
    view : View or None
        None where the day gives no advice: then every book is held.
    settings : TiltSettings
        Cost, band, step and limits.
    step_from : float or None
        Weight at the previous month's last session, 0 to 1; the weight held where not known.
    prices : mapping of symbol to money per share
        Used where the book does not price an instrument.
    conclusions : mapping of symbol to str
        What the records of the small-cap funds say (`allocator.portfolio.funds.conclusions`).
    """

    small: str
    large: str
    policy_weight: float
    view: View | None
    settings: TiltSettings
    step_from: float | None = None
    prices: Mapping[str, float] | None = None
    conclusions: Mapping[str, str] | None = None


def advise_book(
    view: View, *, held_weight: float, policy_weight: float, settings: TiltSettings, step_from: float | None = None
) -> BookAdvice:
    """What a view asks of a book that holds `held_weight` in small caps.

    Parameters
    ----------
    view : View
    held_weight, policy_weight : float
        0 to 1; a book on margin may hold more than one.
    settings : TiltSettings
    step_from : float, optional
        Weight from which the largest step counts, 0 to 1; `held_weight` where not given.
    """
    start = held_weight if step_from is None else step_from
    limits = tilt.Limits.long_only(
        policy_weight,
        100 * (held_weight - policy_weight),
        view.sigma_percent,
        multiplier=1.0,  # the view has it already
        step_from=100 * (start - policy_weight),
        confidence=view.confidence,
    )
    raw = view.points / view.confidence if view.confidence > 0 else 0.0
    sized = tilt.size((Line("view", raw),), limits, settings)
    target = policy_weight + sized.points / 100
    trade = 100 * (target - held_weight)
    traded = abs(trade) > ROUNDING_POINTS
    return BookAdvice(
        action="trade" if traded else "hold",
        view_points=view.points,
        policy_weight=policy_weight,
        held_weight=held_weight,
        target_weight=target if traded else held_weight,
        trade_points=trade if traded else 0.0,
        band_points=tilt.band_points(view.sigma_percent, settings),
        lines=sized.lines,
    )


def rebalance(book: Holdings, terms: Terms) -> Rebalance:
    """Trades that bring the small leg of `book` to what the view asks of it.

    Raises
    ------
    InputError
        Where too much of the book is not understood (`Holdings.demand_understood`).
    """
    book.demand_understood()
    advice = _advice(book, terms)
    moved, remarks = _fundable(book, (advice.target_weight - advice.held_weight) * book.total)
    from_large = _from_large(book, moved)
    small_side = _orders(book, "small", terms.small, moved, terms)
    large_side = _orders(book, "large", terms.large, -from_large, terms)
    trades = (*small_side, *large_side) if moved < 0 else (*large_side, *small_side)  # sell first, then buy
    cash = sum(position.value for position in book.of("cash"))
    trades = _affordable(trades, cash)
    cost = sum(trade.cost for trade in trades)
    before = _stand(advice.held_weight, book.weight("large"), advice, terms)
    after = _stand(
        advice.held_weight + moved / book.total, book.weight("large") - from_large / book.total, advice, terms
    )
    cost_bp = cost / book.total / BP
    return Rebalance(
        advice=advice,
        total=book.total,
        before=before,
        after=after,
        trades=trades,
        cost=cost,
        cost_bp=cost_bp,
        gain_bp=after.worth_bp - before.worth_bp - cost_bp / terms.settings.horizon_years if trades else 0.0,
        cash_before=cash,
        cash_after=cash - cost - sum(_spent(trade) for trade in trades),
        hedge_symbol=terms.large,
        hedge_money=None if after.active_beta is None else -after.active_beta * book.total,
        vehicles=_vehicles(book, trades, terms),
        remarks=(*remarks, *(_whole_shares(trades) if book.in_money else (IN_PERCENT,) if trades else ())),
        in_money=book.in_money,
    )


def _advice(book: Holdings, terms: Terms) -> BookAdvice:
    held_weight = book.weight("small")
    if terms.view is None:
        return BookAdvice("hold", 0.0, terms.policy_weight, held_weight, held_weight, 0.0, 0.0, ())
    return advise_book(
        terms.view,
        held_weight=held_weight,
        policy_weight=terms.policy_weight,
        settings=terms.settings,
        step_from=terms.step_from,
    )


def _fundable(book: Holdings, wanted: float) -> tuple[float, tuple[str, ...]]:
    """The part of `wanted` that the other legs can pay, and what must be said about the rest."""
    large = sum(position.value for position in book.of("large"))
    purse = large + max(0.0, sum(position.value for position in book.of("cash")))
    if wanted <= purse:
        drawn = wanted - large
        return wanted, (
            (f"{drawn:,.0f} of it comes from cash: the large leg is too small.",) if drawn > NO_ORDER else ()
        )
    return purse, (f"Only {purse:,.0f} of the {wanted:,.0f} asked for can be paid from the large leg and cash.",)


def _from_large(book: Holdings, moved: float) -> float:
    """What the large leg gives (positive) or takes (negative)."""
    return min(moved, sum(position.value for position in book.of("large")))


def _orders(book: Holdings, leg: Leg, symbol: str, money: float, terms: Terms) -> tuple[Trade, ...]:
    """Buy the instrument named, or sell holdings of the leg in the order of `_sold_first`."""
    if abs(money) < NO_ORDER * book.total:
        return ()
    positions = book.of(leg)
    known = (terms.prices or {}) if book.in_money else {}
    if money > 0:
        own = next((position.price for position in positions if position.symbol == symbol), None)
        return (_order(symbol, money, own or known.get(symbol), terms),)
    left, orders = -money, []
    for position in sorted(positions, key=lambda position: _sold_first(position, symbol, terms)):
        part = min(left, position.value)
        if part > 0:
            price = position.price or known.get(position.symbol)
            orders.append(_order(position.symbol, -part, price, terms, most=position))
        left -= part
    return tuple(orders)


def _sold_first(position: Position, symbol: str, terms: Terms) -> tuple[bool, bool, int]:
    """Order of sale: what does not earn its fee, the instrument named, index funds, the rest, an active sleeve."""
    fund = fund_table().get(position.symbol)
    worth_its_fee = (terms.conclusions or {}).get(position.symbol) != "passive"
    return worth_its_fee, position.symbol != symbol, SOLD_FIRST["" if fund is None else fund.management]


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
        cost=abs(money) * terms.settings.cost_bp / 2 * BP,
        price=price,
    )


def _affordable(trades: tuple[Trade, ...], cash: float) -> tuple[Trade, ...]:
    """Buy no share that sales in whole shares, cash and the cost do not pay: an order never borrows."""
    purse = max(cash, 0.0) - sum(trade.cost for trade in trades)
    purse -= sum(_spent(trade) for trade in trades if trade.side == "sell")
    return tuple(_at_most(trade, purse) for trade in trades)


def _at_most(trade: Trade, purse: float) -> Trade:
    if trade.side == "sell" or trade.shares is None or not trade.price:
        return trade
    shares = min(trade.shares, max(0, math.floor(purse / trade.price + 1e-9)))
    return replace(trade, shares=shares, round_lots=shares // LOT, odd_shares=shares % LOT)


def _spent(trade: Trade) -> float:
    """Money that leaves cash (negative: comes in), in whole shares where a price is known."""
    money = trade.money if trade.shares is None or trade.price is None else trade.shares * trade.price
    return money if trade.side == "buy" else -money


def _whole_shares(trades: tuple[Trade, ...]) -> tuple[str, ...]:
    unpriced = [trade.symbol for trade in trades if trade.shares is None]
    tiny = [trade.symbol for trade in trades if trade.shares == 0]
    recent = f"of the last {OLDEST_PRICE} sessions"
    return (
        *((f"No price of {', '.join(unpriced)} {recent} is known: the order is in money only.",) if unpriced else ()),
        *((f"The order in {', '.join(tiny)} is less than one share.",) if tiny else ()),
    )


def _stand(small: float, large: float, advice: BookAdvice, terms: Terms) -> Stand:
    active = small - terms.policy_weight
    view = terms.view
    sigma = 0.0 if view is None else view.sigma_percent
    trusted = 0.0 if view is None else view.points / 100
    aversion = terms.settings.ir_reference / (terms.settings.tracking_error_percent / 100)
    variance_bp = aversion * (sigma / 100) ** 2 / BP
    expected, charge = variance_bp * trusted * active, variance_bp * active**2 / 2
    return Stand(
        small_weight=small,
        large_weight=large,
        active_points=100 * active,
        drift_points=100 * (small - advice.target_weight),
        tracking_error_percent=abs(active) * sigma,
        active_beta=None if view is None or view.relative_beta is None else active * view.relative_beta,
        expected_active_bp=expected,
        risk_charge_bp=charge,
        worth_bp=expected - charge,
    )


def _vehicles(book: Holdings, trades: tuple[Trade, ...], terms: Terms) -> tuple[VehicleShare, ...]:
    """Every small-cap holding, and the instrument bought, with what is traded in it."""
    traded = {trade.symbol: trade.money if trade.side == "buy" else -trade.money for trade in trades}
    values = {position.symbol: position.value for position in book.of("small")}
    funds, small = fund_table(), terms.small
    names: list[str] = [*values, *([small] if small in traded and small not in values else [])]
    return tuple(
        VehicleShare(
            symbol=symbol,
            management=funds[symbol].management if symbol in funds else "",
            expense_ratio_percent=funds[symbol].expense_ratio_percent if symbol in funds else None,
            value=values.get(symbol, 0.0),
            traded=traded.get(symbol, 0.0),
            conclusion=(terms.conclusions or {}).get(symbol, ""),
        )
        for symbol in names
    )
