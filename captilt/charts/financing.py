"""How small and large companies are financed, through time."""

from typing import TYPE_CHECKING

import numpy as np

from captilt.charts.style import BLUE, ORANGE, figure, svg
from signals.filings.size_groups import LARGE, SMALL, series_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from signals.asof import AsOf

PANELS = (("net_debt_ebitda", "net debt / EBITDA"), ("effective_rate", "interest, % of debt"))
COLOURS = {SMALL: ORANGE, LARGE: BLUE}
LEAST_MONTHS = 6  # fewer points are no line
Z95 = 1.96


def financing_chart(view: "AsOf") -> str:
    """Leverage and the effective rate of both groups as SVG; empty where too few month-ends are known."""
    months = [view.latest(series_of(measure, group)).period.size for measure, _ in PANELS for group in COLOURS]
    if min(months) < LEAST_MONTHS:
        return ""
    drawing, panels = figure(8.0, 4.2, rows=len(PANELS))
    last = [_draw(panel, view, measure, title) for panel, (measure, title) in zip(panels, PANELS, strict=True)]
    panels[0].legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=8)
    (small, large), (small_rate, large_rate) = last
    text = (
        f"The median small company has net debt of {small:.1f} times EBITDA, the median large one {large:.1f}; "
        f"they pay {small_rate:.1f} and {large_rate:.1f} percent on their debt."
    )
    return svg(drawing, title="Debt and interest of small and large companies", text=text)


def _draw(panel: "Axes", view: "AsOf", measure: str, title: str) -> list[float]:
    """One panel; the newest value of each group."""
    newest = []
    for group, colour in COLOURS.items():
        value, error = (view.latest(series_of(measure, group, statistic)) for statistic in ("value", "error"))
        band = Z95 * error.value[np.isin(error.period, value.period)]
        panel.plot(value.period, value.value, color=colour, linewidth=1.4, label=group)
        panel.fill_between(value.period, value.value - band, value.value + band, color=colour, alpha=0.18, linewidth=0)
        newest.append(float(value.value[-1]))
    panel.set_ylabel(title)
    panel.margins(x=0)
    return newest
