"""Laws of holdings and rebalancing, on books nobody thought of."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from allocator.portfolio.holdings import read_holdings
from allocator.portfolio.rebalance import Terms, rebalance
from signals.errors import InputError

amount = st.floats(1, 1e8)
books = st.dictionaries(
    st.sampled_from(["IWM", "IJR", "SPY", "VOO", "TLT", "CASH"]), st.tuples(amount, st.floats(0.5, 900)), min_size=1
)


def made(positions):
    lines = [f"{symbol},{value:.2f},{price:.2f}" for symbol, (value, price) in positions.items()]
    return read_holdings("\n".join(["symbol,value,price", *lines]), small="IWM", large="SPY")


@given(books, st.floats(0, 1), st.floats(0, 0.5))
def test_money_is_neither_made_nor_lost(positions, target, policy):
    book = made(positions)
    asked = rebalance(book, Terms("IWM", "SPY", policy_weight=policy, target_weight=target, cost_bp=20))

    small = sum((1 if t.side == "buy" else -1) * t.money for t in asked.trades if t.symbol in ("IWM", "IJR"))
    large = sum((1 if t.side == "buy" else -1) * t.money for t in asked.trades if t.symbol in ("SPY", "VOO"))
    cash = sum(p.value for p in book.of("cash"))
    tiny = 1e-6 * book.total + 0.01

    assert -tiny <= small + large <= cash + tiny  # what is bought beyond what is sold comes from cash
    assert asked.after.small_weight == pytest.approx(book.weight("small") + small / book.total, abs=2e-6)
    assert asked.cost == pytest.approx(sum(t.money for t in asked.trades) * 0.0010)


@given(books, st.floats(0, 1))
def test_no_more_is_sold_than_is_held_and_shares_never_exceed_money(positions, target):
    book = made(positions)
    held = {p.symbol: p.value for p in book.positions}
    asked = rebalance(book, Terms("IWM", "SPY", policy_weight=0.2, target_weight=target, cost_bp=20))

    for trade in asked.trades:
        if trade.side == "sell":
            assert trade.money <= held[trade.symbol] * (1 + 1e-9)
        if trade.shares is not None:
            assert trade.shares * trade.price <= trade.money * (1 + 1e-6) + trade.price * 1e-6
            assert trade.round_lots * 100 + trade.odd_shares == trade.shares


@given(books, st.floats(0, 1))
def test_the_target_is_reached_where_it_can_be_paid(positions, target):
    book = made(positions)
    asked = rebalance(book, Terms("IWM", "SPY", policy_weight=0.2, target_weight=target, cost_bp=20))
    assume(not any("Only" in remark for remark in asked.remarks))

    assert asked.after.small_weight == pytest.approx(target, abs=1e-6)


@given(
    st.one_of(
        st.binary(max_size=400),
        st.text(max_size=400).map(str.encode),
        st.text("IWMSPY,;\n\t\"'=-+0123456789.eE$()", max_size=400).map(
            lambda t: ("symbol,quantity,price\n" + t).encode()
        ),
    )
)
def test_no_bytes_break_the_reader(raw):
    try:
        book = read_holdings(raw, small="IWM", large="SPY")
    except InputError:
        return  # refused as a whole, in words of ours
    assert all(p.value is not None and 0 <= p.value <= 2_000 * 1e13 for p in book.positions)
    assert all(bad.line >= 1 and bad.reason for bad in book.bad)
