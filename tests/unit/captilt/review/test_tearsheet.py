"""The record as people take it along: months, bets, rolling ratio, the first picture, questions, and the workbook."""

import datetime as dt
import io
from dataclasses import replace

import numpy as np
import pytest
from openpyxl import load_workbook

from allocator.backtest.breakdown import positions_taken, rolling_ratio
from captilt.charts.overview import overview
from captilt.charts.style import narrow_versions
from captilt.charts.tearsheet import rolling
from captilt.contract.agenda import CalendarEvent
from captilt.contract.run import Flip
from captilt.contract.signals import signals_answer
from captilt.review.answer_workbooks import signals_workbook, write_file
from captilt.review.questions import ignoring_sentence, next_sentence, risk_sentences, strength_sentence
from captilt.review.tearsheet import monthly_table, record_sentences
from signals.asof import AsOf
from signals.errors import UsageError
from tests.support.payloads import run

PHASES = ("HIKE", "HIKE", "EASE")


def month(n, view, position, difference, net, **more):
    year, number = 2001 + n // 12, n % 12 + 1
    return {
        "decided": f"{year}-{number:02d}-01",
        "traded": f"{year}-{number:02d}-02",
        "view_points": view,
        "recommended_points": position,
        "small_minus_large_percent": difference,
        "phase": PHASES[n % 3],
        "net_percent": net,
        "rolling_ir": 0.4 if n >= 12 else None,
        **more,
    }


ROWS = [month(n, -3.0 if n < 16 else 2.0, -2.0 if n < 16 else 1.5, -1.0 if n % 4 else 2.0, 0.02) for n in range(24)]
ANSWER = {
    "small": "IWM",
    "large": "SPY",
    "from": "2001-01-01",
    "to": "2002-12-01",
    "last_outcome": "2003-01-02",
    "net": {"ir": 0.4},
    "stances": {"overweight": 1 / 3, "neutral": 0.0, "underweight": 2 / 3, "under_one_point": 0.0},
    "positions": [
        {"start": "2001-01-02", "end": "2002-04-02", "net_bp": 32.0, "mean_points": -2.0, "months": 16},
        {"start": "2002-05-02", "end": "2002-12-02", "net_bp": -4.0, "mean_points": 1.5, "months": 8},
    ],
    "spells": [{"start": "2001-03-02", "trough": "2001-06-02", "end": None, "depth_bp": -12.0}],
    "rows": ROWS,
}


def test_bets_are_stretches_on_one_side_of_policy():
    closes = np.arange("2020-01", "2020-08", dtype="datetime64[M]").astype("datetime64[D]")
    points = np.array([0.2, 1.5, 2.0, 0.5, -1.0, -3.0, 2.0])

    bets = positions_taken(closes, points, np.full(7, 0.1))

    assert [(one.months, round(one.net_bp, 6)) for one in bets] == [(2, 20.0), (2, 20.0), (1, 10.0)]
    assert bets[0].start == dt.date(2020, 2, 1)


def test_the_rolling_ratio_is_that_of_its_own_window():
    net = np.random.default_rng(7).normal(0.05, 0.2, 50)

    ratio = rolling_ratio(net)

    assert np.isnan(ratio[:35]).all()
    window = net[5:41]
    assert ratio[40] == pytest.approx(np.sqrt(12) * window.mean() / window.std(ddof=1))


def test_months_of_a_year_add_up_to_it_and_a_missing_month_is_empty():
    newest, oldest = monthly_table(ANSWER | {"rows": ROWS[3:]})

    assert (newest.year, oldest.year) == (2002, 2001)
    assert [cell.bp for cell in oldest.months[:3]] == [None] * 3
    assert oldest.total_bp == pytest.approx(sum(cell.bp or 0 for cell in oldest.months))


def test_the_few_bets_are_said_as_they_are():
    shares, bets = record_sentences(ANSWER)

    assert "overweight in 33 %" in shares
    assert "2 positions of a point or more in 2 years, and 1 of them earned" in bets
    assert "+32 of +28 bp" in bets


def test_the_picture_names_its_ends_and_is_drawn_again_for_a_phone():
    with narrow_versions() as narrow:
        drawn, ratio = overview(ANSWER), rolling(ANSWER)

    assert "IWM over SPY went from 100 on 2 Jan 2001" in drawn
    assert set(narrow) == {drawn, ratio}
    assert narrow[drawn] != drawn
    assert overview({"rows": []}) == ""


def test_how_often_it_was_right_counts_only_months_as_strong_as_today():
    today = run(recommendation__view_points=-2.5)

    sentence = strength_sentence(today, ANSWER)

    right = sum(row["small_minus_large_percent"] < 0 for row in ROWS[:16]) / 16
    assert (
        f"In 16 months with an underweight of 2.5 points or more, in 1 stretch, it was right in {right:.0%}".replace(
            "%", " %"
        )
        in sentence
    )
    assert "too few" in strength_sentence(run(recommendation__view_points=-9.0), ANSWER)
    assert strength_sentence(today, None) == ""


def test_ignoring_costs_the_distance_times_the_trusted_forecast():
    today = run(
        recommendation__view_points=-5.0, recommendation__forecast_annual_percent=-2.0, evidence__multiplier=0.5
    )

    assert "Staying 5.0 points from the view costs 5.0 bp a year" in ignoring_sentence(today)
    beyond = run(
        recommendation__view_points=-5.0, recommendation__forecast_annual_percent=-2.0, evidence__multiplier=0.5,
        recommendation__held_weight=0.1,
    )  # fmt: skip
    assert "Staying 5.0 points beyond the view is worth 5.0 bp a year" in ignoring_sentence(beyond)
    at_view = run(recommendation__view_points=0.0)
    assert ignoring_sentence(at_view) == "Ignoring it costs nothing today: the position is the view."


def test_risks_are_in_money_of_the_portfolio():
    today = run(risk={"sigma_annual_percent": 10.0, "relative_beta": 0.2})

    volatility, beta, spell = risk_sentences(today, ANSWER)

    assert "earn or cost 27 bp" in volatility  # 2.7 points of 10 percent
    assert "−0.005" in beta
    assert "−12 bp from Mar 2001 to Jun 2001, not recovered" in spell


def test_a_workbook_holds_numbers_as_numbers_and_days_as_days(tmp_path):
    answer = signals_answer(AsOf(dt.datetime(2026, 11, 20, 23, tzinfo=dt.UTC), {}), {"january": 0.25})

    book = load_workbook(io.BytesIO(signals_workbook(answer)))

    head, *rows = book["Dated facts"].iter_rows(values_only=True)
    first = dict(zip(head, rows[0], strict=True))
    assert first["value"] == answer.dated_facts[0].value
    assert isinstance(first["observed"], dt.datetime)
    assert book["Signals"].max_row == len(answer.rows) + 1
    with pytest.raises(UsageError, match="no Excel workbook"):
        write_file(tmp_path / "signals.csv", b"")


def test_the_next_date_is_the_first_that_can_move_a_weight_and_the_nearest_flip_stands_beside_it():
    silent = CalendarEvent(date=dt.date(2024, 1, 12), event="payrolls", effect="moves no weight by itself", by=True)
    moving = CalendarEvent(date=dt.date(2024, 1, 31), event="month-end", effect="new fit, new record, a new step")
    flip = Flip(input="credit_level", now=1.0, flips_at=2.0, to="neutral")
    plain = run()
    today = replace(plain, calendar=(silent, moving), recommendation=replace(plain.recommendation, flip=(flip,)))

    sentence = next_sentence(today)

    assert sentence == (
        "31 Jan 2024, month-end: new fit, new record, a new step. Credit level at +1.00 sd: neutral above +2.00 sd."
    )
    assert next_sentence(replace(today, calendar=(), recommendation=replace(today.recommendation, flip=()))) == ""
