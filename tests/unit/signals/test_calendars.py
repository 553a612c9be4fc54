"""The sessions of the exchange, also in the years before its rules are in any library."""

import csv
import datetime as dt

import numpy as np
import pytest

from signals.calendars import holidays, is_session, sessions


@pytest.mark.parametrize(
    "day",
    [
        "1963-01-01",  # New Year
        "1964-02-21",  # Washington's birthday on a Saturday
        "1969-04-04",  # Good Friday
        "1965-05-31",  # Memorial Day on a Sunday
        "1967-09-04",  # Labor Day
        "1968-11-05",  # the day of a presidential election
        "1969-11-27",  # Thanksgiving
        "1965-12-24",  # Christmas on a Saturday
        "1963-11-25",  # President Kennedy's funeral
        "1968-06-12",  # a Wednesday of the paperwork crisis
    ],
)
def test_the_exchange_was_shut_on_the_holidays_of_the_time(day):
    assert not is_session(dt.date.fromisoformat(day))
    assert np.datetime64(day, "D") in holidays()


@pytest.mark.parametrize("day", ["1968-06-11", "1966-12-30", "1959-05-29", "1969-10-13", "1952-11-10"])
def test_and_open_on_the_days_between(day):
    assert is_session(dt.date.fromisoformat(day))


def test_sessions_are_weekdays_and_about_252_a_year():
    assert np.is_busday(sessions()).all()
    year = sessions().astype("datetime64[Y]").astype(int) + 1970
    count = np.bincount(year - year[0])
    assert ((count >= 225) & (count <= 254)).all()  # the fewest in 1968, with its Wednesdays


def test_every_weekday_of_the_french_file_is_a_session_and_the_other_way_round(data):
    with (data / "series" / "french" / "FF3_DAILY.csv").open(encoding="utf-8") as file:
        days = np.array([row["date"] for row in csv.DictReader(file)], dtype="datetime64[D]")

    known = sessions()[(sessions() >= days[0]) & (sessions() <= days[-1])]

    assert np.array_equal(known, days[np.is_busday(days)])
