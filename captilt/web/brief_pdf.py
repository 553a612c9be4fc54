"""The brief as PDF, drawn by fpdf2: pure Python, no browser and no system library.

Matplotlib brings the typeface along and draws the picture.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from captilt.contract.agenda import CalendarEvent
from captilt.formats import day, points, tied
from captilt.web.brief import Brief
from signals.errors import InputError

if TYPE_CHECKING:
    from fpdf import FPDF

MARGIN, GAP = 40.0, 18.0  # points of paper: round the page, and between its two columns
SMALL, BODY, HEAD, TITLE = 7.2, 8.4, 9.2, 14.0  # sizes of type, points
LINE = 1.32  # height of a line over its size
INK, SOFT, RULE = (26, 31, 38), (85, 93, 104), (214, 209, 199)
UP, DOWN, CUT = (28, 122, 87), (176, 65, 46), (150, 156, 166)  # as on the page
BAR = 70.0  # points of paper of the longest bar
PICTURE = (8.6, 3.3)  # inches
FONT = "DejaVu"


def brief_pdf(brief: Brief) -> bytes:
    """One page of US Letter.

    Raises
    ------
    InputError
        Where fpdf2 is not installed.
    """
    page = _paper(brief)
    _top(page, brief)
    left, right = page.l_margin, page.l_margin + _column(page) + GAP
    start = page.get_y()
    longest = max((abs(pull.points) for _, group in brief.pulls for pull in group), default=1.0)
    for title, group in brief.pulls:
        _heading(page, title, left)
        for pull in group:
            tone = CUT if pull.haircut else UP if pull.points > 0 else DOWN
            _pull(page, f"{pull.name[:1].upper()}{pull.name[1:]}", pull.points, longest, tone)
    bottom = page.get_y()
    page.set_y(start)
    _list(page, "What would change it", brief.changers or ("Nothing within its range.",), right)
    _list(page, "Dates ahead", [_date(one) for one in brief.dates] or ["None known."], right)
    page.set_y(max(bottom, page.get_y()) + 6)
    _picture(page, brief)
    start = page.get_y()
    _list(page, "Risks", brief.risks, left)
    bottom = page.get_y()
    page.set_y(start)
    _list(page, "Can it be believed?", brief.verdict, right)
    page.set_y(max(bottom, page.get_y()))
    if brief.financing:
        page.set_y(page.get_y() + 4)
        _text(page, brief.financing, size=SMALL, soft=True)
    return bytes(page.output())


def _date(event: CalendarEvent) -> str:
    return f"{'by ' if event.by else ''}{day(event.date)}: {event.event}{' (late)' if event.late else ''}"


def _paper(brief: Brief) -> "FPDF":
    try:
        from fpdf import FPDF
    except ImportError:
        raise InputError(
            "a PDF needs the package fpdf2.", remedy="Install it with `pip install captilt[pdf]`, or write HTML."
        ) from None
    import matplotlib as mpl

    class Paper(FPDF):
        """With a foot on every page."""

        def footer(self) -> None:
            self.set_y(-30)
            self.set_font(FONT, size=SMALL)
            self.set_text_color(*SOFT)
            self.cell(0, 10, brief.foot)
            self.set_x(-90)
            self.cell(50, 10, f"Page {self.page_no()} of {{nb}}", align="R")

    page = Paper(unit="pt", format="letter")
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    page.add_font(FONT, fname=fonts / "DejaVuSans.ttf")
    page.add_font(FONT, style="B", fname=fonts / "DejaVuSans-Bold.ttf")
    page.set_margins(MARGIN, 34, MARGIN)
    page.set_auto_page_break(auto=True, margin=38)
    page.set_title(brief.title)
    page.set_creator("captilt")
    page.set_lang("en")
    page.set_creation_date(brief.run.cut)
    page.add_page()
    return page


def _column(page: "FPDF") -> float:
    return (page.epw - GAP) / 2


def _text(page: "FPDF", text: str, *, size: float, width: float = 0, bold: bool = False, soft: bool = False) -> None:
    page.set_font(FONT, style="B" if bold else "", size=size)
    page.set_text_color(*(SOFT if soft else INK))
    page.multi_cell(width or page.epw, size * LINE, tied(text), align="L", new_x="LEFT", new_y="NEXT")


def _rule(page: "FPDF") -> None:
    page.set_draw_color(*RULE)
    page.line(page.l_margin, page.get_y() + 3, page.l_margin + page.epw, page.get_y() + 3)
    page.set_y(page.get_y() + 8)


def _top(page: "FPDF", brief: Brief) -> None:
    """Title, market, headline and the three lines."""
    _text(page, brief.title, size=HEAD, bold=True)
    _text(page, f"Cut 18:00 New York. {brief.health}", size=SMALL, soft=True)
    _rule(page)
    for label, value in brief.market:
        _pair(page, label, value, size=SMALL + 0.4, soft=True)
    _rule(page)
    for notice in brief.notices:
        _text(page, notice, size=BODY, bold=True)
    _text(page, brief.headline, size=TITLE, bold=True)
    page.set_y(page.get_y() + 4)
    for label, sentence in brief.stands:
        _pair(page, label, sentence, size=BODY, bold=label == "Action")
    _rule(page)


def _pair(page: "FPDF", label: str, text: str, *, size: float, bold: bool = False, soft: bool = False) -> None:
    page.set_font(FONT, size=size)
    page.set_text_color(*SOFT)
    page.cell(86, size * LINE, label)
    _text(page, text, size=size, width=page.epw - 86, bold=bold, soft=soft)
    page.set_x(page.l_margin)


def _heading(page: "FPDF", title: str, x: float) -> None:
    page.set_xy(x, page.get_y() + 5)
    _text(page, title, size=HEAD, width=_column(page), bold=True)


def _pull(page: "FPDF", name: str, value: float, longest: float, tone: tuple[int, int, int]) -> None:
    """A line with its points and bar, on the left."""
    top, width = page.get_y(), _column(page)
    page.set_x(page.l_margin)
    page.set_font(FONT, size=BODY)
    page.set_text_color(*INK)
    page.cell(width - BAR - 44, BODY * 1.5, name)
    page.cell(38, BODY * 1.5, points(value), align="R")
    page.set_fill_color(*tone)
    page.rect(page.l_margin + width - BAR, top + 3, max(BAR * abs(value) / longest, 1.0), 6, style="F")
    page.set_y(top + BODY * 1.5)


def _list(page: "FPDF", title: str, lines: Sequence[str], x: float) -> None:
    _heading(page, title, x)
    for line in lines:
        page.set_x(x)
        _text(page, line, size=BODY - 0.4, width=_column(page))
        page.set_y(page.get_y() + 1.5)
    page.set_x(page.l_margin)


def _picture(page: "FPDF", brief: Brief) -> None:
    if brief.record is None:
        return
    from captilt.charts.overview import overview_figure
    from captilt.charts.style import png

    record = brief.record
    _text(
        page,
        f"{record['small']} over {record['large']}, the rate cycle called at the time, view and position",
        size=HEAD,
        bold=True,
    )
    drawn = io.BytesIO(png(overview_figure(record, PICTURE)))
    page.image(drawn, x=page.l_margin, w=page.epw, alt_text="Small over large, phases, view and position")
