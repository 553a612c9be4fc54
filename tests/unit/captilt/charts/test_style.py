"""A chart on a phone: nothing wider than the screen, nothing cut off."""

import re

from captilt.charts.inline_bars import waterfall
from captilt.charts.style import LONGEST_NOTE, LONGEST_ROW_NAME, figure, legend_below, narrow_versions, svg

LONG = "without the leg from 2019-07-31 (worst of 15)"


def drawn():
    """A wide chart with long names of rows, a long note and six names in its legend; and the same on a phone."""
    drawing, (panel,) = figure(8.0, 2.0)
    for number in range(6):
        panel.plot([0, 1], [0, number], label=f"line number {number}")
    panel.set_yticks([0, 1], ["short", LONG])
    panel.annotate("half of all rules with a true ratio of 0.4 get there by 2063", (0, 0))
    legend_below(drawing, *panel.get_legend_handles_labels(), columns=6)
    with narrow_versions() as narrow:
        wide = svg(drawing, title="t", text="d")
    return wide, narrow[wide]


def texts(chart):
    return [text.strip() for text in re.findall(r"<text[^>]*>([^<]*)</text>", chart)]


def test_a_phone_gets_two_columns_of_legend_and_names_in_lines():
    wide, phone = drawn()

    width = [float(re.search(r'width="([\d.]+)pt"', chart)[1]) for chart in (wide, phone)]
    columns = [set(re.findall(r'x="([\d.]+)"[^>]*>line number', chart)) for chart in (wide, phone)]
    assert width[1] < 0.6 * width[0]
    assert LONG in texts(wide)
    assert max(map(len, texts(phone))) <= max(LONGEST_NOTE, LONGEST_ROW_NAME)
    assert [len(places) for places in columns] == [6, 2]


def test_what_cuts_a_sum_back_is_grey():
    first, cut, total = waterfall([-5.0, 2.0], [False, True])

    assert 'class="down"' in first
    assert 'class="cut"' in cut
    assert 'class="total"' in total
