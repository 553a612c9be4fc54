"""`captilt run`: the daily job."""

import contextlib
import io
import sys
from typing import Annotated

from cyclopts import Parameter

from captilt.context import Common


def run(
    *,
    offline: Annotated[bool, Parameter(help="Fetch nothing; use what is stored.", negative="")] = False,
    dry_run: Annotated[bool, Parameter(help="Record and send nothing.", negative="")] = False,
    again: Annotated[
        bool, Parameter(help="Compute a recorded session anew; a different answer supersedes it.", negative="")
    ] = False,
    holdings: Annotated[
        str | None, Parameter(help="A holdings file, or a book of the settings: its weight is what is held.")
    ] = None,
    common: Common = Common(),
) -> None:
    """Fetch, read the signals, call the regime, decide, record and tell; with --as-of, study a past day."""
    from captilt.config.settings import log_settings
    from captilt.operations import logs
    from captilt.run import daily
    from captilt.run.clock_check import newest_due
    from captilt.run.failure_report import is_worth_reporting, open_or_report, report_failure
    from captilt.terminal import console

    reports = not dry_run and common.as_of is None
    desk = open_or_report(common, reports=reports)
    quiet = sys.stderr.isatty()  # a person reads the answer, a log collector reads the lines
    logs.begin(
        **log_settings(desk.settings), run_id=f"{desk.clock():%Y%m%dT%H%M%S}", stream=io.StringIO() if quiet else None
    )
    with contextlib.redirect_stdout(sys.stderr) if common.json else contextlib.nullcontext():  # stdout is one object
        try:
            with console.progress("computing" if offline else "fetching") as advance:
                answer = daily.run(
                    desk,
                    offline=offline,
                    dry_run=dry_run,
                    day=common.as_of,
                    holdings=holdings,
                    again=again,
                    progress=advance,
                )
        except BaseException as fault:
            if reports and is_worth_reporting(fault):
                report_failure(desk, newest_due(desk.clock()), fault)
            raise
    if common.json:
        console.print_json(answer)
        return
    from captilt.terminal.run import run_screen

    face = console.console()
    face.print(run_screen(answer, face.width))
