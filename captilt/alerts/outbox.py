"""The outbox: sends what `captilt.alerts.announce` wrote, every channel by itself and in bounded time.

1. Each attempt is written before the act (``started``) and after it (its receipt). A ``started`` without a
   receipt means that we died in between, and a receipt may say that the line broke after the message had
   left: either way it may have arrived, and every later attempt is marked as a possible repeat. So each kill
   within the window can add one copy, and each added copy says so.
2. A transient fault is tried again with a growing pause for `give_up_hours`; a permanent one is not, for each
   receiver apart. Where the receiver asked for time, nothing at all is sent to it until then.
3. The end of the line is announced once on the other channels, and the channel gets one digest of what it
   missed as soon as it answers again.
4. A channel works in its own thread under its own lock: one that hangs keeps nobody else waiting.

The state of every message is derived from these rows; nothing else is kept.
"""

import contextlib
import datetime as dt
import random
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from captilt.alerts.announce import catch_up
from captilt.alerts.delivery import LOOK_BACK, LOST, Delivery, deliveries, give_up_at, lost_alerts
from captilt.channels.channel import Channel, Clock, Receipt
from captilt.channels.message import Message
from captilt.formats import counted
from captilt.logger import log
from captilt.operations.bounded import DeadlineExceeded, within
from signals.calendars import NEW_YORK
from signals.errors import Busy, UsageError

if TYPE_CHECKING:
    from allocator.ledger.ledger import Entry, Ledger
    from captilt.config.settings import Alerts
    from captilt.context import Desk

FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 4 * 3600.0
JITTER = 0.2  # share of the pause, so that many desks do not knock at once
SILENT_TRIES = 2  # after these the readers of the other channels are told
GRACE_SECONDS = 60.0  # for drawing on a slow machine, beyond the deadline that a channel keeps for its own exchange
Lock = Callable[[str], AbstractContextManager[Any]]


def _nothing() -> None:
    """For a channel that needs no preparation."""


def _no_lock(_channel: str) -> AbstractContextManager[None]:
    return contextlib.nullcontext()


def deliver(
    ledger: "Ledger",
    channels: Sequence[Channel],
    settings: "Alerts",
    clock: Clock,
    *,
    lock: Lock = _no_lock,
    shared: bool = False,
) -> list[Delivery]:
    """Send what is due on every channel at the same time.

    Parameters
    ----------
    ledger : Ledger
    channels : sequence of Channel
    settings : Alerts
    clock : callable
    lock : callable, optional
        From a channel's name to its lock; a channel that somebody else is sending on is left to them.
    shared : bool
        Other machines send too. Their lock may be gone while they send (the server restarted), so that an attempt
        without a receipt is left alone for as long as it can last.

    Returns
    -------
    list of Delivery
        The state afterwards of everything that was open.
    """
    items = deliveries(ledger, settings, last=LOOK_BACK)
    waiting = [item for item in items if item.open]
    busy = [channel for channel in channels if any(item.channel == channel.name for item in waiting)]
    faults: list[BaseException] = []

    def work(channel: Channel) -> None:
        try:
            with lock(channel.name):
                _deliver_on(ledger, channel, settings, clock, shared=shared)
        except Busy:
            return
        except BaseException as fault:  # noqa: BLE001 - raised again below, when every channel has had its turn
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(channel,), name=f"alerts-{channel.name}") for channel in busy]
    for thread in threads:
        thread.daemon = True
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    if busy:
        items = deliveries(ledger, settings, last=LOOK_BACK)
    _follow_up(ledger, items, settings, clock)
    open_before = {(item.alert, item.channel) for item in waiting}
    return [item for item in items if (item.alert, item.channel) in open_before]


def _deliver_on(ledger: "Ledger", channel: Channel, settings: "Alerts", clock: Clock, *, shared: bool) -> None:
    """Send what is due on one channel, oldest first."""
    waiting = [item for item in deliveries(ledger, settings, last=LOOK_BACK) if item.open]
    own = [item for item in waiting if item.channel == channel.name]
    if any(item.wait_requested and item.due is not None and clock() < item.due for item in own):
        return
    note = _silence(channel.name, waiting)
    for item in own:
        if shared and item.begun is not None and clock() < item.begun + _longest(channel):
            continue
        alert = ledger.entry(item.alert)
        if alert is None or not _due(alert, item, settings, clock()):
            continue
        getattr(channel, "make_ready", _nothing)()
        if not _attempt(ledger, channel, alert, item, settings, clock, note):
            return  # a channel that does not answer is not tried again in this round


def _longest(channel: Channel) -> dt.timedelta:
    """An attempt has ended by then, whatever happened to it."""
    return dt.timedelta(seconds=channel.deadline_seconds + GRACE_SECONDS)


def _silence(channel: str, waiting: Sequence[Delivery]) -> str:
    """What the readers of one channel should know of the others."""
    silent = {item.channel: item for item in reversed(waiting) if item.channel != channel}
    return " ".join(
        f"{name} has not taken alerts since {item.since.astimezone(NEW_YORK):%Y-%m-%d %H:%M} New York ({item.last})."
        for name, item in silent.items()
        if item.attempts >= SILENT_TRIES
    )


def _due(alert: "Entry", item: Delivery, settings: "Alerts", now: dt.datetime) -> bool:
    if item.due is not None and now < item.due:
        return False
    return bool(alert.payload["message"]["urgent"]) or not quiet(settings, now)


def quiet(settings: "Alerts", now: dt.datetime) -> bool:
    """True within the quiet hours (New York wall time; the span may cross midnight)."""
    if not (settings.quiet_from and settings.quiet_to):
        return False
    start, end = dt.time.fromisoformat(settings.quiet_from), dt.time.fromisoformat(settings.quiet_to)
    time = now.astimezone(NEW_YORK).time()
    return start <= time < end if start <= end else (time >= start or time < end)


def _attempt(
    ledger: "Ledger",
    channel: Channel,
    alert: "Entry",
    item: Delivery,
    settings: "Alerts",
    clock: Clock,
    note: str,
) -> bool:
    """Try once; False where the channel does not answer."""
    message = Message.from_payload(alert.payload["message"])
    receivers = tuple(name for name in channel.receivers if name not in item.settled)
    core = {"alert": item.alert, "channel": channel.name, "number": item.attempts + 1}
    with ledger.transaction() as book:
        tries = [row for row in book.entries("attempt", after=alert.seq) if _is_of(row, item)]
        if len(tries) != item.entries:
            return False  # somebody else is sending: a server that restarts frees the lock of the channel
        book.append("attempt", alert.day, {**core, "step": "started"}, at=clock())
    receipt = send_bounded(
        channel, message, receivers, repeat_of=message.run_id if item.perhaps_there else "", note=note
    )
    with ledger.transaction() as book:
        now = clock()
        retry_at = _retry_at(receipt, item, give_up_at(alert, settings), now)
        done = {**core, "step": "done", "outcome": receipt.outcome, "detail": receipt.detail}
        done["retry_at"] = retry_at.astimezone(dt.UTC).isoformat() if retry_at else None
        done["asked"] = receipt.retry_after_seconds is not None
        done["perhaps_there"] = receipt.perhaps_there
        done["receivers"] = dict(receipt.receivers) or dict.fromkeys(receivers, receipt.outcome)
        book.append("attempt", alert.day, done, at=now)
    return receipt.outcome != "transient" or not receipt.answered


def _is_of(attempt: "Entry", item: Delivery) -> bool:
    return (attempt.payload["alert"], attempt.payload["channel"]) == (item.alert, item.channel)


def send_bounded(
    channel: Channel, message: Message, receivers: tuple[str, ...], *, repeat_of: str = "", note: str = ""
) -> Receipt:
    """Send once and come back in bounded time, whatever happens inside the channel."""
    seconds = _longest(channel).total_seconds()
    try:
        return within(
            seconds,
            lambda: channel.send(message, receivers, repeat_of=repeat_of, note=note),
            name=f"send-{channel.name}",
        )
    except DeadlineExceeded:
        return Receipt("transient", f"no end within {seconds:g} seconds", perhaps_there=True)
    except Exception as fault:  # noqa: BLE001 - a message that cannot be drawn must not keep the next ones back
        return Receipt("transient", f"{type(fault).__name__} while it was drawn", answered=False)


def _retry_at(receipt: Receipt, item: Delivery, limit: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    """When to try next; the last try is at the end of the line. None where there is nothing to try."""
    if receipt.outcome != "transient":
        return None
    after = now + dt.timedelta(seconds=retry_pause(item.attempts + 1, receipt.retry_after_seconds))
    return limit if now < limit < after else after


def retry_pause(attempts: int, requested: float | None) -> float:
    """Seconds until the next try: what the receiver asked for, else doubling from a minute to four hours."""
    if requested is not None:
        return requested
    doubled = min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return doubled * random.uniform(1, 1 + JITTER)  # noqa: S311 - jitter, no secret


def _follow_up(ledger: "Ledger", items: Sequence[Delivery], settings: "Alerts", clock: Clock) -> None:
    """Write what the state of the deliveries asks for: a word on the other channels, a digest of what was missed."""
    from captilt.alerts.enabled import enabled_names

    if not any(item.state in LOST or item.refused for item in items):
        return
    alerts, names = ledger.entries("alert", last=LOOK_BACK), enabled_names(settings)
    if not _to_escalate(alerts, items, names) and not any(lost_alerts(alerts, items, name) for name in names):
        return
    with ledger.transaction() as book:
        # Read again, inside: another desk may have been quicker.
        alerts, items = book.entries("alert", last=LOOK_BACK), deliveries(book, settings, last=LOOK_BACK)
        for alert, item in _to_escalate(alerts, items, names):
            message = _failed_channel(Message.from_payload(alert.payload["message"]), item)
            others = [name for name in names if name != item.channel]
            payload = {"message": message.as_payload(), "told": {}, "topics": [], "channels": others}
            book.append("alert", alert.day, {**payload, "about": [item.alert, item.channel]}, at=clock())
        catch_up(book, settings, at=clock())


def _to_escalate(
    alerts: "Sequence[Entry]", items: Sequence[Delivery], names: Sequence[str]
) -> "list[tuple[Entry, Delivery]]":
    """Alerts that a channel or some of its receivers lost, and of which the other channels do not know yet."""
    by_number = {entry.seq: entry for entry in alerts}
    written = {tuple(entry.payload["about"]) for entry in alerts if entry.payload.get("about")}
    return [
        (alert, item)
        for item in items
        if (item.state in LOST or (item.refused and not item.open))
        and (alert := by_number.get(item.alert)) is not None
        and any(name != item.channel for name in names)
        and (item.alert, item.channel) not in written
        and not (alert.payload.get("about") or alert.payload.get("covers"))
    ]


def _failed_channel(original: Message, item: Delivery) -> Message:
    """The message by which the readers of the other channels learn of a lost alert."""
    if item.state == "partly_refused":
        who = f"{counted(len(item.refused), 'receiver')} of {item.channel}"
        state = f"{who} could not be reached"
    else:
        who, state = item.channel, f"{item.channel} is down"
    change = f"{who} did not take this alert ({item.last}). `captilt alert test` tries the channel."
    return replace(original, kind="failure", subject=f"{state}: {original.subject}"[:120], change=change)


def openable_channels(settings: "Alerts", clock: Clock) -> list[Channel]:
    """The channels switched on, without those whose secret is missing: one of them must not silence the others."""
    from captilt.alerts.enabled import enabled

    channels: list[Channel] = []
    for kind, table in enabled(settings):
        try:
            channels.append(kind.open(table, clock))
        except UsageError as fault:
            log.warning("channel not usable", channel=kind.name, reason=fault.message, remedy=fault.remedy)
    return channels


def send_waiting(desk: "Desk") -> None:
    """Send what is due; on a channel where somebody else is sending it is left to them."""
    from captilt.operations.run_lock import delivery, only_one

    channels = openable_channels(desk.settings.alerts, desk.clock)
    if channels:
        deliver(
            desk.ledger,
            channels,
            desk.settings.alerts,
            desk.clock,
            lock=lambda name: only_one(
                desk.home, doing="the alerts", server=desk.settings.store.url, now=desk.clock(), name=delivery(name)
            ),
            shared=bool(desk.settings.store.url),
        )
