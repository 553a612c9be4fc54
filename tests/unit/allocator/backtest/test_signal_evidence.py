"""What a signal has been worth: by hand on small numbers, by law on the real ones."""

import datetime as dt
import json

import numpy as np
import pytest

from allocator.backtest.signal_evidence import rank_correlation, signal_evidence
from allocator.settings import Judgement
from captilt.contract.signals import signal_evidence_record
from captilt.terminal.console import as_json
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import cut
from tests.support.later_facts import poison

REGIME, DAY = RegimeSettings(), dt.date(2003, 6, 30)
NAMES = ("policy_change", "credit_level", "rate_beta")


@pytest.fixture(scope="module")
def found(store):
    return {each.name: each for each in signal_evidence(store.as_of(cut(DAY)), NAMES, Judgement(), REGIME)}


def test_a_rank_correlation_is_that_of_scipy_over_what_is_known():
    from scipy import stats

    generator = np.random.default_rng(1)
    x, y = generator.standard_normal((2, 200))
    gappy = np.where(np.arange(200) < 50, np.nan, x)

    value, n = rank_correlation(gappy, y)

    assert n == 150
    assert value == pytest.approx(stats.spearmanr(x[50:], y[50:]).statistic)


def test_a_flat_or_short_side_has_no_correlation():
    assert np.isnan(rank_correlation(np.ones(100), np.arange(100.0))[0])
    assert np.isnan(rank_correlation(np.arange(30.0), np.arange(30.0))[0])


def test_every_part_is_there(found):
    each = found["credit_level"]

    assert len(each.samples) == 2  # three years of the funds are no sample
    assert [one.lag for one in each.decay] == [1, 2, 3, 6, 12]
    assert each.decay[0].ic == pytest.approx(each.samples[0].ic)
    assert 0 <= each.blocks_right <= each.blocks
    assert each.walk_forward.months > 200
    here = {name: value for name, value, _ in each.correlations}
    there = {name: value for name, value, _ in found["policy_change"].correlations}
    assert here["policy_change"] == pytest.approx(there["credit_level"])


def test_a_signal_that_only_informs_is_never_walked(found):
    assert found["rate_beta"].walk_forward is None


def test_a_declared_signal_is_judged_by_what_the_others_lose_without_it(found):
    one, other = found["policy_change"].walk_forward, found["credit_level"].walk_forward

    assert one.ir_with == other.ir_with
    assert one.ir_without != other.ir_without


def test_what_was_learned_later_changes_nothing(store, found):
    whole = store.as_of(cut(dt.date(2015, 1, 5)))

    again = signal_evidence(
        AsOf(cut(DAY), lambda name: poison(whole.history(name), cut(DAY))), ("credit_level",), Judgement(), REGIME
    )[0]

    assert as_json(signal_evidence_record(again)) == as_json(signal_evidence_record(found["credit_level"]))


def test_without_data_a_signal_is_not_evaluated():
    empty = signal_evidence(AsOf(cut(DAY), {}), ("financial_conditions",), Judgement(), REGIME)

    assert empty[0].verdict == "not evaluated"


def test_the_row_is_json_without_nan(found):
    for each in found.values():
        parsed = json.loads(as_json(signal_evidence_record(each)))
        assert parsed["signal"] == each.name
        assert parsed["standing"] in ("supported", "weak", "not evaluated")
