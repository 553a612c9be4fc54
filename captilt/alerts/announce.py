"""What must be told is written with the run: a run without its alert, or an alert without its run, cannot exist.

`announce` writes `alert` entries inside the run's transaction; `captilt.alerts.outbox` sends them
after the commit. Each entry keeps what has been told so far, so that the next run knows what is news.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from captilt.alerts import rules
from captilt.alerts.message import Message, compose, failure
from captilt.contract.run import read_run
from signals.calendars import next_session, session_on_or_before

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Entry, Ledger
    from captilt.config.settings import Alerts
    from captilt.contract.run import Run

LOOK_BACK = 300  # alerts: a year of one every session; what was told stands in the last one
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


def names(settings: "Alerts") -> list[str]:
    """Names of the channels switched on (without opening them)."""
    return [name for name in ("slack", "email") if getattr(settings, name).enabled]


def announce(book: "Book", run: "Run", settings: "Alerts", *, at: dt.datetime) -> "Entry | None":
    """Write today's alert, if there is one, in the run's own transaction.

    Parameters
    ----------
    book : Book
        The open transaction; the entry of `run` stands in it.
    run : Run
    settings : Alerts
    at : datetime.datetime
        Aware present instant.

    Returns
    -------
    Entry or None
        None where nothing is worth telling, which is right for weeks on end.
    """
    alerts = book.entries("alert", last=LOOK_BACK)
    told, last_told = _told(alerts)
    if not told or (names(settings) and not _introduced(alerts)):
        message = compose("introduction", run, review_url=settings.review_url)
        return _write(book, message, rules.baseline(run), settings, at)
    found = rules.confirmed(recent(book), told, last_told, settings)
    if not found and not is_digest_day(run.as_of, settings.weekly_digest):
        return None
    message = compose("change" if found else "digest", run, review_url=settings.review_url, changes=found)
    return _write(book, message, _now_told(told, run, found), settings, at, found)


def announce_late(book: "Book", runs: "Sequence[Run]", settings: "Alerts", *, at: dt.datetime) -> "Entry":
    """One digest for runs that were caught up late, instead of one alert a day."""
    told, last_told = told_so_far(book)
    newest = runs[-1]
    found = rules.confirmed(recent(book), told, last_told, settings) if told else ()
    message = compose("late_digest", newest, review_url=settings.review_url, changes=found)
    count = f"{len(runs)} sessions, {runs[0].as_of} to {newest.as_of}"
    span = count if len(runs) > 1 else f"the session of {newest.as_of}"
    message = replace(message, change=f"Recorded late: {span}. {message.change}")
    return _write(book, message, _now_told(told, newest, found), settings, at, found)


def announce_failure(
    book: "Book", day: dt.date, reason: str, remedy: str, settings: "Alerts", *, run_id: str, held: str, at: dt.datetime
) -> "Entry | None":
    """Write the alert of a day without advice, once a day for the same reason."""
    message = failure(day.isoformat(), reason, remedy, review_url=settings.review_url, run_id=run_id, held=held)
    written = {entry.payload["message"]["identity"] for entry in book.entries("alert", day)}
    if message.identity in written:
        return None
    told, _ = told_so_far(book)
    return _write(book, message, {**told, "data": "HOLD"} if told else {}, settings, at)


def is_digest_day(day: dt.date, weekday: str) -> bool:
    """True on `weekday`, or where that is a holiday on the session before it (after it, if the week has none before).

    >>> is_digest_day(dt.date(2023, 4, 6), "fri")  # Good Friday was the 7th
    True
    """
    if not weekday:
        return False
    monday = day - dt.timedelta(days=day.weekday())
    asked = session_on_or_before(monday + dt.timedelta(days=WEEKDAYS.index(weekday)))
    return day == (asked if asked >= monday else next_session(asked))


def recent(book: "Book | Ledger") -> "list[Run]":
    """The runs that the state machine looks at: none from before a day without advice was told."""
    alerts = book.entries("alert", last=LOOK_BACK)
    failed = [alert.seq for alert in alerts if _is_failure(alert.payload)]
    runs = book.entries("run", after=failed[-1] if failed else 0, last=rules.RUNS_NEEDED)
    return [read_run(entry.payload) for entry in runs]


def _is_failure(alert: Mapping[str, Any]) -> bool:
    return alert["message"]["kind"] == "failure" and not alert.get("about")


def told_so_far(book: "Book | Ledger") -> tuple[dict[str, Any], dict[str, dt.date]]:
    """Value last told of each topic, and the day on which each was last told as a change."""
    return _told(book.entries("alert", last=LOOK_BACK))


def _told(alerts: "Sequence[Entry]") -> tuple[dict[str, Any], dict[str, dt.date]]:
    told: dict[str, Any] = {}
    days: dict[str, dt.date] = {}
    for entry in alerts:
        told = entry.payload.get("told") or told
        days |= dict.fromkeys(entry.payload.get("topics", ()), entry.day)
    return told, days


def _introduced(alerts: "Sequence[Entry]") -> bool:
    """False while every run so far was announced to nobody, because no channel was switched on."""
    return any(alert.payload.get("told") and alert.payload.get("channels") for alert in alerts)


def _now_told(told: Mapping[str, Any], run: "Run", found: Iterable[rules.Change]) -> dict[str, Any]:
    return rules.completed({**told, **{change.topic: change.now for change in found}}, run)


def _write(
    book: "Book",
    message: Message,
    told: Mapping[str, Any],
    settings: "Alerts",
    at: dt.datetime,
    found: Iterable[rules.Change] = (),
) -> "Entry":
    head = book.head()
    sealed = replace(message, ledger_head=head.hash if head else "")
    payload = {
        "message": sealed.as_payload(),
        "told": dict(told),
        "topics": [change.topic for change in found],
        "channels": names(settings),
    }
    return book.append("alert", dt.date.fromisoformat(message.day), payload, at=at)
