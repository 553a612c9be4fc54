"""The brief: one recorded day on one page, as HTML or PDF, for people who read nothing longer.

Strip, view, why, risks, dates, one picture, verdict. Both forms are drawn from one record, so they agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from captilt import flip_sentences, sentences
from captilt.contract.agenda import CalendarEvent
from captilt.contract.run import Run
from captilt.formats import day
from captilt.review.day_view import DayView
from captilt.review.questions import ignoring_sentence, risk_sentences, strength_sentence
from captilt.sentences import Pull
from captilt.web.report import style
from captilt.web.templating import render

INPUTS = 3  # that can change the view
DATES = 5  # more are on the page and in the calendar feed


@dataclass(frozen=True, slots=True)
class Brief:
    """What the brief says, in order.

    Attributes
    ----------
    run : Run
    code : str
        Content hash of the advice, first digits.
    market : tuple of (str, str)
    headline, health : str
    notices : tuple of str
        Of the run, and knife edges.
    stands : tuple of (str, str)
        View, position and action.
    pulls : tuple of (str, tuple of Pull)
    changers : tuple of str
        What would change the view.
    risks : tuple of str
    dates : tuple of CalendarEvent
    verdict : tuple of str
    record : mapping or None
        JSON of the walk-forward record behind the picture; None where it was not prepared.
    financing : str
        How small and large companies are financed; empty where no filings are held.
    """

    run: Run
    code: str
    market: tuple[tuple[str, str], ...]
    headline: str
    health: str
    notices: tuple[str, ...]
    stands: tuple[tuple[str, str], ...]
    pulls: tuple[tuple[str, tuple[Pull, ...]], ...]
    changers: tuple[str, ...]
    risks: tuple[str, ...]
    dates: tuple[CalendarEvent, ...]
    verdict: tuple[str, ...]
    record: Mapping[str, Any] | None
    financing: str = ""

    @property
    def title(self) -> str:
        """Of the document."""
        return f"captilt brief, {day(self.run.as_of)}"

    @property
    def foot(self) -> str:
        """Where it comes from."""
        return f"Run {self.run.run_id}, method {self.run.method}, advice {self.code}. Not investment advice."


def brief_of(view: DayView) -> Brief:
    """The brief of a recorded day."""
    run = view.run
    study = view.studies.get("backtest")
    record = study.result if study and study.result.get("rows") else None
    return Brief(
        run=run,
        code=view.code,
        market=sentences.market_strip(run),
        headline=sentences.headline(run),
        health=sentences.health(run),
        notices=(*run.notices, *flip_sentences.knife_edges(run)),
        stands=(
            ("View", sentences.view(run)),
            ("Position", sentences.position(run)),
            ("Action", sentences.action(run)),
        ),
        pulls=sentences.grouped_pulls(run),
        changers=tuple(f"{line}." for line in flip_sentences.changers(run, most=INPUTS)),
        risks=tuple(line for line in (*risk_sentences(run, record), ignoring_sentence(run)) if line),
        dates=run.calendar[:DATES],
        verdict=tuple(line for line in (sentences.verdict(run), strength_sentence(run, record)) if line),
        record=record,
        financing=_financing(view),
    )


def _financing(view: DayView) -> str:
    """From the study of the day itself; filings known later say nothing there."""
    study = view.studies.get("financing")
    return str(study.result.get("brief", "")) if study and study.as_of == view.run.as_of.isoformat() else ""


def brief_html(view: DayView) -> str:
    """The brief as one self-contained HTML file, one page when printed."""
    return render("brief.html", brief=brief_of(view), view=view, style=style())
