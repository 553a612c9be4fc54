"""The pre-registered specification cannot change in silence, and the code does what it declares."""

import datetime as dt
from importlib import resources

from allocator.evidence import (
    multiplier,
    overfitting,
    power,
    resampling,
    specification,
)
from allocator.evidence.effective_trials import DISTINCT, MOST_IDLE, MOST_KURTOSIS
from allocator.evidence.forward_test import FRACTIONS, LOWEST, ROUND_TRIP_PERCENT, SUPPORTED_AT
from allocator.evidence.specification import REGISTERED, parse
from allocator.evidence.verdict import PBO_AT_MOST, SHORTEST_RECORD, SPA_P_AT_MOST
from allocator.settings import METHOD, Judgement
from regime.settings import RegimeSettings


def test_the_file_is_the_one_registered_under_its_method_number():
    last = REGISTERED[-1]

    assert specification().method == last[0]
    assert specification().sha256 == last[1], "the specification changed: raise its method and add a line to REGISTERED"


def test_method_numbers_rise_one_by_one_and_no_two_files_are_the_same():
    assert [line[0] for line in REGISTERED] == list(range(1, len(REGISTERED) + 1))
    assert len({line[1] for line in REGISTERED}) == len(REGISTERED)


def test_any_changed_byte_is_another_specification():
    body = resources.files("allocator").joinpath("specification.toml").read_bytes()

    assert parse(body).sha256 == specification().sha256
    assert parse(body.replace(b"cost_bp = 20.0", b"cost_bp = 20.1")).sha256 != specification().sha256


def test_the_settings_in_code_are_those_declared():
    declared, judgement = specification().declared, Judgement()

    assert list(judgement.forecast.signals) == declared["signals"]["names"]
    assert judgement.forecast.regime is declared["regime"]["in_forecast"]
    assert judgement.forecast.regime_prior_sd == declared["forecast"]["regime_prior_sd"]
    assert judgement.forecast.slope_prior_sd == declared["forecast"]["slope_prior_sd"]
    for name, value in declared["tilt"].items():
        assert getattr(judgement.tilt, name) == value, name
    assert [judgement.portfolio.small, judgement.portfolio.large] == declared["question"]["pair"]
    assert RegimeSettings().model == declared["regime"]["model"]


def test_the_rule_in_code_is_the_one_declared():
    declared = specification().declared["evidence"]

    assert declared["shortest_record_months"] == SHORTEST_RECORD
    assert declared["dsr_at_least"] == power.DSR_AT_LEAST
    assert declared["spa_p_at_most"] == SPA_P_AT_MOST
    assert declared["pbo_at_most"] == PBO_AT_MOST
    assert declared["pbo_blocks"] == overfitting.BLOCKS
    assert declared["shortest_block_months"] == resampling.SHORTEST_BLOCK
    assert declared["interval"] == resampling.LEVEL
    assert declared["pbo_distinct_below"] == DISTINCT
    assert declared["most_idle_share"] == MOST_IDLE
    assert declared["most_kurtosis"] == MOST_KURTOSIS
    assert declared["important_t"] == power.IMPORTANT_T


def test_the_multiplier_in_code_is_the_one_declared():
    declared = specification().declared["multiplier"]

    assert Judgement().evidence.multiplier == declared["setting"]
    assert declared["prior_mean"] == multiplier.PRIOR_MEAN
    assert declared["prior_sd"] == multiplier.PRIOR_SD
    assert declared["horizon_months"] == multiplier.HORIZON
    assert declared["hac_lags"] == multiplier.HAC_LAGS
    assert declared["shortest_matured_months"] == multiplier.SHORTEST


def test_the_forward_test_in_code_is_the_one_declared():
    declared = specification().declared["forward_test"]

    assert tuple(declared["fractions"]) == FRACTIONS
    assert declared["supported_at"] == SUPPORTED_AT
    assert declared["round_trip_percent"] == ROUND_TRIP_PERCENT
    assert declared["lowest_q"] == LOWEST


def test_method_2_is_registered_on_its_day():
    assert specification().method == METHOD == 2
    assert specification().registered == dt.date(2026, 11, 26)
