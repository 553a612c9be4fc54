"""`captilt fedpath`: meeting-by-meeting probabilities from Fed funds futures."""

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from captilt.context import Common, Desk
from captilt.run.packaged_sample import reading_desk
from signals.errors import DateError, InputError, UsageError

if TYPE_CHECKING:
    from captilt.contract.fed_meeting import MeetingAnswer
    from signals.fedpath.records import FedPath

LARGEST_FILE = 1_000_000  # bytes; ten thousand contracts, where the exchange lists sixty
A_WEEK = 5  # sessions


def fedpath(
    meeting: Annotated[
        dt.date | None, Parameter(help="One meeting (its day): every outcome now and before, and its past.")
    ] = None,
    *,
    view: Annotated[
        Literal["conditional", "aggregated"], Parameter(help="CME's conditional or aggregated view.")
    ] = "conditional",
    prices: Annotated[Path | None, Parameter(help="Own strip: contract,price with contract YYYY-MM.")] = None,
    meetings: Annotated[Path | None, Parameter(help="Own decision days: date.")] = None,
    target: Annotated[
        float | None, Parameter(help="With --prices: lower bound of the target range that day, percent.")
    ] = None,
    csv: Annotated[Path | None, Parameter(help="With a meeting: write the odds of every session there.")] = None,
    dots: Annotated[
        Path | None, Parameter(help="Policymakers' medians to set against the market: year,percent.")
    ] = None,
    common: Common = Common(),
) -> None:
    """Print what each meeting is priced to do: from the store, or from --prices, --meetings and --target alone."""
    from captilt.contract.fedpath import fed_path_record
    from captilt.terminal import console as screen
    from captilt.terminal.fedpath import face

    if csv is not None and meeting is None:
        raise UsageError("--csv writes the past of one meeting.", remedy="Name the meeting: `captilt fedpath DAY`.")
    options = {"--prices": prices, "--meetings": meetings, "--target": target}
    if any(value is not None for value in options.values()):
        if prices is None or meetings is None or target is None:
            absent = [name for name, value in options.items() if value is None]
            raise UsageError(
                f"a path from files needs --prices, --meetings and --target; {' and '.join(absent)} is missing.",
                remedy="Give all three, or none to read the store.",
            )
        path = from_files(prices, meetings, target, view=view, day=common.as_of)
        if common.json:
            screen.print_json(fed_path_record(path))
        else:
            console = screen.console()
            console.print(*face(path, None, None, console.width), sep="\n")
        return
    if meeting is not None:
        _one_meeting(common, meeting, csv)
    else:
        _from_store(common, view, dots)


def from_files(
    prices: Path, meetings: Path, target: float, *, view: Literal["conditional", "aggregated"], day: dt.date | None
) -> "FedPath":
    """The path from two files and a target; without `day`, that of the day before the first meeting."""
    import numpy as np

    from captilt.terminal.console import stderr_console
    from signals.fedpath.path import RANGE_SINCE, Strip, path_of
    from signals.fedpath.user_files import checked_horizon, checked_target, left_out, meetings_from, prices_from

    low = checked_target(target)
    strip = prices_from(_text(prices), prices.name)
    dates = meetings_from(_text(meetings), meetings.name)
    as_of = day or dates[0] - dt.timedelta(days=1)
    ahead = checked_horizon(strip, dates, as_of)
    if absent := left_out(strip, dates, as_of):
        days = ", ".join(str(day_left_out) for day_left_out in absent)
        stderr_console().print(
            f"warning: {meetings.name} leaves out {days}; its month is read as one without a meeting."
        )
    upper = low + 0.25 if as_of >= RANGE_SINCE else low
    source = f"file {prices.name}, kind and time as its author knows"
    return path_of(Strip(as_of, strip, source), np.array(dates, dtype="datetime64[D]"), ahead, target=upper, kind=view)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as fault:
        raise InputError(f"{file.name} cannot be read: {fault.strerror}.", remedy="Name a readable CSV file.") from None
    if len(content) > LARGEST_FILE:
        raise InputError(f"{file.name} is larger than {LARGEST_FILE:,} bytes.", remedy="Give one day's strip.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file.name} is not UTF-8 text.", remedy="Save it as CSV in UTF-8.") from None


def _one_meeting(common: Common, meeting: dt.date, csv: Path | None) -> None:
    """The odds of one meeting through time; the past as CSV where a file is named."""
    from captilt.contract.fed_meeting import meeting_answer
    from captilt.terminal import console as screen
    from captilt.terminal.fed_meeting import meeting_screen
    from signals.calendars import day_of
    from signals.fedpath.meeting_history import answered_meetings, meeting_history

    desk = reading_desk(common)
    known = desk.store.as_of(_moment(desk, common))
    history = meeting_history(known, meeting)
    if not history.days:
        ahead = ", ".join(str(day) for day in answered_meetings(known)[:8]) or "none"
        raise UsageError(f"no odds of a meeting on {meeting} are known.", remedy=f"Meetings with odds: {ahead}.")
    answer = meeting_answer(history, day_of(known.moment))
    if csv is not None:
        _write_past(csv, answer)
    if common.json:
        screen.print_json(answer)
    else:
        screen.console().print(*meeting_screen(answer), sep="\n")


def _write_past(file: Path, answer: "MeetingAnswer") -> None:
    from captilt.contract.record import to_json
    from captilt.output_file import write_output
    from captilt.review.tables import meeting_table

    write_output(file, meeting_table(to_json(answer)).as_csv())


def _from_store(common: Common, view: Literal["conditional", "aggregated"], dots: Path | None) -> None:
    from captilt.contract.fedpath import fed_path_answer
    from captilt.terminal import console as screen
    from captilt.terminal.fedpath import dots_table, face
    from signals.fedpath.history import earlier
    from signals.fedpath.summary import fed_report
    from signals.fedpath.user_files import dots_from

    desk = reading_desk(common)
    known = desk.store.as_of(_moment(desk, common))
    report = fed_report(known, view)
    medians = dots_from(_text(dots), dots.name) if dots else {}
    if common.json:
        screen.print_json(fed_path_answer(report))
        return
    console = screen.console()
    console.print(*face(report.path, report, earlier(known, report.path, A_WEEK), console.width), sep="\n")
    if medians:
        console.print("", dots_table(report.path, medians), sep="\n")


def _moment(desk: Desk, common: Common) -> dt.datetime:
    """The cut asked for; the strip's own record starts before the walk-forward record does."""
    from signals.calendars import FIRST_RECORD, cut, is_session, previous_session

    day = common.as_of
    if day is None or day >= FIRST_RECORD:
        return desk.moment(common)
    if not is_session(day):
        raise DateError(
            f"{day} ({day:%A}) has no trading session.", remedy=f"The session before it is {previous_session(day)}."
        )
    return cut(day)
