"""The evidence in three pictures: how sure the record is, how the claims fared, and how what was said has scored.

All of them are drawn from the JSON of their commands, so a picture can show nothing that was not printed.
"""

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from captilt.charts.style import BLUE, GREEN, GREY, INK, ORANGE, RED, figure, short_dates, svg
from captilt.formats import in_prose, number
from captilt.sentences import CHECK_GROUPS, claim_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from allocator.outcomes import Race, Score
    from captilt.contract.evidence import ClaimsAnswer, EvidenceAnswer, Finding

ROW = 0.21  # inches of height a row of an interval plot needs to be read
HEAD = 0.75  # inches for the axis and its label
WIDTH = 8.6
CAP = 3.0  # half-intervals beyond which a claim is drawn at the edge
VERDICT_COLOURS = {
    "supported": GREEN,
    "not supported": RED,
    "depends on definition": ORANGE,
    "cannot be tested": GREY,
}


def evidence_summary(answer: "EvidenceAnswer") -> str:
    """Net information ratio with its interval, looked at in every declared way."""
    low, high = answer.ir_interval or (math.nan, math.nan)
    text = (
        f"{answer.verdict.capitalize()}: information ratio {number(answer.ir)}, 95 percent interval {number(low)} to"
        f" {number(high)}; the best of {answer.trials:g} worthless tries would show {number(answer.luckiest_ir)}."
    )
    return svg(evidence_figure(answer), title="Evidence: information ratio, net of cost", text=text)


def evidence_figure(answer: "EvidenceAnswer") -> "Figure":
    """The figure of `evidence_summary`; needs at least one row."""
    rows_at, heads = _places([row.group for row in answer.rows])
    drawing, (panel,) = figure(WIDTH, HEAD + ROW * (max(rows_at) + 2))
    for row, row_at in zip(answer.rows, rows_at, strict=True):
        first = row_at == rows_at[0]
        colour = BLUE if row.ir_interval[0] > 0 else GREY
        _interval(panel, row_at, row.ir, row.ir_interval, colour, bold=first)
        panel.annotate(
            number(row.ir if row.ir_interval[0] < row.ir_interval[1] else None),
            (1.01, row_at),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8,
            color=INK,
        )
    panel.axvline(0, color=INK, linewidth=0.8)
    if answer.luckiest_ir is not None:
        _luckiest(panel, answer.luckiest_ir, answer.trials)
    _names(
        panel,
        [in_prose(row.name.replace("_", " ")) for row in answer.rows],
        rows_at,
        [(at, CHECK_GROUPS[name], INK) for at, name in heads],
    )
    panel.set_xlabel("annual information ratio, net of cost, with 95 % interval (blue: without 0 in it)")
    return drawing


def _luckiest(panel: "Axes", ratio: float, trials: float) -> None:
    """Where the luckiest of so many worthless tries would stand."""
    panel.axvline(ratio, color=ORANGE, linewidth=1.2, linestyle=(0, (4, 2)))
    panel.annotate(
        f"best of {trials:g} worthless tries: {number(ratio)}",
        (ratio, -1.0),
        xytext=(4, 0),
        textcoords="offset points",
        color=ORANGE,
        fontsize=8,
        va="center",
    )


def claims_picture(answer: "ClaimsAnswer") -> str:
    """Every finding against zero, the claimed side to the right."""
    text = "; ".join(f"{row.says}: {row.verdict}" for row in answer.rows)
    return svg(claims_figure(answer), title="Claims: what was said, and what the data say", text=text + ".")


def claims_figure(answer: "ClaimsAnswer") -> "Figure":
    """The figure of `claims_picture`.

    Each number is divided by the half-length of its own interval and turned so that the claimed side is on the
    right: a bar that stays right of zero supports its claim. Context rows are hollow; a tick is a claimed number.
    """
    shown = [(row, [finding for finding in row.findings if finding.interval]) for row in answer.rows]
    lines = sum(1 + len(findings) for _, findings in shown)
    drawing, (panel,) = figure(WIDTH + 2.2, HEAD + ROW * (lines + 1))
    names, heights, heads = [], [], []
    at = 0
    for row, findings in shown:
        heads.append((at, f"{row.says}: {row.verdict}", VERDICT_COLOURS[row.verdict]))
        for height, finding in enumerate(findings, start=at + 1):
            _claim(panel, height, finding)
            names.append(finding.definition)
            heights.append(height)
        at += 1 + len(findings)
    panel.axvline(0, color=INK, linewidth=0.8)
    panel.set_xlim(-CAP, CAP)
    _names(panel, names, heights, heads)
    panel.set_ylim(at - 0.3, -1.2)
    panel.set_xticks([])
    for x, words, side in ((0.02, "against the claim", "left"), (0.98, "for the claim", "right")):
        panel.annotate(words, (x, 1.0), xycoords="axes fraction", ha=side, va="top", fontsize=8, color=INK)
    panel.set_xlabel("95 % intervals, drawn to one length; hollow: context; tick: the claimed number", fontsize=8)
    return drawing


def _claim(panel: "Axes", height: int, finding: "Finding") -> None:
    if finding.interval is None or finding.number is None:
        return
    low, high = finding.interval
    turn = (finding.claimed_sign or 1) / ((high - low) / 2)
    colour = {True: GREEN, False: RED, None: GREY}[finding.supported]
    _interval(
        panel, height, finding.number * turn, sorted((low * turn, high * turn)), colour, hollow=not finding.decides
    )
    if finding.claimed_number is not None:
        panel.plot([finding.claimed_number * turn], [height], marker="|", markersize=11, color=INK)
    panel.annotate(
        claim_number(finding), (1.01, height), xycoords=("axes fraction", "data"), va="center", fontsize=7, color=INK
    )


def race_picture(run_race: "Race") -> str:
    """Net active return so far: the engine, the person, and always neutral."""
    last = ", ".join(f"{runner.name} {runner.total_percent:+.2f} percent" for runner in run_race.runners)
    return svg(race_figure(run_race), title="Since the first recorded run", text=f"Net active return so far: {last}.")


def race_figure(run_race: "Race") -> "Figure":
    """The figure of `race_picture`: sums of net active returns from the close after each run."""
    drawing, (panel,) = figure(WIDTH, 2.8)
    days = np.array(run_race.days, dtype="datetime64[D]").astype(dt.datetime)
    ends = []
    for runner, colour, style in zip(run_race.runners, (BLUE, ORANGE, GREY), ("-", "-", (0, (4, 2))), strict=True):
        grown = np.append(0.0, np.cumsum(np.nan_to_num(runner.net[:-1])))
        panel.plot(days, grown[: days.size], color=colour, linewidth=1.4, linestyle=style)
        ends.append((float(grown[-1]), runner.name, colour))
    panel.set_ylabel("net active, percent, summed")
    short_dates(panel)
    low, high = panel.get_ylim()
    room, below = (high - low) * 0.08, -np.inf
    for end, name, colour in sorted(ends):
        below = max(end, below + room)
        panel.annotate(
            f"{name} {number(end)}", (1.01, below), xycoords=("axes fraction", "data"), va="center", color=colour
        )
    return drawing


def scores_picture(scores: "Sequence[Score]") -> str:
    """Mean log score of each kind of statement beside that of knowing nothing."""
    lines = [f"{score.words}: {score.n} scored, {100 * score.hit_rate:.0f} percent right" for score in scores]
    return svg(scores_figure(scores), title="The statements, scored", text="; ".join(lines) + ".")


def scores_figure(scores: "Sequence[Score]") -> "Figure":
    """The figure of `scores_picture`: bars are log scores in nats, shorter is better; the tick knows nothing."""
    rows = [score for score in scores if score.log_score is not None]
    drawing, (panel,) = figure(WIDTH, HEAD + 1.6 * ROW * max(len(rows), 1))
    for height, score in enumerate(rows):
        better = score.know_nothing is None or (score.log_score or 0.0) < score.know_nothing
        panel.barh(height, score.log_score or 0.0, height=0.55, color=BLUE if better else RED, alpha=0.8)
        if score.know_nothing is not None:
            panel.plot([score.know_nothing] * 2, [height - 0.42, height + 0.42], color=INK, linewidth=1.6)
        words = f"{number(score.log_score)}; {100 * score.hit_rate:.0f} % right of {score.n}"
        panel.annotate(words, (1.01, height), xycoords=("axes fraction", "data"), va="center", fontsize=8, color=INK)
    panel.set_yticks(range(len(rows)), [score.words for score in rows], fontsize=8)
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(len(rows) - 0.4, -0.6)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    panel.set_xlabel("mean log score, nats (shorter is better; black: equal chances for every answer)", fontsize=8)
    return drawing


def _interval(
    panel: "Axes",
    height: float,
    at: float,
    ends: Sequence[float],
    colour: str,
    *,
    bold: bool = False,
    hollow: bool = False,
) -> None:
    panel.plot(ends, (height, height), color=colour, linewidth=2.4 if bold else 1.4, alpha=0.9, solid_capstyle="butt")
    face = "none" if hollow else colour
    panel.plot([at], [height], marker="o", markersize=6 if bold else 4.5, color=colour, markerfacecolor=face)


def _places(groups: Sequence[str]) -> tuple[list[int], list[tuple[int, str]]]:
    """Row of each item counted from the top, with a head line before each group."""
    heights: list[int] = []
    heads: list[tuple[int, str]] = []
    row = 0
    for item, group in enumerate(groups):
        if item == 0 or group != groups[item - 1]:
            heads.append((row, group))
            row += 1
        heights.append(row)
        row += 1
    return heights, heads


def _names(panel: "Axes", names: Sequence[str], places: Sequence[int], heads: Sequence[tuple[int, str, str]]) -> None:
    """Names of the rows on the left, heads of the groups in bold above theirs; the first row on top."""
    panel.set_yticks(list(places), list(names), fontsize=8)
    panel.tick_params(axis="y", length=0)
    panel.set_ylim(max(places, default=0) + 0.7, -1.6)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    panel.spines["left"].set_visible(False)
    for at, head, colour in heads:
        panel.annotate(
            head,
            (-0.01, at),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="center",
            fontsize=8,
            fontweight="bold",
            color=colour,
        )
