"""Probability of backtest overfitting: whether the best setting of one half stays good in the other.

1. Cut the record into S blocks of time. Every choice of S/2 blocks is one half, its complement the
   other: 12,870 splits for S = 16.
2. Block sums and sums of squares give the Sharpe ratio of every setting in every half by one matrix
   product; a half and its complement are scored together, so each is computed once.
3. In each split take the best setting in sample and its rank out of sample. PBO is the share of
   splits in which that rank is in the lower half.

References
----------
Bailey, Borwein, Lopez de Prado and Zhu (2017), "The Probability of Backtest Overfitting", Journal of
Computational Finance 20(4).
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from allocator.evidence.effective_trials import distinct_rules

BLOCKS = 16  # S: 12,870 splits, each half still long enough to hold several years
CHUNK = 512  # splits scored at a time: keeps a thousand settings within a few tens of MB
FLAT = 1e-14  # variance over mean square below which a setting never moved: its ratio is 0


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What the splits say.

    Attributes
    ----------
    probability : float
        Share of splits whose in-sample best ranks in the lower half out of sample.
    loss : float
        Share of splits whose in-sample best has a negative Sharpe ratio out of sample.
    splits, settings : int
    """

    probability: float
    loss: float
    splits: int
    settings: int


def cscv(returns: np.ndarray, *, blocks: int = BLOCKS) -> Overfitting:
    """Combinatorially symmetric cross-validation over settings.

    Parameters
    ----------
    returns : ndarray, shape (periods, settings)
        Net active returns of every declared setting over the same periods; no NaN. Not demeaned:
        columns demeaned over the full sample are mechanically negative out of sample.
    blocks : int
        Even; at most the number of periods.

    Returns
    -------
    Overfitting
    """
    x = np.asarray(returns, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < 2 or x.shape[0] < blocks or blocks % 2:  # noqa: PLR2004 - a table of settings
        raise ValueError(f"{x.shape} returns cannot be split into {blocks} blocks over two or more settings")
    edges = np.linspace(0, x.shape[0], blocks + 1).astype(int)
    sums = np.add.reduceat(x, edges[:-1], axis=0)
    squares = np.add.reduceat(x * x, edges[:-1], axis=0)
    counts = np.diff(edges).astype(np.float64)
    halves = _halves(blocks)
    below = lost = 0.0
    for start in range(0, len(halves), CHUNK):
        picked = halves[start : start + CHUNK]
        first = _sharpe(picked, sums, squares, counts)
        second = _sharpe(1 - picked, sums, squares, counts)
        for inside, outside in ((first, second), (second, first)):
            chosen = np.take_along_axis(outside, inside.argmax(axis=1)[:, None], axis=1)
            rank = (outside < chosen).sum(axis=1) + ((outside == chosen).sum(axis=1) + 1) / 2  # ties share a rank
            below += float((rank / (x.shape[1] + 1) <= 0.5).sum())  # noqa: PLR2004 - logit at most 0
            lost += float((chosen < 0).sum())
    splits = 2 * len(halves)
    return Overfitting(below / splits, lost / splits, splits, int(x.shape[1]))


def pbo(returns: np.ndarray, *, blocks: int = BLOCKS) -> float:
    """Probability of backtest overfitting, 0 to 1; see `cscv`."""
    return cscv(returns, blocks=blocks).probability


def pbo_of_distinct(returns: np.ndarray, *, blocks: int = BLOCKS) -> Overfitting | None:
    """Overfitting over the distinct rules among `returns`; None where fewer than two are left."""
    rules = distinct_rules(returns)
    if rules.size < 2 or len(returns) < blocks:  # noqa: PLR2004 - overfitting is a choice among rules
        return None
    return cscv(returns[:, rules], blocks=blocks)


def _halves(blocks: int) -> np.ndarray:
    """One of each pair of complementary halves, 0/1, shape (splits/2, blocks)."""
    rest = np.array(list(combinations(range(1, blocks), blocks // 2 - 1)), dtype=int).reshape(-1, blocks // 2 - 1)
    picked = np.zeros((len(rest), blocks))
    picked[:, 0] = 1  # the half that holds the first block; its complement is the other
    np.put_along_axis(picked, rest, 1.0, axis=1)
    return picked


def _sharpe(picked: np.ndarray, sums: np.ndarray, squares: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sharpe ratios of every setting over the picked blocks, shape (splits, settings)."""
    n = (picked @ counts)[:, None]
    mean = picked @ sums
    mean /= n
    square = picked @ squares
    square /= n
    variance = square - mean * mean
    moved = variance > FLAT * square
    return np.divide(mean, np.sqrt(variance, where=moved, out=variance), where=moved, out=np.zeros_like(mean))
