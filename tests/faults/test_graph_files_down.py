"""Only FRED's graph files are down, for four weeks, and there is no key: the second sources carry the call."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import stamina

from allocator.decide import decide
from allocator.decision import Decision
from allocator.settings import Judgement
from captilt.config.settings import Settings
from captilt.context import Desk
from regime.settings import RegimeSettings
from signals.asof import AsOf, History
from signals.calendars import cut
from signals.series.fetch_notes import NOTE
from signals.sources import h15, treasury
from signals.sources.refresh import GET_A_KEY, FetchReport, refresh
from signals.sources.stand_ins import STAND_INS
from signals.store.shipped_decisions import open_store
from signals.store.store import Store
from tests.faults.test_fred_faults import Settings as Provider
from tests.faults.test_fred_faults import Sources
from tests.support.servers.http import Answer, serving

DAY = dt.date(2023, 12, 29)
NOW = cut(DAY) + dt.timedelta(minutes=20)
DOWN_SINCE = np.datetime64("2023-12-01T00:00", "us")
FIRST, BEFORE = dt.date(2022, 1, 1), dt.date(2023, 11, 30)
FETCHED = (*STAND_INS, "fred:BAA10Y")
WAYS = {
    "403": Answer(b"<html>Access Denied</html>", 403),
    "504": Answer(b"<html>504 Gateway Time-out</html>", 504),
    "hang": Answer(b"", hang=20.0),
}


@pytest.fixture(autouse=True)
def _short_pauses() -> Iterator[None]:
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


def known(store: Store, name: str) -> History:
    """What was known that evening, one value a day."""
    return store.history(name).until(np.datetime64(cut(DAY).astimezone(dt.UTC).replace(tzinfo=None), "us")).latest()


def h15_file(store: Store, until: dt.date) -> bytes:
    """The yields in the layout of the Board's Data Download Program."""
    columns = {code: known(store, name.replace("h15", "fred")) for code, name in h15.COLUMNS.items()}
    days = np.unique(np.concatenate([facts.period for facts in columns.values()]))
    cells = {
        code: dict(zip(facts.period.tolist(), facts.value.tolist(), strict=True)) for code, facts in columns.items()
    }
    head = [
        '"Unit:",' + ",".join(f'"{h15.UNIT}"' for _ in columns),
        '"Multiplier:",' + ",".join('"1"' for _ in columns),
        '"Time Period",' + ",".join(f'"{code}"' for code in columns),
    ]
    rows = [
        f"{day}," + ",".join(f"{cells[code][day]:.2f}" if day in cells[code] else h15.NO_DATA for code in columns)
        for day in days.tolist()
        if FIRST <= day <= until
    ]
    return "\r\n".join([*head, *rows, ""]).encode()


def treasury_file(store: Store, year: int) -> bytes:
    """One year of par yields as the Treasury writes them, newest first."""
    columns = {column: known(store, name.replace("treasury", "fred")) for column, name in treasury.COLUMNS.items()}
    cells = {
        column: dict(zip(facts.period.tolist(), facts.value.tolist(), strict=True)) for column, facts in columns.items()
    }
    days = sorted({day for each in cells.values() for day in each if day.year == year}, reverse=True)
    rows = [
        f"{day:%m/%d/%Y}," + ",".join(f"{cells[c][day]:.2f}" if day in cells[c] else "" for c in cells) for day in days
    ]
    return "\n".join(["Date," + ",".join(f'"{column}"' for column in cells), *rows, ""]).encode()


def rates_answer(store: Store, query: dict[str, str]) -> bytes:
    """The effective rate as the New York Fed answers for a span of days."""
    facts, upper = known(store, "fred:DFF"), known(store, "fred:DFEDTARU")
    asked = (
        (facts.period >= np.datetime64(query["startDate"]))
        if "startDate" in query
        else facts.period == facts.period[-1]
    )
    business = np.is_busday(facts.period) & asked
    bounds = upper.value[np.maximum(np.searchsorted(upper.period, facts.period, side="right") - 1, 0)]
    rows = [
        {
            "effectiveDate": str(day),
            "type": "EFFR",
            "percentRate": rate,
            "targetRateFrom": bound - 0.25,
            "targetRateTo": bound,
        }
        for day, rate, bound in zip(
            facts.period[business].astype(str), facts.value[business].tolist(), bounds[business].tolist(), strict=True
        )
    ]
    return json.dumps({"refRates": rows[::-1]}).encode()


def fetch(store: Store, real: Store, graph: Answer, h15_until: dt.date = DAY) -> FetchReport:
    """One evening's fetch without a key."""

    def serve(path: str, query: dict[str, str]) -> Answer:
        if path.endswith("fredgraph.csv"):
            return graph
        if path.startswith("/h15"):
            return Answer(h15_file(real, h15_until))
        if year := re.search(r"/rates/(\d{4})/all", path):
            return Answer(treasury_file(real, int(year[1])))
        if path.startswith("/api"):
            return Answer(rates_answer(real, query))
        return Answer(b"", 200)

    with serving(serve) as line:

        def at(room: str) -> Provider:
            return Provider(f"{line.url}/{room}", timeout_seconds=5.0, budget_seconds=20.0)

        off = Provider(line.url, enabled=False)
        made = Sources(
            fred=at("fred"), fredgraph=at("fredgraph.csv"), yahoo=off, french=off, edgar=off, h15=at("h15"),
            treasury=at("rates"), nyfed=at("api"), mode="auto", probe_seconds=3.0,
        )  # fmt: skip
        return refresh(store, made, NOW, secret=lambda _: None)


def at_work(store: Store, small: Store) -> AsOf:
    """The evening's facts with the rates of `small`, and the rows that an earlier decision computed."""
    whole = store.as_of(cut(DAY))

    def find(name: str) -> History | None:
        if name in FETCHED or name.startswith(NOTE):
            return small.history(name)
        return store.history(name).until(DOWN_SINCE) if name.startswith("fred:") else store.history(name)

    return AsOf(cut(DAY), find).kept_in(whole.tables)


def decided(view: AsOf) -> Decision:
    return decide(view, 0.2, Judgement(), RegimeSettings(), complete=True)


@pytest.fixture(scope="module")
def desk(studied: Path) -> Desk:
    return Desk(Settings(), studied, clock=lambda: NOW)


@pytest.fixture
def rates(desk: Desk, tmp_path: Path) -> Iterator[Store]:
    """A store to which FRED brought nothing for four weeks."""
    held = {name: desk.store.history(name).until(DOWN_SINCE) for name in FETCHED}
    opened = open_store(tmp_path / "facts.db")
    opened.write(held, source="test", at=cut(BEFORE))
    yield opened
    opened.close()


@pytest.mark.real_data
@pytest.mark.parametrize("way", WAYS)
def test_the_call_is_the_same_and_what_has_no_second_source_is_named(desk: Desk, rates: Store, way: str) -> None:
    whole = decided(desk.store.as_of(cut(DAY)))

    report = fetch(rates, desk.store, WAYS[way])

    for name in STAND_INS:
        assert known(rates, name).period[-1] >= np.datetime64("2023-12-28"), name
    said = " ".join(report.notices)
    assert "FRED without a key" in said
    assert "from the Board's H.15, the New York Fed" in said
    assert GET_A_KEY in report.notices
    without_graph = decided(at_work(desk.store, rates))
    assert without_graph.call.probabilities == whole.call.probabilities
    assert without_graph.health.status == "DEGRADED"
    assert "fred:BAA10Y" in {gap.series for gap in without_graph.health.gaps}
    largest = without_graph.health.confidence * abs(whole.recommendation.active_weight_points)
    assert abs(without_graph.recommendation.active_weight_points) <= largest


@pytest.mark.real_data
def test_where_the_first_second_source_is_late_the_next_one_goes_on(desk: Desk, rates: Store) -> None:
    fetch(rates, desk.store, WAYS["403"], h15_until=dt.date(2023, 12, 11))

    facts = known(rates, "fred:DGS10")
    truth = known(desk.store, "fred:DGS10")
    assert facts.period[-1] == truth.period[-1]
    assert facts.value[-20:].tolist() == truth.value[-20:].tolist()
