"""Rebalancing a real book: orders, cost, risk, and doing nothing beside it."""

import pytest

from allocator.portfolio.holdings import read_holdings
from allocator.portfolio.rebalance import Terms, rebalance


def book(text):
    return read_holdings(text, small="IWM", large="SPY")


def terms(target, **more):
    return Terms("IWM", "SPY", policy_weight=0.2, target_weight=target, cost_bp=20, **more)


MIX = "symbol,quantity,price\nIWM,1000,200\nSPY,2000,400\n"  # 200,000 and 800,000: small at 20 %


def test_an_underweight_sells_small_and_buys_large_in_money_shares_and_lots():
    asked = rebalance(book(MIX), terms(0.15))

    sell, buy = asked.trades
    assert (sell.side, sell.symbol, sell.money, sell.shares, sell.round_lots, sell.odd_shares) == (
        "sell",
        "IWM",
        pytest.approx(50_000),
        250,
        2,
        50,
    )
    assert (buy.side, buy.symbol, buy.money, buy.shares) == ("buy", "SPY", pytest.approx(50_000), 125)
    assert asked.before.drift_points == pytest.approx(5)
    assert asked.after.small_weight == pytest.approx(0.15)
    assert asked.after.drift_points == pytest.approx(0)


def test_cost_is_half_the_round_trip_on_each_leg():
    asked = rebalance(book(MIX), terms(0.15))

    assert asked.cost == pytest.approx(50_000 * 0.0020)  # 10 bp on each of two legs of 50,000
    assert asked.cost_bp == pytest.approx(1.0)


def test_tracking_error_beta_and_expectation_stand_beside_doing_nothing():
    asked = rebalance(book(MIX), terms(0.10, sigma_percent=10.0, relative_beta=0.2, forecast_annual_percent=-2.0))

    assert asked.before.tracking_error_percent == pytest.approx(0)
    assert asked.after.tracking_error_percent == pytest.approx(1.0)
    assert asked.after.active_beta == pytest.approx(-0.02)
    assert asked.hedge_money == pytest.approx(20_000)  # buy back the beta that was given up
    assert asked.after.expected_active_bp == pytest.approx(20)


def test_without_risk_figures_they_are_missing_and_not_zero():
    asked = rebalance(book(MIX), terms(0.10))

    assert asked.after.tracking_error_percent is None
    assert asked.hedge_money is None


def test_a_book_at_its_target_needs_no_order():
    assert rebalance(book(MIX), terms(0.20)).trades == ()


def test_cash_pays_where_the_large_leg_is_too_small_and_it_is_said():
    asked = rebalance(book("symbol,value\nIWM,10\nSPY,5\nCASH,85\n"), terms(0.30))

    assert [(t.side, t.symbol, round(t.money)) for t in asked.trades] == [("sell", "SPY", 5), ("buy", "IWM", 20)]
    assert "comes from cash" in asked.remarks[0]


def test_what_cannot_be_paid_is_said_and_not_ordered():
    asked = rebalance(book("symbol,value\nIWM,10\nTLT,90\nCASH,5\n"), terms(0.60))

    assert sum(t.money for t in asked.trades if t.side == "buy") == pytest.approx(5)
    assert "Only 5 of" in asked.remarks[0]


def test_other_funds_of_a_leg_are_sold_after_the_one_named():
    asked = rebalance(book("symbol,quantity,price\nIWM,10,10\nIJR,90,10\nSPY,100,90\n"), terms(0.05))

    sold = [t for t in asked.trades if t.side == "sell"]
    assert [t.symbol for t in sold] == ["IWM", "IJR"]
    assert sold[0].money == pytest.approx(100)
    assert sold[0].shares == 10


def test_an_instrument_that_is_not_held_is_bought_at_the_recorded_price():
    without = rebalance(book("symbol,value\nSPY,1000\n"), terms(0.20))
    with_price = rebalance(book("symbol,value\nSPY,1000\n"), terms(0.20, small_price=50.0))

    assert without.trades[-1].shares is None
    assert with_price.trades[-1].shares == 4
