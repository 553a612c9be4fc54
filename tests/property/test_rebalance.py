"""Laws of a real book and its orders, on books nobody thought of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.portfolio.holdings import read_holdings
from allocator.portfolio.rebalance import Terms, View, advise_book, rebalance
from allocator.settings import TiltSettings
from signals.errors import InputError

SMALL, LARGE = ("IWM", "IJR", "AVUV", "FSSNX"), ("SPY", "VOO", "FXAIX")
TILT = TiltSettings()

amount = st.floats(1, 1e8)
books = st.dictionaries(
    st.sampled_from([*SMALL, *LARGE, "TLT", "SPAXX"]), st.tuples(amount, st.floats(0.5, 900)), min_size=1
)
views = st.builds(View, st.floats(-40, 40), st.floats(0.05, 1), st.floats(6, 30), st.floats(-1, 1))


def read(positions):
    lines = [f"{symbol},{value:.2f},{price:.2f}" for symbol, (value, price) in positions.items()]
    return read_holdings("\n".join(["symbol,value,price", *lines]), small="IWM", large="SPY")


def terms(view, policy=0.2):
    return Terms("IWM", "SPY", policy_weight=policy, view=view, settings=TILT, prices={"IWM": 200.0, "SPY": 400.0})


def net(trades, symbols):
    return sum((1 if trade.side == "buy" else -1) * trade.money for trade in trades if trade.symbol in symbols)


@given(books, views, st.floats(0, 0.5))
@settings(max_examples=200)
def test_an_order_never_points_the_other_way_than_the_advice(positions, view, policy):
    book = read(positions)
    result = rebalance(book, terms(view, policy))
    advice = advise_book(view, held_weight=book.weight("small"), policy_weight=policy, settings=TILT)
    bought = net(result.trades, SMALL)

    assert result.advice == advice
    assert (bought > 0) <= (advice.trade_points > 0)
    assert (bought < 0) <= (advice.trade_points < 0)
    if advice.action == "hold":
        assert result.trades == ()
        assert result.before == result.after


@given(books, views, st.floats(0, 0.5))
def test_no_trade_takes_the_book_further_from_the_view(positions, view, policy):
    result = rebalance(read(positions), terms(view, policy))
    low, high = -100 * policy, 100 * (1 - policy)
    within = min(max(view.points, view.confidence * low), view.confidence * high)

    assert abs(result.after.active_points - within) <= abs(result.before.active_points - within) + 1e-6 or (
        abs(view.points) > view.confidence * TILT.max_active_points
    )


@given(books, st.floats(-14, 14), st.floats(8, 20), st.floats(0.15, 0.5))
def test_a_trade_is_worth_more_than_it_costs(positions, points, sigma, policy):
    result = rebalance(read(positions), terms(View(points, 1.0, sigma), policy))

    assert not result.trades or result.gain_bp > -1e-6


@given(books, views)
def test_money_is_neither_made_nor_lost(positions, view):
    book = read(positions)
    result = rebalance(book, terms(view))
    small, large = net(result.trades, SMALL), net(result.trades, LARGE)
    cash = sum(position.value for position in book.of("cash"))
    tiny = 1e-6 * book.total + 0.01

    assert -tiny <= small + large <= cash + tiny  # what is bought beyond what is sold comes from cash
    assert result.cash_after >= min(cash, 0.0) - result.cost - tiny  # whole shares never borrow
    assert result.after.small_weight == pytest.approx(book.weight("small") + small / book.total, abs=2e-6)
    assert result.cost == pytest.approx(sum(trade.money for trade in result.trades) * 0.0010)


@given(books, views)
def test_no_more_is_sold_than_is_held_and_shares_never_exceed_money(positions, view):
    book = read(positions)
    held = {position.symbol: position.value for position in book.positions}

    for trade in rebalance(book, terms(view)).trades:
        if trade.side == "sell":
            assert trade.money <= held[trade.symbol] * (1 + 1e-9)
        if trade.shares is not None:
            assert trade.shares * trade.price <= trade.money * (1 + 1e-6) + trade.price * 1e-6
            assert trade.round_lots * 100 + trade.odd_shares == trade.shares


@given(views, st.floats(0, 1), st.floats(0, 1))
def test_a_smaller_trade_than_the_smallest_is_never_asked_for(view, held, policy):
    advice = advise_book(view, held_weight=held, policy_weight=policy, settings=TILT)

    assert advice.trade_points == 0 or abs(advice.trade_points) >= getattr(TILT, "smallest_trade_points", 0)


@given(st.text(max_size=200), st.binary(max_size=200))
def test_any_file_is_read_or_refused_in_words(text, raw):
    for given_file in (text, raw):
        try:
            book = read_holdings(given_file, small="IWM", large="SPY")
        except InputError:
            continue
        assert book.unread_share is None or 0 <= book.unread_share <= 1
