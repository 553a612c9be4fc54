"""Forty ways in which FRED can go wrong, each injected by a real server: nothing wrong is stored, none is silent.

Each case starts from a store that holds the series up to a day, serves the fault, and asserts three things:
what was held is unchanged, no stored value differs from the truth, and somebody was told.
"""

import datetime as dt
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import stamina

from signals.asof import History
from signals.series.dictionary import describe
from signals.sources.refresh import refresh
from signals.store.shipped_decisions import open_store
from signals.store.store import Store
from tests.support.servers.fred import KEY, Fred, daily
from tests.support.servers.http import Answer, serving

NOW = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)  # a Friday, 18:30 in New York
SERIES = "fred:DGS10"
TRUTH = daily("2026-01-02", "2026-11-19", lambda place: 4.0 + 0.01 * (place % 7))


@dataclass(frozen=True)
class Settings:
    url: str
    enabled: bool = True
    timeout_seconds: float = 0.4
    budget_seconds: float = 6.0
    key: str = "env:FRED_API_KEY"
    requests_per_second: float = 200.0
    user_agent: str = ""


@dataclass(frozen=True)
class Sources:
    fred: Settings
    fredgraph: Settings
    yahoo: Settings
    french: Settings
    edgar: Settings
    board: Settings = field(default_factory=lambda: Settings("", enabled=False))
    h15: Settings = field(default_factory=lambda: Settings("", enabled=False))
    treasury: Settings = field(default_factory=lambda: Settings("", enabled=False))
    nyfed: Settings = field(default_factory=lambda: Settings("", enabled=False))
    tiingo: Settings = field(default_factory=lambda: Settings("", enabled=False, key="env:TIINGO_API_KEY"))
    mode: str = "api"
    probe_seconds: float = 2.0
    kinds: tuple[object, ...] = ()


def sources(url: str, **changes: object) -> Sources:
    off = Settings(url, enabled=False)
    made = Sources(
        fred=Settings(f"{url}/fred"),
        fredgraph=Settings(f"{url}/fredgraph.csv", enabled=False),
        yahoo=off,
        french=off,
        edgar=off,
    )
    return replace(made, **changes)


pytestmark = pytest.mark.attempts(3)


@pytest.fixture
def held(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "facts.db")
    rows = [row for row in TRUTH if row[0] <= "2026-11-12"]
    days = np.array([row[0] for row in rows], "datetime64[D]")
    facts = History.of(days, describe(SERIES).known(days), [float(row[2]) for row in rows])
    opened.write({SERIES: facts}, source="test", at=NOW - dt.timedelta(days=7))
    yield opened
    opened.close()


def at(kind: str, answer: Answer, times: int = 99):
    seen = {"n": 0}

    def before(path: str, _query: dict[str, str], _count: int) -> Answer | None:
        if path.endswith(kind):
            seen["n"] += 1
            if seen["n"] <= times:
                return answer
        return None

    return before


def edit(change):
    return {"rows": lambda rows: change(list(rows))}


def last(rows, value):
    return [*rows[:-1], (rows[-1][0], rows[-1][1], value)]


HTML = b"<!DOCTYPE html><html><body>Service Unavailable</body></html>"
XML = b'<?xml version="1.0"?><observations count="3" offset="0" limit="100000">'

LINE = {
    "429 for ever": {"before": at("observations", Answer(b"slow down", 429))},
    "429 with a long Retry-After": {"before": at("observations", Answer(b"", 429, {"Retry-After": "3600"}))},
    "500 for ever": {"before": at("observations", Answer(b"oops", 500))},
    "503 as a page": {"before": at("observations", Answer(HTML, 503))},
    "502 gateway": {"before": at("observations", Answer(HTML, 502))},
    "200 with a page": {"before": at("observations", Answer(HTML))},
    "200 empty": {"before": at("observations", Answer(b""))},
    "200 garbage": {"before": at("observations", Answer(bytes(range(256))))},
    "200 JSON": {"before": at("observations", Answer(b'{"observations": []}'))},
    "XML cut in the middle": {"before": at("observations", Answer(XML + b'<observation date="2026-11'))},
    "fewer bytes than announced": {"before": at("observations", Answer(XML + b"</observations>", cut=50))},
    "slow drip": {"before": at("observations", Answer(XML * 20, drip=0.05))},
    "hang": {"before": at("observations", Answer(b"", hang=30.0))},
    "redirect": {"before": at("observations", Answer(b"", 302, {"Location": "http://127.0.0.1:9/steal"}))},
    "423 locked": {"before": at("observations", Answer(b"", 423))},
    "404 gone": {"before": at("observations", Answer(HTML, 404))},
    "400 bad key": {"before": at("observations", Answer(f'<error code="400" message="api_key {KEY} is wrong"/>'.encode(), 400))},
    "no observations at all": edit(lambda _: []),
    "announced rows missing": {"after": lambda kind, body: body.replace(b'count="', b'count="9') if kind == "observations" else body},
    "another kind of answer": {"before": at("observations", Answer(b"<categories><category id='1'/></categories>"))},
    "entity bomb": {"before": at("observations", Answer(b'<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10 if n else b"&a;" * 10) for n in range(9)) + b"]><observations>&a8;</observations>"))},
    "wrong series echoed": {"renamed": "DGS30"},
    "renamed away": {"before": at("series", Answer(b'<error code="400" message="Bad Request. The series does not exist."/>', 400))},
    "another frequency": {"frequency": {"DGS10": "M"}},
    "rebased": edit(lambda rows: [(d, s, f"{float(v) * 1.37:.4f}") for d, s, v in rows]),
    "most values different": edit(lambda rows: [(d, s, f"{float(v) + 0.11 * (n % 3):.2f}") for n, (d, s, v) in enumerate(rows)]),
}  # fmt: skip
ROWS = {
    "a dot for no value": edit(lambda rows: last(rows, ".")),
    "NaN": edit(lambda rows: last(rows, "NaN")),
    "a thousands comma": edit(lambda rows: last(rows, "1,234")),
    "infinite": edit(lambda rows: last(rows, "inf")),
    "1e308": edit(lambda rows: last(rows, "1e308")),
    "an empty value": edit(lambda rows: last(rows, "")),
    "a value a thousand times too large": edit(lambda rows: last(rows, f"{float(rows[-1][2]) * 1000:.2f}")),
    "basis points": edit(lambda rows: last(rows, f"{float(rows[-1][2]) * 100:.0f}")),
    "a future date": edit(lambda rows: [*rows, ("2027-03-01", "2026-11-20", "4.00")]),
    "an impossible date": edit(lambda rows: [*rows, ("2026-13-45", "2026-11-20", "4.00")]),
    "one day twice, two values": edit(lambda rows: [*rows, (rows[-1][0], rows[-1][1], "4.44")]),
    "one day twice, one value": edit(lambda rows: [*rows, rows[-1]]),
    "out of order": edit(lambda rows: rows[::-1]),
    "a held value changed": edit(lambda rows: [(d, s, "4.50") if d == "2026-11-10" else (d, s, v) for d, s, v in rows]),
    "a spike": edit(lambda rows: last(rows, "14.00")),
    "stale": edit(lambda rows: [row for row in rows if row[0] <= "2026-10-01"]),
    "discontinued": {"titles": {"DGS10": "10-Year Treasury (DISCONTINUED)"}},
}
QUIET = {"a dot for no value", "an empty value"}  # FRED's own way of saying holiday: nothing to tell


def fetch(store: Store, server: Fred, **changes: object):
    with serving(server) as line:
        made = sources(line.url)
        made = replace(made, fred=replace(made.fred, **changes))
        start = time.monotonic()
        report = refresh(store, made, NOW, wanted=[SERIES], secret=lambda _: KEY)
        return report, time.monotonic() - start, line


@pytest.mark.parametrize("kind", LINE)
def test_a_broken_answer_stores_nothing_and_is_told(kind: str, held: Store):
    before = held.history(SERIES)
    report, seconds, _ = fetch(held, Fred({"DGS10": TRUTH, "DFF": TRUTH}, **LINE[kind]))

    after = held.history(SERIES)
    assert np.array_equal(after.value, before.value)
    assert report.failed, f"{kind} was silent"
    assert report.stored <= 1  # the note that the provider did not deliver
    assert KEY not in str(report)
    assert seconds < 12


@pytest.mark.parametrize("kind", ROWS)
def test_a_broken_row_is_never_stored_and_is_told(kind: str, held: Store):
    truth = {row[0]: float(row[2]) for row in TRUTH}
    server = Fred({"DGS10": TRUTH, "DFF": TRUTH}, **ROWS[kind])
    if kind == "stale":
        server.books = {"DGS10": [row for row in TRUTH if row[0] <= "2026-10-01"], "DFF": TRUTH}
    report, _, _ = fetch(held, server)

    after = held.history(SERIES)
    stored = dict(zip(after.period.astype(str).tolist(), after.value.tolist(), strict=True))
    assert all(truth[day] == pytest.approx(value) for day, value in stored.items())
    told = report.refused or report.contradicted or report.remarks or report.failed
    assert told or kind in QUIET, f"{kind} was silent"
    assert after.period.size >= 223 - 1 - 8  # the good rows are there


def test_the_table_has_the_promised_number_of_kinds():
    assert len(LINE) + len(ROWS) >= 40


def test_a_passing_fault_is_waited_out(held: Store):
    for fault in (Answer(b"", 429, {"Retry-After": "0.1"}), Answer(HTML, 503), Answer(HTML), Answer(b"", hang=2.0)):
        report, _, _ = fetch(held, Fred({"DGS10": TRUTH, "DFF": TRUTH}, before=at("observations", fault, times=1)))

        assert not report.failed
        assert held.history(SERIES).period[-1] == np.datetime64("2026-11-19")


def test_a_refused_row_stands_in_quarantine_with_its_rule(held: Store):
    from signals.store.inventory import quarantine

    fetch(held, Fred({"DGS10": TRUTH, "DFF": TRUTH}, **ROWS["a thousands comma"]))

    rows = quarantine(held, SERIES)
    assert [row["rule"] for row in rows] == ["cell.number"]
    assert "1,234" in rows[0]["content"]


def test_a_contradiction_is_kept_and_reported_and_not_in_force(held: Store):
    report, _, _ = fetch(held, Fred({"DGS10": TRUTH, "DFF": TRUTH}, **ROWS["a held value changed"]))

    from signals.store.inventory import contradictions

    assert report.contradicted == 1
    assert contradictions(held)[0]["offered"] == 4.5
    assert any(remark.rule == "value.disputed" for remark in report.remarks)


def test_the_budget_ends_the_waiting(held: Store):
    stamina.set_testing(False)
    report, seconds, _ = fetch(
        held, Fred({"DGS10": TRUTH, "DFF": TRUTH}, before=at("observations", Answer(b"", 500))), budget_seconds=1.5
    )

    assert report.failed
    assert seconds < 4


@pytest.mark.parametrize("written", [f" {KEY} ", f'"{KEY}"', f"{KEY}\n", f"\ufeff{KEY}\r\n"])
def test_what_a_clipboard_adds_to_a_key_is_taken_off(held: Store, written: str):
    with serving(Fred({"DGS10": TRUTH, "DFF": TRUTH})) as line:
        report = refresh(held, sources(line.url), NOW, wanted=[SERIES], secret=lambda _: written)

    assert report.used == ("fred",)


def test_two_requests_a_second_and_no_more(held: Store):
    began = time.monotonic()
    _, _, line = fetch(held, Fred({"DGS10": TRUTH, "DFF": TRUTH}), requests_per_second=2.0)

    gaps = np.diff([moment for moment, (path, _) in zip(line.moments, line.asked, strict=True)][1:])
    assert gaps.size
    assert line.moments[-1] - began >= 0.5 * gaps.size  # whatever the server saw of each
    assert (gaps > 0.3).all()  # half a second was waited each time; a busy server may see less


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("0" * 32, "not registered"),
        ("not-the-key", "has 11 characters"),
        ("***", "has 3 characters"),
        (KEY.upper(), "has other characters"),
    ],
)
def test_a_wrong_key_is_reported_and_the_keyless_files_are_used(held: Store, key: str, reason: str):
    with serving(Fred({"DGS10": TRUTH, "DFF": TRUTH})) as line:
        made = sources(line.url, mode="auto")
        made = replace(made, fredgraph=replace(made.fredgraph, enabled=True))
        report = refresh(held, made, NOW, wanted=[SERIES], secret=lambda _: key)

    assert report.mode == "keyless"
    assert report.used == ("fredgraph",)
    assert any(reason in fault.reason for fault in report.failed)
    assert any("the key of FRED is not usable" in notice and reason in notice for notice in report.notices)
    assert key not in str(report)
    assert held.history(SERIES).period[-1] == np.datetime64("2026-11-19")
