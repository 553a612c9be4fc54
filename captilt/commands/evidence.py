"""`captilt evidence` and `captilt evidence claims`: whether any of it is reliable."""

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from captilt.context import Common, Desk
from captilt.run.packaged_sample import reading_desk

if TYPE_CHECKING:
    from signals.asof import AsOf


def evidence(*, common: Common = Common()) -> None:
    """Print the verdict with every number that led to it.

    The resampling behind it takes a while once a month; it is kept under the home folder by the hash of
    the data and of the specification.
    """
    from allocator.backtest.assessment import assess
    from captilt.contract.evidence import evidence_answer
    from captilt.operations.disk_cache import FolderCache
    from captilt.terminal import console
    from captilt.terminal.evidence import evidence_screen
    from signals.calendars import day_of

    desk = reading_desk(common)
    settings = desk.settings
    view = _view(desk, common)
    with console.progress("Resampling the record") as advance:
        assessment = assess(
            view, settings.judgement, settings.regime, cache=FolderCache(desk.home / "cache"), step=advance
        )
    answer = evidence_answer(assessment, settings.judgement, settings.regime, on=day_of(view.moment))
    if common.json:
        console.print_json(answer)
        return
    face = console.console()
    face.print(evidence_screen(answer, face.width))


def claims(*, common: Common = Common()) -> None:
    """Print every claim of the folklore with its definition, test, sample, number, interval and verdict."""
    from allocator.claims import examined
    from captilt.contract.evidence import claims_answer
    from captilt.terminal import console
    from captilt.terminal.claims import claims_screen
    from signals.calendars import day_of

    desk = reading_desk(common)
    view = _view(desk, common)
    pair = desk.settings.portfolio
    answer = claims_answer(examined(view, (pair.small, pair.large)), day_of(view.moment))
    if common.json:
        console.print_json(answer)
        return
    console.console().print(claims_screen(answer))


def power(
    *,
    resamples: Annotated[int, Parameter(validator=Number(gte=1))] = 200,
    seed: Annotated[int, Parameter(validator=Number(gte=0))] = 20261126,
    workers: Annotated[int, Parameter(validator=Number(gte=1))] = 1,
    common: Common = Common(),
) -> None:
    """Print how often the verdict would find a true edge, and one that is not there, by resampling the whole process.

    Each resample takes a second or two; those that are there are not computed again. For a cluster call
    `captilt.studies.process_power` from Python inside your own ``joblib.parallel_config`` (docs/SCALE.md).

    Parameters
    ----------
    resamples
        Histories that the method lives through.
    seed
        Of the first; the others follow.
    workers
        Processes on this machine; the result does not depend on it.
    """
    from captilt.contract.process_power import same_as_shipped, shipped
    from captilt.parallel import workers_here
    from captilt.sentences import process_power_sentence, shipped_table_sentence
    from captilt.studies.process_power import inputs_of, results_of, table_of
    from captilt.terminal import console

    desk = reading_desk(common)
    inputs = inputs_of(desk, _view(desk, common))
    with console.progress("Resampling the process") as advance, workers_here(workers):
        results = results_of(inputs, resamples=resamples, seed=seed, step=advance)
    table = table_of(results, inputs, seed=seed, today=desk.clock().date())
    if common.json:
        console.print_json(table)
        return
    same = same_as_shipped(table.inputs, seed, results)
    repeats = shipped_table_sentence(shipped(), same, len(results))
    console.console().print(process_power_sentence(table), repeats, sep="\n")


def _view(desk: Desk, common: Common) -> "AsOf":
    """The world at the moment asked for.

    Raises
    ------
    NoAdvice
        Where no market data are stored.
    """
    from signals.errors import NoAdvice

    moment = desk.moment(common)
    if not desk.store.holds_market_data():
        raise NoAdvice(
            "the store holds no data of the markets, so nothing can be tested.",
            remedy="Import a folder with `captilt data import DIR`, or fetch with `captilt data fetch`.",
        )
    return desk.store.as_of(moment)
