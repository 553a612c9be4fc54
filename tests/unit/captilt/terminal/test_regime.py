"""The league on a terminal of any width."""

import datetime as dt

import pytest
from rich.console import Console

from captilt.contract.regime import Delays, LeagueAnswer, ModelScore, NextMeetingScore
from captilt.terminal.regime import WIDE, league_screen
from regime.models import BY_NAME


def row(model: str) -> ModelScore:
    return ModelScore(
        model=model, says="", log_score=0.332, log_score_early=0.441, log_score_late=0.244,
        log_score_interval=(0.271, 0.402), brier=0.216, accuracy=0.88, calibration_error=0.024,
        ahead_3m_log_score=0.61, delay_meetings=Delays(hold_median=2.0, move_median=1.0, turning_points=()),
        false_alarms_per_decade=1.04, against={},
    )  # fmt: skip


@pytest.mark.parametrize(("width", "columns"), [(80, 6), (WIDE, 11)])
def test_a_narrow_terminal_drops_columns_and_cuts_no_number(width, columns, capsys):
    answer = LeagueAnswer(
        first=dt.date(1995, 1, 31), last=dt.date(2023, 12, 29), n=348, default="structural_hazard_bound_calibrated",
        models=tuple(row(name) for name in BY_NAME), missing=(),
        next_meeting=NextMeetingScore(n=230, log_score=0.5, frequency_log_score=0.9),
    )  # fmt: skip

    for part in league_screen(answer, width):
        Console(width=width).print(part)
    lines = capsys.readouterr().out.splitlines()

    (default,) = (line for line in lines if line.startswith("structural_hazard_bound_calibrated"))
    assert "\N{HORIZONTAL ELLIPSIS}" not in "".join(lines)
    assert default.count("0.332") == 1
    figures = default.removeprefix("structural_hazard_bound_calibrated").replace(" to ", "-").replace(" %", "%")
    assert len(figures.split()) == columns
    assert max(map(len, lines)) <= width
