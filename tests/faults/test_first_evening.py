"""The first evening of a stranger: every combination of providers down, what is said, and whether it is right."""

import datetime as dt
import itertools
from pathlib import Path

import numpy as np
import pytest

from allocator.decide import decide
from allocator.decision import Decision
from allocator.returns import demand_prices
from allocator.settings import Judgement
from regime.settings import RegimeSettings
from signals.asof import AsOf, History
from signals.calendars import cut, sessions_between
from signals.derived.policy_rate import DECISION, TARGET, UPPER
from signals.errors import NoAdvice
from signals.sources.refresh import GET_A_KEY, FetchReport, refresh
from signals.store.shipped_decisions import open_store
from signals.store.store import Store
from tests.faults.test_fred_faults import NOW, TRUTH, Settings, Sources
from tests.support.servers.board import KEPT, Board, Statement
from tests.support.servers.fred import KEY, Fred
from tests.support.servers.http import Answer, serving
from tests.support.servers.yahoo import Yahoo, bars
from tests.unit.signals.sources.test_keyless import FACTORS, zipped

PROVIDERS = ("fred", "fredgraph", "yahoo", "french", "board")
WANTED = ("fred:DGS10", "yahoo:IWM", "french:FF3_MONTHLY", "board:FOMC")
COMBINATIONS = [set(down) for size in range(6) for down in itertools.combinations(PROVIDERS, size)]
WAYS = {
    "403": Answer(b"<html>Access Denied</html>", 403),
    "429": Answer(b"Too Many Requests", 429),
    "reset": Answer(b"half an answer", cut=40),
    "hang": Answer(b"", hang=20.0),
    "block page": Answer(b"<!DOCTYPE html><html><title>Just a moment...</title></html>"),
}
LABELS = {"yahoo": "Yahoo", "french": "Ken French's library", "board": "the Board's press releases"}
SHARES = {
    "IWM": bars(
        sessions_between(dt.date(2026, 8, 3), dt.date(2026, 11, 20)).astype(dt.date).tolist(), lambda n: 200.0 + n
    )
}


pytestmark = pytest.mark.attempts(1)


@pytest.fixture(scope="module", autouse=True)
def _imported():
    import yfinance  # noqa: F401 - three seconds that no provider's time should be charged with


def provider_of(path: str) -> str:
    if path.endswith("fredgraph.csv"):
        return "fredgraph"
    parts = {"/fred": "fred", "/v8": "yahoo", "/library": "french", "/feeds": "board", "/newsevents": "board"}
    return next((name for start, name in parts.items() if path.startswith(start)), "yahoo")


def evening(tmp_path: Path, down: set[str], way: str, *, key: str | None = KEY) -> tuple[FetchReport, Store]:
    """One fetch of an empty store from servers of which some are down."""
    fred, yahoo = Fred({"DGS10": TRUTH, "DFF": TRUTH}), Yahoo(SHARES)
    board = Board([Statement.of(dt.date(2026, 10, 28), 3.75, 4.0, KEPT)], NOW)

    def serve(path: str, query: dict[str, str]) -> Answer:
        provider = provider_of(path)
        if provider in down:
            return WAYS[way]
        if provider == "french":
            return Answer(zipped(FACTORS))
        return {"fred": fred, "fredgraph": fred, "yahoo": yahoo, "board": board}[provider](path, query)

    with serving(serve) as line:
        settings = Settings(line.url, timeout_seconds=10.0, budget_seconds=20.0)
        made = Sources(
            fred=Settings(f"{line.url}/fred", timeout_seconds=10.0, budget_seconds=20.0),
            fredgraph=Settings(f"{line.url}/fredgraph.csv", timeout_seconds=10.0, budget_seconds=20.0),
            yahoo=settings,
            french=Settings(f"{line.url}/library", timeout_seconds=10.0, budget_seconds=20.0),
            edgar=Settings(line.url, enabled=False),
            board=Settings(f"{line.url}/feeds/press_monetary.xml", timeout_seconds=10.0, budget_seconds=20.0),
            mode="auto",
            probe_seconds=4.0,
        )
        store = open_store(tmp_path / "facts.db")
        return refresh(store, made, NOW, wanted=WANTED, secret=lambda _: key), store


@pytest.mark.parametrize(
    ("place", "down"),
    list(enumerate(COMBINATIONS)),
    ids=lambda each: "-".join(sorted(each)) if isinstance(each, set) else str(each),
)
def test_what_is_down_is_named_and_the_rest_arrives(tmp_path: Path, place: int, down: set[str]) -> None:
    way = list(WAYS)[place % len(WAYS)]

    report, store = evening(tmp_path, down, way)

    said = " ".join(report.notices)
    up = set(PROVIDERS) - down
    assert ("fred:DGS10" in store.names()) == bool(up & {"fred", "fredgraph"})
    assert ("yahoo:IWM:close" in store.names()) == ("yahoo" in up)
    assert ("french:FF3_MONTHLY:SMB" in store.names()) == ("french" in up)
    assert ("board:FOMC:upper" in store.names()) == ("board" in up)
    if not up:
        assert said.startswith("no provider answered (")
        return
    for name in down & LABELS.keys():
        assert LABELS[name] in said, f"{name} by {way} was silent: {report.notices}"
    if {"fred", "fredgraph"} <= down:
        assert "FRED" in said
    store.close()


@pytest.mark.parametrize("way", WAYS)
def test_without_a_key_the_remedy_is_printed(tmp_path: Path, way: str) -> None:
    report, _ = evening(tmp_path, {"fredgraph"}, way, key=None)

    assert GET_A_KEY in report.notices


FAMILIES = {"fred": ("fred:", "alfred:"), "yahoo": ("yahoo:", "cme:"), "french": ("french:",), "board": ("board:",)}
DAY = dt.date(2022, 6, 15)


def known(store: Store, down: set[str]) -> AsOf:
    """The evening of 2022-06-15 for somebody who began that day, without the families of providers that are down."""
    gone = tuple(start for name in down for start in FAMILIES[name])
    before = np.datetime64("2022-06-01T00:00", "us")
    told = History.of([DAY], [np.datetime64("2022-06-15T18:00", "us")], [1.75])

    def find(name: str) -> History | None:
        if name == "board:FOMC:upper":
            return None if "board" in down else told
        if name.startswith(gone) if gone else False:
            return None
        whole = store.history(name)
        return whole.until(before) if name in (TARGET, DECISION, UPPER) and name != UPPER else whole

    return AsOf(cut(DAY), find)


def advised(store: Store, down: set[str]) -> Decision:
    """The decision of that evening from a policy position."""
    return decide(known(store, down), 0.2, Judgement(), RegimeSettings(), complete=True)


def check_advice(one: Decision, whole: Decision, down: set[str]) -> None:
    """Confidence bounds the tilt, and what is missing is said."""
    full = abs(whole.recommendation.active_weight_points)
    assert abs(one.recommendation.active_weight_points) <= one.health.confidence * full + 1e-9, down
    assert one.health.status != "OK", down
    assert one.health.gaps, down
    if down & {"fred", "french"}:
        assert (one.health.status, one.recommendation.action) == ("HOLD", "hold"), down


@pytest.mark.real_data
def test_without_prices_of_the_pair_there_is_no_advice(store: Store) -> None:
    for size in range(4):
        for others in map(set, itertools.combinations(FAMILIES.keys() - {"yahoo"}, size)):
            with pytest.raises(NoAdvice, match="no price of IWM"):
                demand_prices(known(store, {"yahoo"} | others), Judgement().portfolio)


@pytest.mark.slow
@pytest.mark.real_data
def test_no_combination_advises_more_than_all_providers_together(store: Store) -> None:
    whole = advised(store, set())
    assert whole.health.status == "OK"

    for size in range(1, 4):
        for down in map(set, itertools.combinations(FAMILIES.keys() - {"yahoo"}, size)):
            check_advice(advised(store, down), whole, down)
