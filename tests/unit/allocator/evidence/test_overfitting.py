"""PBO: the number of splits, its value where it is known, and its mechanical trap."""

from itertools import combinations

import numpy as np
import pytest

from allocator.evidence import cscv, pbo


def noise(periods, settings, seed=0):
    return np.random.default_rng(seed).standard_normal((periods, settings))


def slow(returns, blocks):
    """The definition, split by split."""
    parts = np.array_split(np.arange(len(returns)), blocks)
    below = count = 0
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[b] for b in chosen])
        outside = np.setdiff1d(np.arange(len(returns)), inside)
        ratio = [returns[rows].mean(axis=0) / returns[rows].std(axis=0) for rows in (inside, outside)]
        best = ratio[0].argmax()
        rank = (ratio[1] <= ratio[1][best]).sum()
        below += rank / (returns.shape[1] + 1) <= 0.5
        count += 1
    return below / count


def test_sixteen_blocks_make_12870_splits():
    assert cscv(noise(160, 5)).splits == 12_870


@pytest.mark.parametrize("blocks", [4, 8])
def test_the_fast_way_is_the_definition(blocks):
    returns = noise(blocks * 30, 9, seed=blocks)

    assert pbo(returns, blocks=blocks) == pytest.approx(slow(returns, blocks), abs=1e-12)


def test_noise_averages_one_half_over_many_runs():
    runs = [pbo(noise(320, 20, seed), blocks=10) for seed in range(60)]

    assert np.mean(runs) == pytest.approx(0.5, abs=0.06)
    assert min(runs) < 0.35
    assert max(runs) > 0.65


def test_a_real_edge_is_not_called_overfitting():
    returns = noise(1000, 50, seed=3)
    returns[:, 17] += 0.2

    assert pbo(returns) == 0


def test_columns_demeaned_on_the_full_sample_give_one():
    returns = noise(1000, 50, seed=3)
    returns[:, 17] += 0.2

    assert pbo(returns - returns.mean(axis=0)) == 1


def test_a_setting_that_never_moves_has_a_ratio_of_zero():
    returns = noise(160, 3, seed=5) - 0.5
    returns[:, 0] = 0.0

    found = cscv(returns)

    assert found.probability == 0  # never moving is best in both halves of three that lose
    assert found.loss == 0


def test_a_record_shorter_than_its_blocks_is_refused():
    with pytest.raises(ValueError, match="cannot be split into 16 blocks"):
        pbo(noise(12, 4))
