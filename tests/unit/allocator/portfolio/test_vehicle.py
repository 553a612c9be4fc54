"""METHOD 4, active or passive: the golden record and its two rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.portfolio.vehicle import Track, weigh_record
from signals.errors import UsageError

GOLDEN = Track(alpha=1.5, tracking_error=5.0, years=10.0, extra_fee=0.60)


def test_the_golden_record_does_not_earn_its_fee():
    verdict = weigh_record(GOLDEN)

    assert verdict.standard_error**2 == pytest.approx(2.5)
    assert verdict.posterior_mean == pytest.approx(0.4286, abs=5e-5)
    assert verdict.posterior_sd == pytest.approx(0.8452, abs=5e-5)
    assert verdict.probability == pytest.approx(0.420, abs=5e-4)
    assert verdict.choice == "passive"


def test_the_golden_break_even_is_2_10_on_the_mean_and_2_85_by_the_full_rule():
    verdict = weigh_record(GOLDEN)

    assert verdict.break_even_mean == pytest.approx(2.10)
    assert verdict.break_even == pytest.approx(2.85, abs=0.005)


@given(st.floats(-5, 10), st.floats(0.5, 15), st.floats(1, 40), st.floats(0, 3), st.floats(0, 2))
def test_the_break_even_is_where_the_choice_turns(alpha, error, years, fee, cost):
    verdict = weigh_record(Track(alpha, error, years, fee, cost))

    above = weigh_record(Track(verdict.break_even + 1e-6 * (1 + verdict.break_even), error, years, fee, cost))
    below = weigh_record(Track(verdict.break_even - 1e-6 * (1 + verdict.break_even), error, years, fee, cost))

    assert (above.choice, below.choice) == ("active", "passive")


@pytest.mark.parametrize(
    "slip", [{"years": 0}, {"tracking_error": 0}, {"extra_fee": -0.1}, {"alpha": float("nan")}, {"cost": float("inf")}]
)
def test_an_impossible_record_is_refused_with_its_value(slip):
    with pytest.raises(UsageError, match=r"is"):
        Track(**({"alpha": 1.0, "tracking_error": 5.0, "years": 5.0, "extra_fee": 0.5} | slip))
