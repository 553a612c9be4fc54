"""What the routes share: the desk, the recorded days at hand, the login, and the prepared studies."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Depends, Request
from markupsafe import Markup
from pydantic import BeforeValidator
from starlette.exceptions import HTTPException

from captilt.review.day_view import DayView, day_view, trend
from captilt.review.decisions import Advice, advice_of
from captilt.review.run_index import Contents, RunIndex
from captilt.review.study_store import Cabinet
from captilt.web.sessions import Login, Session
from captilt.web.templating import render

if TYPE_CHECKING:
    from captilt.context import Desk

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST_MADE = 32  # pages kept; more would be read once and never again
NEAREST = 3  # recorded days named where the one asked for is not recorded

Made = TypeVar("Made")


@dataclass
class Room:
    """One review server.

    Attributes
    ----------
    desk : Desk
    login : Login
    """

    desk: "Desk"
    login: Login
    _made: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @cached_property
    def index(self) -> RunIndex:
        """Recorded days (read once, then kept up to date)."""
        return RunIndex(self.desk.ledger)

    @cached_property
    def cabinet(self) -> Cabinet:
        """Prepared studies."""
        return Cabinet(self.desk.home)

    def contents(self) -> Contents:
        """What the book holds now."""
        return self.index.contents()

    def advice(self) -> Advice | None:
        """What can be decided now, from what is at hand."""
        contents = self.contents()
        if not contents.days:
            return None
        newest = max(contents.lines.values(), key=lambda line: line.seq)
        with self.desk.ledger.reading() as book:
            run, spoken = book.entry(newest.seq), next(iter(book.entries("advice", newest.day)), None)
        if run is None:
            return None
        made = tuple(entry for entry in contents.decisions if entry.day == run.day)
        return advice_of(run, spoken, made, now=self.desk.clock(), valid_days=self.desk.settings.review.valid_days)

    def trend(self) -> Markup:
        """The active weight over everything recorded; drawn once for each state of the book."""
        contents = self.contents()
        return self._once(
            contents.head, lambda: trend([contents.lines[day] for day in contents.days], contents.decisions)
        )

    def sections(self, view: DayView) -> Markup:
        """The long part of a day's page; drawn once for each state of the book."""
        key = (view.ledger_head, view.day, *(study.stamp for study in view.studies.values()))
        return self._once(key, lambda: Markup(render("sections.html", view=view)))  # noqa: S704 - our own template

    def _once(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        made = self._made.get(key)
        if made is None:
            if len(self._made) >= MOST_MADE:
                self._made.clear()
            made = self._made[key] = make()
        return made

    def day(self, day: dt.date | None) -> DayView | None:
        """One recorded day, the newest where `day` is None; None in an empty book.

        Raises
        ------
        HTTPException
            404, naming the nearest recorded days.
        """
        contents = self.contents()
        if not contents.days:
            return None
        wanted_day = day or contents.days[-1]
        if wanted_day not in contents.lines:
            near = sorted(contents.days, key=lambda known: abs((known - wanted_day).days))[:NEAREST]
            raise HTTPException(
                404, f"No run is recorded for {wanted_day}. Nearest: {', '.join(map(str, sorted(near)))}."
            )
        studies = self.cabinet.studies()
        key = ("day", contents.head, wanted_day, *(study.stamp for study in studies.values()))
        view = self._once(key, lambda: day_view(self.desk.ledger, contents, wanted_day, advice=None, studies=studies))
        advice = self.advice() if wanted_day == contents.days[-1] else None  # it ends with time, not with the ledger
        return replace(view, advice=advice) if view and advice and advice.day == wanted_day else view


def room(request: Request) -> Room:
    """The room of the app that was asked."""
    return request.app.state.room


def session(request: Request) -> Session:
    """The browser that asks (put there by the guard)."""
    return request.state.session


def _iso(word: object) -> object:
    """Only YYYY-MM-DD is a day: pydantic would read 0 as 1970-01-01."""
    if isinstance(word, str) and not _DAY.fullmatch(word):
        raise ValueError("a day is written YYYY-MM-DD")
    return word


IsoDay = Annotated[dt.date, BeforeValidator(_iso)]
ThisRoom = Annotated[Room, Depends(room)]
ThisSession = Annotated[Session, Depends(session)]
