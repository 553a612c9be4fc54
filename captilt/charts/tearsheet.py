"""The rolling information ratio of the record, from the rows of `captilt backtest --json`."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from captilt.charts.style import BLUE, GREY, INK, figure, svg
from captilt.formats import number


def rolling(answer: Mapping[str, Any]) -> str:
    """Net information ratio of the three years up to each month as inline SVG; empty before there are three."""
    rows = [row for row in answer.get("rows", ()) if row.get("rolling_ir") is not None]
    if not rows:
        return ""
    days = np.array([row["traded"] for row in rows], dtype="datetime64[D]")
    ratios = np.array([row["rolling_ir"] for row in rows])
    drawing, (panel,) = figure(8.0, 2.2)
    panel.axhline(0, color=INK, linewidth=0.6)
    if answer["net"]["ir"] is not None:
        panel.axhline(answer["net"]["ir"], color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
    panel.plot(days, ratios, color=BLUE, linewidth=1.4)
    panel.margins(x=0)
    panel.set_ylabel("IR, three years")
    text = (
        f"Over three years the net information ratio lay between {number(ratios.min())} and {number(ratios.max())};"
        f" over all years (dashed) it is {number(answer['net']['ir'])}."
    )
    return svg(drawing, title="Rolling information ratio, net of cost", text=text)
