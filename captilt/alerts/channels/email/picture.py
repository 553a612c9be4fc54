"""The one picture in the mail: where today's tilt comes from."""

from captilt.alerts.message import Message


def attribution_png(message: Message) -> bytes | None:
    """Bars of the attribution, in points of the portfolio; None where a message has none."""
    if not message.attribution:
        return None
    from captilt.charts.style import BLUE, GREY, ORANGE, figure, png

    drawing, (panel,) = figure(5.6, 0.5 + 0.26 * len(message.attribution))
    labels = [label for label, _ in message.attribution][::-1]
    values = [value for _, value in message.attribution][::-1]
    panel.barh(labels, values, color=[BLUE if value > 0 else ORANGE for value in values], height=0.62)
    panel.axvline(0, color=GREY, linewidth=0.8)
    panel.grid(visible=False)
    panel.set_xlabel("points of the portfolio")
    for row, value in enumerate(values):
        panel.annotate(
            f"{value:+.1f}",
            (value, row),
            xytext=(4 if value >= 0 else -4, 0),
            textcoords="offset points",
            ha="left" if value >= 0 else "right",
            va="center",
        )
    panel.margins(x=0.18)
    return png(drawing)
