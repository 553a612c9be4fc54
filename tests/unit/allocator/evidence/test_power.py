"""METHOD 5: the verdict prints its own power."""

import numpy as np
import pytest

from allocator.evidence.power import haircut_t, power_of_dsr
from allocator.evidence.sharpe import Moments, dsr


def test_the_reference_power_of_forty_years():
    found = power_of_dsr(40, 11.9)

    assert [round(chance, 2) for _, chance in found.chance] == [0.08, 0.22, 0.44]
    assert [round(years) for _, years in found.years_to_power] == [191, 107, 69]
    assert found.needed_ir == pytest.approx(0.523, abs=0.001)


def test_the_needed_ratio_is_the_one_that_the_deflated_ratio_asks_for():
    months = 480
    needed = power_of_dsr((months - 1) / 12, 11.9).needed_ir / 12**0.5

    assert dsr(Moments(needed, months), trials=11.9) == pytest.approx(0.95, abs=0.003)


def test_the_false_alarm_rate_is_that_of_the_best_of_n_worthless_rules():
    random, rules, years = np.random.default_rng(5), 12, 40
    found = power_of_dsr(years, rules)

    best = random.normal(size=(200_000, rules)).max(axis=1) / years**0.5

    assert np.mean(best >= found.needed_ir) == pytest.approx(found.false_alarm, abs=0.001)


def test_the_haircut_leaves_what_many_tries_leave():
    assert haircut_t(2.43, 1) == 2.43
    assert haircut_t(2.43, 12) == pytest.approx(0.58, abs=0.005)
    assert haircut_t(-2.43, 12) == -haircut_t(2.43, 12)
    assert haircut_t(1.0, 300) == 0.0
    assert haircut_t(4.0, 12) > haircut_t(4.0, 12.5) > haircut_t(4.0, 13)
