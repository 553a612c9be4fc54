"""The outbox: sends what `captilt.alerts.announce` wrote, one channel at a time.

1. Each attempt is written before the act (``started``) and after it (its receipt). A ``started`` without
   a receipt means that we died in between, and a receipt may say that the line broke after the message
   had left: either way it may have arrived, and every later attempt is marked as a possible repeat.
2. A transient fault is tried again with a growing pause for `give_up_hours`; a permanent one is not.
   Where the receiver asked for time, nothing at all is sent to it until then.
3. Either end of the line is told once on the other channels.

The state of every message is derived from these rows; nothing else is kept.
"""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from captilt.alerts.announce import LOOK_BACK
from captilt.alerts.channels.channel import Channel, Receipt
from captilt.alerts.message import Message
from signals.calendars import NEW_YORK

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Entry, Ledger
    from captilt.config.settings import Alerts

FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 4 * 3600.0
JITTER = 0.2  # share of the pause, so that many desks do not knock at once
UNHEARD_HOURS = 1.0  # long enough for a restart of the receiver, short enough to act on the same evening
SILENT_TRIES = 2  # after these the readers of the other channel are told


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
    asked : bool
        The receiver itself asked us to wait until `due`.
    perhaps_there : bool
        An earlier attempt may have got through.
    """

    alert: int
    channel: str
    state: str
    attempts: int
    last: str
    due: dt.datetime | None
    since: dt.datetime
    asked: bool = False
    perhaps_there: bool = False

    @property
    def open(self) -> bool:
        """True while there is something left to try."""
        return self.state in ("waiting", "unknown")


def channels(settings: "Alerts", clock: Any) -> tuple[Channel, ...]:
    """The channels that the settings switch on. Adding one is a file, a line here and its name in `names`."""
    from captilt.alerts.channels.draw import attribution_png
    from captilt.alerts.channels.email import Email
    from captilt.alerts.channels.slack import Slack
    from captilt.config.settings import secret
    from signals.errors import UsageError

    found: list[Channel] = []
    if settings.slack.enabled:
        webhook = secret(settings.slack.webhook)
        if webhook is None:
            variable = settings.slack.webhook.removeprefix("env:")
            raise UsageError(
                "Slack is switched on, but its webhook is not set.",
                remedy=f"Set {variable} in the environment or the secrets file.",
            )
        found.append(Slack(webhook, settings.slack.timeout_seconds))
    if settings.email.enabled:
        found.append(Email(settings.email, secret(settings.email.password), clock, attribution_png))
    return tuple(found)


def deliveries(book: "Book | Ledger", settings: "Alerts", *, last: int | None = None) -> list[Delivery]:
    """The state of every alert (of the `last` so many) on every channel, oldest first."""
    alerts = book.entries("alert", last=last)
    rows: dict[tuple[int, str], list[Entry]] = {}
    for entry in book.entries("attempt", after=alerts[0].seq) if alerts else ():
        rows.setdefault((entry.payload["alert"], entry.payload["channel"]), []).append(entry)
    return [
        _state(alert, name, rows.get((alert.seq, name), []), settings)
        for alert in alerts
        for name in alert.payload["channels"]
    ]


def _state(alert: "Entry", channel: str, rows: "Sequence[Entry]", settings: "Alerts") -> Delivery:
    receipts = [row.payload for row in rows if row.payload["step"] == "done"]
    started = len(rows) - len(receipts)
    last = receipts[-1] if receipts else {}
    state, due = "waiting", None
    if rows and rows[-1].payload["step"] == "started":
        state = "unknown"
    elif last:
        state = {"sent": "sent", "permanent": "refused", "transient": "waiting"}[last["outcome"]]
        due = dt.datetime.fromisoformat(last["retry_at"]) if last.get("retry_at") else None
    if state == "waiting" and due is not None and due > _limit(alert, settings):
        state = "given_up"
    perhaps = started > len(receipts) or any(receipt.get("perhaps_there") for receipt in receipts)
    detail, asked = str(last.get("detail", "")), bool(last.get("asked"))
    return Delivery(alert.seq, channel, state, started, detail, due, alert.recorded_at, asked, perhaps)


def _limit(alert: "Entry", settings: "Alerts") -> dt.datetime:
    return alert.recorded_at + dt.timedelta(hours=settings.give_up_hours)


def deliver(ledger: "Ledger", ways: Sequence[Channel], settings: "Alerts", clock: Any) -> list[Delivery]:
    """Send what is due on every channel; a dead channel does not hold up the others.

    Returns
    -------
    list of Delivery
        The state afterwards of everything that was open.
    """
    kept = deliveries(ledger, settings, last=LOOK_BACK)
    waiting = [item for item in kept if item.open]
    for way in ways:
        mine = [item for item in waiting if item.channel == way.name]
        if any(item.asked and item.due is not None and clock() < item.due for item in mine):
            continue
        note = _silence(way.name, waiting)
        for item in mine:
            if _due(ledger, item, settings, clock()) and not _attempt(ledger, way, item, settings, clock, note):
                break  # a channel that does not answer is not asked again in this round
    if waiting:
        kept = deliveries(ledger, settings, last=LOOK_BACK)
    _escalate(ledger, kept, ways, clock)
    open_before = {(item.alert, item.channel) for item in waiting}
    return [item for item in kept if (item.alert, item.channel) in open_before]


def unheard(book: "Book | Ledger", settings: "Alerts", now: dt.datetime) -> str:
    """Why somebody outside must be told: an alert that no channel took, for an hour or more; empty otherwise.

    An alert stays unheard for twice `give_up_hours`, so that a dead-man's switch does not stay red for ever.
    """
    youngest = now - dt.timedelta(hours=UNHEARD_HOURS)
    oldest = now - dt.timedelta(hours=2 * settings.give_up_hours)
    taken: dict[int, bool] = {}
    for item in deliveries(book, settings, last=LOOK_BACK):
        if item.attempts and oldest <= item.since <= youngest:
            taken[item.alert] = taken.get(item.alert, False) or item.state == "sent"
    count = sum(not sent for sent in taken.values())
    return f"{count} alert(s) reached nobody on any channel" if count else ""


def _silence(channel: str, waiting: Sequence[Delivery]) -> str:
    """What the readers of one channel should know of the others."""
    dead = {item.channel: item for item in reversed(waiting) if item.channel != channel}
    told = [
        f"{name} has not taken alerts since {item.since.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York ({item.last})."
        for name, item in dead.items()
        if item.attempts >= SILENT_TRIES
    ]
    return " ".join(told)


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


def _attempt(ledger: "Ledger", way: Channel, item: Delivery, settings: "Alerts", clock: Any, note: str) -> bool:
    """Try once; False where the channel does not answer."""
    alert = ledger.entry(item.alert)
    if alert is None:
        return True
    message = Message.from_payload(alert.payload["message"])
    core = {"alert": item.alert, "channel": way.name, "number": item.attempts + 1}
    ledger.append("attempt", alert.day, {**core, "step": "started"}, at=clock())
    try:
        receipt = way.send(message, repeat_of=message.run_id if item.perhaps_there else "", note=note)
    except Exception as fault:  # noqa: BLE001 - a message that cannot be drawn must not keep the next ones back
        receipt = Receipt("permanent", f"{type(fault).__name__} while it was drawn")
    retry_at = _again(receipt, item, _limit(alert, settings), clock())
    done = {**core, "step": "done", "outcome": receipt.outcome, "detail": receipt.detail}
    done["retry_at"] = retry_at.astimezone(dt.UTC).isoformat() if retry_at else None
    done["asked"] = receipt.retry_after_seconds is not None
    done["perhaps_there"] = receipt.perhaps_there
    ledger.append("attempt", alert.day, done, at=clock())
    return receipt.outcome != "transient"


def _again(receipt: Receipt, item: Delivery, limit: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """When to try next; the last try is at the end of the line. None where there is nothing to try."""
    if receipt.outcome != "transient":
        return None
    after = now + dt.timedelta(seconds=pause(item.attempts + 1, receipt.retry_after_seconds))
    return limit if now < limit < after else after


def pause(attempts: int, asked: float | None) -> float:
    """Seconds until the next try: what the receiver asked for, else doubling from a minute to four hours."""
    if asked is not None:
        return asked
    doubled = min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return doubled * random.uniform(1, 1 + JITTER)  # noqa: S311 - jitter, no secret


def _escalate(ledger: "Ledger", kept: Sequence[Delivery], ways: Sequence[Channel], clock: Any) -> None:
    """Tell the other channels, once for each alert, that one could not be reached."""
    lost = [item for item in kept if item.state in ("refused", "given_up")]
    if len(ways) < 2 or not lost:  # noqa: PLR2004 - there is no other channel
        return
    told = {
        tuple(entry.payload["about"]) for entry in ledger.entries("alert", last=LOOK_BACK) if entry.payload.get("about")
    }
    for item in lost:
        alert = ledger.entry(item.alert)
        if alert is None or alert.payload.get("about") or (item.alert, item.channel) in told:
            continue
        original = Message.from_payload(alert.payload["message"])
        change = f"{item.channel} did not take this alert ({item.last}). `captilt alert test` tries the channel."
        message = replace(
            original, kind="failure", subject=f"{item.channel} is down: {original.subject}"[:120], change=change
        )
        others = [way.name for way in ways if way.name != item.channel]
        payload = {"message": message.as_payload(), "told": {}, "topics": [], "channels": others}
        ledger.append("alert", alert.day, {**payload, "about": [item.alert, item.channel]}, at=clock())
