"""Numbers and days are written one way for people."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captilt.formats import chance, day, in_prose, number, p_value, percent, rate_range, rounded_to_sum, signed, tied


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (number(-1234.5, 1), "−1,234.5"),
        (number(-0.001), "0.00"),
        (number(None), "–"),
        (number(math.nan), "–"),
        (signed(-0.04), "0.0"),
        (signed(-2.26), "−2.3"),
        (signed(1.0, 0), "+1"),
        (percent(0.184), "18.4 %"),
        (percent(None), "–"),
        (chance(0.997), "over 99 %"),
        (chance(0.002), "under 1 %"),
        (chance(1.0), "100 %"),
        (p_value(0.0), "p under 0.01"),
        (p_value(math.nan), "p unknown"),
        (p_value(0.048), "p 0.05"),
        (tied("up 1.2 points by 6 Mar 2022 or 25 bp", "_"), "up 1.2_points by 6_Mar_2022 or 25_bp"),
        (day("2022-03-06"), "6 Mar 2022"),
        (day(dt.date(2022, 3, 6)), "6 Mar 2022"),
        (rate_range(525, 550), "5.25–5.50"),
        (rate_range(-25, 0), "−0.25–0.00"),
        (rate_range(525, 525), "5.25"),
        (
            in_prose("two-year yield -1.2 points, 99% since 2022-03-16"),
            "two-year yield −1.2 points, 99 % since 16 Mar 2022",
        ),
        (in_prose("the 1- and 2-year yields are +113 bp"), "the 1- and 2-year yields are +113 bp"),
    ],
)
def test_a_value_is_written_as_everywhere_else(text, written):
    assert text == written


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=12))
def test_rounded_lines_add_up_to_the_rounded_total_and_none_moves_by_a_step(values):
    shown = rounded_to_sum(values)

    assert round(sum(shown), 1) == pytest.approx(round(math.fsum(values) / 0.1) * 0.1, abs=1e-9)
    assert all(abs(one - value) <= 0.1 + 1e-9 for one, value in zip(shown, values, strict=True))
