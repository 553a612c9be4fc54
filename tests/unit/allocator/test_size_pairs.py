"""The declared universe of size pairs, and no advice without prices of the pair's own."""

import datetime as dt

import numpy as np
import pytest

from allocator.returns import SMB, between, demand_prices
from allocator.settings import PortfolioSettings
from allocator.size_pairs import LARGE, SMALL, is_size_pair, small_leg_name
from signals.asof import AsOf, History
from signals.calendars import cut, instants, sessions_between
from signals.errors import NoAdvice

DAY = dt.date(2019, 6, 28)


def daily(value: float, first: str = "1995-01-03") -> History:
    days = sessions_between(dt.date.fromisoformat(first), DAY)
    values = np.full(days.size, value) if value < 10 else value * np.exp(0.0001 * np.arange(days.size))
    return History.of(days, instants(days, dt.time(16, 15)), values)


def pair(small: str, large: str) -> PortfolioSettings:
    return PortfolioSettings(small=small, large=large)


def view(**held: History) -> AsOf:
    return AsOf(cut(DAY), {name.replace("__", ":"): facts for name, facts in held.items()})


PRICES = {"yahoo__IWM__close": daily(100.0, "2000-05-26"), "yahoo__SPY__close": daily(100.0, "1995-01-03")}


@pytest.mark.parametrize(("small", "large"), [("IWM", "SPY"), ("ZZZZ", "QQQQ9"), ("SCHA", "IVV"), ("SCZ", "EFA")])
def test_a_pair_without_a_price_of_its_own_gets_no_advice(small: str, large: str) -> None:
    world = AsOf(cut(DAY), {SMB: daily(0.01)})

    with pytest.raises(NoAdvice, match=f"no price of {small} is known on 2019-06-28") as caught:
        demand_prices(world, pair(small, large))

    assert f"captilt data fetch yahoo:{small}" in caught.value.remedy


def test_one_leg_is_not_enough() -> None:
    with pytest.raises(NoAdvice, match="no price of SPY"):
        demand_prices(view(yahoo__IWM__close=PRICES["yahoo__IWM__close"]), pair("IWM", "SPY"))


def test_prices_of_both_legs_and_research_portfolios_are_enough() -> None:
    demand_prices(view(**PRICES), pair("IWM", "SPY"))
    demand_prices(view(), pair(SMB, "none"))


def test_before_a_declared_fund_traded_its_stand_in_is_enough() -> None:
    early = AsOf(cut(dt.date(1999, 6, 30)), {SMB: daily(0.01), "yahoo:SPY:close": daily(100.0)})

    demand_prices(early, pair("IWM", "SPY"))
    with pytest.raises(NoAdvice):
        demand_prices(early, pair("SCZ", "SPY"))


def test_smb_stands_in_for_the_declared_universe_and_for_nothing_else() -> None:
    days = np.array(["1997-06-30", "1997-07-31"], dtype="datetime64[D]")
    world = AsOf(cut(DAY), {SMB: daily(0.01)})

    assert np.isfinite(between(world, pair("IWM", "SPY"), days)).all()
    assert np.isnan(between(world, pair("SCZ", "EFA"), days)).all()


def test_every_pair_of_the_universe_goes_by_its_asset_and_others_by_their_symbol() -> None:
    assert all(is_size_pair(small, large) for small in SMALL for large in LARGE)
    assert small_leg_name("MDY", "SPY") == "US mid caps"
    assert small_leg_name("SCZ", "EFA") == "SCZ"
    assert small_leg_name("IWM", "EFA") == "IWM"


def test_a_pair_of_the_universe_is_tested_and_back_tested_on_its_own_funds():
    from allocator.backtest.samples import sample_of
    from allocator.backtest.signal_evidence import own_funds
    from allocator.settings import PortfolioSettings
    from tests.support import worlds

    nothing = worlds.view({})
    mine, abroad = PortfolioSettings(small="IJR", large="IVV"), PortfolioSettings(small="SCZ", large="EFA")

    assert own_funds(nothing, mine).name == "IJR minus IVV"
    assert own_funds(nothing, abroad).name == "IWM minus SPY"  # signals of US rates are judged on US funds
    assert (sample_of(mine).small, sample_of(mine).large) == ("IJR", "IVV")
    assert sample_of(PortfolioSettings()).name == "iwm-2000"
