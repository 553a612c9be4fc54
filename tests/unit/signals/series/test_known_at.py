"""The words of a known-at rule are the rule."""

import csv
import datetime as dt

import numpy as np
import pytest

from signals.errors import InputError
from signals.series.dictionary import describe, dictionary
from signals.series.known_at import NEVER, delayed, last_business_day, parse, period_end


def known(rule: str, day: str, stamp: str = "day") -> str:
    return str(parse(rule, stamp=stamp)(np.array([day], "datetime64[D]"))[0])[:16]


@pytest.mark.parametrize(
    ("rule", "stamp", "day", "expected"),
    [
        ("bd+1 16:15", "day", "2023-12-29", "2024-01-02T21:15"),  # over a weekend and New Year
        ("bd+1 16:15", "day", "2023-11-22", "2023-11-24T21:15"),  # over Thanksgiving
        ("bd+1 16:15", "day", "2020-10-09", "2020-10-13T20:15"),  # Columbus Day: banks shut, exchange open
        ("bd+1 09:00", "day", "2023-07-03", "2023-07-05T13:00"),
        ("bd+1", "day", "2020-01-02", "2020-01-03T23:00"),  # no time given: the cut
        ("session 16:15", "session", "2023-03-10", "2023-03-10T21:15"),
        ("session 16:15", "session", "2023-03-13", "2023-03-13T20:15"),  # daylight saving began in between
        ("session 15:00", "session; contract YYYY-MM", "2023-06-01", "2023-06-01T19:00"),
        ("period_end+21d 08:30", "first of month", "2023-11-01", "2023-12-21T13:30"),
        ("period_end+35d", "first of quarter", "2023-10-01", "2024-02-04T23:00"),
        ("period_end+56d", "last of month", "2023-10-31", "2023-12-26T23:00"),
        ("period_end+60d", "month", "1926-12-31", "1927-03-01T23:00"),
        ("period_end bd+1 16:15", "first of month", "2023-11-01", "2023-12-01T21:15"),
        ("period+50d 14:00", "first of quarter", "2023-10-01", "2023-11-20T19:00"),
        ("period+5d 08:30", "week ending", "2023-12-29", "2024-01-03T13:30"),
        ("last business day of the vintage month 18:00", "first of month", "2023-12-01", "2023-12-29T23:00"),
        ("decision day 14:00; see fomc/", "day", "2022-06-15", "2022-06-15T18:00"),
        ("decision day 14:00; see fomc/", "day", "1991-12-20", "1991-12-23T19:00"),
        ("day", "day", "2019-06-28", "2019-06-28T22:00"),
    ],
)
def test_a_rule_says_when(rule, stamp, day, expected):
    assert known(rule, day, stamp) == expected


def test_what_is_never_known_in_real_time_is_never_seen():
    assert parse("never in real time")(np.array(["2020-03-01"], "datetime64[D]"))[0] == NEVER


def test_an_unknown_rule_is_refused_with_examples():
    with pytest.raises(InputError, match=r"bd\+1 16:15"):
        parse("when it pleases")


def test_every_rule_of_the_manifest_is_understood_and_equals_the_dictionary(data):
    with (data / "manifest.csv").open() as file:
        rows = list(csv.DictReader(file))

    for row in rows:
        parse(row["known_at"], stamp=row["period_stamp"])
        told = dictionary()[row["series"]]
        assert (told.known_at, told.stamp, told.frequency, told.revised, told.terms) == (
            row["known_at"], row["period_stamp"], row["frequency"], row["revised"], row["terms"],
        )  # fmt: skip


def test_nothing_is_known_before_its_period_is_over():
    days = np.arange("2001-01-01", "2023-12-31", dtype="datetime64[D]")
    for told in dictionary().values():
        if told.frequency in ("D", "W"):
            assert (told.known(days).astype("datetime64[D]") >= days).all(), told.id


def test_a_shutdown_delays_a_release():
    told = describe("fred:UNRATE")
    september = np.array(["2013-09-01"], "datetime64[D]")

    assert str(told.known(september)[0])[:16] == "2013-10-22T12:30"
    assert (delayed("fred:DGS10", september, told.known(september)) == told.known(september)).all()


def test_the_ends_of_periods():
    days = np.array(["2024-02-01", "2023-11-30", "2024-05-15"], "datetime64[D]")

    assert period_end(days, "first of month").astype(str).tolist() == ["2024-02-29", "2023-11-30", "2024-05-31"]
    assert period_end(days, "first of quarter").astype(str).tolist() == ["2024-03-31", "2023-12-31", "2024-06-30"]
    assert last_business_day(np.array(["2023-09", "2023-12"], "datetime64[M]")).astype(str).tolist() == [
        "2023-09-29",
        "2023-12-29",
    ]


def test_the_clock_of_summer_and_winter_is_new_yorks():
    july, january = known("bd+1 16:15", "2023-07-10"), known("bd+1 16:15", "2023-01-09")

    assert dt.datetime.fromisoformat(july).hour == 20
    assert dt.datetime.fromisoformat(january).hour == 21
