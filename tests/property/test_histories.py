"""What is remembered of the order of a history changes the time that a look takes and nothing else."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from signals.asof import History

DAY = np.timedelta64(1, "D")
FIRST = np.datetime64("2020-01-01", "D")
VALUES = st.sampled_from([1.0, 2.0, 3.0, float("nan")])
FACTS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 12), VALUES), max_size=14)
LOOKS = st.lists(st.integers(0, 12), min_size=1, max_size=5)


def _expected(facts: list[tuple[int, int, float]], known: int) -> dict[int, tuple[int, float]]:
    """The value in force of each day, and when it was known, by the definition."""
    latest: dict[int, tuple[int, float]] = {}
    for day, at, value in facts:
        if at <= known and at >= latest.get(day, (0, 0.0))[0]:
            latest[day] = (at, value)
    return {day: pair for day, pair in sorted(latest.items()) if not np.isnan(pair[1])}


@settings(max_examples=60, deadline=None)
@given(facts=FACTS, looks=LOOKS, is_in_order=st.booleans())
def test_every_look_at_a_history_is_the_definition_whatever_was_looked_at_before(facts, looks, is_in_order):
    if is_in_order:  # as most series are: each day known after the day before, and never revised
        facts = [(day, day, 1.0) for day, _, _ in facts]
    rows = list({(day, at): (day, at, value) for day, at, value in facts}.values())
    days, ats = (FIRST + np.array([row[part] for row in rows], dtype=int) for part in (0, 1))
    history = History.of(days, ats.astype("datetime64[us]"), [value for _, _, value in rows])

    for known in looks:
        until = history.until((FIRST + known).astype("datetime64[us]"))
        latest = until.latest()

        assert until.period.size == sum(at <= known for _, at, _ in rows)
        known_on = ((latest.known_at.astype("datetime64[D]") - FIRST) / DAY).astype(int).tolist()
        pairs = zip(known_on, latest.value.tolist(), strict=True)
        assert dict(zip(((latest.period - FIRST) / DAY).astype(int).tolist(), pairs, strict=True)) == _expected(
            rows, known
        )
