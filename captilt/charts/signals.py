"""Signals in pictures: the past of a score, and what became of a seasonal effect."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeGuard

import numpy as np

from captilt.charts.style import BLUE, GREY, INK, ORANGE, figure, svg
from captilt.formats import day, month, signed
from signals.signal import CLIP

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from captilt.contract.signals import ScoreOn

Z95 = 1.96  # of the normal distribution, for a 95 % interval
DecayRow = tuple[int, int, int, float, float]  # first year, last year, windows, mean, standard error


def score_history(name: str, history: "Sequence[ScoreOn]") -> str:
    """Month-end scores of one signal since its first, for small caps above zero and against them below.

    Parameters
    ----------
    history : sequence of ScoreOn
    """
    known = [(month.date, month.score) for month in history if _known(month.score)]
    if not known:
        return ""
    newest = known[-1]
    text = (
        f"{name}: {len(known)} month-end scores since {month(known[0][0])}, {signed(newest[1], 2)} on {day(newest[0])}."
    )
    return svg(history_figure(name, history), title=f"Score of {name}", text=text)


def history_figure(name: str, history: "Sequence[ScoreOn]") -> "Figure":
    """The figure of `score_history`; gaps stay gaps."""
    first = next(number for number, month in enumerate(history) if _known(month.score))
    days = np.array([month.date for month in history[first:]], dtype="datetime64[D]")
    score = np.array([month.score if _known(month.score) else np.nan for month in history[first:]])
    drawing, (panel,) = figure(8.0, 2.4)
    panel.fill_between(days, score, 0, where=score > 0, color=BLUE, alpha=0.35, linewidth=0, step="mid")
    panel.fill_between(days, score, 0, where=score < 0, color=ORANGE, alpha=0.35, linewidth=0, step="mid")
    panel.plot(days, score, color=INK, linewidth=0.7, drawstyle="steps-mid")
    panel.axhline(0, color=INK, linewidth=0.8)
    panel.plot(days[-1:], score[-1:], marker="o", color=INK, markersize=4)
    panel.annotate(f"{score[-1]:+.2f}", (days[-1], score[-1]), xytext=(6, 0), textcoords="offset points", va="center")
    panel.set_ylim(-CLIP - 0.2, CLIP + 0.2)
    panel.set_ylabel("standard deviations")
    panel.set_title(f"{name}: blue favours small caps, orange is against them", fontsize=9, loc="left")
    panel.margins(x=0.01)
    return drawing


def seasonal_decay(name: str, rows: Sequence[DecayRow]) -> str:
    """A seasonal effect over stretches of twenty years, each with its interval."""
    if not rows:
        return ""
    first, last = rows[0], rows[-1]
    text = (
        f"{name}: {first[3]:+.2f} percent a window in {first[0]}-{first[1]}, {last[3]:+.2f} in {last[0]}-{last[1]}, "
        f"small over large and over other sessions; bars are 95 percent intervals."
    )
    return svg(decay_figure(name, rows), title=f"Decay of {name}", text=text)


def decay_figure(name: str, rows: Sequence[DecayRow]) -> "Figure":
    """The figure of `seasonal_decay`; blue where zero lies outside the interval."""
    drawing, (panel,) = figure(8.0, 2.6)
    for x, (*_, mean, error) in enumerate(rows):
        colour = BLUE if abs(mean) > Z95 * error else GREY
        panel.errorbar(x, mean, yerr=Z95 * error, color=colour, marker="o", markersize=5, capsize=3, linewidth=1.2)
        panel.annotate(f"{mean:+.2f}", (x, mean), xytext=(8, 0), textcoords="offset points", va="center", fontsize=8)
    panel.axhline(0, color=INK, linewidth=0.8)
    panel.set_xticks(range(len(rows)), [f"{row[0]}-{row[1] % 100:02d}\nn {row[2]}" for row in rows])
    panel.set_ylabel("percent a window")
    panel.set_title(f"{name}: small over large, less other sessions; 95 % intervals", fontsize=9, loc="left")
    panel.margins(x=0.1)
    return drawing


def _known(score: float | None) -> TypeGuard[float]:
    return score is not None and not math.isnan(score)
