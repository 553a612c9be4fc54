"""The picture that is asked for first: small over large over the phases of the cycle, view and position under it.

It is drawn from the rows of `captilt backtest --json`, so it can show nothing that was not printed.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from captilt.charts.style import GREY, INK, PHASE_COLOURS, PHASE_NAMES, figure, legend_below, svg
from captilt.formats import day, signed
from regime.phase import PHASES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADE = 0.2  # opacity of a phase behind a line: seen, but never louder than the line
START = 100.0  # of the index of small over large


SIZE = (8.6, 4.4)  # inches


def overview(answer: Mapping[str, Any]) -> str:
    """The picture as inline SVG with a text alternative; empty where a back-test has no rows."""
    rows = answer.get("rows", ())
    if not rows:
        return ""
    last, index = rows[-1], _index(rows)
    text = (
        f"{answer['small']} over {answer['large']} went from {START:.0f} on {day(rows[0]['traded'])} to {index[-1]:.0f}"
        f" on {day(answer['last_outcome'])}, and was lowest at {index.min():.0f}. The last view of the record was"
        f" {signed(last['view_points'])} points, the last position {signed(last['recommended_points'])} points."
    )
    title = f"{answer['small']} over {answer['large']}, the phase called at the time, view and position"
    return svg(overview_figure(answer), title=title, text=text)


def overview_figure(answer: Mapping[str, Any], size: tuple[float, float] = SIZE) -> "Figure":
    """The figure of `overview`.

    Parameters
    ----------
    answer : mapping
        JSON of `captilt backtest` with at least one row.
    size : (float, float)
        Width and height in inches.
    """
    rows = answer["rows"]
    closes = np.array([*(row["traded"] for row in rows), answer["last_outcome"]], dtype="datetime64[D]")
    drawing, (above, below) = figure(*size, rows=2, height_ratios=(3, 2))
    for panel in (above, below):
        _shade(panel, rows, closes)
        panel.margins(x=0)
    above.semilogy(closes, _index(rows), color=INK, linewidth=1.3)
    _plain_ticks(above, _index(rows))
    above.set_ylabel(f"{answer['small']} over {answer['large']}")
    below.axhline(0, color=INK, linewidth=0.6)
    views = np.array([np.nan if row["view_points"] is None else row["view_points"] for row in rows])
    points = np.array([row["recommended_points"] for row in rows])
    below.step(closes, np.append(views, views[-1]), where="post", color=GREY, linewidth=1.1, label="view")
    below.step(closes, np.append(points, points[-1]), where="post", color=INK, linewidth=1.5, label="position")
    below.set_ylabel("points over policy")
    legend_below(drawing, *below.get_legend_handles_labels(), columns=6)
    return drawing


def _index(rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Small over large at each trade close and at the last outcome, 100 at the first."""
    grown = np.cumprod([1 + row["small_minus_large_percent"] / 100 for row in rows])
    return START * np.append(1.0, grown)


def _shade(panel: "Axes", rows: Sequence[Mapping[str, Any]], closes: np.ndarray) -> None:
    """Months coloured by the phase that led at the decision; white where none is recorded."""
    names = {phase.value: PHASE_NAMES[phase.value] for phase in PHASES}
    first = 0
    for row in range(1, len(rows) + 1):
        phase = rows[first].get("phase")
        if row < len(rows) and rows[row].get("phase") == phase:
            continue
        if phase is not None:
            start, end = closes[first], closes[row]
            panel.axvspan(start, end, color=PHASE_COLOURS[phase], alpha=SHADE, lw=0, label=names.pop(phase, None))
        first = row


def _plain_ticks(panel: "Axes", index: np.ndarray) -> None:
    """Round numbers instead of powers of ten."""
    steps = [step for step in range(10, 400, 10) if index.min() * 0.95 <= step <= index.max() * 1.05]
    shown = steps[:: max(1, len(steps) // 5)]
    panel.set_yticks(shown, [str(step) for step in shown])
    panel.set_yticks([], minor=True)
