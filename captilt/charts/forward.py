"""What was said beforehand in two pictures: registered rules on later days, and the twelve-month sentence.

Both are drawn from the JSON of their commands, so a picture can show nothing that was not printed.
"""

from typing import TYPE_CHECKING

import numpy as np

from captilt.charts.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, RED, figure, svg
from captilt.formats import day, month, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from captilt.contract.challengers import ChallengerRow, ChallengersAnswer
    from captilt.contract.evidence import YearAhead

COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED)
SHORTEST = 24  # months on the axis, so that the first ones do not look like a history
LOWEST, ROOM = 0.5, 1.3  # of the wealth axis: its floor where nothing fell below, and the room above the mark
SPANS = {"all": (INK, 1.6), "first half": (BLUE, 1.0), "second half": (ORANGE, 1.0)}


def forward_test_chart(answer: "ChallengersAnswer") -> str:
    """Wealth of the test of every registered rule by month, and by when it could speak; empty without rules."""
    if not answer.rows:
        return ""
    states = "; ".join(f"{row.name} {number(row.wealth, 2)} after {len(row.months)} months" for row in answer.rows)
    text = f"Wealth of a gambler on each rule, 1 on its day of registration: {states}. {_by_when(answer)}"
    return svg(_forward_figure(answer), title="Registered rules on later days: the forward test", text=text)


def _by_when(answer: "ChallengersAnswer") -> str:
    dates = [row.could_speak_by for row in answer.rows if row.could_speak_by]
    by = f"; half of all rules with a true ratio of 0.4 get there by {min(dates):%Y}" if dates else ""
    return f"Support is {answer.supported_at:g}{by}."


def _forward_figure(answer: "ChallengersAnswer") -> "Figure":
    drawing, (panel,) = figure(8.6, 3.0)
    begin = np.datetime64(min(row.registered for row in answer.rows), "M")
    longest = max(len(row.months) for row in answer.rows)
    for row, colour in zip(answer.rows, COLOURS * len(answer.rows), strict=False):
        wealth = _wealth(row)
        months = np.array([np.datetime64(month.month, "M") for month in row.months], "datetime64[M]")
        steps = np.append(0, (months - begin).astype(int) + 1)
        panel.semilogy(
            steps, wealth, color=colour, linewidth=1.4, marker="o", markersize=3, label=f"{row.name}: {wealth[-1]:.2f}"
        )
    panel.axhline(1, color=GREY, linewidth=0.8)
    panel.axhline(answer.supported_at, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
    panel.annotate(_by_when(answer), (0.01, answer.supported_at), xycoords=("axes fraction", "data"),
                   xytext=(0, -4), textcoords="offset points", va="top", fontsize=8, color=INK)  # fmt: skip
    last = max(SHORTEST, longest + 1)
    ticks = np.arange(0, last + 1, max(6, 6 * (last // 60)))
    panel.set_xticks(ticks, [month((begin + int(step)).item()) for step in ticks])
    panel.set_xlim(-0.3, last)
    lowest = min([LOWEST, *(float(_wealth(row).min()) for row in answer.rows)])
    panel.set_ylim(max(lowest, 0.01), answer.supported_at * ROOM)
    panel.set_yticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
    panel.minorticks_off()
    panel.set_ylabel("wealth, from 1")
    panel.legend(frameon=False, fontsize=8, loc="center right")
    if not longest:
        panel.annotate(f"no month has ended since {day(min(row.registered for row in answer.rows))}", (0.3, 1.0),
                       xytext=(6, 5), textcoords="offset points", fontsize=8, color=INK)  # fmt: skip
    return drawing


def _wealth(row: "ChallengerRow") -> np.ndarray:
    return np.array([1.0, *(month.wealth for month in row.months)])


def sentence_chart(spans: "Sequence[YearAhead]") -> str:
    """The probability given for twelve months against the share that came true; empty without matured months."""
    if not spans:
        return ""
    parts = (
        f"{span.name}: "
        + ", ".join(f"{percent(part.given, 0)} came true {percent(part.came_true, 0)}" for part in span.reliability)
        for span in spans
    )
    return svg(_sentence_figure(spans), title="The twelve-month sentence: forecast and outcome", text="; ".join(parts))


def _sentence_figure(spans: "Sequence[YearAhead]") -> "Figure":
    drawing, (panel,) = figure(8.6, 2.8)
    panel.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (4, 3)))
    for span in spans:
        colour, width = SPANS.get(span.name, (GREY, 1.0))
        chances, came_true = ([getattr(part, name) for part in span.reliability] for name in ("given", "came_true"))
        label = f"{span.name} ({span.first:%Y} to {span.last:%Y})"
        panel.plot(chances, came_true, color=colour, linewidth=width, marker="o", markersize=4, label=label)
    low = min(part.given for span in spans for part in span.reliability)
    high = max(part.given for span in spans for part in span.reliability)
    panel.set(xlim=(low - 0.05, high + 0.05), ylim=(-0.04, 1.04))
    panel.set_yticks([0, 0.5, 1], ["0", "50", "100 %"])
    panel.set_xticks([0.4, 0.5, 0.6], ["40", "50", "60 %"])
    panel.set_xlabel("chance given that small caps lead over the year", fontsize=8)
    panel.set_ylabel("came true")
    panel.legend(frameon=False, fontsize=8, loc="lower right")
    return drawing
