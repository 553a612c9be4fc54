"""One meeting on a terminal: each outcome now and before, and how the odds have moved."""

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from captilt.formats import DASH, chance, day, number, percent, rate_range, signed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.fed_meeting import MeetingAnswer, MeetingDay

TIMES = (("now", "now"), ("day", "1 day"), ("week", "1 week"), ("month", "1 month"))
HISTORY_ROWS = 12  # of the table of the past: about a year of months
MONTH = 21  # sessions
BARS = 30  # characters of the bar of a whole
SHADES = {"cut": "█", "hold": "░", "hike": "▓"}


def meeting_screen(answer: "MeetingAnswer") -> "list[RenderableType]":
    """Everything printed, in order."""
    head = Text.assemble(("Fed meeting ", "bold"), (day(answer.meeting), "bold"), f", as of {day(answer.as_of)}")
    if answer.now is None:
        return [head, Text("No odds of this meeting are known on that day.", "yellow")]
    return [head, "", _outcomes(answer), "", _past(answer), Text(_key(), "dim")]


def _outcomes(answer: "MeetingAnswer") -> Table:
    """Ranges, then cut, no change and hike, the expected rate and moves: now, and 1 day, 1 week and 1 month ago."""
    shown = [getattr(answer, name) for name, _ in TIMES]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("target after it, %", no_wrap=True)
    for _, title in TIMES:
        table.add_column(title, justify="right", no_wrap=True)
    ranges = sorted({(one.lower_bp, one.upper_bp) for then in shown if then for one in then.probabilities})
    for low, high in ranges:
        table.add_row(rate_range(low, high), *(_share(then, low) for then in shown))
    table.add_section()
    for name, title in (("cut", "cut"), ("hold", "no change"), ("hike", "hike")):
        cells = [DASH if then is None else chance(getattr(then, name)) for then in shown]
        table.add_row(Text(title, "bold"), *cells)
    table.add_row("expected rate", *(DASH if then is None else f"{number(then.rate)} %" for then in shown))
    table.add_row("moves of 25 bp", *(DASH if then is None else signed(then.moves) for then in shown))
    return table


def _share(then: "MeetingDay | None", low: float) -> str:
    if then is None:
        return DASH
    return next((percent(one.probability, 1) for one in then.probabilities if one.lower_bp == low), "0.0 %")


def _past(answer: "MeetingAnswer") -> Table:
    """The odds month by month, newest last, each as a bar of cut, no change and hike."""
    rows = answer.rows[::-1][::MONTH][:HISTORY_ROWS][::-1]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("odds through time", no_wrap=True)
    for title in ("cut", "no change", "hike"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in rows:
        shares = [getattr(row, name) for name in SHADES]
        bar = "".join(sign * round(BARS * share) for sign, share in zip(SHADES.values(), shares, strict=True))
        table.add_row(day(row.as_of), *(percent(share, 0) for share in shares), bar)
    return table


def _key() -> str:
    marks = f"{SHADES['cut']} cut, {SHADES['hold']} no change, {SHADES['hike']} hike"
    return f"{marks}, against the target of each day; every session with --csv or --json."
