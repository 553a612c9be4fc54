"""The Fed path as pictures: the odds of every meeting, and the expected path against an earlier one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from captilt.charts.style import BLUE, GREY, INK, ORANGE, RED, figure, legend_below, short_dates, svg
from captilt.formats import day
from signals.fedpath.records import FedPath, MeetingOdds

if TYPE_CHECKING:
    from signals.fedpath.meeting_history import MeetingHistory

LEAST_DAYS = 2  # of a history that is drawn
SHOWN = 10  # meetings, as on the terminal
LEAST = 0.02  # a share too thin to print a number in
PRINTED = 0.08  # share from which its number fits into the tile
DARK = 0.55  # share from which white ink reads better on the tile


def odds_figure(path: FedPath) -> Figure:
    """Tiles: one column a meeting, one row a target range, darker where likelier, percent inside."""
    meetings = _answered(path)
    drawing, (panel,) = figure(8.0, 3.4)
    lows = sorted({b.lower_bp for m in meetings for b in m.probabilities if b.probability >= LEAST})
    for column, meeting in enumerate(meetings):
        for bucket in meeting.probabilities:
            if bucket.lower_bp in lows:
                _tile(panel, column, lows.index(bucket.lower_bp), bucket.probability)
    panel.set_xticks(range(len(meetings)), [f"{m.date:%-d %b\n%Y}" for m in meetings])
    panel.set_yticks(range(len(lows)), [_range(low, path) for low in lows])
    panel.set_xlim(-0.5, len(meetings) - 0.5)
    panel.set_ylim(-0.5, len(lows) - 0.5)
    panel.grid(visible=False)
    panel.set_ylabel("target after the meeting, %")
    return drawing


def path_figure(path: FedPath, earlier: Sequence[FedPath] = ()) -> Figure:
    """Expected rate after each meeting, now and on earlier days, percent."""
    drawing, (panel,) = figure(8.0, 2.8)
    for before, colour in zip(earlier, (ORANGE, GREY), strict=False):
        _line(panel, _answered(before), colour, f"{before.as_of:%-d %b %Y}", style="--")
    meetings = _answered(path)
    if path.target_bp is not None:
        low, high = (bound / 100 for bound in path.target_bp)
        panel.axhspan(low, high, color=GREY, alpha=0.18, linewidth=0, label="target range today")
    if meetings and meetings[0].start_rate is not None:
        panel.axhline(meetings[0].start_rate, color=GREY, linewidth=0.8, alpha=0.6)
    _line(panel, meetings, BLUE, f"{path.as_of:%-d %b %Y}", style="-")
    panel.set_xticks(date2num([m.date for m in meetings]), [f"{m.date:%b\n%y}" for m in meetings])
    panel.set_ylabel("expected rate, %")
    panel.legend(frameon=False, loc="best", fontsize=8)
    return drawing


def history_figure(history: "MeetingHistory") -> Figure:
    """Cut, no change and hike of one meeting on every session, stacked to one."""
    drawing, (panel,) = figure(8.0, 2.4)
    shares = [history.cut, history.hold, history.hike]
    days = np.array(history.days, dtype="datetime64[D]")
    panel.stackplot(days, shares, colors=[BLUE, GREY, RED], labels=["cut", "no change", "hike"], alpha=0.75, lw=0)
    panel.set_ylim(0, 1)
    panel.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    panel.grid(visible=False)
    panel.margins(x=0)
    short_dates(panel)
    legend_below(drawing, *panel.get_legend_handles_labels(), columns=3)
    return drawing


def history_chart(history: "MeetingHistory") -> str:
    """The past of one meeting's odds as inline SVG; empty where there are not two days of it."""
    if len(history.days) < LEAST_DAYS:
        return ""
    cut, hold, hike = (100 * share[-1] for share in (history.cut, history.hold, history.hike))
    text = f"Now cut {cut:.0f} %, no change {hold:.0f} %, hike {hike:.0f} %."
    return svg(history_figure(history), title=f"Odds of the meeting of {history.meeting} through time", text=text)


def odds_chart(path: FedPath) -> str:
    """The odds as inline SVG with a text alternative; empty where no meeting is answered."""
    if path.status != "ok":
        return ""
    first = path.meetings[0]
    top = max(first.probabilities, key=lambda bucket: bucket.probability)
    text = f"Next meeting {day(first.date)}: {100 * top.probability:.0f} % for {_range(top.lower_bp, path)} %."
    return svg(odds_figure(path), title=f"Odds by meeting on {path.as_of}, percent", text=text)


def path_chart(path: FedPath, earlier: Sequence[FedPath] = ()) -> str:
    """The path as inline SVG with a text alternative; empty where no meeting is answered."""
    if path.status != "ok":
        return ""
    last = _answered(path)[-1]
    text = f"From {path.meetings[0].start_rate:.2f} % now to {last.end_rate:.2f} % after {last.date}."
    return svg(path_figure(path, earlier), title=f"Expected path of the policy rate on {path.as_of}", text=text)


def _answered(path: FedPath) -> list[MeetingOdds]:
    return [meeting for meeting in path.meetings if not meeting.reason][:SHOWN]


def _range(low: float, path: FedPath) -> str:
    width = path.target_bp[1] - path.target_bp[0] if path.target_bp else 0
    return f"{low / 100:.2f}" + (f"-{(low + width) / 100:.2f}" if width else "")


def _tile(panel: Axes, column: int, row: int, share: float) -> None:
    panel.barh(row, 0.94, left=column - 0.47, height=0.9, color=BLUE, alpha=min(1.0, 0.06 + share), linewidth=0)
    if share >= PRINTED:
        ink = "white" if share >= DARK else INK
        panel.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=8, color=ink)


def _line(panel: Axes, meetings: Sequence[MeetingOdds], colour: str, label: str, *, style: str) -> None:
    days = date2num([meeting.date for meeting in meetings])
    rates = np.array([meeting.end_rate for meeting in meetings], dtype=np.float64)
    panel.plot(days, rates, style, color=colour, marker="o", markersize=3.5, linewidth=1.4, label=label)
