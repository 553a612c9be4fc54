"""Which of two records of a price is asked for its age and its steps."""

import datetime as dt

import numpy as np
import pytest

from signals.asof import AsOf, History
from signals.calendars import cut, instants, sessions_between
from signals.health.health import health
from signals.health.required_inputs import newest, prices, unbelievable
from signals.signal import Gap

DAY = dt.date(2019, 6, 28)
ADJUSTED, RAW = "yahoo:IWM:adj_close", "yahoo:IWM:close"
FUND = prices().carriers[0]


def closes(last: dt.date, *, jump: bool = False) -> History:
    days = sessions_between(dt.date(2019, 1, 2), last)
    value = np.full(days.size, 150.0)
    value[-1:] *= 0.5 if jump else 1.0
    return History.of(days, instants(days, dt.time(16, 15)), value)


@pytest.mark.parametrize(("younger", "older"), [(RAW, ADJUSTED), (ADJUSTED, RAW)])
def test_the_record_that_goes_on_is_the_one_that_counts(younger, older):
    view = AsOf(cut(DAY), {younger: closes(DAY), older: closes(dt.date(2019, 6, 3))})

    assert newest(view, FUND) == (younger, DAY)


@pytest.mark.parametrize(("younger", "older"), [(RAW, ADJUSTED), (ADJUSTED, RAW)])
def test_a_fund_is_fresh_while_one_of_its_records_is(younger, older):
    other = {f"yahoo:SPY:{part}": closes(DAY) for part in ("adj_close", "close")}
    view = AsOf(cut(DAY), other | {younger: closes(DAY), older: closes(dt.date(2019, 6, 3))})

    reasons = [gap.reason for gap in health(view, ()).gaps if isinstance(gap, Gap)]

    assert not reasons, reasons


@pytest.mark.parametrize(("younger", "older"), [(RAW, ADJUSTED), (ADJUSTED, RAW)])
def test_a_step_nobody_believes_is_looked_for_where_the_record_goes_on(younger, older):
    view = AsOf(cut(DAY), {younger: closes(DAY, jump=True), older: closes(dt.date(2019, 6, 3))})

    name, _ = newest(view, FUND) or ("", None)

    assert unbelievable(view, name, FUND)
