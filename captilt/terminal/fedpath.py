"""The Fed path on a terminal: a table a strategist can paste into a note, and a small chart under it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from captilt.formats import DASH, day, in_prose, rate_range, signed
from signals.fedpath.records import RANGE_BP, FedPath, MeetingOdds

if TYPE_CHECKING:
    from rich.console import RenderableType

    from signals.fedpath.summary import FedReport

SHOWN = 10  # meetings: a year and a quarter; the JSON holds them all
VISIBLE = 0.005  # a smaller probability rounds to 0 %
NARROW, WIDE = 80, 120  # characters: a plain terminal, and where more columns stop helping
FIXED, CHANGES = 41, 12  # characters of date, rate, move and odds of a move; of what changed
MOVES = 4  # characters of the number of moves, at least
MOST = 5  # ranges that must have room before what changed is shown
CELL = 6  # characters of one probability with its gap
RECENT = 6  # surprises on the screen; the JSON holds a year and more
CHART_ROWS = 7
BP = 100.0  # basis points in a percentage point
LABELS = 9  # characters left of the chart


@dataclass(frozen=True, slots=True)
class Ranges:
    """Lower bounds (bp) of the columns shown; the outer two take all that lies beyond them."""

    lower: tuple[float, ...]
    width_bp: float
    open_below: bool
    open_above: bool

    def title(self, column: int) -> str:
        """Column head on two lines: 5.25 with its dash over 5.50; an open edge shows its one bound."""
        low = self.lower[column] / 100
        high = low + self.width_bp / 100
        if self.open_below and column == 0:
            return f"\n≤{high:.2f}"
        if self.open_above and column == len(self.lower) - 1:
            return f"\n≥{low:.2f}"
        return f"{low:.2f}{DASH}\n{high:.2f}" if self.width_bp else f"\n{low:.2f}"

    def shares(self, meeting: MeetingOdds) -> list[float]:
        """Probability of every column, 0 to 1."""
        share = [0.0] * len(self.lower)
        for bucket in meeting.probabilities:
            column = round((bucket.lower_bp - self.lower[0]) / RANGE_BP)
            share[min(max(column, 0), len(share) - 1)] += bucket.probability
        return share


def ranges_of(meetings: Sequence[MeetingOdds], most: int) -> Ranges:
    """The neighbouring ranges that hold most of the probability of `meetings`."""
    mass: dict[float, float] = {}
    width = 0.0
    for meeting in meetings:
        for bucket in meeting.probabilities:
            mass[bucket.lower_bp] = max(mass.get(bucket.lower_bp, 0.0), bucket.probability)
            width = bucket.upper_bp - bucket.lower_bp
    visible = sorted(low for low, share in mass.items() if share >= VISIBLE)
    first, count = visible[0], round((visible[-1] - visible[0]) / RANGE_BP) + 1
    if count > most:
        starts = [visible[0] + RANGE_BP * k for k in range(count - most + 1)]
        first = max(starts, key=lambda low: sum(mass.get(low + RANGE_BP * k, 0.0) for k in range(most)))
    shown = tuple(first + RANGE_BP * k for k in range(min(count, most)))
    return Ranges(shown, width, open_below=visible[0] < shown[0], open_above=visible[-1] > shown[-1])


def heading(path: FedPath) -> list[Text]:
    """Day, view and target on one line, the source of the prices on the next."""
    line = Text.assemble(("Fed path", "bold"), f" · {day(path.as_of)} · {path.view}")
    if path.target_bp:
        line.append(f" · target {rate_range(*path.target_bp)} %")
    return [line, Text(f"prices: {in_prose(path.price_source) or 'none of that day'}", "dim")]


def odds_table(path: FedPath, changes: Mapping[dt.date, tuple[float | None, float | None]], width: int) -> Table:
    """Meetings down, target ranges across, percent; rate expected after the meeting, and what changed (bp)."""
    shown = [meeting for meeting in path.meetings if not meeting.reason][:SHOWN]
    moves = [_against_today(path, meeting) for meeting in shown]
    fixed = FIXED + max(MOVES, *(len(count) for count, *_ in moves))
    if width < fixed + CHANGES + MOST * CELL:
        changes = {}
    taken = fixed + (CHANGES if changes else 0)
    ranges = ranges_of(shown, (min(width, WIDE) - taken) // CELL)
    table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 1), header_style="dim")
    table.add_column("\nmeeting", no_wrap=True)
    for name, room in (("rate\n%", 5), ("move\nbp", 5), ("in\n25s", MOVES)):
        table.add_column(name, justify="right", no_wrap=True, min_width=room)
    for name in ("\ncut", "\nhold", "\nhike"):
        table.add_column(name, justify="right", no_wrap=True, min_width=4)
    for name in ("since\n1 d", "bp\n1 w") if changes else ():
        table.add_column(name, justify="right", no_wrap=True, min_width=5)
    for column in range(len(ranges.lower)):
        table.add_column(ranges.title(column), justify="right", no_wrap=True, min_width=CELL - 1)
    for meeting, against in zip(shown, moves, strict=True):
        moved = [_bp(change) for change in changes.get(meeting.date, (None, None))] if changes else []
        row = (day(meeting.date), *_rates(meeting), *against, *moved)
        table.add_row(*row, *_cells(ranges.shares(meeting)))
    return table


def _against_today(path: FedPath, meeting: MeetingOdds) -> tuple[str, ...]:
    """Moves of 25 bp expected by then, and the chance that the target is lower, the same or higher than today's."""
    start, low = path.meetings[0].start_rate or 0.0, (path.target_bp or (0.0, 0.0))[0]
    moves = BP * ((meeting.end_rate or 0.0) - start) / RANGE_BP
    cut = sum(one.probability for one in meeting.probabilities if one.lower_bp < low)
    hike = sum(one.probability for one in meeting.probabilities if one.lower_bp > low)
    return signed(moves), *(f"{100 * max(share, 0.0):.0f}" for share in (cut, 1 - cut - hike, hike))


def _rates(meeting: MeetingOdds) -> tuple[str, str]:
    start, end = meeting.start_rate or 0.0, meeting.end_rate or 0.0
    return f"{end:.3f}", _bp(100 * (end - start))


def _cells(shares: list[float]) -> list[Text]:
    top = max(shares)
    styles = ["bold" if share == top else "" if share >= VISIBLE else "dim" for share in shares]
    words = [f"{100 * share:.1f}" if share >= VISIBLE / 10 else "·" for share in shares]
    return [Text(word, style) for word, style in zip(words, styles, strict=True)]


def _bp(value: float | None) -> str:
    if value is None:
        return "-"
    return signed(value)


def chart(path: FedPath, then: FedPath | None, width: int) -> Text:
    """Expected rate after each meeting: ``●`` now, ``○`` then, one column a meeting."""
    now, past = _rates_by_meeting(path), _rates_by_meeting(then)
    dates = list(now)[:SHOWN]
    points = [(path.meetings[0].start_rate or 0.0, None), *((now[date], past.get(date)) for date in dates)]
    values = [value for pair in points for value in pair if value is not None]
    low, step = min(values), max((max(values) - min(values)) / (CHART_ROWS - 1), 0.01)
    column_width = min((min(width, WIDE) - LABELS - 1) // len(points), 9)
    drawing = Text()
    for row in range(CHART_ROWS - 1, -1, -1):
        drawing.append(f"{low + row * step:{LABELS - 2}.2f} ┤", "dim")
        for here, there in points:
            drawing.append_text(
                _mark(row, [None if v is None else round((v - low) / step) for v in (here, there)], column_width)
            )
        drawing.append("\n")
    names = ["now", *(f"{date:%b%y}" for date in dates)]
    drawing.append(" " * (LABELS - 1) + "└" + "".join(f"{name:^{column_width}}" for name in names) + "\n", "dim")
    drawing.append(" " * LABELS + "● expected rate, %" + (f"   ○ on {day(then.as_of)}" if then and past else ""), "dim")
    return drawing


def _rates_by_meeting(path: FedPath | None) -> dict[dt.date, float]:
    return {m.date: m.end_rate for m in path.meetings if m.end_rate is not None} if path else {}


def _mark(row: int, levels: list[int | None], width: int) -> Text:
    sign = "●" if levels[0] == row else "○" if levels[1] == row else " "
    return Text(f"{sign:^{width}}", "bold" if sign == "●" else "dim")


HORIZONS = {"next": "next", "m3": "3 m", "m6": "6 m", "m12": "12 m"}


def _rank(share: float | None) -> str:
    return "" if share is None else f" ({100 * share:.0f})"


def dots_table(path: FedPath, medians: Mapping[int, float]) -> Table:
    """Policymakers' medians at the end of each year beside what the market expects there, percent.

    The market's rate is moved to the middle of the target range by today's gap between the two.
    """
    gap = (path.start_gap_bp or 0.0) / BP
    priced = {meeting.date.year: meeting.end_rate - gap for meeting in path.meetings if meeting.end_rate is not None}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("end of", "medians, %", "market, %", "market less medians, bp"):
        table.add_column(name, justify="left" if name == "end of" else "right", no_wrap=True)
    for year, median in sorted(medians.items()):
        market = priced.get(year)
        away = "-" if market is None else signed(BP * (market - median), 0)
        table.add_row(str(year), f"{median:.2f}", "-" if market is None else f"{market:.2f}", away)
    return table


def remarks(report: "FedReport") -> list[str]:
    """The sentences under the table."""
    path, view = report.path, report.outlook
    lines = ["from one- and two-year Treasury yields, with a wider band:"] if view.source == "yields" else []
    moves = [
        f"{words} {_bp(value)}{_rank(report.percentiles.get(name))}"
        for name, words in HORIZONS.items()
        if (value := getattr(view.bp, name)) is not None
    ]
    if moves:
        ranked = view.source == "futures" and any(share is not None for share in report.percentiles.values())
        since = f"{report.percentiles_since:%Y}" if report.percentiles_since else ""
        heading = f"expected move, bp (percentile since {since}): " if ranked else "expected move, bp: "
        lines.append(heading + " · ".join(moves))
        band = [f"±{getattr(view.band_bp, name):.0f}" for name in HORIZONS if getattr(view.bp, name) is not None]
        lines.append("nine of ten outcomes fell within, bp: " + " · ".join(band))
    if path.terminal.date is not None:
        pace = path.terminal.pace_bp or 0.0
        per_step = path.terminal.meetings_per_step
        step_every = f", a 25 bp step every {per_step:.1f} meetings" if per_step else ""
        where = f"{path.terminal.rate:.2f} % after {day(path.terminal.date)}"
        lines.append(f"farthest from here: {where}, {signed(pace)} bp a meeting{step_every}")
    if report.surprises:
        date, surprise = report.surprises[-1]
        before = ", ".join(f"{earlier:%b %Y} {_bp(bp)}" for earlier, bp in report.surprises[-2:-RECENT:-1])
        lines.append(
            f"surprise at the decision of {day(date)}: {_bp(surprise)} bp{f'; before: {before}' if before else ''}"
        )
    return lines


def refusals(path: FedPath) -> list[str]:
    """What could not be answered, and why."""
    lines = []
    refused = [meeting for meeting in path.meetings if meeting.reason]
    if refused:
        more = f", and {len(refused) - 1} after it" if len(refused) > 1 else ""
        lines.append(f"not available: {day(refused[0].date)}{more}: {in_prose(refused[0].reason)}")
    if path.refused:
        contract, why = next(iter(path.refused.items()))
        more = f", and {len(path.refused) - 1} more (--json lists them)" if len(path.refused) > 1 else ""
        lines.append(f"prices not used: {contract} {in_prose(why)}{more}")
    return lines


CAVEAT = "Risk-neutral: a term premium is in every number. Settlement, close and quote differ by more than the method."


def face(path: FedPath, report: "FedReport | None", then: FedPath | None, width: int) -> list["RenderableType"]:
    """Everything printed, in order."""
    width = max(width, NARROW)
    parts: list[RenderableType] = [*heading(path), ""]
    if path.warning:
        parts += [Text(f"{path.warning[0].upper()}{path.warning[1:]}.", "yellow"), ""]
    if path.status == "ok":
        moved = {c.date: (c.day_bp, c.week_bp) for c in report.changes} if report else {}
        parts += [odds_table(path, moved, width), "", chart(path, then, width), ""]
    parts += [Text(line) for line in (remarks(report) if report else [])]
    parts += [Text(line, "yellow") for line in refusals(path)]
    parts.append(Text(CAVEAT, "dim"))
    return parts
