"""The rate cycle in pictures: what was said in real time, whether it could be believed, and how late it came."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from captilt.charts.style import GREY, INK, PHASE_COLOURS, PHASE_NAMES, PHONE_WIDTH, figure, legend_below, svg
from regime.phase import PHASES, Phase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from regime.dating import Chronology
    from regime.evaluation.scores import Detection

SHADE = 0.16  # opacity of the hindsight bands behind the target
MINIMUM = 3.0  # weight of a marker's smallest count, points
NEVER = "never"


def cycle(
    days: np.ndarray,
    target: np.ndarray,
    chronology: "Chronology",
    *,
    moments: np.ndarray,
    probabilities: np.ndarray,
    title: str = "The rate cycle and the call made at the time",
) -> str:
    """Target since 1982 over hindsight phases, and the real-time probabilities stacked underneath.

    Parameters
    ----------
    days, target : ndarray, shape (m,)
        Decisions; percent.
    chronology : Chronology
    moments : ndarray of datetime64[D], shape (n,)
    probabilities : ndarray, shape (n, 4)
        In `PHASES` order, each row as it was said on that day.
    """
    drawing, (above, below) = figure(8.0, 4.6, rows=2, height_ratios=[3, 2])
    last = max(days[-1], moments[-1]) if moments.size else days[-1]
    _bands(above, chronology, last)
    above.step(np.append(days, last), np.append(target, target[-1]), where="post", color=INK, lw=1.1)
    above.set_ylabel("target, %")
    above.set_ylim(bottom=0)
    colours = [PHASE_COLOURS[phase.value] for phase in PHASES]
    names = [PHASE_NAMES[phase.value] for phase in PHASES]
    if moments.size:
        below.stackplot(moments, probabilities.T, colors=colours, labels=names, lw=0, alpha=0.85)
        if moments[0] > days[0]:
            middle = days[0] + (moments[0] - days[0]) / 2
            below.text(middle, 0.5, "learning only\nuntil 1995", ha="center", va="center", fontsize=8, color=GREY)
    below.set_ylim(0, 1)
    below.set_ylabel("said then")
    below.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])
    below.set_xlim(days[0], last)
    below.grid(visible=False)
    if moments.size:
        legend_below(drawing, *below.get_legend_handles_labels(), columns=4)
    text = (
        "Above: the target rate on its decision days, shaded by the phase that hindsight gives. Below: the "
        "probabilities of the four phases at each month-end, from what was known then."
    )
    return svg(drawing, title=title, text=text)


def _bands(panel: Any, chronology: "Chronology", last: np.datetime64) -> None:
    """Hindsight phases as bands of their colours, a candidate hatched; the drawing library takes days as they are."""
    rows = chronology.phases
    for number, row in enumerate(rows):
        follows = np.datetime64(rows[number + 1].first_move) if number + 1 < len(rows) else last
        end = np.datetime64(row.last_move or row.first_move)
        hold = Phase.HOLD_AFTER_HIKE if row.direction > 0 else Phase.HOLD_AFTER_EASE
        for start, stop, phase in ((np.datetime64(row.first_move), end, row.phase), (end, follows, hold)):
            panel.axvspan(start, stop, color=PHASE_COLOURS[phase.value], alpha=SHADE, lw=0)
    if chronology.candidate is not None:
        start = np.datetime64(chronology.candidate.first_move)
        colour = PHASE_COLOURS[chronology.candidate.phase.value]
        panel.axvspan(start, last, facecolor="none", edgecolor=colour, hatch="////", lw=0, alpha=0.6)


def reliability(bins: Mapping[Phase, np.ndarray], *, model: str) -> str:
    """Said against seen, one panel of ten equal-mass bins per phase.

    Parameters
    ----------
    bins : mapping
        From phase to (bins, 3): mean forecast, observed share, months (see `regime.evaluation.scores.reliability`).
    model : str
    """
    text = f"Forecasts of {model} in ten bins of equal size per phase; on the dashed line, forecast and outcome agree."
    on_phone = _reliability_figure(bins, (PHONE_WIDTH, 1.1 + PHONE_WIDTH), columns=2)
    wide = _reliability_figure(bins, (8.0, 2.5), columns=len(bins))
    return svg(wide, title=f"Reliability of {model}", text=text, on_phone=on_phone)


def _reliability_figure(bins: Mapping[Phase, np.ndarray], size: tuple[float, float], *, columns: int) -> "Figure":
    drawing, _ = figure(*size)
    drawing.clear()
    panels = drawing.subplots(-(-len(bins) // columns), columns, sharey=True, squeeze=False)
    for panel, (phase, rows) in zip(panels.flat, bins.items(), strict=False):
        panel.patch.set_alpha(0)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
        panel.plot([0, 1], [0, 1], color=GREY, lw=0.8, ls=(0, (4, 3)))
        panel.plot(rows[:, 0], rows[:, 1], color=PHASE_COLOURS[phase.value], lw=1)
        panel.scatter(rows[:, 0], rows[:, 1], s=MINIMUM + rows[:, 2], color=PHASE_COLOURS[phase.value], zorder=3)
        panel.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04), aspect="equal")
        panel.set_xticks([0, 0.5, 1], ["0", "50", "100 %"], color=INK)
        panel.set_yticks([0, 0.5, 1], ["0", "50", "100 %"], color=INK)
        panel.set_title(PHASE_NAMES[phase.value], fontsize=9, color=INK)
        panel.set_xlabel("said", color=INK)
    for panel in panels[:, 0]:
        panel.set_ylabel("came true", color=INK)
    return drawing


def delays(detections: "Sequence[Detection]", *, model: str, longest: int = 12) -> str:
    """Meetings until each turning point was seen; one row each, a hold and a leg in their colours.

    Parameters
    ----------
    detections : sequence of Detection
    model : str
    longest : int
        Meetings at which the axis ends; later or never is drawn there with its word.
    """
    drawing, (panel,) = figure(8.0, 0.9 + 0.2 * len(detections))
    panel.grid(visible=False)
    panel.grid(axis="x")
    for height, one in enumerate(detections):
        colour = PHASE_COLOURS[one.phase.value]
        reach = longest if one.meetings is None else min(one.meetings, longest)
        panel.hlines(height, 0, reach, color=colour, lw=2.2, alpha=0.75)
        panel.plot(reach, height, "o" if one.meetings is not None else "x", color=colour, ms=5)
        word = NEVER if one.meetings is None else "at once" if one.meetings == 0 else str(one.meetings)
        panel.annotate(word, (reach, height), (6, 0), textcoords="offset points", va="center", fontsize=8)
    panel.set_yticks(range(len(detections)), [f"{PHASE_NAMES[one.phase.value]}, {one.start[:7]}" for one in detections])
    panel.invert_yaxis()
    panel.set_xlim(-0.2, longest + 1)
    panel.set_xlabel("meetings after the turning point until the call saw it, and kept seeing it")
    text = f"For each turning point, the meetings that passed before {model} gave it at least one half, twice running."
    return svg(drawing, title=f"Delay of {model} at each turning point", text=text)
