"""The transactional outbox: what must be told is written with the run, and sent after the commit.

1. `announce` writes `alert` entries inside the run's transaction: a run without its alert, or an
   alert without its run, cannot exist.
2. `deliver` sends what is due, one channel at a time. Each attempt is written before the act
   (``started``) and after it (its receipt). A ``started`` without a receipt means that we died in
   between: the message may have arrived, so it goes out once more, marked.
3. A transient fault is tried again with a growing pause, or when the receiver asked, for
   `give_up_hours`; a permanent one is not. Either end of the line is told once on the other channels.

The state of every message is derived from these rows; nothing else is kept.
"""

import datetime as dt
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from allocator.desk.alerts import topics
from allocator.desk.alerts.channel import Channel
from allocator.desk.alerts.message import Message, compose, failure
from signals.calendars import NEW_YORK

if TYPE_CHECKING:
    from allocator.desk.config import Alerts
    from allocator.ledger import Book, Entry, Ledger

FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 4 * 3600.0
JITTER = 0.2  # share of the pause, so that many desks do not knock at once
RUNS_NEEDED = 1 + max(max(topic.acts, topic.returns) for topic in topics.TOPICS)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on one channel.

    Attributes
    ----------
    alert : int
        Number of the alert's ledger entry.
    channel : str
    state : str
        waiting | unknown (died while sending) | sent | refused | given_up.
    attempts : int
    last : str
        Detail of the last attempt.
    due : datetime.datetime or None
        Not before this instant.
    since : datetime.datetime
        When the alert was written.
    """

    alert: int
    channel: str
    state: str
    attempts: int
    last: str
    due: dt.datetime | None
    since: dt.datetime

    @property
    def open(self) -> bool:
        """True while there is something left to try."""
        return self.state in ("waiting", "unknown")


def channels(settings: "Alerts", clock: Any) -> tuple[Channel, ...]:
    """The channels that the settings switch on. Adding one is a file and a line here."""
    from allocator.desk.alerts.draw import attribution_png
    from allocator.desk.alerts.email import Email
    from allocator.desk.alerts.slack import Slack
    from allocator.desk.config import secret
    from signals.errors import UsageError

    found: list[Channel] = []
    if settings.slack.enabled:
        webhook = secret(settings.slack.webhook)
        if webhook is None:
            raise UsageError("Slack is switched on, but its webhook is not set.", remedy=f"Set {settings.slack.webhook.removeprefix('env:')} in the environment or the secrets file.")
        found.append(Slack(webhook, settings.slack.timeout_seconds))
    if settings.email.enabled:
        found.append(Email(settings.email, secret(settings.email.password), clock, attribution_png))
    return tuple(found)


def names(settings: "Alerts") -> list[str]:
    """Names of the channels switched on (without opening them)."""
    return [name for name in ("slack", "email") if getattr(settings, name).enabled]


def announce(book: "Book", payload: Mapping[str, Any], settings: "Alerts", *, at: dt.datetime) -> "Entry | None":
    """Write today's alert, if there is one, in the run's own transaction.

    Parameters
    ----------
    book : Book
        The open transaction; the run entry of `payload` is its head.
    payload : mapping
        Run JSON.
    settings : Alerts
    at : datetime.datetime
        Aware present instant.

    Returns
    -------
    Entry or None
        None where nothing is worth telling, which is right for weeks on end.
    """
    told, last_told = told_so_far(book)
    if not told:
        return _write(book, compose("introduction", payload, review_url=settings.review_url), topics.baseline(payload), settings, at)
    runs = [entry.payload for entry in book.entries("run", last=RUNS_NEEDED)]
    found = topics.confirmed(runs, told, last_told, settings)
    if found:
        message = compose("change", payload, review_url=settings.review_url, changes=found)
        return _write(book, message, {**told, **{change.topic: change.now for change in found}}, settings, at, found)
    day = dt.date.fromisoformat(str(payload["as_of"]))
    if settings.weekly_digest and WEEKDAYS[min(day.weekday(), 4)] == settings.weekly_digest:
        return _write(book, compose("digest", payload, review_url=settings.review_url), told, settings, at)
    return None


def announce_late(book: "Book", payloads: Sequence[Mapping[str, Any]], settings: "Alerts", *, at: dt.datetime) -> "Entry":
    """One digest for runs that were caught up late, instead of one alert a day."""
    told, last_told = told_so_far(book)
    runs = [entry.payload for entry in book.entries("run", last=RUNS_NEEDED)]
    found = topics.confirmed(runs, told, last_told, settings) if told else ()
    newest = payloads[-1]
    message = compose("late_digest", newest, review_url=settings.review_url, changes=found)
    days = f"{payloads[0]['as_of']} to {newest['as_of']}" if len(payloads) > 1 else str(newest["as_of"])
    message = replace(message, change=f"Recorded late: {len(payloads)} session(s), {days}. {message.change}")
    now = {**(told or topics.baseline(newest)), **{change.topic: change.now for change in found}}
    return _write(book, message, now, settings, at, found)


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


def told_so_far(book: "Book | Ledger") -> tuple[dict[str, Any], dict[str, dt.date]]:
    """Value last told of each topic, and the day on which each was last told as a change."""
    told: dict[str, Any] = {}
    days: dict[str, dt.date] = {}
    for entry in book.entries("alert"):
        told = entry.payload.get("told") or told
        days |= dict.fromkeys(entry.payload.get("topics", ()), entry.day)
    return told, days


def _write(
    book: "Book", message: Message, told: Mapping[str, Any], settings: "Alerts", at: dt.datetime,
    found: Iterable[topics.Change] = (),
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


def deliveries(book: "Book | Ledger", settings: "Alerts") -> list[Delivery]:
    """The state of every alert on every channel, oldest first."""
    rows: dict[tuple[int, str], list[Entry]] = {}
    for entry in book.entries("attempt"):
        rows.setdefault((entry.payload["alert"], entry.payload["channel"]), []).append(entry)
    alerts = book.entries("alert")
    return [_state(alert, name, rows.get((alert.seq, name), []), settings) for alert in alerts for name in alert.payload["channels"]]


def _state(alert: "Entry", channel: str, rows: "Sequence[Entry]", settings: "Alerts") -> Delivery:
    receipts = [row for row in rows if row.payload["step"] == "done"]
    started = len(rows) - len(receipts)
    last = receipts[-1].payload if receipts else {}
    state, due = "waiting", None
    if rows and rows[-1].payload["step"] == "started":
        state = "unknown"
    elif last:
        state = {"sent": "sent", "permanent": "refused", "transient": "waiting"}[last["outcome"]]
        due = dt.datetime.fromisoformat(last["retry_at"]) if last.get("retry_at") else None
    limit = alert.recorded_at + dt.timedelta(hours=settings.give_up_hours)
    if state == "waiting" and due is not None and due > limit:
        state = "given_up"
    return Delivery(alert.seq, channel, state, started, str(last.get("detail", "")), due, alert.recorded_at)


def deliver(ledger: "Ledger", ways: Sequence[Channel], settings: "Alerts", clock: Any) -> list[Delivery]:
    """Send what is due on every channel; a dead channel does not hold up the others.

    Returns
    -------
    list of Delivery
        The state afterwards of everything that was open.
    """
    waiting = [item for item in deliveries(ledger, settings) if item.open]
    for way in ways:
        for item in (entry for entry in waiting if entry.channel == way.name):
            if not _due(ledger, item, settings, clock()):
                continue
            if not _attempt(ledger, way, item, settings, clock):
                break  # a channel that does not answer is not asked again in this round
    _escalate(ledger, ways, settings, clock)
    open_before = {(item.alert, item.channel) for item in waiting}
    return [item for item in deliveries(ledger, settings) if (item.alert, item.channel) in open_before]


def _due(ledger: "Ledger", item: Delivery, settings: "Alerts", now: dt.datetime) -> bool:
    if item.due is not None and now < item.due:
        return False
    alert = ledger.entry(item.alert)
    urgent = alert is not None and alert.payload["message"]["urgent"]
    return urgent or not quiet(settings, now)


def quiet(settings: "Alerts", now: dt.datetime) -> bool:
    """True within the quiet hours (New York wall time; the span may cross midnight)."""
    if not (settings.quiet_from and settings.quiet_to):
        return False
    start, end = dt.time.fromisoformat(settings.quiet_from), dt.time.fromisoformat(settings.quiet_to)
    time = now.astimezone(NEW_YORK).time()
    return start <= time < end if start <= end else (time >= start or time < end)


def _attempt(ledger: "Ledger", way: Channel, item: Delivery, settings: "Alerts", clock: Any) -> bool:
    """Try once; False where the channel does not answer."""
    alert = ledger.entry(item.alert)
    if alert is None:
        return True
    message = Message.from_payload(alert.payload["message"])
    core = {"alert": item.alert, "channel": way.name, "number": item.attempts + 1}
    ledger.append("attempt", alert.day, {**core, "step": "started"}, at=clock())
    receipt = way.send(message, repeat_of=message.run_id if item.state == "unknown" else "")
    retry_at = None
    if receipt.outcome == "transient":
        retry_at = clock() + dt.timedelta(seconds=pause(item.attempts + 1, receipt.retry_after_seconds))
        limit = alert.recorded_at + dt.timedelta(hours=settings.give_up_hours)
        if clock() < limit < retry_at:
            retry_at = limit  # one last try at the end of the line
    done = {**core, "step": "done", "outcome": receipt.outcome, "detail": receipt.detail}
    done["retry_at"] = retry_at.astimezone(dt.UTC).isoformat() if retry_at else None
    ledger.append("attempt", alert.day, done, at=clock())
    return receipt.outcome != "transient"


def pause(attempts: int, asked: float | None) -> float:
    """Seconds until the next try: what the receiver asked for, else doubling from a minute to four hours."""
    if asked is not None:
        return asked
    doubled = min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return doubled * random.uniform(1, 1 + JITTER)  # noqa: S311 - jitter, no secret


def _escalate(ledger: "Ledger", ways: Sequence[Channel], settings: "Alerts", clock: Any) -> None:
    """Tell the other channels, once for each alert, that one could not be reached."""
    if len(ways) < 2:  # noqa: PLR2004 - there is no other channel
        return
    told = {tuple(entry.payload["about"]) for entry in ledger.entries("alert") if entry.payload.get("about")}
    for item in deliveries(ledger, settings):
        if item.state not in ("refused", "given_up") or (item.alert, item.channel) in told:
            continue
        alert = ledger.entry(item.alert)
        if alert is None or alert.payload.get("about"):
            continue
        original = Message.from_payload(alert.payload["message"])
        note = f"{item.channel} did not take this alert ({item.last}). `captilt alert test` tries the channel."
        message = replace(original, kind="failure", subject=f"{item.channel} is down: {original.subject}"[:120], change=note, urgent=True)
        others = [way.name for way in ways if way.name != item.channel]
        payload = {"message": message.as_payload(), "told": {}, "topics": [], "channels": others, "about": [item.alert, item.channel]}
        ledger.append("alert", alert.day, payload, at=clock())
