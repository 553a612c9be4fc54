"""The state of every message on every channel, derived from the ledger's `alert` and `attempt` entries."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from captilt.formats import counted

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Entry, Ledger
    from captilt.config.settings import Alerts

LOOK_BACK = 300  # alerts: a year of one every session; what was announced stands in the last one
UNREACHED_HOURS = 1.0  # long enough for a restart of the receiver, short enough to act on the same evening
State = Literal["waiting", "unknown", "sent", "partly_refused", "refused", "given_up"]
OPEN: tuple[State, ...] = ("waiting", "unknown")
LOST: tuple[State, ...] = ("refused", "given_up")
REACHED: tuple[State, ...] = ("sent", "partly_refused")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One alert on one channel.

    Attributes
    ----------
    alert : int
        Number of the alert's ledger entry.
    channel : str
    state : str
        waiting | unknown (died while sending) | sent | partly_refused (by some receivers) | refused | given_up.
    attempts : int
    last : str
        Detail of the last attempt.
    due : datetime.datetime or None
        Not before this instant.
    since : datetime.datetime
        When the alert was written.
    wait_requested : bool
        The receiver itself asked us to wait until `due`.
    perhaps_there : bool
        An earlier attempt may have got through.
    settled : frozenset of str
        Receivers that took it or refused it for good; they are not tried again.
    refused : frozenset of str
        Those among them that refused it.
    begun : datetime.datetime or None
        When the attempt began that has no receipt; None where there is none.
    entries : int
        How many entries of the ledger say so.
    """

    alert: int
    channel: str
    state: State
    attempts: int
    last: str
    due: dt.datetime | None
    since: dt.datetime
    wait_requested: bool = False
    perhaps_there: bool = False
    settled: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    begun: dt.datetime | None = None
    entries: int = 0

    @property
    def open(self) -> bool:
        """True while there is something left to try."""
        return self.state in OPEN


def deliveries(book: "Book | Ledger", settings: "Alerts", *, last: int | None = None) -> list[Delivery]:
    """The state of every alert (of the `last` so many) on every channel, oldest first."""
    alerts = book.entries("alert", last=last)
    rows: dict[tuple[int, str], list[Entry]] = {}
    for entry in book.entries("attempt", after=alerts[0].seq) if alerts else ():
        rows.setdefault((entry.payload["alert"], entry.payload["channel"]), []).append(entry)
    return [
        _delivery(alert, name, rows.get((alert.seq, name), []), settings)
        for alert in alerts
        for name in alert.payload.get("channels", ())
    ]


def give_up_at(alert: "Entry", settings: "Alerts") -> dt.datetime:
    """The instant of the last try."""
    return alert.recorded_at + dt.timedelta(hours=settings.give_up_hours)


def _delivery(alert: "Entry", channel: str, rows: "Sequence[Entry]", settings: "Alerts") -> Delivery:
    receipts = [row.payload for row in rows if row.payload["step"] == "done"]
    started = len(rows) - len(receipts)
    last = receipts[-1] if receipts else {}
    due = dt.datetime.fromisoformat(last["retry_at"]) if last.get("retry_at") else None
    outcomes: dict[str, str] = {}
    for receipt in receipts:
        outcomes |= receipt.get("receivers") or {}
    refused = frozenset(name for name, outcome in outcomes.items() if outcome == "permanent")
    settled = refused | {name for name, outcome in outcomes.items() if outcome == "sent"}
    state: State = "waiting"
    if rows and rows[-1].payload["step"] == "started":
        state = "unknown"
    elif last:
        state = _ended(last, settled=bool(settled - refused), refused=bool(refused))
    if state == "waiting" and due is not None and due > give_up_at(alert, settings):
        state = "partly_refused" if settled - refused else "given_up"
        refused |= frozenset(name for name in outcomes if name not in settled)
    return Delivery(
        alert.seq,
        channel,
        state,
        started,
        str(last.get("detail", "")),
        due,
        alert.recorded_at,
        wait_requested=bool(last.get("asked")),
        perhaps_there=started > len(receipts) or any(receipt.get("perhaps_there") for receipt in receipts),
        settled=settled,
        refused=refused,
        begun=rows[-1].recorded_at if state == "unknown" else None,
        entries=len(rows),
    )


def _ended(last: Mapping[str, Any], *, settled: bool, refused: bool) -> State:
    """The state that the last receipt leaves."""
    match last["outcome"]:
        case "transient":
            return "waiting"
        case "sent":
            return "partly_refused" if refused else "sent"
        case _:
            return "partly_refused" if settled else "refused"


def unreached(book: "Book | Ledger", settings: "Alerts", now: dt.datetime) -> str:
    """Why somebody outside must know: an alert that no channel took, for an hour or more; empty otherwise.

    An alert counts for twice `give_up_hours`, so that a dead-man's switch does not stay red for ever.
    """
    youngest = now - dt.timedelta(hours=UNREACHED_HOURS)
    oldest = now - dt.timedelta(hours=2 * settings.give_up_hours)
    reached: dict[int, bool] = {}
    for item in deliveries(book, settings, last=LOOK_BACK):
        if item.attempts and oldest <= item.since <= youngest:
            reached[item.alert] = reached.get(item.alert, False) or item.state in REACHED
    count = sum(not taken for taken in reached.values())
    return f"no channel took {counted(count, 'alert')}" if count else ""


def lost_alerts(alerts: "Sequence[Entry]", items: Sequence[Delivery], channel: str) -> "list[Entry]":
    """Those of `alerts` that `items` show as lost on a channel and no digest has made up for yet, oldest first.

    A digest on its way makes up for what it covers; one that was lost itself makes up for nothing.
    """
    by_number = {entry.seq: entry for entry in alerts}
    own = {item.alert: item for item in items if item.channel == channel}
    covered = {
        seq
        for number, entry in by_number.items()
        if number in own and own[number].state not in LOST
        for seq in entry.payload.get("covers", ())
    }
    return [
        entry
        for seq, item in own.items()
        if item.state in LOST
        and seq not in covered
        and (entry := by_number.get(seq)) is not None
        and not entry.payload.get("covers")
    ]
