"""Fed funds futures to meeting-by-meeting probabilities, as CME FedWatch publishes them (METHOD 2).

A contract settles at 100 minus the average rate of its month. With D days, a decision on day d leaves
N = d days at the old rate S (the decision day included) and M = D - d days at the new rate E:

    A = 100 - price = (N*S + M*E)/D

1. Anchors. A month without a meeting has one rate: it ends the month before it and starts the month after
   it. So does the start of a month whose meeting is on its last day (M = 0).
2. Backward, last month first: S = (D*A - M*E)/N, which is also the end of the meeting month before it.
3. Forward for what is left, where M is at least 8: E = (D*A - N*S)/M, the start of the meeting month after it.
4. A meeting that neither reaches is refused with the contract it misses, and so is every later one.

Missing prices are NaN and unknown rates stay NaN, so one day and ten thousand days go through the same lines.
The probabilities are risk-neutral: they include a term premium and are no forecast of the committee's mind.

References
----------
CME Group (2023), "Understanding the CME Group FedWatch Tool Methodology".
"""

from typing import Literal

import numpy as np

View = Literal["conditional", "aggregated"]
STEP = 0.25  # percentage points: the committee's usual move, and the width of its range
MIN_DAYS_AFTER = 8  # with fewer days at the new rate the forward form magnifies a tick more than fourfold
TWO_DECISIONS = -1  # marks a month in which one price cannot tell two decisions apart
MAX_MOVE = 2.0  # percentage points: twice the largest change at one meeting since 1982; more is a bad price
WHOLE = 1e-9  # a move this close to a whole number of steps is that number: prices have four decimals


def solve(price: np.ndarray, decision: np.ndarray, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rates before and after the decision of every month, one strip of futures a row.

    Parameters
    ----------
    price : ndarray of float64, shape (n, w)
        Prices of w consecutive contract months; NaN where missing.
    decision : ndarray of int, shape (n, w)
        Day of the month of the decision; 0 where there is none, `TWO_DECISIONS` where there are two.
    length : ndarray of int, shape (n, w)
        Days in the month.

    Returns
    -------
    start, end : ndarray of float64, shape (n, w)
        Percent; NaN where unknown, and in months without a meeting.

    Examples
    --------
    >>> price = np.array([[97.4475, 96.94, 96.43]])  # 2022-09, -10, -11
    >>> start, end = solve(price, np.array([[21, 0, 2]]), np.array([[30, 31, 30]]))
    >>> start.round(4)[0, [0, 2]].tolist(), end.round(4)[0, [0, 2]].tolist()
    ([2.335, 3.06], [3.06, 3.6064])
    """
    # Months first: the steps go from month to month, each over all rows at once.
    average, decision, length = (np.ascontiguousarray(part.T) for part in (100 - price, decision, length))
    meeting, single = decision != 0, decision > 0
    before, after = np.where(single, decision, 1), np.where(single, length - decision, 0)
    start, end = _anchors(average, meeting, single & (after == 0))
    for t in range(len(average) - 1, -1, -1):
        _fill(start[t], (length[t] * average[t] - after[t] * end[t]) / before[t], where=single[t])
        if t:
            _fill(end[t - 1], start[t], where=meeting[t - 1] & meeting[t])
    for t in range(len(average)):
        if t:
            _fill(start[t], end[t - 1], where=meeting[t - 1] & meeting[t])
        long_enough = after[t] >= MIN_DAYS_AFTER
        implied = (length[t] * average[t] - before[t] * start[t]) / np.where(long_enough, after[t], 1)
        _fill(end[t], implied, where=long_enough)
    return np.ascontiguousarray(start.T), np.ascontiguousarray(end.T)


def _anchors(average: np.ndarray, meeting: np.ndarray, last_day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Step 1, months first: what the neighbours without a meeting, and meetings on a last day, pin down."""
    start, end = np.full(average.shape, np.nan), np.full(average.shape, np.nan)
    flat = np.where(meeting, np.nan, average)
    start[1:] = np.where(meeting[1:], flat[:-1], np.nan)
    own = last_day & ~np.isnan(average)
    start[own] = average[own]
    end[:-1] = np.where(meeting[:-1], flat[1:], np.nan)
    return start, end


def _fill(known: np.ndarray, values: np.ndarray, *, where: np.ndarray) -> None:
    """Put `values` into `known` where it is still unknown (in place)."""
    np.copyto(known, values, where=where & np.isnan(known))


def trusted(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`start` and `end` of consecutive meetings, percent, with NaN from the first unknown or absurd move on.

    Small N divides an error in one price by N/D, so a stale quote before an early meeting shows as a huge move.
    """
    refused = np.logical_or.accumulate(~(np.abs(end - start) <= MAX_MOVE), axis=1)
    return np.where(refused, np.nan, start), np.where(refused, np.nan, end)


def odds(start: np.ndarray, end: np.ndarray, view: View) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the target after each meeting, in steps of 25 bp from the target of the day.

    Conditional: each meeting moves floor(x) or floor(x) + 1 steps, x = (E - S)/0.25, independently, and
    the distributions are convolved. Aggregated: one two-point split of (E_m - S_1)/0.25.

    Parameters
    ----------
    start, end : ndarray of float64, shape (n, k)
        Percent, before and after k consecutive meetings; NaN from the first refused meeting on.
    view : {"conditional", "aggregated"}

    Returns
    -------
    lowest : ndarray of float64, shape (n, k)
        Steps from today's target to the first bucket; NaN from the first refused meeting on.
    probability : ndarray of float64, shape (n, k, k + 1)
        0 to 1, of `lowest`, `lowest` + 1, ... steps; rows of known meetings sum to 1.
    """
    n, k = start.shape
    if view == "aggregated":
        whole, part = _split((end - start[:, :1]) / STEP)
        probability = np.zeros((n, k, k + 1))
        probability[:, :, 0], probability[:, :, 1] = 1 - part, part
        return whole, probability
    whole, part = _split((end - start) / STEP)
    probability = np.zeros((n, k, k + 1))
    reached = np.zeros((n, k + 1))
    reached[:, 0] = 1
    for m in range(k):
        up = part[:, m : m + 1]
        moved = reached * (1 - up)
        moved[:, 1:] += reached[:, :-1] * up
        probability[:, m] = reached = moved
    return np.cumsum(whole, axis=1), probability


def _split(moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whole steps and the probability of one more; within 1e-9 of a whole number there is no more."""
    nearest = np.round(moves)
    moves = np.where(np.abs(moves - nearest) < WHOLE, nearest, moves)
    whole = np.floor(moves)
    return whole, moves - whole
