"""The evidence and the claims on their faces: words, JSON and pictures say the same."""

import datetime as dt
import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from allocator.backtest.assessment import Assessment, Heavy
from allocator.backtest.robustness import Check
from allocator.claims import Claim, Examined, Finding, Question
from allocator.evidence import (
    Moments,
    Multiplier,
    Overfitting,
    RealisedShare,
    Reliability,
    SharpeTest,
    Superiority,
    Trials,
    YearAhead,
    power_of_dsr,
    verdict,
)
from allocator.outcomes import Race, Runner, Score
from allocator.settings import Judgement
from captilt.charts.evidence import claims_picture, evidence_summary, race_picture, scores_picture
from captilt.contract.evidence import claims_answer, evidence_answer
from captilt.formats import DASH, number
from captilt.terminal.claims import claims_screen
from captilt.terminal.console import as_json
from captilt.terminal.evidence import evidence_screen, text_interval
from regime.settings import RegimeSettings
from signals.signal import Gap

JUDGEMENT = Judgement()
DAY, FIRST = dt.date(2023, 11, 30), dt.date(1984, 12, 31)
CHECKS = (
    Check("part", "as set, with the regime", FIRST, DAY, 466, 0.43, (0.2, 0.66), 25.0),
    Check("sample", "before 2000", FIRST, dt.date(1999, 12, 31), 181, 0.41, (-0.05, 0.93), 17.0),
)


def assessment(checks=CHECKS, months=466):
    short = months < 60
    counted = Trials(12.0, on_returns=315, on_log_score=95)
    nothing = (None,) * 5
    ratios = nothing if short else (0.757, 0.997, 0.43, 2.5, 0.7)
    power = None if short else power_of_dsr(months / 12, 12)
    share = RealisedShare(None, None, None, 20) if short else RealisedShare(1.93, 0.77, 0.6, 454)
    span = YearAhead("all", FIRST, DAY, 454, 1.9, 2.4, 0.13, 0.72, 37, 0.65, -0.043, (Reliability(0.4, 0.17, 91),) * 5)
    return Assessment(
        as_of=DAY,
        first=FIRST,
        last=DAY,
        moments=Moments(0.124, months, 0.9, 12.6),
        luckiest_ir=0.32,
        trials=counted,
        years_to_psr=13.8,
        years_to_dsr=math.inf,
        sharpe=SharpeTest(*ratios, months, counted, DAY, None, power),
        multiplier=Multiplier(0.5 if short else 0.635, share, 0.0 if short else 0.094, DAY, short),
        heavy=Heavy(None, None, None, None, None, ())
        if short
        else Heavy(
            Overfitting(0.07, 0.01, 12870, 29),
            3.4,
            Superiority(0.001, 0.001, 0.002, 0.003),
            (0.2, 0.66),
            10.6,
            checks,
        ),
        sentence=() if short else (span,),
        verdict=verdict(months=months, dsr=0.757, spa_p=0.001, pbo=0.07, ir_interval=(0.2, 0.66)),
        method=2,
        specification="7976a26a62d3" + 52 * "0",
    )


def answer_on(day, assessed=None, judgement=JUDGEMENT):
    return evidence_answer(assessed or assessment(), judgement, RegimeSettings(), on=day)


@pytest.fixture
def evidence():
    return answer_on(dt.date(2023, 12, 29))


def finding(supported, *, decides=True, number=0.5):
    question = Question("SMB in January", "% in the month", sign=+1, sources=("x",), decides=decides, counted="years")
    return Finding(
        question, dt.date(1964, 1, 1), dt.date(2023, 1, 1), 60, number, (number - 0.3, number + 0.3), supported
    )


@pytest.fixture
def claims():
    says = Claim("january", "January helps small caps", "mean above zero", ())
    nothing = Claim("managers", "Managers beat the index", "share above one half", ())
    found = (
        Examined(
            says, "depends on definition", (finding(True), finding(False, number=0.1), finding(True, decides=False)), ()
        ),
        Examined(nothing, "cannot be tested", (), (Gap("managers", "no such series is free"),)),
    )
    return claims_answer(found, DAY)


def shown(face):
    from rich.console import Console

    console = Console(width=100, record=True, file=io.StringIO())
    console.print(face)
    return " ".join(console.export_text().split())


def test_the_verdict_comes_first_with_its_record_its_tries_and_its_power(evidence):
    text = shown(evidence_screen(evidence, 100))

    assert text.startswith("No reliable edge. The verdict scales nothing; 64 % of the wish is kept.")
    assert "Record: the recommended tilt on IWM less SPY, decisions of Dec 1984 to Nov 2023 (466 months)" in text
    assert "315 judged on returns amount to 12 independent ones; 95 more were judged by log score" in text
    assert "76 % (95 % is needed). t 2.5, and 0.7 after the haircut for the tries (3 is wanted)" in text
    assert "By simulation: the method lived through 200 resampled histories of 41 years" in text
    assert "1 for 0.3, 5 for 0.4, 16 for 0.5. Made 26 Nov 2026 from facts of 29 Dec 2023" in text
    assert "by formula: it needs an information ratio of 0.53" in text
    assert "7 % for 0.3, 21 % for 0.4, 42 % for 0.5" in text
    assert "passes the best of the worthless in 0.6 % of cases" in text
    assert "Of each point forecast so far 1.93 came true (standard error 0.77, 454 forecasts)" in text
    assert "40 → 17 %" in text
    assert "72 % of" in text
    assert "not met (at least 0.95)" in text
    assert "specification 7976a26a62d3" in text


OTHER = {
    "was made from later facts, of 29 Dec 2023": {"day": dt.date(2023, 12, 28)},
    "was made under other settings": {
        "judgement": replace(JUDGEMENT, tilt=replace(JUDGEMENT.tilt, cost_bp=40.0)),
    },
    "counts 12 tries, not 13": {"assessed": replace(assessment(), trials=Trials(13.0))},
}


@pytest.mark.parametrize("why", OTHER)
def test_a_simulated_power_of_another_question_is_refused(why):
    answer = answer_on(**{"day": dt.date(2023, 12, 29), **OTHER[why]})

    assert answer.process_power is None
    assert answer.no_process_power == why
    assert f"No power by simulation: the table of this version {why}." in shown(evidence_screen(answer, 100))


def test_what_is_held_today_changes_no_simulated_power():
    held = replace(JUDGEMENT, portfolio=replace(JUDGEMENT.portfolio, held_weight=0.1, holdings="main"))

    assert answer_on(DAY + dt.timedelta(40), judgement=held).process_power is not None


def test_a_young_record_says_so_and_draws_nothing():
    text = shown(evidence_screen(answer_on(DAY, assessment(months=30)), 100))

    assert text.startswith("Not evaluated: the record has 30 months, and a verdict needs 60.")


def test_json_has_no_nan_and_every_number_of_the_contract(evidence, claims):
    for payload in (evidence, claims):
        parsed = json.loads(as_json(payload))
        assert parsed["schema"] == 1
        assert isinstance(parsed["rows"], list)
    parsed = json.loads(as_json(evidence))
    assert parsed["years_to_dsr"] is None
    assert {"verdict", "multiplier", "dsr", "psr", "trials", "pbo", "spa_p", "ir_interval", "as_of"} <= set(parsed)


def test_the_screen_of_the_claims_has_each_verdict_and_number(claims):
    text = shown(claims_screen(claims))

    assert "January helps small caps: depends on definition" in text
    assert "yes SMB in January: 0.50 % in the month (0.20 to 0.80) [60 years, Jan 1964 to Jan 2023]" in text
    assert "no such series is free." in text


def test_pictures_are_the_same_twice(evidence, claims):
    for draw, payload in ((evidence_summary, evidence), (claims_picture, claims)):
        drawn = draw(payload)
        assert drawn == draw(payload)
        assert drawn.startswith("<svg")
        assert "nan" not in drawn.lower()
        assert "<title" in drawn
    assert "Managers beat the index: cannot be tested" in claims_picture(claims)


def test_the_track_record_is_drawn_from_its_first_month():
    days = (dt.date(2023, 1, 31), dt.date(2023, 2, 28), dt.date(2023, 3, 31))
    runners = tuple(
        Runner(name, np.zeros(3), np.array([0.1, -0.05, np.nan])) for name in ("engine", "person", "neutral")
    )
    score = Score("phase", "phase of the rate cycle", 3, 0.4, 0.2, 1.386, 1.0, "2023-01-31", "2023-03-31")

    assert "engine +0.05 percent" in race_picture(Race(days, runners))
    assert "100 percent right" in scores_picture([score])
    assert scores_picture([]).startswith("<svg")


@pytest.mark.parametrize(
    ("value", "text"), [(-0.004, "0.00"), (-0.5, "\N{MINUS SIGN}0.50"), (None, DASH), (math.nan, DASH)]
)
def test_numbers_have_a_true_minus_and_no_negative_zero(value, text):
    assert number(value) == text


def test_an_interval_in_text_shows_zero_its_ends_and_its_middle():
    drawn = text_interval(0.5, (0.25, 0.75), (-1.0, 1.0))

    assert drawn.index("│") == 12
    assert drawn.index("●") == 18
    assert drawn.strip(" │").startswith("─")
