"""2,500 days of meeting probabilities, side by side with the two packages that compute them.

Both peers get their inputs in the form they like, outside the clock. Where they differ from us the difference is
explained by their own rule, computed here and compared day by day:

* cme-fedwatch counts days as we do and answers in tenths of a percent. It has no minimum of days for the forward
  form and no check of absurd moves, and it reads no contract beyond the month after the last meeting asked for,
  so its last two meetings are solved forward where the whole strip gives them backward.
* pyfedwatch counts the decision day at the *new* rate (N = d - 1, CME's rule until about 2022), and needs a month
  without a meeting at both ends. With its counting put into ours, the two agree.
"""

import datetime as dt
import importlib
import re
import statistics
import sys
import time

import numpy as np
import pytest

from signals.asof import AsOf, History
from signals.calendars import cut, sessions_between
from signals.fedpath.history import PathTable, path_table
from signals.fedpath.meetings import decisions_on, month_lengths, month_marks, upcoming
from signals.fedpath.path import target_on
from signals.fedpath.solve import TWO_DECISIONS, solve
from signals.fedpath.strip import LETTERS, STRIP_INPUTS, WIDTH, Strips, read_strips, series
from tests.conftest import missing

DAYS = 2500
LAST = dt.date(2023, 9, 15)
MEETINGS = 6  # asked of both peers for every day
COMPARED = 4  # cme-fedwatch looks one month beyond the last meeting asked and goes forward there; we see the strip
ROUNDS = 5
FEW = 25  # days for pyfedwatch, which takes tens of milliseconds each; its time is scaled up
TENTH = 0.0005 + 1e-9  # half of the last digit that cme-fedwatch keeps

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def view(store) -> AsOf:
    """All strips in memory, as a person's process holds them after the first question."""
    held = {name: store.history(name) for name in (*STRIP_INPUTS, "fomc:target")}
    return AsOf(cut(LAST), {name: history for name, history in held.items() if isinstance(history, History)})


@pytest.fixture(scope="module")
def days() -> np.ndarray:
    return sessions_between(dt.date(2013, 1, 1), LAST)[-DAYS:]


@pytest.fixture(scope="module")
def strips(view, days) -> Strips:
    return read_strips(view, days)


@pytest.fixture(scope="module")
def table(view, days) -> PathTable:
    return path_table(view, days)


def median_seconds(work) -> float:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def peer_or_missing(name):
    """A package to be measured against; its absence is loud."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(f"the package {name.partition('.')[0]}")


def ours(table: PathTable, row: int, meeting: int) -> dict[int, float]:
    """Probability by lower bound, basis points."""
    share = table.probability[row, meeting]
    return {round(table.lowest[row, meeting] + 25 * k): float(p) for k, p in enumerate(share) if p > 0}


def test_2500_days_against_cme_fedwatch(view, days, strips, table, capsys):
    calc = peer_or_missing("cme_fedwatch.calc")
    asked = [_for_cme_fedwatch(calc, view, strips, row) for row in range(days.size)]

    def theirs():
        return [calc.calculate(*arguments, schedule=schedule) for arguments, schedule in asked]

    answers = theirs()
    same = other = explained = 0
    for row, answer in enumerate(answers):
        for meeting, told in enumerate(answer[:COMPARED]):
            if np.isnan(table.lowest[row, meeting]):
                explained += 1
                continue
            here = ours(table, row, meeting)
            there = {round(100 * float(name.split("%")[0])): p / 100 for name, p in told["probabilities"].items()}
            off = max(abs(here.get(low, 0.0) - there.get(low, 0.0)) for low in here.keys() | there.keys())
            same, other = same + (off <= TENTH), other + (off > TENTH)
    mine, peer = median_seconds(lambda: path_table(view, days)), median_seconds(theirs)
    with capsys.disabled():
        print(f"\ncme-fedwatch: {same} meetings equal to its last digit, {other} not, {explained} refused by us only")
        print(f"2,500 days: {mine:.3f} s, cme-fedwatch {peer:.3f} s, ratio {peer / mine:.1f} (to reach 3)")

    assert other == 0
    assert same > 2 * DAYS


def _for_cme_fedwatch(calc, view, strips, row):
    """Its arguments for one day: settlements, meetings, range; and the schedule it needs to find anchors."""
    day = strips.days[row].item()
    first = strips.first_month[row]
    prices = strips.price[row]
    settlements = [
        {"month": calc._month_key((month := (first + k).item()).year, month.month), "settle": float(prices[k])}
        for k in np.flatnonzero(np.isfinite(prices))
    ]
    ahead = list(upcoming(day, dt.date(day.year + 2, 12, 31)))[:MEETINGS]
    schedule = _one_a_month([d for d in decisions_on(day).tolist() if dt.date(2012, 1, 1) < d < dt.date(2027, 1, 1)])
    upper = target_on(view, day)
    return (settlements, ahead, (upper - 0.25, upper)), schedule


def _one_a_month(dates):
    return list({(d.year, d.month): d for d in dates}.values())


@pytest.mark.filterwarnings("ignore")  # its pandas calls are deprecated, which is not ours to mend
def test_2500_days_against_pyfedwatch(view, days, strips, capsys):
    sys.modules.setdefault("pandas_datareader", type(sys)("pandas_datareader"))  # it only fetches targets from FRED
    peer = peer_or_missing("pyfedwatch.fedwatch")
    rows = [row for row in np.linspace(0, days.size - 1, FEW).astype(int) if _suits(strips, row)]
    files = _closes(view)

    def theirs(row):
        day = strips.days[row].item()
        dates = [d.isoformat() for d in decisions_on(day).tolist() if dt.date(2012, 1, 1) < d < dt.date(2027, 1, 1)]
        asked = peer.FedWatch(day.isoformat(), MEETINGS, dates, lambda symbol: files[symbol])
        upper = target_on(view, day)
        return asked.generate_hike_info(rate_cols=True, watch_rate_range=(upper - 0.25, upper))

    same = 0
    start = time.perf_counter()
    answers = {row: theirs(row) for row in rows}
    seconds = (time.perf_counter() - start) / len(rows) * DAYS
    for row, answer in answers.items():
        start_rate, end_rate = _counted_their_way(strips, row)
        expected = np.cumsum(end_rate - start_rate)
        lower = np.array([float(re.match(r"-?[0-9.]+", name)[0]) for name in answer.columns])
        mean = answer.to_numpy() @ lower - (target_on(view, strips.days[row].item()) - 0.25)
        assert mean == pytest.approx(expected, abs=1e-6), strips.days[row]
        same += 1
    mine = median_seconds(lambda: path_table(view, days))
    with capsys.disabled():
        print(f"\npyfedwatch: {same} of {len(rows)} days equal once the decision day counts at the new rate")
        print(f"2,500 days: {mine:.3f} s, pyfedwatch {seconds:.0f} s, ratio {seconds / mine:.0f} (to reach 300)")

    assert same > FEW / 2


def _suits(strips, row):
    """True where pyfedwatch can answer: all prices of the next year, one decision a month, none on a first."""
    marks = _marks(strips, row)[:14]
    return bool(np.isfinite(strips.price[row, :14]).all() and not np.isin(marks, [1, TWO_DECISIONS]).any())


def _marks(strips, row):
    return month_marks(decisions_on(strips.days[row].item()), strips.first_month[row], WIDTH)


def _counted_their_way(strips, row):
    """Our rates before and after its meetings, the decision day moved to the new rate."""
    day, first = strips.days[row].item(), strips.first_month[row]
    marks = _marks(strips, row)
    start, end = solve(strips.price[row : row + 1], (marks - (marks > 0))[None], month_lengths(first, WIDTH)[None])
    ahead = np.array(upcoming(day, dt.date(day.year + 2, 12, 31))[:MEETINGS], dtype="datetime64[M]")
    place = (ahead - first).astype(int)
    return start[0, place], end[0, place]


def _closes(view):
    """Closing prices of every contract by the exchange's symbol, as it wants them."""
    import pandas as pd

    found = {}
    for year in range(2012, 2027):
        for month, letter in enumerate(LETTERS, start=1):
            known = view.latest(series(f"{year}-{month:02d}", "close"))
            index = pd.DatetimeIndex(known.period.astype("datetime64[us]"), name="Date")
            found[f"ZQ{letter}{year % 100:02d}"] = pd.DataFrame({"Close": known.value}, index=index)
    return found
