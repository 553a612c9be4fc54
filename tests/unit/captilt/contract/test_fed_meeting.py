"""One meeting through time: odds now and before are those that each day's own path gave."""

import datetime as dt

import numpy as np
import pytest
from rich.console import Console

from captilt.contract.fed_meeting import meeting_answer
from captilt.contract.record import to_json
from captilt.review.tables import meeting_table
from captilt.terminal.fed_meeting import meeting_screen
from captilt.terminal.fedpath import dots_table
from signals.asof import AsOf
from signals.calendars import cut, previous_session
from signals.errors import InputError
from signals.fedpath.history import lower_bound_bp
from signals.fedpath.meeting_history import answered_meetings, meeting_history
from signals.fedpath.path import fed_path
from signals.fedpath.user_files import dots_from
from tests.unit.signals.fedpath.test_path import DAY, PRICES, plain, world

MEETING = dt.date(2026, 10, 28)


@pytest.fixture(scope="module")
def view():
    return AsOf(cut(DAY), world(PRICES))


def test_the_odds_of_a_meeting_are_those_of_the_path_of_the_day(view):
    found, path = meeting_history(view, MEETING), fed_path(view)
    priced = next(one for one in path.meetings if one.date == MEETING)

    assert found.days[-1] == DAY
    assert found.rate[-1] == pytest.approx(priced.end_rate)
    assert found.cut[-1] + found.hold[-1] + found.hike[-1] == pytest.approx(1)
    low = lower_bound_bp(view, np.array([DAY], "datetime64[D]"))[0]
    assert found.hike[-1] == pytest.approx(sum(one.probability for one in priced.probabilities if one.lower_bp > low))
    assert found.moves[-1] == pytest.approx((priced.end_rate - path.meetings[0].start_rate) / 0.25)


def test_sessions_without_an_answer_are_said_and_not_guessed(view):
    found = meeting_history(view, MEETING)

    rows = found.back(DAY)
    assert rows["now"] == len(found.days) - 1
    assert rows["day"] is None or found.days[rows["day"]] == previous_session(DAY)
    assert meeting_history(view, dt.date(2026, 10, 27)).days == ()
    assert MEETING in answered_meetings(view)


def test_the_screen_fits_eighty_columns_and_the_table_holds_every_session(view, capsys):
    answer = meeting_answer(meeting_history(view, MEETING), DAY)

    Console(width=80, highlight=False).print(*meeting_screen(answer), sep="\n")
    out = capsys.readouterr().out
    assert max(len(line.rstrip()) for line in out.splitlines()) <= 80
    assert "no change" in out
    table = meeting_table(to_json(answer))
    assert len(table.rows) == len(answer.rows)
    assert sum(table.rows[-1][6:]) == pytest.approx(1, abs=0.02)


def test_dots_stand_beside_what_the_market_expects_at_the_end_of_the_year(capsys):
    path = plain(PRICES)
    Console(width=80).print(dots_table(path, dots_from("year,percent\n2026,4.10\n2040,3.00\n", "dots.csv")))

    row = next(line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("2026"))
    last = [one for one in path.meetings if one.date.year == 2026 and one.end_rate is not None][-1]
    assert float(row[2]) == pytest.approx(last.end_rate - (path.start_gap_bp or 0) / 100, abs=0.006)


@pytest.mark.parametrize("text", ["year,percent\n26,4\n", "year,percent\n2026,400\n", "year,percent\n2026,4\n2026,5\n"])
def test_a_wrong_line_of_the_dots_is_named(text):
    with pytest.raises(InputError, match=r"dots.csv, line [23]"):
        dots_from(text, "dots.csv")
