"""Rebalancing a real book: orders, cost, cash, risk, and doing nothing beside it."""

from dataclasses import replace

import pytest

from allocator.portfolio.holdings import read_holdings
from allocator.portfolio.rebalance import Terms, View, advise_book, rebalance
from allocator.settings import TiltSettings
from captilt.sentences import vehicle_sentence
from signals.errors import InputError

MIX = "symbol,quantity,price\nIWM,1000,200\nSPY,2000,400\n"  # 200,000 and 800,000: small caps at 20 %
SIGMA = 10.3
BAND = 1.131  # half-width at that sigma, points (METHOD 4)
YEAR = TiltSettings(horizon_years=1.0)


def book(text):
    return read_holdings(text, small="IWM", large="SPY")


def terms(points, *, policy=0.2, settings=YEAR, prices=None, beta=None):
    view = None if points is None else View(points, 1.0, SIGMA, beta)
    return Terms("IWM", "SPY", policy_weight=policy, view=view, settings=settings, prices=prices)


def advised(points, held, **more):
    return advise_book(View(points, 1.0, SIGMA), held_weight=held, policy_weight=0.2, settings=YEAR, **more)


@pytest.mark.parametrize("held", [0.0, 0.1, 0.2, 0.3])
def test_one_view_whatever_is_held_and_a_trade_of_its_own_for_each(held):
    advice = advised(-2.0, held, step_from=held)

    assert advice.view_points == -2.0
    edge = -2.0 + (BAND if held >= 0.2 else -BAND)
    expected = max(min(edge, 100 * held - 20 + 5), 100 * held - 20 - 5)
    assert 100 * advice.target_weight - 20 == pytest.approx(expected, abs=0.001)


def test_inside_the_band_nothing_is_done():
    advice = advised(0.5, 0.2)

    assert (advice.action, advice.trade_points, advice.target_weight) == ("hold", 0.0, 0.2)


def test_an_underweight_sells_small_and_buys_large_in_money_shares_and_lots():
    result = rebalance(book(MIX), terms(-4.0))

    sell, buy = result.trades
    money = (4.0 - BAND) / 100 * 1_000_000
    assert (sell.side, sell.symbol, sell.money) == ("sell", "IWM", pytest.approx(money, rel=1e-3))
    assert (sell.shares, sell.round_lots, sell.odd_shares) == (143, 1, 43)
    assert (buy.side, buy.symbol, buy.money, buy.shares) == ("buy", "SPY", pytest.approx(money, rel=1e-3), 71)
    assert result.before.drift_points == pytest.approx(4.0 - BAND, abs=0.001)
    assert result.after.drift_points == pytest.approx(0)


def test_cost_is_half_the_round_trip_on_each_leg_and_leaves_cash():
    result = rebalance(book(MIX + "CASH,5000,\n"), terms(-4.0))

    moved = result.trades[0].money
    assert result.cost == pytest.approx(moved * 0.0020)  # 10 bp on each of two legs
    assert result.cash_after == pytest.approx(
        5000 + result.trades[0].shares * 200 - result.trades[1].shares * 400 - result.cost
    )


def test_tracking_error_beta_and_worth_stand_beside_doing_nothing():
    result = rebalance(book(MIX), terms(-4.0, beta=0.2))

    after = result.after
    assert result.before.tracking_error_percent == pytest.approx(0)
    assert after.tracking_error_percent == pytest.approx(abs(after.active_points) / 100 * SIGMA)
    assert after.active_beta == pytest.approx(after.active_points / 100 * 0.2)
    assert result.hedge_money == pytest.approx(-after.active_beta * result.total)
    assert after.expected_active_bp > after.risk_charge_bp > 0
    assert result.gain_bp == pytest.approx(after.worth_bp - result.cost_bp)
    assert result.gain_bp > 0


def test_a_day_without_advice_moves_nothing():
    result = rebalance(book("symbol,value\nIWM,60\nSPY,40\n"), terms(None))

    assert (result.advice.action, result.trades) == ("hold", ())


def test_where_the_large_leg_runs_out_cash_pays_and_it_is_said():
    result = rebalance(book("symbol,value,price\nIWM,10000,200\nSPY,1000,400\nCASH,89000,\n"), terms(10.0))

    assert result.trades[-1].money == pytest.approx(5000)
    assert "comes from cash" in result.remarks[0]


def test_what_cannot_be_paid_is_said_and_not_ordered():
    result = rebalance(book("symbol,value,price\nIWM,10000,200\nTLT,90000,100\n"), terms(10.0))

    assert result.trades == ()
    assert result.remarks[0].startswith("Only 0 of the 5,000 asked for")


def test_an_active_sleeve_is_sold_last():
    held = "symbol,value,price\nAVUV,150000,75\nIJR,20000,98\nIWM,30000,187\nSPY,600000,417\nTLT,200000,100\n"

    result = rebalance(book(held), terms(-14.0, settings=TiltSettings(max_step_points=50, horizon_years=1.0)))

    assert [(trade.side, trade.symbol) for trade in result.trades[:3]] == [
        ("sell", "IWM"),
        ("sell", "IJR"),
        ("sell", "AVUV"),
    ]
    shares = {vehicle.symbol: vehicle for vehicle in result.vehicles}
    assert (shares["AVUV"].management, shares["AVUV"].expense_ratio_percent) == ("active", 0.25)
    assert shares["IWM"].traded == pytest.approx(-30_000)


def test_active_small_cap_funds_count_so_nothing_is_bought_on_top_of_them():
    result = rebalance(book("symbol,value\nAVUV,120000\nDFSV,80000\nSPY,800000\n"), terms(0.0))

    assert (result.before.small_weight, result.trades) == (pytest.approx(0.2), ())


def test_a_book_that_is_not_understood_gets_no_order():
    with pytest.raises(InputError, match="no order is written"):
        rebalance(book("symbol,value\nIWM,20\nSPY,60\nXYZ,20\n"), terms(-5.0))


def test_a_model_portfolio_gets_its_orders_in_percent_of_the_book():
    result = rebalance(book("symbol,weight\nIWM,20%\nSPY,80%\n"), terms(-4.0, prices={"IWM": 200.0, "SPY": 400.0}))

    assert result.total == 100
    assert not result.in_money
    assert result.trades[0].money == pytest.approx(4.0 - BAND, abs=0.001)
    assert {trade.shares for trade in result.trades} == {None}  # not even where prices are known
    assert result.remarks == ("The file states weights and no money: orders are in percent of the book.",)


def test_a_value_without_a_price_is_sold_in_shares_at_the_close_that_is_known():
    result = rebalance(book("symbol,value\nIWM,200000\nSPY,800000\n"), terms(-4.0, prices={"IWM": 200.0}))

    assert result.trades[0].shares == 143


@pytest.mark.parametrize(
    ("conclusion", "first"), [("passive", "AVUV"), ("no difference", "IWM"), ("active", "IWM"), ("", "IWM")]
)
def test_the_fund_whose_record_does_not_earn_its_fee_is_sold_first(conclusion, first):
    held = "symbol,value,price\nAVUV,100000,75\nIWM,100000,187\nSPY,800000,417\n"
    weighed = replace(terms(-8.0), conclusions={"AVUV": conclusion} if conclusion else {})

    result = rebalance(book(held), weighed)

    assert result.trades[0].symbol == first
    assert ("does not earn the fee" in vehicle_sentence(result)) == (conclusion == "passive")
    assert ("AVUV) is left as it is" in vehicle_sentence(result)) == (conclusion != "passive")
