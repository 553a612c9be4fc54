"""The front door for Python: `import captilt as ct`.

A `Desk` holds the facts and settings of one home folder; `Desk.as_of` gives the `View` of a day, and every question is
asked of a view. Answers are the frozen records of the JSON contract: what the command prints with ``--json``, the
method returns. Nothing here records, sends or trades; `Desk.import_frame` alone adds facts.
"""

import atexit
import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from captilt.context import Desk as OpenDesk

if TYPE_CHECKING:
    import pandas as pd

    from captilt.contract.backtest import BacktestAnswer
    from captilt.contract.evidence import EvidenceAnswer
    from captilt.contract.fedpath import FedPathAnswer
    from captilt.contract.regime import RegimeAnswer
    from captilt.contract.run import Run
    from captilt.contract.scenario import ScenarioAnswer
    from captilt.contract.signals import SignalsAnswer
    from signals.asof import AsOf
    from signals.sources.files.importer import Imported

Day = dt.date | str
SampleName = Literal["smb-1969", "smb-1985", "smb-2000", "iwm-2000", "ijr-2000"]
UNUSED_SECONDS = 30 * 86400  # a sample of another version is removed after a month
PANEL_START = dt.date(1995, 1, 31)  # walk-forward phase probabilities start here


def open(home: str | Path | None = None, *, config: str | Path | None = None) -> "Desk":  # noqa: A001 - ct.open
    """Open the facts and settings of a home folder, for reading.

    Parameters
    ----------
    home : path, optional
        Folder that holds all state; as for ``--home`` where left out.
    config : path, optional
        Settings file; as for ``--config`` where left out.

    Returns
    -------
    Desk

    Raises
    ------
    UsageError
        Where the settings do not hold.

    Examples
    --------
    >>> desk = ct.open("~/captilt")          # doctest: +SKIP
    >>> desk.as_of("2023-12-29").decide()    # doctest: +SKIP
    """
    from captilt.config import settings

    folder = Path(home).expanduser() if home is not None else None
    file = Path(config).expanduser() if config is not None else None
    return Desk(OpenDesk(settings.load(file), settings.home(folder)))


def sample() -> "Desk":
    """Open the packaged real sample: rates to today, small-cap returns to 2018-11-30.

    Returns
    -------
    Desk
        Its newest view is that of 2018-11-30. There are no fund prices, spreads or futures in it, and every
        answer names that as a gap. It is kept in the user's cache folder (`captilt/sample-...`), so that only the
        first use on a machine computes everything; where that cannot be written, in a temporary folder.
    """
    from captilt.config.settings import Settings
    from captilt.run.packaged_sample import LAST_FULL_DAY

    return Desk(OpenDesk(Settings(), _sample_home()), newest=LAST_FULL_DAY)


def _sample_home() -> Path:
    """The folder of the filled sample of this version, made where it is missing."""
    import platformdirs

    from signals.growing import code_of

    folder = platformdirs.user_cache_path("captilt") / f"sample-{code_of('signals', 'regime', 'allocator')[:16]}"
    if (folder / "facts.db").is_file():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
    except OSError:  # a home that cannot be written: for this process only
        making = Path(tempfile.mkdtemp(prefix="captilt-sample-"))
        atexit.register(shutil.rmtree, making, ignore_errors=True)
        _fill_sample(making)
        return making
    _fill_sample(making)
    with suppress(OSError):  # another process was first: its folder holds the same
        making.rename(folder)
    shutil.rmtree(making, ignore_errors=True)
    for other in folder.parent.glob("*-*"):
        if other.name.startswith(("sample-", "making-")) and time.time() - other.stat().st_mtime > UNUSED_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
    return folder


def _fill_sample(folder: Path) -> None:
    from signals.sources.sample.packaged import fill
    from signals.store.shipped_decisions import open_store

    store = open_store(folder / "facts.db")
    fill(store)
    store.close()


class Desk:
    """The facts and settings of one home folder.

    Attributes
    ----------
    settings : captilt.config.settings.Settings
        The settings in force, read once.
    home : pathlib.Path
        The folder with facts, ledger and caches.
    """

    def __init__(self, desk: OpenDesk, *, newest: dt.date | None = None) -> None:
        self._desk, self._newest = desk, newest
        self._views: dict[dt.date, View] = {}
        self.settings, self.home = desk.settings, desk.home

    def __repr__(self) -> str:
        return f"Desk({'packaged sample' if self._newest else str(self.home)!r})"

    def as_of(self, day: Day | None = None) -> "View":
        """What was known at the cut (18:00 New York) of a session.

        Parameters
        ----------
        day : datetime.date or str, optional
            YYYY-MM-DD; the last cut that has passed where left out.

        Raises
        ------
        DateError
            For a day in the future, without a session, or before the record starts.
        """
        moment = self._desk.cut_of(_day(day) or self._newest)
        from signals.calendars import day_of

        session = day_of(moment)
        if session not in self._views:
            self._views[session] = View(self._desk, moment, is_sample=self._newest is not None)
        return self._views[session]

    def import_frame(self, frame: Any, *, describe_as: Mapping[str, Mapping[str, str]] | None = None) -> "Imported":
        """Put the rows of a pandas or polars frame into the store, through every check of `captilt data import`.

        Parameters
        ----------
        frame : DataFrame
            Columns ``series`` (like ``mine:SURVEY``), ``period``, ``known_at`` (aware, or naive in UTC), ``value``.
        describe_as : mapping, optional
            By series what a manifest says of it: ``unit``, ``frequency`` (D, W, M, Q), ``terms``.

        Returns
        -------
        Imported
            Its `receipt` has the number of facts stored; `refused` each row that broke a rule, with the reason.

        Raises
        ------
        InputError
            Where a column is missing or a row lacks one of its two dates.
        UsageError
            On the packaged sample, which is shared and never changed.
        """
        from captilt.operations.run_lock import only_one
        from signals.errors import UsageError
        from signals.sources.files.parquet import import_frame

        desk = self._desk
        if self._newest is not None:
            raise UsageError(
                "the packaged sample is never changed.", remedy="Open a home of your own: ct.open(FOLDER)."
            )
        with only_one(desk.home, doing="an import", server=desk.settings.store.url, now=desk.clock()):
            done = import_frame(desk.store, frame, at=desk.clock(), describe_as=describe_as)
        self._views.clear()
        return done

    def panel(self, first: Day = PANEL_START, last: Day | None = None) -> "pd.DataFrame":
        """Scores, phase probabilities and tilts at every month-end, each as it was known then.

        Parameters
        ----------
        first, last : datetime.date or str
            Month-ends between them; the newest one where `last` is left out.

        Returns
        -------
        DataFrame, shape (months, signals + 5)
            Indexed by month-end session. Columns are pairs: ``("score", NAME)`` in standard deviations, NaN for a gap;
            ``("probability", PHASE)`` 0 to 1; ``("tilt", "points")``: active weight before confidence and multiplier,
            in percentage points of the portfolio, starting from the policy weight.
        """
        import numpy as np
        import pandas as pd

        from allocator.backtest.walk_forward import walk
        from regime.phase import PHASES
        from regime.walk_forward import probabilities
        from signals.calendars import CUT, cut, instants, month_end_sessions
        from signals.signal import scores

        view = self.as_of(last)
        days = tuple(month_end_sessions(_day(first) or PANEL_START, view.day))
        index = pd.DatetimeIndex(np.array(days, dtype="datetime64[us]"), name="month_end")
        moments = instants(np.array(days, dtype="datetime64[D]"), CUT)
        facts, settings = view.facts, self.settings
        chances = probabilities(facts, [cut(day) for day in days], settings.regime)
        walked = walk(facts, settings.judgement, settings.regime, days=days)
        columns: dict[tuple[str, str], Any] = {
            ("score", signal.name): scores(signal, facts, moments) for signal in settings.judgement.catalogue
        }
        columns |= {("probability", phase.value): chances[:, code] for code, phase in enumerate(PHASES)}
        columns[("tilt", "points")] = walked.points
        return pd.DataFrame(columns, index=index)


@dataclass(frozen=True)
class View:
    """What was known at one session's cut, and the questions that can be asked of it.

    Attributes
    ----------
    moment : datetime.datetime
        The cut, aware; nothing learned later is used.
    """

    _desk: OpenDesk
    moment: dt.datetime
    is_sample: bool = False

    def __repr__(self) -> str:
        return f"View({self.day})"

    @property
    def day(self) -> dt.date:
        """The session."""
        from signals.calendars import day_of

        return day_of(self.moment)

    @cached_property
    def facts(self) -> "AsOf":
        """Every series as known at the moment: ``view.facts.latest("fred:DGS2")``."""
        return self._desk.store.as_of(self.moment)

    def signals(self) -> "SignalsAnswer":
        """Every signal: score in standard deviations (positive favours small caps), raw value, age, health."""
        from captilt.contract.signals import signals_answer

        return signals_answer(self.facts, {}, self._desk.settings.judgement.catalogue)

    def regime(self) -> "RegimeAnswer":
        """The rate cycle: phase in force and the probabilities of the four phases, 0 to 1."""
        from captilt.contract.regime import regime_answer
        from regime.call import call_regime

        return regime_answer(call_regime(self.facts, self._desk.settings.regime), self.moment, None)

    def fed_path(self, view: Literal["conditional", "aggregated"] = "conditional") -> "FedPathAnswer":
        """Meeting-by-meeting probabilities from Fed funds futures; rates in percent, moves in basis points."""
        from captilt.contract.fedpath import fed_path_answer
        from signals.errors import UsageError
        from signals.fedpath.summary import fed_report

        if view not in ("conditional", "aggregated"):
            raise UsageError(f"there is no view {view!r} of the Fed path.", remedy="Choose conditional or aggregated.")
        return fed_path_answer(fed_report(self.facts, view))

    def decide(self, held: float | None = None) -> "Run":
        """The recommendation of that day.

        Parameters
        ----------
        held : float, optional
            Weight of small caps that is held, 0 to 1; as for the daily run (last accepted decision, setting, policy
            weight) where left out.

        Raises
        ------
        UsageError
            Where `held` is no weight from 0 to 1.
        NoAdvice
            Where the data allow no recommendation.
        """
        from captilt.run.evaluate import Fetched, compute
        from captilt.run.packaged_sample import MODE
        from captilt.run.position import HeldPosition, held_position
        from signals.errors import UsageError

        if held is not None and not 0 <= held <= 1:
            raise UsageError(f"held is {held!r}, which is no weight.", remedy="Give a share from 0 to 1, such as 0.2.")
        position = held_position(self._desk, self.moment, is_study=True)
        if held is not None:
            position = HeldPosition(held, held, "argument")
        return compute(self._desk, self.facts, Fetched(MODE if self.is_sample else "offline"), position, is_study=True)

    def scenario(self, *names: str, held: float | None = None) -> "ScenarioAnswer":
        """Suppose futures and recompute everything from the shocked inputs.

        Parameters
        ----------
        *names : str
            Of the built-in scenarios or those of the settings; all where left out.
        held : float, optional
            As for `decide`.

        Raises
        ------
        UsageError
            Where there is no scenario of that name.
        """
        from allocator.scenario import SCENARIOS, explore
        from captilt.contract.scenario import scenario_answer
        from captilt.operations.disk_cache import FolderCache
        from captilt.run.position import held_position
        from signals.errors import UsageError

        settings = self._desk.settings
        known = {**SCENARIOS, **settings.scenario}
        if unknown := [name for name in names if name not in known]:
            raise UsageError(f"there is no scenario {', '.join(unknown)}.", remedy=f"Choose among {', '.join(known)}.")
        outcomes = explore(
            self.facts,
            held_position(self._desk, self.moment, is_study=True).weight if held is None else held,
            settings.judgement,
            settings.regime,
            scenarios={name: known[name] for name in names or known},
            cache=FolderCache(self._desk.home / "cache"),
        )
        pair = settings.portfolio
        return scenario_answer(self.facts, outcomes, small=pair.small, large=pair.large)


def backtest(view: View, sample: SampleName | None = None, *, thorough: bool = False) -> "BacktestAnswer":
    """Walk the rules forward over a declared sample, with what is known at the view's moment.

    Parameters
    ----------
    view : View
    sample : str, optional
        Pair and first month; see `captilt backtest --help`. The pair of the settings where left out.
    thorough : bool
        With the resampling tests over the declared family of settings.

    Returns
    -------
    BacktestAnswer
        Returns in basis points or percent a year, net of cost unless named otherwise; one row a period.
    """
    from allocator.backtest.backtest import backtest as run
    from allocator.backtest.samples import SAMPLES, sample_of
    from captilt.contract.backtest import backtest_answer
    from signals.errors import UsageError

    if sample is not None and sample not in SAMPLES:
        raise UsageError(f"there is no sample {sample!r}.", remedy=f"Choose among {', '.join(SAMPLES)}.")
    settings = view._desk.settings  # noqa: SLF001 - of this module
    chosen = SAMPLES[sample] if sample else sample_of(settings.portfolio)
    return backtest_answer(run(view.facts, chosen, settings.judgement, settings.regime, thorough=thorough))


def evidence(view: View) -> "EvidenceAnswer":
    """The verdict on the record known at the view's moment, with every number that led to it.

    Parameters
    ----------
    view : View

    Returns
    -------
    EvidenceAnswer
        Resampling takes seconds once a month and is kept under the home folder.
    """
    from allocator.backtest.assessment import assess
    from captilt.contract.evidence import evidence_answer
    from captilt.operations.disk_cache import FolderCache

    desk = view._desk  # noqa: SLF001 - of this module
    settings = desk.settings
    assessment = assess(view.facts, settings.judgement, settings.regime, cache=FolderCache(desk.home / "cache"))
    return evidence_answer(assessment, settings.judgement, settings.regime, on=view.day)


def _day(day: Day | None) -> dt.date | None:
    if not isinstance(day, str):
        return day
    try:
        return dt.date.fromisoformat(day)
    except ValueError:
        from signals.errors import DateError

        raise DateError(f"{day!r} is no day.", remedy="Write it as YYYY-MM-DD.") from None
