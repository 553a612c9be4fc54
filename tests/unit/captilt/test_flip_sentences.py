"""What would change the view, in the words and units in which a strategist looks it up."""

import pytest

from captilt.contract.run import read_run
from captilt.flip_sentences import changers, decision_sentence, flip_lines, knife_edges
from tests.e2e.sample_run import a_run

SPREAD = {
    "input": "signal: credit_level", "now": -1.1, "flips_at": -1.4, "to": "underweight", "unit": "sd", "sd_away": 0.3,
    "raw_name": "Baa spread", "raw_unit": "percent", "raw_now": 1.86, "raw_flips_at": 1.7,
}  # fmt: skip
RATE = {
    "input": "signal: policy_change", "now": -2.0, "flips_at": 0.1, "to": "neutral", "unit": "sd", "sd_away": 2.1,
    "raw_name": "policy rate, change", "raw_unit": "percentage points over 12 months",
    "raw_now": 1.5, "raw_flips_at": 0.1,
}  # fmt: skip
PHASE = {"input": "regime: EASE", "now": 0.85, "flips_at": 0.3, "to": "neutral", "unit": "probability"}
PLAIN = {"input": "signal: january", "now": 0.2, "flips_at": 1.1, "to": "overweight", "unit": "sd", "sd_away": 0.9}
UNREACHED = {"input": "signal: curve_slope", "now": 0.2, "flips_at": None, "to": "overweight", "unit": "sd"}


def day(*flips, stance="overweight", ahead=None):
    advice = {"flip": list(flips), "stance": stance, "next_decision": ahead}
    return read_run(a_run(recommendation=advice))


def outcome(move_bp, points, stance):
    return {"move_bp": move_bp, "raw": 0.0, "score": 0.0, "view_points": points, "stance": stance}


@pytest.mark.parametrize(
    ("flip", "sentence"),
    [
        (SPREAD, "Baa spread 1.86 %: underweight below 1.70 %"),
        (RATE, "policy rate, change +150 bp over 12 months: neutral below +10 bp"),
        (PLAIN, "january at +0.20 sd: overweight above +1.10 sd"),
    ],
)
def test_an_input_is_given_in_its_own_unit_with_the_side_on_which_the_stance_changes(flip, sentence):
    (line,) = flip_lines(day(flip))

    assert line.sentence == sentence


def test_the_nearest_comes_first_a_probability_last_and_what_is_out_of_reach_not_at_all():
    lines = flip_lines(day(PHASE, UNREACHED, RATE, SPREAD, PLAIN))

    assert [line.away for line in lines] == ["0.30 sd", "0.90 sd", "2.10 sd", ""]
    assert lines[-1].sentence.endswith("85 %: neutral below 30 %")


def test_only_what_is_on_the_edge_is_shown_at_the_top():
    assert knife_edges(day(SPREAD, RATE)) == ()
    assert knife_edges(day({**SPREAD, "knife_edge": True}, RATE)) == (
        "Knife edge: Baa spread 1.86 %: underweight below 1.70 %.",
    )


def test_a_decision_names_the_smallest_move_to_each_side_that_changes_the_stance():
    ahead = {
        "date": "2024-01-31",
        "outcomes": [
            outcome(-50, 3.1, "overweight"), outcome(-25, 2.0, "overweight"), outcome(0, 0.4, "neutral"),
            outcome(25, -1.9, "underweight"), outcome(50, -2.6, "underweight"),
        ],
    }  # fmt: skip
    neutral = day(stance="neutral", ahead=ahead)

    assert decision_sentence(neutral) == (
        "Fed decision of 31 Jan 2024: a cut of 25 bp makes it overweight (+2.0 points); "
        "a hike of 25 bp makes it underweight (−1.9 points)"
    )
    assert changers(neutral, most=0) == (decision_sentence(neutral),)


def test_a_decision_that_changes_nothing_says_how_far_that_goes():
    ahead = {"date": "2024-01-31", "outcomes": [outcome(-75, 3.0, "overweight"), outcome(75, 1.4, "overweight")]}

    assert decision_sentence(day(ahead=ahead)) == (
        "Fed decision of 31 Jan 2024: no move of up to 75 bp changes the stance"
        " (a cut of 75 bp +3.0 points, a hike of 75 bp +1.4 points)"
    )
    assert decision_sentence(day()) == ""


def test_no_more_inputs_are_listed_than_asked_for():
    assert changers(day(SPREAD, RATE, PLAIN), most=2) == (
        "Baa spread 1.86 %: underweight below 1.70 %",
        "January at +0.20 sd: overweight above +1.10 sd",
    )
