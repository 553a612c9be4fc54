"""Small drawings of the review page, as SVG text: bars inside tables, and the tilt through time.

They are drawn by hand rather than with matplotlib, because a page has dozens of them and must answer
in milliseconds; colour comes from the page's style sheet through class names, so light, dark and paper
each have their own. The number always stands beside a bar, so bars are hidden from screen readers.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

BAR_WIDTH, BAR_HEIGHT = 160, 12  # user units; the style sheet scales them
THINNEST = 0.3  # user units; a thinner bar would be a speck
TREND_WIDTH, TREND_HEIGHT = 900, 240
MARGIN_LEFT, MARGIN_RIGHT, MARGIN_TOP, MARGIN_BOTTOM = 40, 12, 14, 26
NICE_STEPS = (1, 2, 5, 10, 20, 50)
MOST_TICKS = 4
MOST_DATES = 9
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Mark:
    """A decision on the tilt's path.

    Attributes
    ----------
    day : datetime.date
    points : float
        Active weight that was decided.
    verdict : str
    """

    day: dt.date
    points: float
    verdict: str


def span_bar(start: float, end: float, *, low: float, high: float, tone: str = "") -> str:
    """A bar from `start` to `end` on an axis from `low` to `high`, with a line at zero.

    Parameters
    ----------
    start, end, low, high : float
        Same unit.
    tone : str
        Class of the colour; by default up or down, by the direction of the bar.
    """
    scale = BAR_WIDTH / (high - low)
    left, width = (min(start, end) - low) * scale, abs(end - start) * scale
    colour = tone or ("up" if end >= start else "down")
    zero = f'<path class="zero" d="M{-low * scale:.1f} 0V{BAR_HEIGHT}"/>' if low < 0 < high else ""
    box = f'x="{left:.1f}" y="2" width="{width:.1f}" height="{BAR_HEIGHT - 4}"'
    bar = f'<rect class="{colour}" {box}/>' if width >= THINNEST else ""
    frame = f'viewBox="0 0 {BAR_WIDTH} {BAR_HEIGHT}" preserveAspectRatio="none" aria-hidden="true" focusable="false"'
    return f'<svg class="bar" {frame}>{zero}{bar}</svg>'


def score_bars(scores: Sequence[float | None], *, limit: float = 3.0) -> tuple[str, ...]:
    """A bar from zero for each score (standard deviations); an empty one for a gap."""
    return tuple("" if s is None else span_bar(0.0, s, low=-limit, high=limit) for s in scores)


def share_bars(shares: Sequence[float], *, tone: str = "accent") -> tuple[str, ...]:
    """A bar from zero to one for each share."""
    return tuple(span_bar(0.0, share, low=0.0, high=1.0, tone=tone) for share in shares)


def waterfall(steps: Sequence[float], cuts: Sequence[bool] = ()) -> tuple[str, ...]:
    """One bar for each step of a sum, each starting where the one before ended, and one for the total.

    Parameters
    ----------
    steps : sequence of float
        In order of adding.
    cuts : sequence of bool
        True for each step that cuts the sum back and is drawn in grey; none where left out.

    Returns
    -------
    tuple of str
        len(steps) + 1 drawings on one common axis.
    """
    ends = [math.fsum(steps[: number + 1]) for number in range(len(steps))]
    low, high = min(0.0, *ends, 0.0), max(0.0, *ends, 0.0)
    pad = 0.04 * (high - low) or 1.0
    starts = [0.0, *ends[:-1]] if ends else []
    tones = ["cut" if cut else "" for cut in cuts] or [""] * len(ends)
    bars = [
        span_bar(start, end, low=low - pad, high=high + pad, tone=tone)
        for start, end, tone in zip(starts, ends, tones, strict=True)
    ]
    return (*bars, span_bar(0.0, ends[-1] if ends else 0.0, low=low - pad, high=high + pad, tone="total"))


def tilt_path(
    days: Sequence[dt.date],
    points: Sequence[float],
    marks: Sequence[Mark] = (),
    *,
    title: str = "Active weight through time",
) -> str:
    """The recommended active weight through time, with a mark at each decision.

    Parameters
    ----------
    days : sequence of datetime.date
        Ascending.
    points : sequence of float
        Active weight in points of the portfolio.
    """
    if not days:
        return ""
    drawn = (*points, *(mark.points for mark in marks))
    bottom, top = -_round_up(-min(0.0, *drawn)), _round_up(max(0.0, *drawn))
    plane = Plane(days[0], days[-1], bottom, max(top, 1.0) if bottom == 0 else top)
    since = np.array([day.toordinal() for day in days]) - days[0].toordinal()
    right, down = plane.right(since).tolist(), plane.y(np.asarray(points)).tolist()
    steps = "".join([f"H{x:.1f}V{y:.1f}" for x, y in zip(right[1:], down[1:], strict=True)])
    path = f"M{right[0]:.1f} {down[0]:.1f}{steps}"
    area = f"{path}V{plane.y(0):.1f}H{right[0]:.1f}Z"
    description = (
        f"From {days[0]} ({points[0]:+.1f} points) to {days[-1]} ({points[-1]:+.1f}); "
        f"lowest {min(points):+.1f}, highest {max(points):+.1f}."
    )
    dots = "".join(_dot(mark, plane) for mark in marks if days[0] <= mark.day <= days[-1])
    lines = f'<path class="area" d="{area}"/><path class="line" d="{path}"/>{dots}'
    named = f"<title>{escape(title)}</title><desc>{description}</desc>"
    frame = f'<svg class="trend" role="img" viewBox="0 0 {TREND_WIDTH} {TREND_HEIGHT}">'
    return f"{frame}{named}{_levels(plane)}{_dates(days, plane)}{lines}</svg>"


@dataclass(frozen=True, slots=True)
class Plane:
    """Where a day and a value lie on the drawing."""

    first: dt.date
    last: dt.date
    bottom: float
    top: float

    def x(self, day: dt.date) -> float:
        """From the left, user units."""
        return self.right((day - self.first).days)

    def right(self, since: Any) -> Any:
        """From the left, user units, for days since the first: one or an array."""
        return MARGIN_LEFT + (TREND_WIDTH - MARGIN_LEFT - MARGIN_RIGHT) * since / max((self.last - self.first).days, 1)

    def y(self, value: Any) -> Any:
        """From the top, user units, for one value or an array."""
        tall = TREND_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM
        return MARGIN_TOP + tall * (self.top - value) / (self.top - self.bottom)


def _dot(mark: Mark, plane: Plane) -> str:
    centre = f'cx="{plane.x(mark.day):.1f}" cy="{plane.y(mark.points):.1f}" r="4"'
    verdict = escape(mark.verdict)
    return f'<circle class="mark {verdict}" {centre}><title>{mark.day}: {verdict}</title></circle>'


def _levels(plane: Plane) -> str:
    span = plane.top - plane.bottom
    step = next((s for s in NICE_STEPS if span / s <= MOST_TICKS), NICE_STEPS[-1])
    rows = []
    for multiple in range(math.ceil(plane.bottom / step), math.floor(plane.top / step) + 1):
        value = multiple * step
        height = plane.y(value)
        kind = "zero" if multiple == 0 else "grid"
        label = "0" if multiple == 0 else f"{value:+g}".replace("-", "\N{MINUS SIGN}")
        rows.append(f'<path class="{kind}" d="M{MARGIN_LEFT} {height:.1f}H{TREND_WIDTH - MARGIN_RIGHT}"/>')
        rows.append(f'<text class="tick" x="{MARGIN_LEFT - 8}" y="{height + 4:.1f}" text-anchor="end">{label}</text>')
    return "".join(rows)


def _dates(days: Sequence[dt.date], plane: Plane) -> str:
    """Ticks at the starts of months or years, as many as there is room for."""
    months = [dt.date(y, m, 1) for y in range(days[0].year, days[-1].year + 1) for m in range(1, 13)]
    inside = [day for day in months if days[0] <= day <= days[-1]]
    step = next((s for s in MONTH_STEPS if len(inside) / s <= MOST_DATES), MONTH_STEPS[-1])
    ticks = [day for day in inside if (day.year * 12 + day.month - 1) % step == 0] or [days[0]]
    form = "%Y" if step >= 12 else "%b %Y"  # noqa: PLR2004 - months of a year
    labels = ((plane.x(day), f"{day:{form}}") for day in ticks)
    foot = TREND_HEIGHT - 8
    return "".join(
        f'<text class="tick" x="{at:.1f}" y="{foot}" text-anchor="{_anchor(at)}">{label}</text>' for at, label in labels
    )


def _anchor(x: float) -> str:
    """Labels near an edge are kept inside."""
    if x < MARGIN_LEFT + 20:
        return "start"
    return "end" if x > TREND_WIDTH - MARGIN_RIGHT - 20 else "middle"


def _round_up(value: float) -> float:
    """0 for 0, else the next of 1, 2, 5, 10, 20, 50, ... at or above `value`."""
    return (
        0.0 if value <= 0 else next((float(step) for step in NICE_STEPS if step >= value), math.ceil(value / 50) * 50.0)
    )
