"""DATE-4 gives the published table, and no label that was called final has ever changed."""

import datetime as dt

import numpy as np
import pytest

from regime.dating import date_cycle
from regime.maturity import labels_known
from regime.phase import PHASES, Phase
from regime.pre_1982 import peaks
from signals.calendars import cut, month_end_sessions
from tests.support.cycles import shipped

GOLDEN = """
EASE 1982-10-01 1982-12-14 10.25 8.50 1982-10-07
HIKE 1983-03-31 1984-08-09 8.50 11.50 1983-06-24
EASE 1984-09-20 1986-08-21 11.50 5.875 1984-09-27
HIKE 1987-01-05 1987-09-04 5.875 7.3125 1987-04-30
EASE 1987-11-04 1988-02-11 7.3125 6.50 1987-11-04
HIKE 1988-03-30 1989-02-24 6.50 9.8125 1988-05-09
EASE 1989-06-06 1992-09-04 9.8125 3.00 1989-07-07
HIKE 1994-02-04 1995-02-01 3.00 6.00 1994-03-22
EASE 1995-07-06 1996-01-31 6.00 5.25 1995-12-19
EASE 1998-09-29 1998-11-17 5.50 4.75 1998-10-15
HIKE 1999-06-30 2000-05-16 4.75 6.50 1999-08-24
EASE 2001-01-03 2003-06-25 6.50 1.00 2001-01-03
HIKE 2004-06-30 2006-06-29 1.00 5.25 2004-08-10
EASE 2007-09-18 2008-12-16 5.25 0.25 2007-09-18
HIKE 2015-12-16 2018-12-19 0.25 2.50 2016-12-14
EASE 2019-07-31 2020-03-15 2.50 0.25 2019-09-18
HIKE 2022-03-16 2023-07-26 0.25 5.50 2022-05-04
EASE 2024-09-18 2025-12-10 5.50 3.75 2024-09-18
"""


def test_the_phases_are_those_of_the_golden_table():
    found = date_cycle(*shipped())

    rows = [
        f"{row.phase} {row.first_move} {row.last_move} {row.from_target:g} {row.to_target:g} {row.confirmed_on}"
        for row in found.phases
    ]
    words = [line.split() for line in GOLDEN.split("\n") if line]
    assert rows == [f"{a} {b} {c} {float(d):g} {float(e):g} {f}" for a, b, c, d, e, f in words]
    assert [row.open for row in found.phases] == [False] * 17 + [True]


def test_the_hike_of_september_2026_is_a_candidate_until_a_quarter_more():
    found = date_cycle(*shipped())

    assert not found.confirmed
    assert found.candidate is not None
    assert (found.candidate.phase, found.candidate.first_move) == (Phase.HIKE, dt.date(2026, 9, 16))
    assert (found.candidate.last_move, found.candidate.confirmed_on) == (None, None)
    assert (found.candidate.from_target, found.candidate.to_target) == (3.75, 4.0)

    days, target = shipped()
    later = date_cycle(np.append(days, np.datetime64("2026-12-09")), np.append(target, 4.25))
    assert later.phases[-1].phase is Phase.HIKE
    assert later.phases[-1].first_move == dt.date(2026, 9, 16)
    assert later.phases[-1].confirmed_on == dt.date(2026, 12, 9)
    assert later.confirmed


@pytest.mark.parametrize(("theta", "count"), [(0.50, 18), (0.75, 18), (0.25, 24), (1.00, 15)])
def test_theta_moves_the_number_of_phases_as_published(theta, count):
    assert len(date_cycle(*shipped(), theta=theta).phases) == count


def test_theta_075_gives_the_same_phases():
    one, other = date_cycle(*shipped()), date_cycle(*shipped(), theta=0.75)

    assert [(row.first_move, row.last_move) for row in one.phases] == [
        (row.first_move, row.last_move) for row in other.phases
    ]


def test_no_label_called_final_ever_changed():
    days, target = shipped()
    ends = np.array(month_end_sessions(dt.date(1983, 1, 1), dt.date(2026, 10, 31)), dtype="datetime64[D]")
    final = date_cycle(days, target).labels(ends)
    called = 0

    for place, today in enumerate(ends):
        known = days <= today
        seen = labels_known(days[known], target[known], label_days=ends[: place + 1], today=today)
        called += int(seen.mature.sum())
        assert (seen.code[seen.mature] == final[: place + 1][seen.mature]).all(), today

    assert called > 136_000  # the rule is not silent: METHOD counts 136,117


def test_the_hold_of_1997_shows_why_the_last_clause_is_needed():
    days, target = shipped()
    months = np.array(["1997-02-28", "1997-06-30"], dtype="datetime64[D]")  # before and after the lone hike of March
    known = days <= np.datetime64("1998-08-31")

    seen = labels_known(days[known], target[known], label_days=months, today=np.datetime64("1998-08-31"))

    assert seen.mature.tolist() == [True, False]
    assert [PHASES[code] for code in seen.code] == [Phase.HOLD_AFTER_EASE] * 2


def test_tightenings_before_1982_end_where_published(rates):
    found = peaks(rates.as_of(cut(dt.date(2023, 12, 29))))

    months = ["1957-10", "1959-11", "1966-11", "1969-08", "1971-08", "1973-09", "1974-07", "1980-04", "1981-06"]
    assert [f"{peak.month:%Y-%m}" for peak in found] == months
    assert {peak.provenance for peak in found} == {"effective"}
