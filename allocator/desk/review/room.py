"""What the routes share: the desk, the recorded days at hand, the door, and the prepared studies."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from allocator.desk.review.decisions import Advice, current
from allocator.desk.review.login import Door, Session
from allocator.desk.review.shelf import Contents, Shelf
from allocator.desk.review.studies import Cabinet
from allocator.desk.review.view import DayView, day_view

if TYPE_CHECKING:
    from allocator.desk.common import Desk

NEAREST = 3  # recorded days named where the one asked for is not recorded


@dataclass
class Room:
    """One review server.

    Attributes
    ----------
    desk : Desk
    door : Door
    """

    desk: "Desk"
    door: Door

    @cached_property
    def shelf(self) -> Shelf:
        """Recorded days (read once, then kept up to date)."""
        return Shelf(self.desk.ledger)

    @cached_property
    def cabinet(self) -> Cabinet:
        """Prepared studies."""
        return Cabinet(self.desk.home)

    def contents(self) -> Contents:
        """What the book holds now."""
        return self.shelf.contents()

    def advice(self) -> Advice | None:
        """What can be decided now."""
        return current(self.desk.ledger, self.desk.clock(), self.desk.settings.review.valid_days)

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
        asked = day or contents.days[-1]
        newest = asked == contents.days[-1]
        view = day_view(
            self.desk.ledger, contents, asked, advice=self.advice() if newest else None, studies=self.cabinet.studies()
        )
        if view is None:
            near = sorted(contents.days, key=lambda known: abs((known - asked).days))[:NEAREST]
            raise HTTPException(404, f"No run is recorded for {asked}. Nearest: {', '.join(map(str, sorted(near)))}.")
        return view


def room(request: Request) -> Room:
    """The room of the app that was asked."""
    return request.app.state.room


def session(request: Request) -> Session:
    """The browser that asks (put there by the guard)."""
    return request.state.session


ThisRoom = Annotated[Room, Depends(room)]
ThisSession = Annotated[Session, Depends(session)]
