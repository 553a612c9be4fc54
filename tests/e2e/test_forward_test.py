"""The registered rules on live days after their registration: stated daily, recorded, compared once a month is over."""

import datetime as dt

import numpy as np
import pytest

from allocator import returns
from allocator.challengers import registered_challengers
from allocator.evidence.forward_test import forward_test
from allocator.track_record import inputs
from captilt.config import settings as config
from captilt.context import Desk
from captilt.contract.challengers import challengers_answer
from captilt.contract.run import read_run
from captilt.run import daily
from captilt.run.challengers import compared
from captilt.run.replay import replay
from signals.asof import History
from signals.calendars import cut, month_end_sessions
from signals.catalog import SIGNALS
from signals.series.dictionary import describe
from tests.support import worlds

REGISTERED = dt.date(2026, 11, 26)
MONTH_ENDS = month_end_sessions(REGISTERED, dt.date(2027, 3, 31))
LIVE = (dt.date(2026, 11, 25), dt.date(2026, 11, 27), *MONTH_ENDS[1:])  # the desk sleeps on the first month-end
LAST = LIVE[-1] + dt.timedelta(days=5)


def invented(names: set[str]) -> dict[str, History]:
    """Made-up facts to the last live day; small caps follow dear credit, and the Fed holds its rate of 2026-09."""
    world = worlds.world(names, last=LAST)
    days = np.arange(np.datetime64("2026-09-17"), np.datetime64(LAST))
    upper = describe("fred:DFEDTARU")
    large, spread = world["yahoo:SPY:adj_close"], world["fred:BAA10Y"]
    dear = spread.value[np.maximum(np.searchsorted(spread.period, large.period) - 2, 0)] - spread.value.mean()
    small = large.value * np.exp(np.cumsum(0.0004 * dear / spread.value.std() + 0.004 * np.sin(np.arange(dear.size))))
    prices = {f"yahoo:IWM:{price}": History(large.period, large.known_at, small) for price in ("close", "adj_close")}
    return world | prices | {"fred:DFEDTARU": History.of(days, upper.known(days), np.full(days.size, 4.0))}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Six live days, each run at its own evening."""
    now = {"at": cut(LIVE[0])}
    desk = Desk(config.Settings(), tmp_path_factory.mktemp("live"), clock=lambda: now["at"])
    names = {name for rule in registered_challengers() for name in inputs(rule.judgement(desk.settings.judgement))}
    names |= {name for signal in SIGNALS for name in signal.inputs if not name.startswith("cme:")}
    desk.store.write(invented(names), source="made up", at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    for day in LIVE:
        now["at"] = cut(day) + dt.timedelta(minutes=20)
        daily.run(desk, offline=True)
    return desk


@pytest.mark.slow
def test_every_rule_states_its_view_on_every_day_from_its_registration_on(desk):
    stated = {entry.day: [row["name"] for row in entry.payload["challengers"]] for entry in desk.ledger.entries("run")}

    assert list(stated) == list(LIVE)
    assert stated.pop(LIVE[0]) == []
    assert set(map(tuple, stated.values())) == {tuple(rule.name for rule in registered_challengers())}


@pytest.mark.slow
def test_the_months_that_are_over_are_compared_with_what_happened(desk):
    view = desk.store.as_of(cut(LIVE[-1]))
    rows = challengers_answer(LIVE[-1], compared(desk.ledger, view, desk.settings)).rows
    runs = [read_run(entry.payload) for entry in desk.ledger.entries("run")][1:]

    closes = returns.execution_days(MONTH_ENDS)  # a month's last statement is held from its end, run or not
    difference = returns.between(view, desk.settings.judgement.portfolio, closes)
    for row in rows:
        own = [next(rule for rule in run.challengers if rule.name == row.name) for run in runs]
        points = np.array([rule.active_weight_points for rule in own])[:-1]
        sigma = np.array([rule.sigma_annual_percent for rule in own])[:-1]
        done = np.isfinite(difference)
        traded = np.abs(np.diff(points, prepend=0.0))
        expected = forward_test(points[done], difference[done], sigma[done], traded[done])
        assert [month.month for month in row.months] == ["2026-11", "2026-12", "2027-01", "2027-02"][: done.sum()]
        assert [month.wealth for month in row.months] == pytest.approx(expected.wealth.tolist())
    assert len(rows[0].months) >= 3
    assert rows[0].wealth != 1


@pytest.mark.slow
def test_a_live_day_with_its_rules_comes_out_again_from_its_archive(desk):
    again = replay(desk, LIVE[2])

    assert again.holds, again.differences
