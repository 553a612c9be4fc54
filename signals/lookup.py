"""Rows of one ascending list in another, and values by day."""

from typing import Any

import numpy as np

NOT_A_DAY, NOT_A_MOMENT = np.datetime64("NaT", "D"), np.datetime64("NaT", "us")


def rows_of(wanted: np.ndarray, ascending: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row of each of `wanted` in `ascending`, and whether it is there at all.

    Parameters
    ----------
    wanted : ndarray, shape (n,)
    ascending : ndarray, shape (m,)
        Days or instants, each once.

    Returns
    -------
    row : ndarray of int, shape (n,)
        Some row where it is not there; 0 where there are no rows.
    there : ndarray of bool, shape (n,)
    """
    row = np.minimum(np.searchsorted(ascending, wanted), max(ascending.size - 1, 0))
    return row, ascending[row] == wanted if ascending.size else np.zeros(wanted.size, dtype=bool)


def on_days(days: np.ndarray, period: np.ndarray, values: np.ndarray, otherwise: Any) -> np.ndarray:
    """`values` by day, shape of `days` (ascending, each once); `otherwise`, of the same kind, where there is none."""
    out = np.full(days.size, otherwise)
    row, there = rows_of(period, days)
    out[row[there]] = values[there]
    return out
