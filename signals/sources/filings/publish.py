"""Put the financing series into the store of facts, where everything else is.

A month-end is known at its own cut, because it depends on filings known then and on nothing else. Where a later fetch
brings filings that were accepted before, the value of that month-end is revised, and the revision is known from now.
"""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from signals.asof import History
from signals.derived.policy_rate import target_path
from signals.filings.financing import Point, financing_series
from signals.filings.pass_through import PolicyRate
from signals.filings.size_groups import STATISTICS, SizeCut, series_of
from signals.new_york import instant
from signals.scoring.points import all_month_cuts
from signals.series.dictionary import describe
from signals.sources.filings.reduction import read_company_quarters
from signals.sources.filings.tables import FilingsFolder
from signals.sources.validation.revisions import merge

if TYPE_CHECKING:
    import numpy as np

    from signals.store.store import Receipt, Store

SOURCE = "filings"
Step = Callable[[int, int], None]


def publish(
    store: "Store", folder: FilingsFolder, cut: SizeCut, now: dt.datetime, *, step: Step | None = None
) -> "Receipt":
    """Compute every series at every month-end so far and store what is new.

    Parameters
    ----------
    store : Store
        Has the policy rate, and takes the series.
    folder : FilingsFolder
    cut : SizeCut
    now : datetime.datetime
        Aware.
    step : callable, optional
        Called with (done, of).
    """
    table = read_company_quarters(folder, folder.manifest())
    points = ()
    if table.cik.size:
        cuts = all_month_cuts()
        cuts = cuts[(cuts >= table.known_at.min()) & (cuts <= instant(now))]
        moments = [(moment.astype("datetime64[D]").item(), moment) for moment in cuts]
        points = financing_series(table, moments, PolicyRate(*target_path(store.as_of(now))), cut, step=step)
    offered = {
        name: merge(describe(name), store.history(name), facts, now) for name, facts in histories(points).items()
    }
    return store.write({name: facts for name, facts in offered.items() if facts.period.size}, source=SOURCE, at=now)


def histories(points: tuple[Point, ...]) -> dict[str, History]:
    """Points as histories by series: value, error, companies, coverage."""
    rows: dict[str, list[tuple[dt.date, np.datetime64, float]]] = {}
    for point in points:
        estimate = point.estimate
        numbers = (estimate.value, estimate.standard_error, float(estimate.companies), estimate.coverage)
        for statistic, number in zip(STATISTICS, numbers, strict=True):
            rows.setdefault(series_of(point.measure, point.group, statistic), []).append(
                (point.period, point.known_at, number)
            )
    return {name: History.of(*zip(*columns, strict=True)) for name, columns in rows.items()}
