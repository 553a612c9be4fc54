"""CME's own published numbers: what is reproduced, and what is not and why."""

import csv
import datetime as dt

import numpy as np
import pytest

from signals.fedpath.path import Strip, path_of

STEP = 0.001  # 0.1 percentage points


def rows(data, name):
    with (data / "fedwatch" / name).open() as file:
        return list(csv.DictReader(file))


def path(day, prices, held, target, kind="conditional"):
    days = np.array(sorted(held), dtype="datetime64[D]")
    ahead = tuple(date for date in days.tolist() if date > day)
    return path_of(Strip(day, prices, "published"), days, ahead, target=target, kind=kind)


def shares(meeting):
    return {bucket.lower_bp: bucket.probability for bucket in meeting.probabilities}


def test_case_1_the_article_of_2022(data):
    inputs = rows(data, "case01_cme_article_2022_inputs.csv")
    prices = {f"{r['contract_year']}-{int(r['contract_month']):02d}": float(r["price"]) for r in inputs}
    held = [r["fomc_meeting_date"] for r in inputs if r["fomc_meeting_date"]]
    told = {(r["meeting"], r["quantity"]): float(r["value"]) for r in rows(data, "case01_cme_article_2022_outputs.csv")}

    first, second = path(dt.date(2022, 9, 20), prices, held, 2.5).meetings

    assert first.start_rate == pytest.approx(told["2022-09-21", "effr_start"], abs=1e-4)
    assert first.end_rate == pytest.approx(told["2022-09-21", "effr_end"], abs=1e-4)
    assert second.end_rate - second.start_rate == pytest.approx(told["2022-11-02", "monthly_change"], abs=1e-5)
    assert shares(first) == pytest.approx(
        {275: told["2022-09-21", "P(+50bp)"], 300: told["2022-09-21", "P(+75bp)"]}, abs=STEP
    )
    cumulative = {225 + bp: told["2022-11-02", f"P_cum(+{bp}bp)"] for bp in (100, 125, 150)}
    assert shares(second) == pytest.approx(cumulative, abs=STEP)


def test_case_4_the_table_of_2026_09_18(data):
    prices = {
        f"{r['contract_year']}-{int(r['contract_month']):02d}": float(r["settle"])
        for r in rows(data, "case04_20260918_zq_settlements.csv")
    }
    held = [r["decision_date"] for r in rows(data, "fomc_meetings_2022_2027.csv")]

    found = {m.date.isoformat(): shares(m) for m in path(dt.date(2026, 9, 18), prices, held, 4.0).meetings}

    for r in rows(data, "case04_20260918_cme_published_conditional.csv"):
        ours = found[r["meeting_date"]].get(float(r["rate_low_bps"]), 0.0)
        assert 100 * ours == pytest.approx(float(r["probability_pct"]), abs=0.1), r


AGGREGATED = {"2026-10": 96.1025, "2026-11": 95.9825, "2027-01": 95.77, "2027-02": 95.685}


@pytest.mark.parametrize(
    ("held", "second"),
    [
        (("2026-10-28", "2026-12-09", "2027-01-27"), {400: 0.6689, 425: 0.3311}),
        (("2026-10-28", "2026-12-09"), {400: 0.6186, 425: 0.3814}),  # January would be an anchor
    ],
)
def test_the_aggregated_table_of_2026_09_18(held, second):
    meetings = path(dt.date(2026, 9, 18), AGGREGATED, held, 4.0, "aggregated").meetings

    assert shares(meetings[0]) == pytest.approx({375: 0.4686, 400: 0.5314}, abs=5e-5)
    assert shares(meetings[1]) == pytest.approx(second, abs=5e-5)


def test_case_2_is_not_matched_because_the_decision_day_now_counts_at_the_old_rate(data):
    told = {r["item"]: r["value"] for r in rows(data, "case02_cme_article_2015_oldconvention.csv")}
    prices = {"2015-08": float(told["ZQQ5(Aug-2015, no meeting)"]), "2015-09": float(told["ZQU5(Sep-2015)"])}

    meeting = path(dt.date(2015, 9, 16), prices, ["2015-09-17"], 0.25).meetings[0]

    hike = shares(meeting)[25.0]
    assert hike == pytest.approx((30 * 0.195 - 17 * 0.1325) / 13 / 0.25 - 0.1325 / 0.25, abs=1e-9)  # N = 17, M = 13
    assert abs(hike - float(told["P(hike)"])) > 0.03  # N = 16, M = 14 then


def test_case_6_is_not_matched_because_the_toy_takes_whole_months_for_rates(data):
    told = {r["item"]: r["value"] for r in rows(data, "case06_cme_aggregated_article_2024.csv")}
    prices = {
        "2024-05": float(told["ZQK4 (May)"]),
        "2024-06": float(told["ZQM4 (June)"]),
        "2024-07": float(told["ZQN4 (July)"]),
    }

    june, july = path(dt.date(2024, 6, 11), prices, ["2024-06-12", "2024-07-31"], 5.25).meetings

    toy = (100 - prices["2024-06"] - 5.125) / 0.25
    ours = (june.end_rate - june.start_rate) / 0.25
    assert toy == pytest.approx(float(told["P(one 25bp hike in June)"]))
    assert ours > toy + 0.3  # eighteen of thirty days at the new rate carry the month's whole move
    assert july.status == "refused"
    assert "2024-08" in july.reason
