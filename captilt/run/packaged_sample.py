"""The answer on a machine with nothing: the packaged real sample, said in the first line.

The sample has small-cap returns to 2018-11 and rates and decisions for longer. The recommendation is of
the last day that the returns allow; beside it stands the rate cycle as far as the decisions go. It lives in
a store of its own, so that it can never mix with real downloads, and it is never recorded.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from captilt.context import Common, Desk
from signals.calendars import cut
from signals.errors import UsageError

if TYPE_CHECKING:
    from captilt.contract.run import Run
    from captilt.run.evaluate import Fetched

LAST_FULL_DAY = dt.date(2018, 11, 30)  # the sample's factor returns end here
MODE = "sample"


def reading_desk(common: Common) -> Desk:
    """The desk of a command that only reads: the packaged sample's where nothing else is held, which is said."""
    from captilt.terminal.console import stderr_console

    desk = Desk.open(common)
    if desk.settings.sources.mode != MODE and desk.store.holds_market_data():
        return desk
    stderr_console().print(
        f"SAMPLE DATA: no market data are stored, so this is the packaged real sample, as of {LAST_FULL_DAY}."
        " `captilt run` fetches; `captilt data import DIR` imports.",
        soft_wrap=True,
    )
    evening = cut(LAST_FULL_DAY) + dt.timedelta(hours=1)
    return _filled(desk, lambda: evening)


def _filled(desk: Desk, clock: Callable[[], dt.datetime]) -> Desk:
    """A desk beside `desk` whose store holds the packaged sample and nothing else."""
    from signals.sources.sample.packaged import fill

    apart = Desk(desk.settings, desk.home / "sample", clock)
    apart.home.mkdir(parents=True, exist_ok=True)
    fill(apart.store)
    return apart


def sample_study(desk: Desk, day: dt.date | None) -> "Run":
    """The packaged sample's answer for a past day, its last full one where none is named; nothing is recorded.

    Raises
    ------
    DateError
        For a day after the sample's last full one.
    """
    from captilt.run.evaluate import Fetched, evaluate

    if day in (None, LAST_FULL_DAY):
        return sample_day(desk, Fetched(MODE))
    evening = cut(LAST_FULL_DAY) + dt.timedelta(hours=1)
    apart = _filled(desk, lambda: evening)
    return evaluate(apart, apart.cut_of(day), Fetched(MODE, (_notice(day),)), is_study=True).run


def unrecorded_run(desk: Desk, day: dt.date | None, *, holdings: str | None = None) -> "Run":
    """What a command shows of a day without a record: a study of `day`, or the packaged sample.

    Parameters
    ----------
    desk : Desk
    day : datetime.date or None
        None where no day is named and the ledger has no run.
    holdings : str, optional
        A holdings file whose weight is the one held.

    Raises
    ------
    UsageError
        Where data are held and neither a run nor a day is there.
    """
    from captilt.run.evaluate import is_empty, study

    if is_empty(desk) and not desk.ledger.run_days():
        return sample_study(desk, day)
    if day is None:
        raise UsageError(
            "no run is recorded yet.",
            remedy="`captilt run` records one after each session; --as-of YYYY-MM-DD studies a past day.",
        )
    return study(desk, desk.cut_of(day), holdings=holdings)


def _notice(day: dt.date) -> str:
    return (
        f"SAMPLE DATA: no market data are stored, so this is the packaged real sample, as of {day}."
        " `captilt run` fetches, online or with FRED_API_KEY; `captilt data import DIR` imports."
    )


def sample_day(desk: Desk, fetched: "Fetched") -> "Run":
    """The run of the sample's last full day, with today's rate cycle beside it."""
    from captilt.contract.regime import regime_on
    from captilt.contract.run import as_recorded
    from captilt.run.evaluate import Fetched, evaluate
    from regime.call import call_regime

    apart = _filled(desk, desk.clock)
    first = Fetched(MODE, (_notice(LAST_FULL_DAY), *fetched.notices), fetched.seconds)
    answer = evaluate(apart, cut(LAST_FULL_DAY), first, is_study=True).run
    newest = desk.cut_of(None)
    now = regime_on(call_regime(apart.store.as_of(newest), desk.settings.regime), newest.date())
    return as_recorded(replace(answer, regime_now=now))
