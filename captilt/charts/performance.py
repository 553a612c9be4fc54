"""The record in three pictures: what it earned and lost, what it held over the cycle, and where that came from."""

from typing import TYPE_CHECKING

import numpy as np

from allocator.backtest.performance import drawdown
from allocator.backtest.walk_forward import CYCLE
from captilt.charts.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PHASE_COLOURS,
    PHASE_NAMES,
    PURPLE,
    RED,
    figure,
    legend_below,
    svg,
)
from regime.phase import PHASES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from allocator.backtest.backtest import Backtest
    from allocator.backtest.walk_forward import Walk

SHADE = 0.16  # of a phase behind a line: seen, but never louder than the line
LINE_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, RED)
BENCHMARKS = (("12-month relative momentum", ORANGE), ("overweight while easing", GREEN))


def pictures(result: "Backtest") -> dict[str, str]:
    """Every picture of a back-test as SVG, by name."""
    return {
        "active-return": active_return(result),
        "tilt": tilt_over_phases(result),
        "attribution": attribution(result),
    }


def active_return(result: "Backtest") -> str:
    """Cumulative active return net of cost, with its drawdown under it."""
    title = f"Active return, {result.sample.small} less {result.sample.large}"
    text = (
        f"Net of cost the recommended tilt earned {result.net.active_return_bp:.0f} bp a year, and"
        f" {result.unscaled.active_return_bp:.0f} bp before confidence and multiplier; its deepest active drawdown was"
        f" {result.net.max_active_drawdown_percent:.1f} percent."
    )
    return svg(active_return_figure(result), title=title, text=text)


def active_return_figure(result: "Backtest") -> "Figure":
    """The figure of `active_return`."""
    drawing, (top, bottom) = figure(8.0, 4.2, rows=2, height_ratios=(3, 1))
    days = result.walk.closes
    cost = result.cost_bp
    lines = (
        ("recommended", result.walk.net(cost), PURPLE, 1.6),
        ("before confidence and multiplier", result.unscaled_walk.net(cost), BLUE, 1.2),
    )
    ends: list[tuple[float, str, str]] = []
    for name, active, colour, width in lines:
        grown = np.cumsum(active)
        top.plot(days, grown, color=colour, linewidth=width)
        ends.append((float(grown[-1]), name, colour))
    for name, points, colour in _benchmarks(result):
        grown = np.cumsum(points)
        top.plot(days, grown, color=colour, linewidth=0.9, linestyle=(0, (4, 2)))
        ends.append((float(grown[-1]), name, colour))
    _label_ends(top, days[-1], ends)
    top.axhline(0, color=INK, linewidth=0.6)
    top.set_ylabel("percent, summed")
    for _, active, colour, width in lines:
        fall = drawdown(active)
        bottom.fill_between(days, fall, 0, color=colour, alpha=0.25, linewidth=0)
        bottom.plot(days, fall, color=colour, linewidth=width / 2)
    bottom.set_ylabel("drawdown, %")
    return drawing


def _benchmarks(result: "Backtest") -> list[tuple[str, np.ndarray, str]]:
    colours = dict(BENCHMARKS)
    return [(name, active, colours[name]) for name, active in result.benchmark_returns if name in colours]


def _label_ends(panel: "Axes", day: np.datetime64, ends: list[tuple[float, str, str]]) -> None:
    """Names at the right end of the lines, pushed apart where they would overlap."""
    low, high = panel.get_ylim()
    gap = (high - low) / 14
    placed: list[float] = []
    for value, name, colour in sorted(ends):
        at = value if not placed else max(value, placed[-1] + gap)
        placed.append(at)
        panel.annotate(
            name, (day, at), xytext=(4, 0), textcoords="offset points", color=colour, va="center", fontsize=8
        )


def tilt_over_phases(result: "Backtest") -> str:
    """The active weight through time, over the phase that was most probable then."""
    title = "Tilt over the rate cycle"
    own = result.walk
    text = (
        f"The recommended active weight ran from {own.points.min():.1f} to {own.points.max():.1f} points;"
        f" its mean size was {result.mean_abs_tilt_points:.1f}."
    )
    return svg(tilt_figure(result), title=title, text=text)


def tilt_figure(result: "Backtest") -> "Figure":
    """The figure of `tilt_over_phases`."""
    drawing, (panel,) = figure(8.0, 3.2)
    own, unscaled = result.walk, result.unscaled_walk
    _shade(panel, own)
    panel.axhline(0, color=INK, linewidth=0.6)
    label = "before confidence and multiplier"
    panel.step(own.closes, unscaled.points, where="post", color=GREY, linewidth=1.0, label=label)
    panel.step(own.closes, own.points, where="post", color=INK, linewidth=1.5, label="recommended")
    panel.set_ylabel("points over policy")
    panel.margins(x=0)
    legend_below(drawing, *panel.get_legend_handles_labels(), columns=3)
    return drawing


def _shade(panel: "Axes", own: "Walk") -> None:
    """Months coloured by the phase that led at the decision; white before the record of probabilities."""
    from matplotlib.dates import date2num

    leading = np.where(np.isfinite(own.phases).all(axis=1), np.nan_to_num(own.phases).argmax(axis=1), -1)
    edges = np.flatnonzero(np.diff(leading)) + 1
    named: set[int] = set()
    for start, end in zip(np.append(0, edges), np.append(edges, leading.size), strict=True):
        phase = int(leading[start])
        if phase < 0:
            continue
        name = PHASES[phase].value
        last = own.closes[min(end, leading.size - 1)]
        panel.axvspan(
            float(date2num(own.closes[start])),
            float(date2num(last)),
            color=PHASE_COLOURS[name],
            alpha=SHADE,
            linewidth=0,
            label=None if phase in named else PHASE_NAMES[name],
        )
        named.add(phase)


def attribution(result: "Backtest") -> str:
    """What each part of the recommended tilt contributed, month by month."""
    title = "Where the tilt came from"
    text = (
        "Stacked contributions of the rate cycle and each signal, and of everything that cut them;"
        " the line is the recommended tilt."
    )
    return svg(attribution_figure(result), title=title, text=text)


def attribution_figure(result: "Backtest") -> "Figure":
    """The figure of `attribution`."""
    drawing, (panel,) = figure(8.0, 3.4)
    own = result.walk
    models = [name for name in own.lines if name == CYCLE or name in _signals(own)]
    rest = own.attribution[:, [name not in models for name in own.lines]].sum(axis=1)
    layers = [(name.replace("_", " "), own.attribution[:, own.lines.index(name)]) for name in models]
    layers.append(("confidence, multiplier, clip, band and step", rest))
    colours = (*LINE_COLOURS[: len(layers) - 1], GREY)
    above, below = np.zeros(own.points.size), np.zeros(own.points.size)
    for (name, values), colour in zip(layers, colours, strict=True):
        up, down = np.maximum(values, 0), np.minimum(values, 0)
        panel.fill_between(
            own.closes, above, above + up, step="post", color=colour, alpha=0.75, linewidth=0, label=name
        )
        panel.fill_between(own.closes, below, below + down, step="post", color=colour, alpha=0.75, linewidth=0)
        above, below = above + up, below + down
    panel.step(own.closes, own.points, where="post", color=INK, linewidth=1.4, label="recommended tilt")
    panel.axhline(0, color=INK, linewidth=0.6)
    panel.set_ylabel("points")
    panel.margins(x=0)
    legend_below(drawing, *panel.get_legend_handles_labels(), columns=3)
    return drawing


def _signals(own: "Walk") -> tuple[str, ...]:
    """The lines that are signals: those between the rate cycle and the first rule."""
    from allocator.tilt import CONFIDENCE

    return own.lines[1 : own.lines.index(CONFIDENCE)]
