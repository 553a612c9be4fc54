"""What a channel carries: one message, whose renderings add nothing of their own."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from captilt.formats import day, points

KINDS = ("introduction", "change", "digest", "replacement", "late_digest", "missed", "failure", "test")


@dataclass(frozen=True, slots=True)
class Message:
    """What people read.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    day : str
        The trading day it speaks of, ISO.
    subject : str
        Stance and size in at most 120 characters.
    stance, size : str
        One sentence each.
    change : str
        One sentence a line.
    why, despite : tuple of str
    health : str
        Names the rung.
    details : tuple of (str, str)
        Label and value: regime, model, evidence, Fed path.
    link : str
        Page of the review.
    run_id, ledger_head : str
        Witness: the head of the ledger when the message was written.
    urgent : bool
        Quiet hours do not hold it back.
    attribution : tuple of (str, float)
        Line and points, as the engine computed them.
    market : tuple of (str, str)
        The market before any model: label and value, in the order in which they are read.
    pulls : tuple of (str, str, str, float)
        Heading (pulls up, pulls down, cut back by), line, the value behind it, and points that add up as shown.
    remarks : tuple of str
        Sentences of the engine that are no line of the attribution.
    rung : str
        OK | DEGRADED | STALE | HOLD, in the first line of every rendering; empty for a test message.
    """

    kind: str
    day: str
    subject: str
    stance: str
    size: str
    change: str
    why: tuple[str, ...]
    despite: tuple[str, ...]
    health: str
    details: tuple[tuple[str, str], ...]
    link: str
    run_id: str
    ledger_head: str = ""
    urgent: bool = False
    attribution: tuple[tuple[str, float], ...] = ()
    rung: str = ""
    market: tuple[tuple[str, str], ...] = ()
    pulls: tuple[tuple[str, str, str, float], ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        """Stable name of this message: the same event of the same day is the same message."""
        core = json.dumps([self.kind, self.day, self.subject, self.change], ensure_ascii=False)
        return hashlib.sha256(core.encode()).hexdigest()[:20]

    @property
    def foot(self) -> str:
        """Day, run and head of the ledger: what makes an inbox a witness."""
        ledger = f" · ledger {self.ledger_head[:12]}" if self.ledger_head else ""
        return f"{day(self.day)} · run {self.run_id}{ledger}"

    @property
    def reasons(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Headings with their lines, for whoever shows text alone; points stand in front of each line."""
        headings = dict.fromkeys(heading for heading, *_ in self.pulls)
        grouped = [
            (title, tuple(f"{points(value)}  {name}" for heading, name, _, value in self.pulls if heading == title))
            for title in headings
        ]
        return (*grouped, *((("Also", self.remarks),) if self.remarks else ()))

    def as_payload(self) -> dict[str, Any]:
        """For the outbox."""
        return {**asdict(self), "identity": self.identity}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Message":
        """Back from the outbox."""
        fields = {name: payload[name] for name in cls.__slots__ if name in payload}
        for name in ("why", "despite", "remarks"):
            fields[name] = tuple(fields.get(name, ()))
        for name in ("details", "attribution", "market", "pulls"):
            fields[name] = tuple(tuple(row) for row in fields.get(name, ()))
        return cls(**fields)
