"""How long a page takes with ten years of daily runs in the book; printed, never judged by the clock."""

import copy
import datetime as dt
import time

import httpx2
import numpy as np
import pytest

from captilt.contract.run import run_json
from captilt.review.decisions import Answer, current, decide
from captilt.run import daily
from captilt.studies.prepare import prepare
from signals.calendars import cut, sessions_between
from tests.e2e.review.conftest import desk_at, serving

FIRST, LAST = dt.date(2014, 1, 2), dt.date(2023, 12, 29)
ROUNDS = 40
DECIDED_EVERY = 5  # a decision a week


@pytest.fixture(scope="module")
def ten_years(fill_home, tmp_path_factory):
    """Ten years of daily runs made from one real run, decided weekly, with the studies of the last day."""
    home = tmp_path_factory.mktemp("ten-years")
    fill_home(home)
    desk = desk_at(home, cut(LAST))
    real = run_json(daily.run(desk, dry_run=True, offline=True))
    days = [day.item() for day in sessions_between(FIRST, LAST)]
    with desk.ledger.transaction() as book:
        for place, day in enumerate(days):
            run = copy.deepcopy(real)
            run["as_of"], run["run_id"], run["study"] = day.isoformat(), f"bench-{day}", False
            shift = 2 * np.sin(place / 60)
            run["recommendation"]["attribution"][0]["points"] += shift
            run["recommendation"]["active_weight_points"] += shift
            book.append("run", day, run, at=cut(day) + dt.timedelta(minutes=5))
            if place % DECIDED_EVERY == 0:
                advice = book.entries("run", day)[0]
                said = {
                    "advice": advice.seq,
                    "advice_day": day.isoformat(),
                    "code": "0" * 12,
                    "verdict": "accept",
                    "note": "weekly",
                }
                weights = {"target_weight": 0.15, "advised_weight": 0.15, "held_weight": 0.15}
                stamp = {
                    "who": "Ana",
                    "by": "page",
                    "decided_at": cut(day).isoformat(),
                    "replaces": None,
                    "content_hash": "0" * 64,
                }
                book.append("decision", day, {**said, **weights, **stamp}, at=cut(day) + dt.timedelta(minutes=15))
    desk.clock.moment = cut(LAST) + dt.timedelta(minutes=30)
    prepare(desk)
    return desk, days


def test_any_page_with_ten_years_of_daily_runs(ten_years):
    desk, days = ten_years
    draw = np.random.default_rng(7)
    asked = {
        "newest": lambda: "/",
        "any past day": lambda: f"/day/{days[draw.integers(1, len(days))]}",
        "signal": lambda: f"/day/{LAST}/signal/credit_level",
        "history": lambda: "/history",
        "history, older": lambda: f"/history?before={days[draw.integers(50, len(days))]}",
        "claims": lambda: "/claims",
        "rebalance": lambda: "/rebalance",
        "api run": lambda: f"/api/run/{days[draw.integers(1, len(days))]}",
        "api history": lambda: "/api/history",
        "healthz": lambda: "/healthz",
    }

    with serving(desk) as site, httpx2.Client(base_url=site, timeout=60) as web:
        start = time.perf_counter()
        web.get("/")
        print(f"\nfirst page, {len(days)} runs read from the book: {time.perf_counter() - start:.2f} s")
        print(f"{'page':16}{'p50 ms':>9}{'p95 ms':>9}{'worst':>9}{'KB':>7}")
        for name, path in asked.items():
            took, size = [], 0
            for _ in range(ROUNDS):
                start = time.perf_counter()
                answer = web.get(path())
                took.append(1000 * (time.perf_counter() - start))
                size = len(answer.content)
                assert answer.status_code == 200
            print(
                f"{name:16}{np.percentile(took, 50):9.1f}{np.percentile(took, 95):9.1f}{max(took):9.1f}{size / 1024:7.0f}"
            )


def test_a_decision_in_a_book_of_ten_years(ten_years):
    desk, _ = ten_years
    took = []
    for place in range(5):
        advice = current(desk.ledger, desk.clock(), 5)
        start = time.perf_counter()
        decide(desk, Answer("defer", advice.code, "Ana", f"{place}", confirmed=True))
        took.append(1000 * (time.perf_counter() - start))

    assert [entry.payload["note"] for entry in desk.ledger.decisions()[-5:]] == ["0", "1", "2", "3", "4"]
    print(f"\na decision: first {took[0]:.0f} ms (the whole chain is verified once), then {np.median(took[1:]):.0f} ms")
