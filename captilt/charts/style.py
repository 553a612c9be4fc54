"""One look for every chart: inline SVG that follows the page's light or dark text colour.

Matplotlib draws without pyplot (no global state). Ink is drawn in a sentinel colour that becomes
``currentColor``, so that the same SVG reads on light and on dark pages; series use colours that keep
their contrast on both.
"""

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from textwrap import fill
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

PHONE_WIDTH = 4.2  # inches of a chart whose letters can be read on a phone
LONGEST_ROW_NAME = 24  # characters of a line on a phone
LONGEST_NOTE, LONGEST_LABEL = 30, 42  # of a sentence in a chart, or under it, on a phone
TWO_LINES = 1.45  # by how much rows grow where a name takes more than one line
_NARROW: ContextVar[dict[str, str] | None] = ContextVar("_NARROW", default=None)
INK = "#010203"  # replaced by currentColor
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#3b82c4", "#d9822b", "#2f9e6e", "#d1495b", "#8a6fc4", "#8a8f98"
PHASE_COLOURS = {"HIKE": RED, "HOLD_AFTER_HIKE": ORANGE, "EASE": BLUE, "HOLD_AFTER_EASE": GREEN}
PHASE_NAMES = {
    "HIKE": "hiking",
    "HOLD_AFTER_HIKE": "on hold after hikes",
    "EASE": "easing",
    "HOLD_AFTER_EASE": "on hold after cuts",
}
RC: dict[Any, Any] = {  # the stubs list the keys one by one
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "svg.fonttype": "none",
    "svg.hashsalt": "captilt",
}


def figure(width: float = 8.0, height: float = 3.0, *, rows: int = 1, **grid: object) -> tuple[Figure, list[Axes]]:
    """A blank figure of `width` by `height` inches with `rows` panels over one time axis."""
    with rc_context(RC):
        drawing = Figure(figsize=(width, height), layout="constrained")
        drawing.patch.set_alpha(0)
        axes = drawing.subplots(rows, 1, sharex=rows > 1, squeeze=False, **grid)[:, 0]  # type: ignore[arg-type]
        for panel in axes:
            panel.patch.set_alpha(0)
            panel.grid(axis="y")
    return drawing, list(axes)


@contextmanager
def narrow_versions() -> Iterator[dict[str, str]]:
    """Inside it every chart that `svg` draws is drawn once more for a phone: a mapping from one to the other.

    Long names of rows are broken into lines: on a phone they would leave no room for the chart.
    """
    drawn: dict[str, str] = {}
    before = _NARROW.set(drawn)
    try:
        yield drawn
    finally:
        _NARROW.reset(before)


def svg(drawing: Figure, *, title: str, text: str, on_phone: Figure | None = None) -> str:
    """Inline SVG with a title and a text alternative; same figure, same bytes.

    Parameters
    ----------
    drawing : Figure
    title, text : str
    on_phone : Figure, optional
        What a phone shows; the same figure, narrower and with its legend in two columns, where left out.
    """
    wide = _svg(drawing, title=title, text=text)
    narrow = _NARROW.get()
    if narrow is not None and on_phone is not None:
        narrow[wide] = _svg(on_phone, title=title, text=text)
    elif narrow is not None:
        width, height = drawing.get_size_inches()
        lines = _wrap_words(drawing)
        drawing.set_size_inches(PHONE_WIDTH, max(height * lines, PHONE_WIDTH * height / width))
        for legend in tuple(drawing.legends):
            handles, names = legend.legend_handles, [name.get_text() for name in legend.get_texts()]
            legend.remove()
            legend_below(drawing, handles, names, columns=2)
        narrow[wide] = _svg(drawing, title=title, text=text)
    return wide


def legend_below(drawing: Figure, handles: Sequence[Any], names: Sequence[str], *, columns: int) -> None:
    """One legend for all panels, under them."""
    drawing.legend(handles, names, loc="outside lower center", ncols=columns, frameon=False, fontsize=8)


def short_dates(panel: Axes) -> None:
    """Few dates under a panel that spans months rather than decades, each no longer than it must be."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=7)
    panel.xaxis.set_major_locator(locator)
    form = ConciseDateFormatter(locator, offset_formats=["", "%Y", "%b %Y", *["%-d %b %Y"] * 3])
    panel.xaxis.set_major_formatter(form)


def _wrap_words(drawing: Figure) -> float:
    """Break long names and sentences for a phone; by how much the rows have to grow for it."""
    grow = 1.0
    for panel in drawing.axes:
        panel.set_xlabel(fill(panel.get_xlabel(), LONGEST_LABEL))
        for text in panel.texts:
            lines = text.get_text().split("\n")  # it may have been broken on purpose
            text.set_text("\n".join(fill(line, LONGEST_NOTE) for line in lines))
        columns = [max(label.get_text().split("\n"), key=len) for label in panel.get_xticklabels()]
        if sum(map(len, columns)) > LONGEST_LABEL:
            panel.tick_params(axis="x", labelrotation=90)
        names = [label.get_text() for label in panel.get_yticklabels()]
        if max(map(len, names), default=0) > LONGEST_ROW_NAME:
            folded = [fill(name, LONGEST_ROW_NAME) for name in names]
            panel.set_yticks(panel.get_yticks(), folded)
            grow = max(grow, TWO_LINES if any("\n" in name for name in folded) else 1.0)
    return grow


def _svg(drawing: Figure, *, title: str, text: str) -> str:
    page = io.StringIO()
    with rc_context(RC):
        drawing.savefig(page, format="svg", metadata={"Date": None, "Creator": None})
    body = page.getvalue()
    body = body[body.index("<svg") :].replace(INK, "currentColor")
    name = f"chart-{abs(hash_of(title + text)):x}"
    head = f'<svg role="img" aria-labelledby="{name}-t {name}-d" style="max-width:100%;height:auto" '
    label = f'<title id="{name}-t">{escape(title)}</title><desc id="{name}-d">{escape(text)}</desc>'
    body = head + body[len("<svg ") :]
    return re.sub(r"(<svg[^>]*>)", lambda match: match.group(1) + label, body, count=1)


def png(drawing: Figure, *, dpi: int = 144) -> bytes:
    """The same figure on white, for paper."""
    page = io.BytesIO()
    with rc_context(RC):
        drawing.savefig(page, format="png", dpi=dpi, facecolor="white", metadata={"Software": None})
    return page.getvalue()


def hash_of(text: str) -> int:
    """A small stable number for element ids."""
    import zlib

    return zlib.crc32(text.encode())
