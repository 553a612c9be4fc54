"""A fetch asks only for what can have changed, at its pace, and one series that hangs costs one series."""

import datetime as dt
import time
from collections import Counter
from pathlib import Path

import pytest

from signals.calendars import sessions_between
from signals.sources.refresh import FetchReport, refresh
from signals.sources.watchlist import FRED, YAHOO
from signals.sources.yahoo import contracts, symbol, yahoo_symbol
from signals.store.shipped_decisions import open_store
from signals.store.store import Store
from tests.faults.test_fred_faults import NOW, Settings, Sources
from tests.support.servers.board import KEPT, Board, Statement
from tests.support.servers.fred import Fred, daily
from tests.support.servers.http import Answer, Serve, Server, serving
from tests.support.servers.yahoo import Yahoo, bars

FIRST_DAY = dt.date(2026, 10, 1)
DAYS = sessions_between(FIRST_DAY, dt.date(2026, 11, 20)).astype(dt.date).tolist()
MONTHS = [(f"2026-{month:02d}-01", f"2026-{month + 1:02d}-14", "4.0") for month in range(1, 11)]
WEEKS = [((dt.date(2026, 9, 4) + dt.timedelta(7 * n)).isoformat(), "2026-11-18", "0.1") for n in range(11)]
QUARTERS = [(f"2026-{month:02d}-01", "2026-11-10", "3.0") for month in (1, 4, 7, 10)]
SPECIAL = {
    **dict.fromkeys(("BAA", "TB3MS", "AAA", "UNRATE", "FEDFUNDS", "GS10"), MONTHS),
    **{name: [(day, shown, "300.0") for day, shown, _ in MONTHS] for name in ("CPIAUCSL", "PAYEMS")},
    **dict.fromkeys(("NFCI", "ANFCI"), WEEKS),
    **dict.fromkeys(("DRTSCILM", "DRTSCIS", "NCBCEBQ027S", "NCBEILQ027S"), QUARTERS),
}
DAILY = daily("2026-09-01", "2026-11-20", lambda place: 4.0 + 0.01 * (place % 3))


pytestmark = pytest.mark.attempts(1)


@pytest.fixture(autouse=True, scope="module")
def _yfinance():
    import yfinance  # noqa: F401 - three seconds that no provider's time should be charged with


def world(*, hanging: str = "", seconds: float = 30.0) -> Serve:
    """Every provider in its layout; one series of FRED may hang."""
    fred = Fred({name: SPECIAL.get(name, DAILY) for name in FRED})
    shares = {yahoo_symbol(ticker): bars(DAYS, lambda n: 100.0 + n) for ticker in YAHOO}
    futures = {symbol(contract): bars(DAYS, lambda n: 96.0 + n / 100) for contract in contracts(NOW.date())}
    yahoo = Yahoo(shares | futures)
    board = Board([Statement.of(dt.date(2026, 10, 28), 3.75, 4.0, KEPT)], NOW)

    def serve(path: str, query: dict[str, str]) -> Answer:
        if path.endswith("fredgraph.csv"):
            return Answer(b"", hang=seconds) if hanging and query.get("id") == hanging else fred(path, query)
        return board(path, query) if path.startswith(("/feeds", "/newsevents")) else yahoo(path, query)

    return serve


def fetch(store: Store, line: Server, now: dt.datetime = NOW, **changes: float) -> FetchReport:
    def settings(url: str) -> Settings:
        return Settings(url, timeout_seconds=changes.get("timeout", 20.0), budget_seconds=changes.get("budget", 120.0))

    off = Settings(line.url, enabled=False)
    made = Sources(
        fred=off, fredgraph=settings(f"{line.url}/fredgraph.csv"), yahoo=settings(line.url), french=off, edgar=off,
        board=settings(f"{line.url}/feeds/press_monetary.xml"), mode="keyless", probe_seconds=20.0,
    )  # fmt: skip
    return refresh(store, made, now)


def test_a_second_fetch_with_nothing_new_asks_for_little(tmp_path: Path) -> None:
    store = open_store(tmp_path / "facts.db")
    with serving(world()) as line:
        start = time.monotonic()
        first = fetch(store, line)
        asked, seconds = len(line.asked), time.monotonic() - start
        second = fetch(store, line, NOW + dt.timedelta(hours=1))
        again = len(line.asked) - asked
    store.close()

    kinds = Counter("chart" if "/chart/" in path else path.rsplit("/", 1)[-1] for path, _ in line.asked[:asked])
    print(f"first fetch: {asked} requests in {seconds:.1f} s ({dict(kinds)}); again: {again}")
    assert first.failed == second.failed == ()
    assert asked <= 85  # 28 series, 40 charts, the Board's feed and statement, and what tells whether they answer
    assert again < 10
    assert second.stored == 0


def test_the_next_evening_asks_for_what_is_due(tmp_path: Path) -> None:
    store = open_store(tmp_path / "facts.db")
    with serving(world()) as line:
        fetch(store, line)
        asked = len(line.asked)
        fetch(store, line, NOW + dt.timedelta(days=3))
        ids = {query["id"] for path, query in line.asked[asked:] if path.endswith("fredgraph.csv")}
    store.close()

    assert {"DGS10", "DFF"} <= ids
    assert not ids & {"BAA", "UNRATE", "NCBCEBQ027S"}


@pytest.mark.parametrize("name", ["DGS2", "DFEDTARU"])
def test_one_series_that_hangs_costs_one_series(tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path / "facts.db")
    with serving(world(hanging=name)) as line:
        report = fetch(store, line, timeout=3.0, budget=60.0)
    held = set(store.names())
    store.close()

    assert {fault.series for fault in report.failed} == {f"fred:{name}"}
    assert {f"fred:{other}" for other in FRED if other != name} <= held


def test_a_budget_that_runs_out_names_what_was_not_asked_and_asks_for_it_first_next_time(tmp_path: Path) -> None:
    store = open_store(tmp_path / "facts.db")
    with serving(world(hanging="DFEDTARU", seconds=5.0)) as line:
        report = fetch(store, line, timeout=4.0, budget=4.0)
        unasked = [
            fault.series for fault in report.failed if fault.code == "source_down" and fault.source == "fredgraph"
        ]
        line.asked.clear()
        fetch(store, line, NOW + dt.timedelta(minutes=5), timeout=20.0, budget=120.0)
        order = [query["id"] for path, query in line.asked if path.endswith("fredgraph.csv")]
    store.close()

    assert unasked
    assert any(f"{len(unasked)} of 28 series not asked" in notice for notice in report.notices)
    assert {f"fred:{name}" for name in order} >= set(unasked)
