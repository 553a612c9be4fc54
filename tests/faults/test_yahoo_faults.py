"""Twenty-five ways in which Yahoo can go wrong, each injected by a real server: rejected or repaired, none silent."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from signals.asof import History
from signals.calendars import NEW_YORK, cut, sessions_between
from signals.fedpath.strip import read_strips
from signals.series.dictionary import describe
from signals.sources.refresh import refresh
from signals.sources.yahoo import YahooSource, contracts, symbol
from signals.store.shipped_decisions import open_store
from signals.store.store import Store
from tests.faults.test_fred_faults import Settings, Sources
from tests.support.servers.http import Answer, serving
from tests.support.servers.yahoo import Bar, Yahoo, bars

NOW = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)  # Friday, 18:30 in New York
CLOSE = "yahoo:IWM:close"
DAYS = sessions_between(dt.date(2026, 8, 3), dt.date(2026, 11, 20)).astype(dt.date).tolist()
TRUTH = {day: round(200 + 3 * np.sin(place / 5), 4) for place, day in enumerate(DAYS)}
HELD_TO = dt.date(2026, 11, 12)


def share() -> list[Bar]:
    return bars(DAYS, lambda place: TRUTH[DAYS[place]])


def only_yahoo(url: str, **changes: object) -> Sources:
    off = Settings(url, enabled=False)
    return Sources(
        fred=off, fredgraph=off, yahoo=replace(Settings(url, timeout_seconds=1.0), **changes), french=off, edgar=off
    )


pytestmark = pytest.mark.attempts(3)


@pytest.fixture
def held(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "facts.db")
    days = np.array([day for day in DAYS if day <= HELD_TO], "datetime64[D]")
    facts = History.of(days, describe(CLOSE).known(days), [TRUTH[day] for day in days.astype(dt.date).tolist()])
    opened.write({CLOSE: facts}, source="test", at=NOW - dt.timedelta(days=7))
    yield opened
    opened.close()


def fetch(store: Store, server: Yahoo, **changes: object):
    with serving(server) as line:
        start = time.monotonic()
        report = refresh(store, only_yahoo(line.url, **changes), NOW, wanted=["yahoo:IWM"])
        return report, time.monotonic() - start


def edited(change: Callable[[list[Bar]], list[Bar]]) -> dict[str, object]:
    return {"shares": {"IWM": change(share())}}


def on(day: dt.date, **values: object) -> Callable[[list[Bar]], list[Bar]]:
    return lambda rows: [replace(row, **values) if row.day == day else row for row in rows]


def from_day(day: dt.date, factor: float) -> Callable[[list[Bar]], list[Bar]]:
    return lambda rows: [replace(row, close=row.close * factor) if row.day >= day else row for row in rows]


def always(answer: Answer) -> dict[str, object]:
    return {"shares": {"IWM": share()}, "before": lambda *_: answer}


def hidden_dividend(rows: list[Bar]) -> list[Bar]:
    """A dividend of 1 dollar on the 17th that only the adjusted close knows of."""
    day = dt.date(2026, 11, 17)
    before = TRUTH[dt.date(2026, 11, 16)]
    return [replace(row, adjusted=row.close * (1 - 1.0 / before)) if row.day < day else row for row in rows]


def without(*days: dt.date) -> Callable[[list[Bar]], list[Bar]]:
    return lambda rows: [row for row in rows if row.day not in days]


def doubled(chart: dict) -> dict:
    result = chart["chart"]["result"][0]
    quote, adjusted = result["indicators"]["quote"][0], result["indicators"]["adjclose"][0]
    place = result["timestamp"].index(
        next(
            stamp
            for stamp in result["timestamp"]
            if dt.datetime.fromtimestamp(stamp, dt.UTC).date() == dt.date(2026, 11, 17)
        )
    )
    quote |= {name: list(column) for name, column in quote.items()}
    for column in (result["timestamp"], *quote.values(), *adjusted.values()):
        column.insert(place, column[place] if column is result["timestamp"] else column[place] * 1.02)
    return chart


def shapeless(chart: dict) -> dict:
    del chart["chart"]["result"][0]["indicators"]["quote"][0]["close"]
    return chart


D = dt.date
TUESDAY, LAST = D(2026, 11, 17), D(2026, 11, 20)
GONE = {
    "500": always(Answer(b"oops", 500)),
    "503 as a page": always(Answer(b"<html>Will be right back</html>", 503)),
    "429 for ever": always(Answer(b"Too Many Requests", 429)),
    "200 with a page": always(Answer(b"<html>sorry</html>")),
    "200 empty": always(Answer(b"")),
    "cut in the middle": always(Answer(b'{"chart": {"result": [{"meta": {"symbol"', cut=100)),
    "hang": always(Answer(b"", hang=20.0)),
    "no such share": {"shares": {}},
    "no bars": edited(lambda _: []),
    "ticker swapped, said so": {"shares": {"IWM": share()}, "symbol": "IWMX"},
    "ticker swapped, not said": edited(lambda rows: [replace(row, close=row.close * 0.61) for row in rows]),
    "columns missing": {"shares": {"IWM": share()}, "chart": shapeless},
    "another currency": {"shares": {"IWM": share()}, "currency": "CAD"},
}
BARS = {
    "last bar without a price": edited(on(LAST, close=None)),
    "a hole in the middle": edited(on(TUESDAY, close=None)),
    "price zero": edited(on(LAST, close=0.0)),
    "price negative": edited(on(LAST, close=-3.0)),
    "price absurd": edited(on(LAST, close=1e13)),
    "a day twice": {"shares": {"IWM": share()}, "chart": doubled},
    "a bar on a Saturday": edited(lambda rows: sorted([*rows, Bar(D(2026, 11, 14), 201.0)], key=lambda row: row.day)),
    "yesterday changed by 2 percent": edited(on(D(2026, 11, 11), close=round(TRUTH[D(2026, 11, 11)] * 1.02, 4))),
    "yesterday changed a little": edited(on(D(2026, 11, 11), close=round(TRUTH[D(2026, 11, 11)] * 1.002, 4))),
    "an unannounced split": edited(from_day(D(2026, 11, 18), 0.5)),
    "a tenfold price": edited(on(LAST, close=TRUTH[LAST] * 10)),
    "sessions missing": edited(without(D(2026, 11, 16), D(2026, 11, 17))),
    "a dividend of half the price": edited(on(TUESDAY, dividend=99.0)),
    "a negative dividend": edited(on(TUESDAY, dividend=-1.0)),
    "a split of a thousand": edited(on(TUESDAY, split=1000.0)),
}


@pytest.mark.parametrize("kind", GONE)
def test_an_answer_that_is_none_stores_nothing_and_is_told(kind: str, held: Store):
    before = held.history(CLOSE).value
    report, seconds = fetch(held, Yahoo(**GONE[kind]))

    assert np.array_equal(held.history(CLOSE).value, before)
    assert report.failed, f"{kind} was silent"
    assert seconds < 12


@pytest.mark.parametrize("kind", BARS)
def test_a_bad_bar_is_never_stored_and_is_told(kind: str, held: Store):
    report, _ = fetch(held, Yahoo(**BARS[kind]))

    after = held.history(CLOSE)
    for day, value in zip(after.period.astype(dt.date).tolist(), after.value.tolist(), strict=True):
        assert value == pytest.approx(TRUTH[day], rel=1e-6)
    assert report.refused or report.remarks or report.contradicted, f"{kind} was silent"
    assert {remark.rule for remark in report.remarks} | _rules(held)


def _rules(store: Store) -> set[str]:
    from signals.store.inventory import quarantine

    return {row["rule"] for row in quarantine(store)}


def test_the_table_has_the_promised_number_of_kinds():
    assert len(GONE) + len(BARS) + 4 >= 25


def test_a_bar_on_a_holiday_is_refused(tmp_path: Path):
    labor_day = dt.date(2026, 9, 7)
    opened = open_store(tmp_path / "fresh.db")
    report, _ = fetch(
        opened, Yahoo(**edited(lambda rows: sorted([*rows, Bar(labor_day, 201.0)], key=lambda row: row.day)))
    )

    assert report.refused == 1
    assert _rules(opened) == {"period.not_session"}
    assert np.datetime64(labor_day) not in opened.history(CLOSE).period
    opened.close()


def test_a_dividend_that_only_the_adjusted_close_knows_is_repaired_and_told(held: Store):
    report, _ = fetch(held, Yahoo(**edited(hidden_dividend)))

    paid = held.history("yahoo:IWM:dividend")
    assert paid.period.astype(str).tolist() == ["2026-11-17"]
    assert paid.value[0] == pytest.approx(1.0, abs=0.01)
    assert "dividend.implied" in {remark.rule for remark in report.remarks}


def test_a_split_whose_past_was_divided_is_undone_so_that_the_raw_past_stands(held: Store):
    day = D(2026, 11, 18)
    halved = [replace(row, close=row.close / 2 if row.close else None) for row in share()]
    report, _ = fetch(held, Yahoo(shares={"IWM": on(day, split=2.0)(halved)}))

    after = held.history(CLOSE)
    stored = dict(zip(after.period.astype(dt.date).tolist(), after.value.tolist(), strict=True))
    assert stored[D(2026, 11, 17)] == pytest.approx(TRUTH[D(2026, 11, 17)])
    assert stored[day] == pytest.approx(TRUTH[day] / 2)
    assert held.history("yahoo:IWM:split").value.tolist() == [2.0]
    assert not report.failed


def test_a_split_whose_past_was_not_divided_is_repaired_and_told(held: Store):
    day = D(2026, 11, 18)
    report, _ = fetch(held, Yahoo(shares={"IWM": on(day, split=2.0)(from_day(day, 0.5)(share()))}))

    after = held.history(CLOSE)
    stored = dict(zip(after.period.astype(dt.date).tolist(), after.value.tolist(), strict=True))
    assert stored[D(2026, 11, 17)] == pytest.approx(TRUTH[D(2026, 11, 17)])
    assert stored[day] == pytest.approx(TRUTH[day] / 2)
    assert "split.unadjusted" in {remark.rule for remark in report.remarks}


def test_a_passing_failure_is_not_remembered(held: Store):
    answers = iter([Answer(b"oops", 500)])
    report, _ = fetch(held, Yahoo(shares={"IWM": share()}, before=lambda *_: next(answers, None)))

    assert not report.failed
    assert held.history(CLOSE).period[-1] == np.datetime64("2026-11-20")


def test_the_bar_of_an_open_session_is_left_alone(held: Store):
    noon = dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.UTC)
    with serving(Yahoo(shares={"IWM": share()})) as line:
        refresh(held, only_yahoo(line.url), noon, wanted=["yahoo:IWM"])

    assert held.history(CLOSE).period[-1] == np.datetime64("2026-11-19")


def test_contracts_are_archived_each_under_its_month(held: Store):
    quotes = {"ZQX26.CBT": bars(DAYS, lambda _: 96.1), "ZQF27.CBT": bars(DAYS, lambda _: 96.3)}
    with serving(Yahoo(shares=quotes)) as line:
        report = refresh(held, only_yahoo(line.url, timeout_seconds=5.0, budget_seconds=30.0), NOW, wanted=["cme:ZQ"])

    assert not report.failed
    assert held.history("cme:ZQ:2026-11:close").value[-1] == 96.1
    assert held.history("cme:ZQ:2027-01:close").period[-1] == np.datetime64("2026-11-20")


def with_live_row(close: float, hour: int) -> Callable[[dict], dict]:
    """The chart of the evening: after the session's row a second one of the same day, a live quote."""

    def change(chart: dict) -> dict:
        result = chart["chart"]["result"][0]
        quote, adjusted = result["indicators"]["quote"][0], result["indicators"]["adjclose"][0]
        for name in quote:
            quote[name] = [*quote[name], 0 if name == "volume" else close]
        adjusted["adjclose"] = [*adjusted["adjclose"], close]
        stamp = dt.datetime.combine(LAST, dt.time(hour, 5), NEW_YORK)
        result["timestamp"] = [*result["timestamp"], int(stamp.timestamp())]
        return chart

    return change


@pytest.mark.parametrize("live", [TRUTH[LAST], TRUTH[LAST] * 1.01])
def test_the_double_row_of_the_evening_leaves_the_close_of_the_session(live: float, held: Store):
    report, _ = fetch(held, Yahoo(shares={"IWM": share()}, chart=with_live_row(live, 16)))

    last = held.history(CLOSE)
    assert (last.period[-1], last.value[-1]) == (np.datetime64(LAST), pytest.approx(TRUTH[LAST]))
    assert held.history("yahoo:IWM:volume").value[-1] == 1000
    assert not report.refused


def test_an_evening_trade_of_the_next_session_is_no_settlement(held: Store):
    quotes = Yahoo(shares={"ZQX26.CBT": bars(DAYS, lambda _: 96.1)}, chart=with_live_row(96.3, 18))
    with serving(quotes) as line:
        refresh(held, only_yahoo(line.url, timeout_seconds=5.0, budget_seconds=30.0), NOW, wanted=["cme:ZQ"])

    assert held.history("cme:ZQ:2026-11:close").value[-1] == 96.1


@pytest.mark.parametrize(
    ("factor", "surges", "believed"),
    [(1.51, False, True), (0.66, True, True), (0.66, False, False), (0.57, False, True)],
)
def test_a_jump_waits_and_is_believed_once_the_level_has_stayed(
    factor: float, surges: bool, believed: bool, held: Store
):
    """A fall by a third without a surge of volume may be a split of 3:2 that is not reported yet: it waits longer."""
    jump = DAYS[-6]
    early = dt.datetime.combine(DAYS[-4], dt.time(23, 30), dt.UTC)
    rows = on(jump, volume=9000 if surges else 1000)(from_day(jump, factor)(share()))
    with serving(Yahoo(shares={"IWM": rows})) as line:
        first = refresh(held, only_yahoo(line.url), early, wanted=["yahoo:IWM"])
        waiting = held.history(CLOSE).period[-1]
        second = refresh(held, only_yahoo(line.url), NOW, wanted=["yahoo:IWM"])

    stored = held.history(CLOSE)
    assert (first.refused, waiting) == (3, np.datetime64(HELD_TO))
    assert (not second.refused) == believed
    assert stored.period[-1] == np.datetime64(LAST if believed else HELD_TO)
    assert stored.value[-1] == pytest.approx(TRUTH[LAST] * factor if believed else TRUTH[HELD_TO])


def test_one_odd_contract_costs_itself_alone_and_a_far_one_without_a_trade_is_a_derived_price(held: Store):
    names = contracts(NOW.date())
    quotes = {
        symbol(name): [replace(bar, volume=0 if place in (2, 15) else 500) for bar in bars(DAYS, lambda _: 96.0)]
        for place, name in enumerate(names)
    }
    odd = symbol(names[3])

    def change(chart: dict) -> dict:
        return shapeless(chart) if chart["chart"]["result"][0]["meta"]["symbol"] == odd else chart

    with serving(Yahoo(shares=quotes, chart=change)) as line:
        report = refresh(held, only_yahoo(line.url, timeout_seconds=5.0, budget_seconds=60.0), NOW, wanted=["cme:ZQ"])

    arrived = [name for name in names if held.history(f"cme:ZQ:{name}:close").period.size]
    assert arrived == [name for name in names if name != names[3]]
    unread = [remark.series for remark in report.remarks if remark.rule == "contract.unread"]
    assert unread == [f"cme:ZQ:{names[3]}:close"]
    strip = read_strips(held.as_of(cut(LAST)), np.array([LAST], dtype="datetime64[D]"))
    assert strip.refused(0) == {names[15]: "derived: more than a year ahead, with no trade on that day (96)"}


def test_a_share_class_is_asked_for_by_yahoos_name_and_kept_under_ours(tmp_path: Path):
    opened = Store.open(tmp_path / "fresh.db")
    server = Yahoo(shares={"BRK-B": share()})
    with serving(server) as line:
        source = YahooSource(line.url, timeout=5.0, budget=30.0, tickers=("BRK.B",))
        delivery = source.fetch("yahoo:BRK.B", lambda _: History.of([], [], []), NOW)

    assert set(server.asked) == {"BRK-B"}
    assert {arrival.series.id for arrival in delivery.arrivals} >= {"yahoo:BRK.B:close"}
    opened.close()
