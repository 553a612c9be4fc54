"""METHOD 4, the forecast: golden arithmetic and what may never happen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.forecast import Sample, fit, forecast, phase_means, ridge, shrinkage
from allocator.settings import ForecastSettings

THREE = ForecastSettings(signals=("one", "two", "three"))


def made_up(n: int = 240, *, seed: int = 1, effect: float = 0.0) -> Sample:
    random = np.random.default_rng(seed)
    legs = np.arange(n) // 30
    phases = np.full((n, 4), 0.05)
    phases[np.arange(n), legs % 4] = 0.85
    scores = random.standard_normal((n, 3))
    return Sample(scores, phases, legs, 3.0 * random.standard_normal(n) + effect * scores[:, 0])


def test_the_golden_phase_mean_is_shrunk_to_minus_0134():
    share = shrinkage(0.294, 0.15)

    assert round(float(share), 4) == 0.2065
    assert round(float(share) * -0.65, 3) == -0.134


def black_litterman(view: float, view_variance: float, prior_variance: float) -> float:
    """Posterior mean of one view on one asset: Pi = 0, P = 1, tau Sigma, Q and Omega as given.

    Written as the master formula, so that the equality with `shrinkage` is a test and not a definition.
    """
    return (1 / (1 / prior_variance + 1 / view_variance)) * (view / view_variance)


@given(st.floats(-5, 5), st.floats(0.01, 5), st.floats(0.01, 2))
def test_a_single_shrunk_mean_is_the_black_litterman_posterior(mean, se, tau):
    assert shrinkage(se, tau) * mean == pytest.approx(black_litterman(mean, se**2, tau**2), abs=1e-10)


def test_a_phase_seen_in_one_leg_only_is_not_believed():
    sample = made_up(60)
    phases = np.zeros((60, 4))
    phases[:30, 0] = phases[30:, 1] = 1.0

    means = phase_means(Sample(sample.scores, phases, sample.legs, sample.outcome), 0.15)

    assert means.legs.tolist() == [1, 1, 0, 0]
    assert (means.mean == 0).all()
    assert means.variance == pytest.approx(0.15**2)


def test_the_standard_error_is_at_least_the_one_that_clusters_by_leg():
    sample = made_up(480)
    alike = Sample(sample.scores, sample.phases, sample.legs, (sample.legs % 3 - 1).astype(float))

    in_pairs = Sample(alike.scores, alike.phases, np.arange(480) // 2, alike.outcome)

    assert (phase_means(alike, 0.15).se > phase_means(in_pairs, 0.15).se).all()


def test_phase_means_use_published_probabilities_as_weights():
    sample = made_up(240)

    means = phase_means(sample, 0.15)

    by_hand = (sample.phases[:, 2] * sample.outcome).sum() / sample.phases[:, 2].sum()
    assert means.raw[2] == pytest.approx(by_hand)


def test_months_before_the_record_of_probabilities_do_not_count():
    sample = made_up(240)
    phases = sample.phases.copy()
    phases[:100] = np.nan

    late = phase_means(Sample(sample.scores, phases, sample.legs, sample.outcome), 0.15)
    cut = phase_means(Sample(sample.scores[100:], phases[100:], sample.legs[100:], sample.outcome[100:]), 0.15)

    assert late.mean == pytest.approx(cut.mean)


def test_slopes_are_the_closed_form_posterior():
    sample = made_up(300, effect=0.5)
    noise = np.mean(sample.outcome**2)

    slopes, covariance = ridge(sample.scores, sample.outcome, 0.10)

    precision = sample.scores.T @ sample.scores / noise + np.eye(3) / 0.01
    assert slopes == pytest.approx(np.linalg.solve(precision, sample.scores.T @ sample.outcome / noise))
    assert covariance == pytest.approx(np.linalg.inv(precision))


def test_a_tight_prior_allows_no_slope():
    sample = made_up(300, effect=2.0)

    slopes, _ = ridge(sample.scores, sample.outcome, 1e-6)

    assert np.abs(slopes).max() < 1e-6


def test_a_silent_signal_adds_nothing_to_the_mean_and_something_to_the_doubt():
    model = fit(made_up(300, effect=0.5), THREE)
    phases = np.array([0.1, 0.2, 0.3, 0.4])

    full = forecast(model, phases, np.array([0.0, 0.5, -0.5]))
    silent = forecast(model, phases, np.array([np.nan, 0.5, -0.5]))

    assert silent.annual_percent == pytest.approx(full.annual_percent)
    assert silent.annual_sd_percent > full.annual_sd_percent


def test_the_terms_sum_to_the_forecast():
    model = fit(made_up(300, effect=0.5), THREE)

    said = forecast(model, np.array([0.7, 0.1, 0.1, 0.1]), np.array([1.0, -2.0, 0.3]))

    assert sum(term.annual_percent for term in said.terms) == pytest.approx(said.annual_percent, abs=1e-12)


def test_without_the_regime_part_phases_play_no_role():
    sample = made_up(300, effect=0.5)
    other = Sample(sample.scores, sample.phases[::-1].copy(), sample.legs, sample.outcome)
    settings = ForecastSettings(regime=False)

    assert fit(sample, settings).slopes == pytest.approx(fit(other, settings).slopes)


def test_the_chance_to_outperform_is_half_without_a_view():
    model = fit(made_up(300), THREE)

    said = forecast(model, None, np.zeros(3))

    assert said.probability_outperform(10.0) == 0.5
