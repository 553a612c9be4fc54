"""The pre-registered specification cannot change in silence, and the code does what it declares."""

from importlib import resources

from allocator.evidence import overfitting, resampling, specification, verdict
from allocator.evidence.specification import REGISTERED, parse
from allocator.settings import Judgement
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

    assert declared["shortest_record_months"] == verdict.SHORTEST_RECORD
    assert declared["dsr_at_least"] == verdict.DSR_AT_LEAST
    assert declared["spa_p_at_most"] == verdict.SPA_P_AT_MOST
    assert declared["pbo_at_most"] == verdict.PBO_AT_MOST
    assert declared["pbo_blocks"] == overfitting.BLOCKS
    assert declared["shortest_block_months"] == resampling.SHORTEST_BLOCK
    assert declared["interval"] == resampling.LEVEL
    assert Judgement().evidence.multiplier == declared["multiplier"]
