"""One monthly back-test and a thousand settings, beside bt and vectorbt on the same prices and weights.

The job is the same for all: two funds, monthly target weights of the real record, wealth at every rebalance.
Without cost the three agree to 1e-9. With cost vectorbt takes its commission out of the cash of the order, so that
a little less is bought; over the record that moves wealth by less than 1e-4 (bt is compared without cost). Peers get frames prepared outside the clock. Times are medians of `REPEATS`.
"""

import datetime as dt
import importlib
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from allocator.returns import execution_days, growth_of
from allocator.settings import Judgement
from allocator.track_record import walk_forward_record
from regime.settings import RegimeSettings
from signals.calendars import cut
from tests.benchmarks.portfolio_simulation import settled, wealth
from tests.conftest import missing

pytestmark = pytest.mark.real_data
REPEATS = 5
SETTINGS = 1_000
FEE = 0.0010  # of each leg: 20 bp a round trip
EXACT, CLOSE = 1e-9, 1e-4


def clocked(work: Callable[[], object], repeats: int = REPEATS) -> float:
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


@pytest.fixture(scope="module")
def job(store) -> tuple[pd.DataFrame, np.ndarray]:
    """Closes at which the record traded, and its target weights."""
    view = store.as_of(cut(dt.date(2023, 12, 29)))
    kept = walk_forward_record(view, Judgement(), RegimeSettings())
    since = kept.decided >= np.datetime64("2000-05-31")
    closes = execution_days(kept.decided[since].tolist())
    priced = np.column_stack([growth_of(view, symbol).at(closes) for symbol in ("IWM", "SPY")])
    whole = np.isfinite(priced).all(axis=1)
    prices = pd.DataFrame(
        priced[whole], index=pd.DatetimeIndex(closes[whole].astype("datetime64[ns]")), columns=["s", "l"]
    )
    return prices, 0.2 + kept.points[since][whole][:-1] / 100


def ours(prices: pd.DataFrame, weights: np.ndarray, fee: float = 0.0) -> np.ndarray:
    levels = prices.to_numpy()
    return wealth(levels[:, 0], levels[:, 1], weights, cost_bp=2 * fee * 10_000)


def by_vectorbt(prices: pd.DataFrame, weights: np.ndarray, fee: float = 0.0) -> np.ndarray:
    import vectorbt as vbt

    table = weights if weights.ndim > 1 else weights[:, None]
    legs = np.stack([table, 1 - table], axis=2).reshape(len(table), -1)
    size = np.vstack([legs, np.full((1, legs.shape[1]), np.nan)])
    columns = pd.MultiIndex.from_product([range(table.shape[1]), ["s", "l"]], names=["setting", "leg"])
    close = pd.DataFrame(np.tile(prices.to_numpy(), table.shape[1]), index=prices.index, columns=columns)
    held = vbt.Portfolio.from_orders(
        close,
        size=pd.DataFrame(size, index=prices.index, columns=columns),
        size_type="targetpercent",
        group_by="setting",
        cash_sharing=True,
        call_seq="auto",
        fees=fee,
        init_cash=1.0,
        freq="30D",
    )
    value = held.value().to_numpy()
    return value if weights.ndim > 1 else value[:, 0] if value.ndim > 1 else value


def by_bt(prices: pd.DataFrame, weights: np.ndarray) -> np.ndarray:
    import bt

    target = pd.DataFrame({"s": weights, "l": 1 - weights}, index=prices.index[:-1])
    strategy = bt.Strategy("tilt", [bt.algos.WeighTarget(target), bt.algos.Rebalance()])
    test = bt.Backtest(strategy, prices, initial_capital=1e6, integer_positions=False, progress_bar=False)
    return bt.run(test).prices["tilt"].to_numpy()[1:] / 100


def peer(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(name)
        except ImportError:
            missing(f"the package {name}")


@pytest.mark.filterwarnings("ignore")  # the peers' own, under this pandas
def test_one_monthly_backtest(job, capsys):
    prices, weights = job
    rows = [("captilt", clocked(lambda: ours(prices, weights)))]
    for name, run in (("bt", by_bt), ("vectorbt", by_vectorbt)):
        peer(name)
        free = run(prices, weights)
        assert np.abs(free / free[0] / ours(prices, weights) - 1).max() < EXACT, name
        rows.append((name, clocked(lambda run=run: run(prices, weights))))
    paid = by_vectorbt(prices, weights, FEE)
    first_purchase = 1 - FEE  # vectorbt pays for it, we do not
    assert abs(paid[-1] / first_purchase / ours(prices, weights, FEE)[-1] - 1) < CLOSE
    said(capsys, f"one monthly back-test, {len(weights)} months", rows)


@pytest.mark.filterwarnings("ignore")
def test_a_thousand_settings(job, capsys):
    prices, weights = job
    random = np.random.default_rng(1)
    scale = random.uniform(0.2, 2.0, SETTINGS)
    raw = 100 * (weights - 0.2)[:, None] * scale
    half = np.broadcast_to(random.uniform(0.5, 3.0, SETTINGS), raw.shape)

    def whole() -> np.ndarray:
        points = settled(raw, half, largest=15.0, step=5.0)
        return ours(prices, 0.2 + points / 100)

    table = 0.2 + settled(raw, half, largest=15.0, step=5.0) / 100
    rows = [("captilt, rules included", clocked(whole))]
    peer("vectorbt")
    assert np.abs(by_vectorbt(prices, table) / whole() - 1).max() < EXACT
    rows.append(("vectorbt, weights given", clocked(lambda: by_vectorbt(prices, table))))
    said(capsys, f"{SETTINGS} settings, {len(weights)} months", rows)


def said(capsys: pytest.CaptureFixture[str], title: str, rows: list[tuple[str, float]]) -> None:
    with capsys.disabled():
        print(f"\n{title}")
        for name, seconds in rows:
            print(f"  {name:28s} {1000 * seconds:10.2f} ms   x{seconds / rows[0][1]:.0f}")
