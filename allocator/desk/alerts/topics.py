"""What is worth telling: a small state machine for each topic, so that nothing flickers.

1. The first run sets the baseline and tells one introduction.
2. Each topic compares today's value with the value last *told*, not with yesterday's.
3. A change in the acting direction (a new phase, a tilt, a trade, worse data) is confirmed after
   `acts` runs in a row; a way back (to neutral, to hold, to healthy data) after `returns` runs: the
   topic is *pending* or *recovering* until then, and falls silent if the change goes away.
4. A topic told within the cool-down waits, unless it is urgent.

Everything is a function of the run payloads and of what was told, so a restart changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Payload = Mapping[str, Any]
RUNG = {"OK": 0, "DEGRADED": 1, "STALE": 2, "HOLD": 3}


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that can change.

    Attributes
    ----------
    name : str
    value : callable
        From a run payload to the value that is compared (JSON-able).
    differs : callable
        (told, now, settings) -> True where a person would call it another value.
    returning : callable
        (told, now) -> True where the change leads back to rest.
    acts, returns : int
        Runs in a row that a change must hold before it is told.
    urgent : bool
        Told in spite of cool-down and quiet hours.
    """

    name: str
    value: Callable[[Payload], Any]
    differs: Callable[[Any, Any, Any], bool]
    returning: Callable[[Any, Any], bool]
    acts: int = 1
    returns: int = 2
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A confirmed change of one topic."""

    topic: str
    before: Any
    now: Any
    urgent: bool = False


def _other(told: Any, now: Any, _: Any) -> bool:
    return told != now


def _probabilities(payload: Payload) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in payload["regime"]["probabilities"].items()}


def _moved(told: Mapping[str, float], now: Mapping[str, float], settings: Any) -> bool:
    return max(abs(now[name] - told.get(name, 0.0)) for name in now) >= settings.material_probability


def _path(payload: Payload) -> dict[str, float]:
    bp = payload.get("fed_path", {}).get("bp") or {}
    return {name: round(float(bp[name]), 2) for name in ("m3", "m6", "m12") if bp.get(name) is not None}


def _repriced(told: Mapping[str, float], now: Mapping[str, float], settings: Any) -> bool:
    shared = told.keys() & now.keys()
    return any(abs(now[name] - told[name]) >= settings.material_path_bp for name in shared)


def _never(_: Any, __: Any) -> bool:
    return False


TOPICS: tuple[Topic, ...] = (
    Topic("phase", lambda p: p["regime"]["phase"], _other, _never),
    Topic("stance", lambda p: p["recommendation"]["stance"], _other, lambda _, now: now == "neutral"),
    Topic("action", lambda p: p["recommendation"]["action"], _other, lambda _, now: now == "hold"),
    Topic("probabilities", _probabilities, _moved, _never, acts=2),
    Topic("fed_path", _path, _repriced, _never, acts=2),
    Topic("data", lambda p: p["data"]["status"], _other, lambda told, now: RUNG[now] < RUNG[told], acts=2),
)
HOLD_AT_ONCE = ("STALE", "HOLD")  # a rung on which the advice itself is at stake is told on the first day


def baseline(payload: Payload) -> dict[str, Any]:
    """The value of every topic in one run: what a person knows once they have been told of it."""
    return {topic.name: topic.value(payload) for topic in TOPICS}


def confirmed(
    runs: Sequence[Payload], told: Mapping[str, Any], last_told: Mapping[str, dt.date], settings: Any
) -> tuple[Change, ...]:
    """Changes to tell after the newest run.

    Parameters
    ----------
    runs : sequence of run payloads
        In order of day; the last is today's. At least the longest confirmation is enough.
    told : mapping
        Value last told for each topic (see `baseline`).
    last_told : mapping
        Day on which each topic was last told; a topic missing here never was.
    settings : object with material_probability, material_path_bp, cooldown_hours

    Returns
    -------
    tuple of Change
    """
    found = (_change(topic, runs, told, last_told, settings) for topic in TOPICS)
    return tuple(change for change in found if change is not None)


def _change(
    topic: Topic, runs: Sequence[Payload], told: Mapping[str, Any], last_told: Mapping[str, dt.date], settings: Any
) -> Change | None:
    before = told.get(topic.name)
    now = topic.value(runs[-1])
    if before is None or not topic.differs(before, now, settings):
        return None
    at_once = topic.name == "data" and now in HOLD_AT_ONCE and RUNG[now] > RUNG[before]
    needed = 1 if at_once else topic.returns if topic.returning(before, now) else topic.acts
    held = 0
    for run in reversed(runs):
        if not topic.differs(before, topic.value(run), settings):
            break
        held += 1
    if held < needed:
        return None
    today = dt.date.fromisoformat(str(runs[-1]["as_of"]))
    cooling = topic.name in last_told and (today - last_told[topic.name]) < dt.timedelta(hours=settings.cooldown_hours)
    if cooling and not (topic.urgent or at_once):
        return None
    return Change(topic.name, before, now, urgent=topic.urgent or at_once)
