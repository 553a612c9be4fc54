import datetime as dt

import numpy as np
import pytest

from signals import calendars
from signals.asof import AsOf, History
from signals.calendars import sessions, sessions_between
from signals.scoring.calendar_windows import (
    fomc_week,
    inside,
    january,
    reconstitution,
    third_year,
    turn_of_month,
    turn_of_year,
)
from signals.scoring.seasonal import EFFECTS, PRIOR_SD, SMB, Seasonal, decay, estimate, family, finished_windows, holm
from signals.signal import Gap, Reading

DAY = dt.date(2018, 12, 31)


def world(planted: str = "", size: float = 0.0, *, seed: int = 7, first: dt.date = dt.date(1963, 7, 1)) -> AsOf:
    """Daily noise, with `size` percent a session added inside the windows of an effect."""
    days = sessions_between(first, DAY)
    values = np.random.default_rng(seed).normal(0.0, 0.5, days.size)
    if planted:
        values += size * inside(EFFECTS[planted])[np.searchsorted(sessions(), days)]
    known = calendars.instants(days + 56, dt.time(18, 0))
    return AsOf(calendars.cut(DAY), {SMB: History.of(days, known, values)})


def ends(windows: tuple[np.ndarray, np.ndarray], year: int) -> list[tuple[str, str]]:
    pairs = [(str(sessions()[a]), str(sessions()[b])) for a, b in zip(*windows, strict=True)]
    return [pair for pair in pairs if pair[1].startswith(str(year))]


def test_the_windows_are_those_of_the_published_calendars() -> None:
    assert ends(january(), 2019) == [("2019-01-02", "2019-01-31")]
    assert ends(turn_of_year(), 2019) == [("2018-12-31", "2019-01-07")]
    assert len(ends(turn_of_month(), 2019)) == 11
    assert ends(turn_of_month(), 2019)[0] == ("2019-01-31", "2019-02-05")
    assert ends(third_year(), 2019) == [("2019-01-02", "2019-12-31")]
    assert ends(fomc_week(), 2019)[0] == ("2019-01-29", "2019-02-04")


@pytest.mark.parametrize(
    ("year", "last"),
    [
        (2006, ["2006-06-30"]),
        (2010, ["2010-06-25"]),
        (2015, ["2015-06-26"]),
        (2018, ["2018-06-22"]),
        (2024, ["2024-06-28"]),
        (2026, ["2026-06-26", "2026-11-13"]),
        (2027, ["2027-06-25", "2027-11-12"]),
    ],
)
def test_the_russell_indices_change_in_june_and_from_2026_in_november_too(year: int, last: list[str]) -> None:
    assert [pair[1] for pair in ends(reconstitution(), year)] == last


def test_an_effect_that_is_there_is_found_and_shrunk_towards_zero() -> None:
    told = family(world("turn_of_month", 0.2))

    effect, corrected = told["turn_of_month"]
    assert effect.mean == pytest.approx(0.8, abs=0.15)
    assert 0 < effect.shrunk < effect.mean
    assert effect.interval[0] < effect.shrunk < effect.interval[1]
    assert corrected < 0.001
    assert all(other > 0.05 for name, (_, other) in told.items() if name != "turn_of_month")


def test_in_noise_nothing_survives_the_correction() -> None:
    survivors = [name for seed in range(8) for name, (_, p) in family(world(seed=seed)).items() if p < 0.05]

    assert len(survivors) <= 2  # 8 families at the 5 % level


def test_shrinkage_is_the_normal_posterior() -> None:
    past = finished_windows(world(), "january")
    effect = estimate(past, past.end.size)

    kept = PRIOR_SD**2 / (PRIOR_SD**2 + effect.se**2)
    assert effect.shrunk == pytest.approx(kept * effect.mean, rel=1e-12)
    assert effect.sd == pytest.approx((1 / (1 / PRIOR_SD**2 + 1 / effect.se**2)) ** 0.5, rel=1e-12)


def test_recent_windows_count_more_and_the_effective_number_says_so() -> None:
    past = finished_windows(world(), "january")

    effect = estimate(past, past.end.size)

    assert effect.windows == 55
    assert 20 < effect.effective < 35  # a half-life of ten years in fifty-five


def test_an_effect_that_has_faded_shows_in_its_decay() -> None:
    days = sessions_between(dt.date(1963, 7, 1), DAY)
    values = np.random.default_rng(1).normal(0, 0.3, days.size)
    early = (days < np.datetime64("1985-01-01")) & inside(january)[np.searchsorted(sessions(), days)]
    view = AsOf(
        calendars.cut(DAY), {SMB: History.of(days, calendars.instants(days + 56, dt.time(18)), values + 0.2 * early)}
    )

    rows = decay(view, "january")

    assert rows[0][3] > 2.0
    assert abs(rows[-1][3]) < 2 * rows[-1][4]


def test_a_signal_speaks_in_season_and_is_silent_zero_out_of_it() -> None:
    view = world("january", 0.1)

    december, june = (
        Seasonal("january").answer(view),
        Seasonal("january").answer(view.at(calendars.cut(dt.date(2018, 6, 29)))),
    )

    assert isinstance(december, Reading)
    assert isinstance(june, Reading)
    assert december.score > 0.3
    assert december.raw > 0
    assert june.score == june.raw == 0.0
    assert "next window opens 2019-01-02" in june.note


def test_too_few_windows_are_a_gap() -> None:
    answer = Seasonal("election_cycle").answer(world(first=dt.date(1990, 1, 2)))

    assert isinstance(answer, Gap)
    assert answer.code == "short"


def test_holms_correction_is_that_of_his_paper() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06}
    )


def test_every_january_since_1964_is_a_finished_window(store) -> None:
    """Before 1970 the exchange's holidays must be those of the time, or a window has a session without a return."""
    years = finished_windows(store.as_of(calendars.cut(dt.date(2023, 12, 29))), "january").start.astype("datetime64[Y]")

    assert years.astype(str).tolist() == [str(year) for year in range(1964, 2024)]
