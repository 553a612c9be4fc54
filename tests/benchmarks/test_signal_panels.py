"""Every signal for every session of 1990 to 2023: the fast path, and the slow one on a sample of days.

Timings are printed, only agreement is asserted: to the bit, on days spread over the whole span.
"""

import datetime as dt
import time

import numpy as np
import pytest

from signals.calendars import CUT, cut, instants, sessions_between
from signals.catalog import SIGNALS
from signals.signal import Reading, read, scores
from signals.store.store import Store

pytestmark = pytest.mark.real_data
FIRST, LAST = dt.date(1990, 1, 2), dt.date(2023, 12, 29)
EVERY = 570  # sessions between two days of the slow path


def test_all_signals_for_every_day_of_thirty_four_years(store: Store) -> None:
    view = store.as_of(cut(LAST))
    days = sessions_between(FIRST, LAST)
    moments = instants(days, CUT)
    total = 0.0
    for signal in SIGNALS:
        start = time.perf_counter()
        fast = scores(signal, view, moments)
        spent = time.perf_counter() - start
        total += spent
        start = time.perf_counter()
        told = [read(signal, view.at(cut(day.astype(dt.date)))) for day in days[::EVERY]]
        each = (time.perf_counter() - start) / len(told)
        slow = [answer.score if isinstance(answer, Reading) else np.nan for answer in told]
        assert np.array_equal(fast[::EVERY], slow, equal_nan=True), signal.name
        print(
            f"{signal.name:22} {days.size} days {spent:6.2f} s; one at a time {1000 * each:6.1f} ms, {each / spent * days.size:6.0f}x"
        )
    print(f"all signals: {total:.1f} s")
