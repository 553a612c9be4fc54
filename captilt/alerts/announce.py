"""What people must know is written with the run: a run without its alert, or the reverse, cannot exist.

`announce` writes `alert` entries inside the run's transaction; `captilt.alerts.outbox` sends them after the
commit. What a channel's readers know advances with what reaches them: an alert that a channel lost counts as
never announced there, so that the next run announces it again, and `catch_up` writes one digest of what was
missed. Channels whose readers know the same share one alert.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from captilt import formats
from captilt.alerts import rules
from captilt.alerts.compose import compose, failure, missed_alerts
from captilt.alerts.delivery import LOOK_BACK, LOST, deliveries, lost_alerts
from captilt.alerts.enabled import enabled_names
from captilt.alerts.weekly import week_lines
from captilt.channels.message import Message
from captilt.contract.run import read_run
from signals.calendars import next_session, session_on_or_before

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Entry, Ledger
    from captilt.config.settings import Alerts
    from captilt.contract.run import Run

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the readers of some channels know.

    Attributes
    ----------
    channels : tuple of str
        Empty where no channel is switched on.
    values : mapping
        Value last announced of each topic; empty where nothing was.
    days : mapping of str to datetime.date
        Day on which a topic was last announced as a change.
    """

    channels: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)
    days: Mapping[str, dt.date] = field(default_factory=dict)


def baselines(book: "Book | Ledger", settings: "Alerts") -> list[Baseline]:
    """What is known, by channel; channels whose readers know the same stand together."""
    alerts = book.entries("alert", last=LOOK_BACK)
    names = enabled_names(settings)
    if not names:
        return [_known((), alerts)]
    lost = {(item.alert, item.channel) for item in deliveries(book, settings, last=LOOK_BACK) if item.state in LOST}
    groups: list[Baseline] = []
    for name in names:
        reached = [
            alert for alert in alerts if name in alert.payload.get("channels", ()) and (alert.seq, name) not in lost
        ]
        own = _known((name,), reached)
        same = next((number for number, group in enumerate(groups) if _same(group, own)), None)
        if same is None:
            groups.append(own)
        else:
            groups[same] = replace(groups[same], channels=(*groups[same].channels, name))
    return groups


def _known(channels: tuple[str, ...], alerts: "Sequence[Entry]") -> Baseline:
    values: Mapping[str, Any] = {}
    days: dict[str, dt.date] = {}
    for entry in alerts:
        values = entry.payload.get("told") or values
        days |= dict.fromkeys(entry.payload.get("topics", ()), entry.day)
    return Baseline(channels, values, days)


def _same(one: Baseline, other: Baseline) -> bool:
    return one.values == other.values and one.days == other.days


def announce(book: "Book", run: "Run", settings: "Alerts", *, at: dt.datetime) -> "list[Entry]":
    """Write today's alerts, if there are any, in the run's own transaction.

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
    list of Entry
        Empty where nothing is worth telling, which is right for weeks on end.
    """
    runs = recent(book)
    written = (_announced(book, run, runs, known, settings, at) for known in baselines(book, settings))
    return [entry for entry in written if entry is not None]


def _announced(
    book: "Book",
    run: "Run",
    runs: "Sequence[Run]",
    known: Baseline,
    settings: "Alerts",
    at: dt.datetime,
) -> "Entry | None":
    if not known.values:
        message = compose("introduction", run, review_url=settings.review_url)
        return _write(book, message, rules.baseline(run), known.channels, at)
    changes = rules.confirmed(runs, known.values, known.days, settings)
    if not changes and run.replaces is None and not is_digest_day(run.as_of, settings.weekly_digest):
        return None
    kind = "change" if changes else "digest" if run.replaces is None else "replacement"
    week = week_lines(book, run) if kind == "digest" else ()
    message = compose(kind, run, review_url=settings.review_url, changes=changes, week=week)
    return _write(book, message, _after(known, run, changes), known.channels, at, changes)


def announce_late(book: "Book", late: "Sequence[Run]", settings: "Alerts", *, at: dt.datetime) -> "list[Entry]":
    """One digest for runs that were caught up late, instead of one alert a day."""
    runs, newest = recent(book), late[-1]
    count = f"{len(late)} sessions, {formats.day(late[0].as_of)} to {formats.day(newest.as_of)}"
    span = count if len(late) > 1 else f"the session of {formats.day(newest.as_of)}"
    written = []
    for known in baselines(book, settings):
        changes = rules.confirmed(runs, known.values, known.days, settings) if known.values else ()
        message = compose("late_digest", newest, review_url=settings.review_url, changes=changes)
        message = replace(message, change=f"Recorded late: {span}. {message.change}")
        written.append(_write(book, message, _after(known, newest, changes), known.channels, at, changes))
    return written


def announce_failure(
    book: "Book",
    day: dt.date,
    reason: str,
    remedy: str,
    settings: "Alerts",
    *,
    run_id: str,
    weight_text: str,
    at: dt.datetime,
) -> "list[Entry]":
    """Write the alert of a day without advice, once a day for the same reason."""
    message = failure(
        day.isoformat(), reason, remedy, review_url=settings.review_url, run_id=run_id, weight_text=weight_text
    )
    if message.identity in {entry.payload["message"]["identity"] for entry in book.entries("alert", day)}:
        return []
    return [
        _write(book, message, {**known.values, "data": "HOLD"} if known.values else {}, known.channels, at)
        for known in baselines(book, settings)
    ]


def catch_up(book: "Book", settings: "Alerts", *, at: dt.datetime) -> "list[Entry]":
    """Write one digest for each channel that has lost alerts and has nothing left to try.

    The digest is tried like any other message and so finds out whether the channel is back; where it is lost as
    well, the next one covers the same alerts. No two are written within `give_up_hours`.
    """
    pause = dt.timedelta(hours=settings.give_up_hours)
    alerts, items = book.entries("alert", last=LOOK_BACK), deliveries(book, settings, last=LOOK_BACK)
    digests = [entry for entry in alerts if entry.payload.get("covers")]
    entry = next(iter(book.entries("run", last=1)), None)
    newest = read_run(entry.payload) if entry else None
    written = []
    for channel in enabled_names(settings):
        lost = lost_alerts(alerts, items, channel)
        before = [entry for entry in digests if channel in entry.payload["channels"]]
        waiting = any(item.open for item in items if item.channel == channel)
        since = [entry.recorded_at for entry in (*lost[:1], *before[-1:])]
        if not lost or waiting or at < max(since) + pause:
            continue
        known = next(known for known in baselines(book, settings) if channel in known.channels)
        message = missed_alerts([entry.payload["message"] for entry in lost], newest, settings.review_url)
        values = rules.baseline(newest) if newest else known.values
        extra = {"covers": [entry.seq for entry in lost]}
        written.append(_write(book, message, values, (channel,), at, extra=extra))
    return written


def is_digest_day(day: dt.date, weekday: str) -> bool:
    """True on `weekday`, or where that is a holiday on the session before it (after it, if the week has none before).

    >>> is_digest_day(dt.date(2023, 4, 6), "fri")  # Good Friday was the 7th
    True
    """
    if not weekday:
        return False
    monday = day - dt.timedelta(days=day.weekday())
    session = session_on_or_before(monday + dt.timedelta(days=WEEKDAYS.index(weekday)))
    return day == (session if session >= monday else next_session(session))


def recent(book: "Book | Ledger") -> "list[Run]":
    """The runs that the state machine looks at: none from before a failure was announced."""
    alerts = book.entries("alert", last=LOOK_BACK)
    failures = [alert.seq for alert in alerts if _is_failure(alert.payload)]
    runs = book.entries("run", after=failures[-1] if failures else 0, last=rules.RUNS_NEEDED)
    return [read_run(entry.payload) for entry in runs]


def _is_failure(alert: Mapping[str, Any]) -> bool:
    return alert["message"]["kind"] == "failure" and not alert.get("about")


def _after(known: Baseline, run: "Run", changes: Iterable[rules.Change]) -> dict[str, Any]:
    """What the readers know once they have read of `changes`."""
    return rules.completed({**known.values, **{change.topic: change.now for change in changes}}, run)


def _write(
    book: "Book",
    message: Message,
    values: Mapping[str, Any],
    channels: Sequence[str],
    at: dt.datetime,
    changes: Iterable[rules.Change] = (),
    *,
    extra: Mapping[str, Any] | None = None,
) -> "Entry":
    head = book.head()
    sealed = replace(message, ledger_head=head.hash if head else "")
    payload = {
        "message": sealed.as_payload(),
        "told": dict(values),  # the name that ledgers of earlier versions have
        "topics": [change.topic for change in changes],
        "channels": list(channels),
        **(extra or {}),
    }
    return book.append("alert", dt.date.fromisoformat(message.day), payload, at=at)
