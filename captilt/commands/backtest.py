"""`captilt backtest`: the walk-forward result against what anybody could have done instead."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from captilt.context import Common, Desk
from captilt.run.packaged_sample import reading_desk
from signals.errors import UsageError

if TYPE_CHECKING:
    from allocator.backtest.backtest import Backtest
    from allocator.backtest.samples import Sample, Schedule
    from allocator.settings import PortfolioSettings


def backtest(
    *,
    sample: Annotated[
        Literal["smb-1969", "smb-1985", "smb-2000", "iwm-2000", "ijr-2000"] | None,
        Parameter(help="A declared sample; the pair of the settings where left out."),
    ] = None,
    from_: Annotated[dt.date | None, Parameter(name="--from", help="First day that counts.")] = None,
    to: Annotated[dt.date | None, Parameter(help="Last day that counts.")] = None,
    schedule: Annotated[
        Literal["month", "quarter", "week", "day"], Parameter(help="Decide at the last session of each.")
    ] = "month",
    quick: Annotated[bool, Parameter(help="Without the tests over the declared family.", negative="")] = False,
    charts: Annotated[Path | None, Parameter(help="Write the pictures (SVG) into this folder.")] = None,
    xlsx: Annotated[Path | None, Parameter(help="Write months, years, spells and bets into this workbook.")] = None,
    common: Common = Common(),
) -> None:
    """Walk the rules forward and print what they earned, net and gross, and whether it can be believed."""
    from captilt.contract.backtest import backtest_answer
    from captilt.review.answer_workbooks import record_workbook, write_file
    from captilt.terminal import console
    from captilt.terminal.backtest import backtest_screen

    desk = reading_desk(common)
    sample_to_walk = _sample(sample, desk.settings.portfolio, from_, to, schedule)
    result = _result(desk, common, sample_to_walk, thorough=not quick)
    if charts is not None:
        _draw(result, charts)
    answer = backtest_answer(result)
    if xlsx is not None:
        write_file(xlsx, record_workbook(answer))
    if common.json:
        console.print_json(answer)
        return
    console.console().print(backtest_screen(answer, cost_bp=desk.settings.tilt.cost_bp))


def _sample(
    name: str | None,
    portfolio: "PortfolioSettings",
    first: dt.date | None,
    last: dt.date | None,
    schedule: "Schedule",
) -> "Sample":
    """The sample asked for, with its dates and schedule."""
    from dataclasses import replace

    from allocator.backtest.samples import SAMPLES, sample_of

    if first is not None and last is not None and first >= last:
        raise UsageError(f"--from {first} is not before --to {last}.", remedy="Exchange them.")
    chosen = sample_of(portfolio) if name is None else SAMPLES[name]
    if first is not None or last is not None:
        chosen = replace(chosen, name=f"{chosen.name}, part", first=first or chosen.first, last=last)
    return replace(chosen, schedule=schedule)


def _result(desk: Desk, common: Common, sample: "Sample", *, thorough: bool) -> "Backtest":
    from allocator.backtest.backtest import backtest as run
    from captilt.terminal.console import progress

    view = desk.store.as_of(desk.moment(common))
    with progress("Walking forward") as step:
        return run(view, sample, desk.settings.judgement, desk.settings.regime, thorough=thorough, step=step)


def _draw(result: "Backtest", folder: Path) -> None:
    from captilt.charts import performance
    from captilt.output_file import write_output
    from captilt.terminal.console import stderr_console

    for name, picture in performance.pictures(result).items():
        write_output(folder / f"{name}.svg", picture)
        stderr_console().print(f"wrote {folder / name}.svg")
