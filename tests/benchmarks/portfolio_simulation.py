"""A real portfolio of two funds under a schedule of target weights: it drifts, and trades cost money.

The walk forward measures the tilt as weight times difference. Here the same decisions are carried out
with money: holdings grow with their own fund, every rebalance buys one leg from the other, and the cost is
taken from the portfolio. Many settings are carried along at once as columns.
"""

import numpy as np

BP = 10_000.0


def wealth(small: np.ndarray, large: np.ndarray, weights: np.ndarray, *, cost_bp: float) -> np.ndarray:
    """Value of a portfolio at each rebalance, before its trade; 1 at the first.

    Parameters
    ----------
    small, large : ndarray, shape (n + 1,)
        Level of each fund at the closes at which the portfolio is rebalanced, and at the last one.
    weights : ndarray, shape (n,) or (n, settings)
        Target share of the small fund from each close on, 0 to 1.
    cost_bp : float
        A round trip over both legs: what buying one from the other costs, in basis points of the money moved.
        The first purchase is free, as it is for every portfolio compared.

    Returns
    -------
    ndarray, shape (n + 1,) or (n + 1, settings)
    """
    table = weights if weights.ndim > 1 else weights[:, None]
    up_small, up_large = small[1:] / small[:-1], large[1:] / large[:-1]
    # one period of each setting: grow by the weight held, then pay for the distance to the next weight
    value = np.empty((len(table) + 1, table.shape[1]))
    value[0] = 1.0
    grown = np.multiply(table, (up_small - up_large)[:, None], out=value[1:])
    grown += up_large[:, None]
    if cost_bp:
        kept = table[:-1] * up_small[:-1, None]  # the weight that it drifts to, then the share that is left
        kept /= grown[:-1]
        kept -= table[1:]
        np.abs(kept, out=kept)
        kept *= -cost_bp / BP
        kept += 1
        grown[1:] *= kept  # the trade at a close comes after its value is taken
    np.cumprod(value, axis=0, out=value)
    return value if weights.ndim > 1 else value[:, 0]


def settled(raw: np.ndarray, half: np.ndarray, *, largest: float, step: float) -> np.ndarray:
    """Active weights of many settings under clip, band and step, from the policy weight on.

    The same rules as `allocator.tilt.settle` at every month-end, without multipliers (a test holds both together).

    Parameters
    ----------
    raw, half : ndarray, shape (n, settings)
        Raw tilt and half-width of the no-trade band, points.
    largest, step : float
        Points.

    Returns
    -------
    ndarray, shape (n, settings)
        Points.
    """
    wanted = np.clip(raw, -largest, largest)
    low, high = wanted - half, wanted + half
    points = np.empty(raw.shape)
    held = np.zeros(raw.shape[1])
    floor, ceiling = np.empty_like(held), np.empty_like(held)
    for row, low_now, high_now in zip(points, low, high, strict=True):
        np.subtract(held, step, out=floor)
        np.add(held, step, out=ceiling)
        np.maximum(held, low_now, out=row)
        np.minimum(row, high_now, out=row)
        np.clip(row, floor, ceiling, out=row)
        held = row
    return points
