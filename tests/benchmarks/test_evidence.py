"""Resampling against its peers, side by side: timings are printed, only agreement is asserted.

`make bench` runs this file with ``-s``; medians of five in one process.
"""

import statistics
import time
from itertools import combinations

import numpy as np
import pytest

from allocator.evidence import cscv, superiority
from allocator.evidence.resampling import stationary_indices

MONTHS, SETTINGS, DRAWS = 468, 1_000, 10_000


def median_seconds(work, repeats=5):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def returns(settings=SETTINGS):
    return np.random.default_rng(3).standard_normal((MONTHS, settings)) * 0.15 + 0.02


def test_ten_thousand_stationary_bootstrap_repetitions():
    from arch.bootstrap import StationaryBootstrap

    x, block = returns(1)[:, 0], 11.0

    def ours():
        drawn = x[stationary_indices(x.size, block=block, repetitions=DRAWS, generator=np.random.default_rng(1))]
        return drawn.mean(axis=1)

    def peer():
        return StationaryBootstrap(block, x, seed=1).apply(np.mean, DRAWS).ravel()

    mine, theirs = ours(), peer()

    error = x.std() / MONTHS**0.5
    assert mine.mean() == pytest.approx(theirs.mean(), abs=5 * error / DRAWS**0.5 * 2**0.5)
    assert mine.std() == pytest.approx(theirs.std(), rel=0.03)
    here, there = median_seconds(ours), median_seconds(peer)
    print(f"\n{DRAWS} stationary bootstrap draws: captilt {here:.3f} s, arch {there:.3f} s, {there / here:.1f}x")


def by_definition(x, blocks, splits):
    """Each split by itself, as the paper writes it."""
    parts = np.array_split(np.arange(len(x)), blocks)
    below = 0
    for chosen in splits:
        inside = np.concatenate([parts[b] for b in chosen])
        outside = np.concatenate([parts[b] for b in range(blocks) if b not in chosen])
        first, second = (x[rows].mean(axis=0) / x[rows].std(axis=0) for rows in (inside, outside))
        below += (second <= second[first.argmax()]).sum() / (x.shape[1] + 1) <= 0.5
    return below / len(splits)


def test_overfitting_over_a_thousand_settings():
    x = returns()
    small = x[:160, :40]
    assert cscv(small, blocks=8).probability == by_definition(small, 8, list(combinations(range(8), 4)))

    here = median_seconds(lambda: cscv(x))
    few = list(combinations(range(16), 8))[:60]
    start = time.perf_counter()
    by_definition(x, 16, few)
    there = (time.perf_counter() - start) * 12_870 / len(few)

    print(
        f"\nPBO, S = 16, {SETTINGS} settings: captilt {here:.2f} s, split by split {there:.0f} s, {there / here:.0f}x"
    )


def test_superior_ability_of_the_declared_familys_size():
    x = returns(126)

    here = median_seconds(lambda: superiority(x, repetitions=500), repeats=3)

    print(f"\nSPA and reality check through arch, 126 settings, 500 draws: {here:.2f} s")
