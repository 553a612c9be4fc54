"""One message, said once: what a person needs on a phone in the lift, in that order.

Stance, size, change, why, health, link. The renderers (Slack, mail) add nothing of their own.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from allocator.desk import words
from allocator.desk.alerts.topics import Change

KINDS = ("introduction", "change", "digest", "late_digest", "failure", "test")
WHY_LINES = 3  # more is not read in a lift


@dataclass(frozen=True, slots=True)
class Message:
    """What is told.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    day : str
        The trading day it speaks of, ISO.
    subject : str
        Stance and size in at most 120 characters.
    stance, size, change : str
        One sentence each.
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
        For the mail's picture: line and points.
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

    @property
    def identity(self) -> str:
        """Stable name of this message: the same event of the same day is the same message."""
        core = json.dumps([self.kind, self.day, self.subject, self.change], ensure_ascii=False)
        return hashlib.sha256(core.encode()).hexdigest()[:20]

    def as_payload(self) -> dict[str, Any]:
        """For the outbox."""
        return {**asdict(self), "identity": self.identity}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Message":
        """Back from the outbox."""
        fields = {name: payload[name] for name in cls.__slots__}
        fields["why"], fields["despite"] = tuple(fields["why"]), tuple(fields["despite"])
        for name in ("details", "attribution"):
            fields[name] = tuple((label, value) for label, value in fields[name])
        return cls(**fields)


def compose(kind: str, payload: Mapping[str, Any], *, review_url: str, changes: Sequence[Change] = ()) -> Message:
    """The message of one run.

    Parameters
    ----------
    kind : str
    payload : mapping
        Run JSON.
    review_url : str
        Address of the review page; the day is added.
    changes : sequence of Change
        Confirmed changes that caused it; empty for an introduction or a digest.
    """
    advice = payload["recommendation"]
    stance = words.headline(payload)
    told = [sentence(change, payload) for change in changes] or [words.changed(payload)]
    lead = {"introduction": "captilt is watching", "digest": "Weekly digest", "late_digest": "Late"}.get(kind, "")
    subject = f"{lead + ': ' if lead else ''}{advice['stance']} small caps {words.points(advice['active_weight_points'])} pts"
    if changes:
        subject += f" ({', '.join(change.topic.replace('_', ' ') for change in changes)})"
    return Message(
        kind=kind,
        day=str(payload["as_of"]),
        subject=subject[:120],
        stance=stance,
        size=words.action(payload),
        change=" ".join(told),
        why=tuple(advice["because"][:WHY_LINES]),
        despite=tuple(advice["despite"][:WHY_LINES]),
        health=words.health(payload),
        details=(
            ("Rate cycle", words.regime(payload)),
            ("Forecast", words.opinion(payload)),
            ("Evidence", words.verdict(payload)),
        ),
        link=f"{review_url.rstrip('/')}/day/{payload['as_of']}",
        run_id=str(payload["run_id"]),
        urgent=any(change.urgent for change in changes),
        attribution=tuple((line["line"], line["points"]) for line in advice["attribution"] if abs(line["points"]) >= words.TINY_POINTS),
    )


def failure(day: str, reason: str, remedy: str, *, review_url: str, run_id: str, held: str) -> Message:
    """The message of a day without advice: what failed, that nothing moves, what to do."""
    return Message(
        kind="failure",
        day=day,
        subject=f"HOLD: no advice for {day}",
        stance="No new advice: the last accepted weight stays.",
        size=held,
        change=reason,
        why=(),
        despite=(),
        health="Data HOLD, confidence 0.00.",
        details=(("What to do", remedy),) if remedy else (),
        link=review_url,
        run_id=run_id,
        urgent=True,
    )


def sentence(change: Change, payload: Mapping[str, Any]) -> str:
    """One confirmed change in words, with its cause where the day has one."""
    cause = "; ".join(payload.get("events", [])[:2])
    after = f" After: {cause}." if cause else ""
    match change.topic:
        case "phase":
            return f"Phase: {words.PHASE_SHORT[change.before]} to {words.PHASE_SHORT[change.now]}.{after}"
        case "probabilities":
            name = max(change.now, key=lambda phase: abs(change.now[phase] - change.before.get(phase, 0.0)))
            was, now = 100 * change.before.get(name, 0.0), 100 * change.now[name]
            return f"Chance of {words.PHASE_SHORT[name]} {was:.0f} % to {now:.0f} %.{after}"
        case "fed_path":
            shared = change.now.keys() & change.before.keys()
            name = max(sorted(shared), key=lambda span: abs(change.now[span] - change.before[span]))
            span = f"{name.removeprefix('m')} months"
            return f"Fed path, {span} out: {change.before[name]:+.0f} to {change.now[name]:+.0f} bp.{after}"
        case _:
            return f"{change.topic.capitalize()}: {change.before} to {change.now}.{after}"
