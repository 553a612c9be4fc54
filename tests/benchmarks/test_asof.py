"""As-of panels against pandas, polars and DuckDB: the same answer, side by side. Run with ``make bench``.

Jobs: one as-of panel (every series and period as known at one moment) and 300 month-end panels, over the
revision logs in the real data and over ten million made-up versions. Each peer gets its own best form
(a frame or a table sorted once, outside the clock). Times are medians of `REPEATS`.
"""

import datetime as dt
import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest

from signals.asof import History
from signals.calendars import cut, month_end_sessions
from tests.benchmarks.asof_panels import panel, standing

REPEATS = 5
MANY = 10_000_000


def clocked(work: Callable[[], object], repeats: int = REPEATS) -> float:
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


def instants(count: int, last: dt.date) -> np.ndarray:
    days = month_end_sessions(dt.date(1990, 1, 1), last)[-count:]
    return np.array([cut(day).astimezone(dt.UTC).replace(tzinfo=None) for day in days], dtype="datetime64[us]")


def one(logs: list[History], moment: np.datetime64) -> list[np.ndarray]:
    return [standing(log, moment).value for log in logs]


def checksum(parts: list[np.ndarray]) -> tuple[int, float]:
    values = np.concatenate(parts) if parts else np.empty(0)
    return int(np.isfinite(values).sum()), float(np.nansum(values))


def flat(logs: list[History]) -> dict[str, np.ndarray]:
    return {
        "series": np.repeat(np.arange(len(logs), dtype=np.int32), [log.period.size for log in logs]),
        "period": np.concatenate([log.period for log in logs]).astype("datetime64[us]"),
        "known_at": np.concatenate([log.known_at for log in logs]),
        "value": np.concatenate([log.value for log in logs]),
    }


def made_up(rows: int) -> list[History]:
    """Revision logs of `rows` versions in 100 series: 20 versions a period on average."""
    chance = np.random.default_rng(1)
    start, logs = np.datetime64("1990-01-01", "D"), []
    for _ in range(100):
        size = rows // 100
        period = start + np.sort(chance.integers(0, size // 20, size))
        lag = chance.integers(1, 4000, size).astype("timedelta64[D]") + chance.integers(0, 86_399, size).astype(
            "timedelta64[s]"
        )
        logs.append(History.of(period, period.astype("datetime64[us]") + lag, chance.normal(size=size)))
    return logs


def say(job: str, ours: float, peers: dict[str, float]) -> None:
    told = ", ".join(f"{name} {spent:.4f} s ({spent / ours:.1f}x)" for name, spent in peers.items())
    print(f"\n{job}: captilt {ours:.4f} s; {told}")


def pandas_one(frame, moment):
    seen = frame[frame["known_at"] <= moment]
    return seen.drop_duplicates(["series", "period"], keep="last")["value"].dropna()


def polars_one(frame, moment):
    import polars as pl

    return (
        frame.lazy().filter(pl.col("known_at") <= moment).group_by("series", "period").agg(pl.col("value").last())
        .filter(pl.col("value").is_not_nan()).collect()["value"]
    )  # fmt: skip


DUCK = """SELECT count(*), sum(value) FROM (
    SELECT arg_max_null(value, known_at) AS value FROM log WHERE known_at <= ? GROUP BY series, period)
    WHERE value IS NOT NULL AND NOT isnan(value)"""


def peers_of(columns, moments, job: str, expected: list[tuple[int, float]], *, repeats: int) -> dict[str, float]:
    """Times of every peer that is installed, each shown to give the same panels."""
    import pandas as pd

    spent: dict[str, float] = {}

    def compare(name: str, ask: Callable[[np.datetime64], tuple[int, float]]) -> None:
        found = [ask(moment) for moment in moments]
        for (count, total), (our_count, our_total) in zip(found, expected, strict=True):
            assert count == our_count, name
            assert total == pytest.approx(our_total, rel=1e-9, abs=1e-6), name
        spent[name] = clocked(lambda: [ask(moment) for moment in moments], repeats)

    frame = pd.DataFrame(columns)

    def by_pandas(moment):
        values = pandas_one(frame, moment)
        return len(values), float(values.sum())

    compare("pandas", by_pandas)
    try:
        import polars as pl
    except ImportError:
        print(f"{job}: polars is not installed (pip install 'captilt[peers]')")
    else:
        table = pl.DataFrame(columns)

        def by_polars(moment):
            values = polars_one(table, moment.astype(dt.datetime))
            return len(values), float(values.sum() or 0.0)

        compare("polars", by_polars)
    try:
        import duckdb
    except ImportError:
        print(f"{job}: DuckDB is not installed (pip install 'captilt[peers]')")
    else:
        base = duckdb.connect()
        base.register("source", frame)
        base.execute("CREATE TABLE log AS SELECT * FROM source")

        def by_duckdb(moment):
            count, total = base.execute(DUCK, [moment.astype(dt.datetime)]).fetchone()
            return count, float(total or 0.0)

        compare("DuckDB", by_duckdb)
    return spent


def run(job: str, logs: list[History], moments: np.ndarray, *, repeats: int = REPEATS, peer_repeats: int = 3) -> None:
    columns = flat(logs)
    last = moments[-1:]
    expected = [checksum(one(logs, last[0]))]
    say(
        f"one as-of panel, {job}",
        clocked(lambda: one(logs, last[0]), repeats),
        peers_of(columns, last, job, expected, repeats=peer_repeats),
    )
    panels = [panel(log, moments).value for log in logs]
    sums = [checksum([each[row] for each in panels]) for row in range(moments.size)]
    del panels
    some = np.linspace(0, moments.size - 1, 6).astype(int)  # the slow peers are timed on a sample and scaled
    ours = clocked(lambda: [panel(log, moments) for log in logs], repeats)
    scaled = peers_of(columns, moments[some], job, [sums[row] for row in some], repeats=1)
    say(
        f"{moments.size} month-end panels, {job}",
        ours,
        {name: spent * moments.size / some.size for name, spent in scaled.items()},
    )


def test_panels_of_the_real_revision_logs(store):
    logs = [store.history(name) for name in store.names() if name.startswith(("fredmd:", "philly:"))]

    run(f"{sum(log.period.size for log in logs):,} real versions", logs, instants(300, dt.date(2023, 12, 29)))


def test_panels_of_ten_million_versions():
    run(f"{MANY:,} made-up versions", made_up(MANY), instants(300, dt.date(2023, 12, 29)), repeats=3, peer_repeats=1)
