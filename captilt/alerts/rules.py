"""What is worth telling: a small state machine for each topic, so that nothing flickers.

1. The first run sets the baseline and tells one introduction.
2. Each topic compares today's value with the value last *announced*, not with yesterday's.
3. A change in the acting direction (a new phase, a tilt, a trade, worse data) is confirmed after
   `acts` runs in a row; a way back (to neutral, to hold, to healthy data) after `returns` runs: the
   topic is *pending* or *recovering* until then, and *confirmed* again if the change goes away.
4. A change that is confirmed within the cool-down of its topic is *cooling*: it waits, unless it is urgent.

Everything is a function of the recorded runs and of what was announced, so a restart changes nothing.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from captilt.contract.run import Run

State = Literal["confirmed", "pending", "recovering", "cooling", "due"]
RUNG = {"OK": 0, "DEGRADED": 1, "STALE": 2, "HOLD": 3}
SAME_POINTS = 0.01  # two weights closer than this, in points of the portfolio, are one weight
BP = 100.0  # in a percentage point


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that can change.

    Attributes
    ----------
    name : str
    value : callable
        From a run to the value that is compared (JSON values only).
    differs : callable
        (announced, now, settings) -> True where a person would call it another value.
    returning : callable
        (announced, now) -> True where the change leads back to rest.
    acts, returns : int
        Runs in a row that a change must hold before it is announced.
    rests : callable
        (announced, now) -> True where a change so soon after the last one waits three weeks: it may be a threshold
        that is crossed back and forth.
    """

    name: str
    value: Callable[[Run], Any]
    differs: Callable[[Any, Any, Any], bool]
    returning: Callable[[Any, Any], bool]
    acts: int = 1
    returns: int = 2
    rests: Callable[[Any, Any], bool] = lambda _, __: False


@dataclass(frozen=True, slots=True)
class Change:
    """A confirmed change of one topic.

    Attributes
    ----------
    topic : str
    before, now : object
        Values announced before and to be announced now.
    urgent : bool
        Told in spite of cool-down and quiet hours.
    cause : tuple of str
        Decisions and releases of the day on which the change began.
    """

    topic: str
    before: Any
    now: Any
    urgent: bool = False
    cause: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicState:
    """The state machine of one topic after the newest run.

    Attributes
    ----------
    topic : str
    state : str
        confirmed (what was announced holds) | pending | recovering | cooling | due (announced with this run).
    change : Change or None
        None where what was announced holds.
    runs, needed : int
        Runs in a row that the change has lasted, and must last.
    """

    topic: str
    state: State
    change: Change | None = None
    runs: int = 0
    needed: int = 0


def _other(announced: Any, now: Any, _: Any) -> bool:
    return announced != now


def _never(_: Any, __: Any) -> bool:
    return False


def _probabilities(run: Run) -> dict[str, float]:
    return {phase.value: round(value, 4) for phase, value in run.regime.probabilities.items()}


def _moved(announced: Mapping[str, float], now: Mapping[str, float], settings: Any) -> bool:
    return max(abs(now[name] - announced.get(name, 0.0)) for name in now) >= settings.material_probability


def _path(run: Run) -> dict[str, float]:
    """Expected rate, percent, after state meeting.

    Levels by date, not moves from today: neither a hike that was expected nor the passing of time is a
    repricing. Empty where there are no futures.
    """
    meetings = run.fed_path.answered
    return {
        meeting.date.isoformat(): round(meeting.end_rate, 4) for meeting in meetings if meeting.end_rate is not None
    }


def _repriced(announced: Mapping[str, float], now: Mapping[str, float], settings: Any) -> bool:
    shared = announced.keys() & now.keys()
    return any(BP * abs(now[date] - announced[date]) >= settings.material_path_bp for date in shared)


def _action(run: Run) -> dict[str, Any]:
    advice = run.recommendation
    return {"action": advice.action, "target": advice.target_weight, "held": advice.held_weight}


def _acts_otherwise(announced: Mapping[str, Any], now: Mapping[str, Any], settings: Any) -> bool:
    """Another thing to do; a trade that was carried out or declined as announced is not news to who did it."""
    untouched = abs(now["held"] - announced["held"]) * 100 < SAME_POINTS
    if now["action"] == "hold":
        return announced["action"] == "trade" and untouched
    if announced["action"] == "hold" or not untouched:
        return True
    return abs(now["target"] - announced["target"]) * 100 >= settings.material_points


TOPICS: tuple[Topic, ...] = (
    Topic("phase", lambda run: run.regime.phase.value, _other, _never),
    Topic(
        "stance",
        lambda run: run.recommendation.stance,
        _other,
        lambda _, now: now == "neutral",
        rests=lambda announced, now: "neutral" in (announced, now),
    ),
    Topic("action", _action, _acts_otherwise, lambda _, now: now["action"] == "hold"),
    Topic("probabilities", _probabilities, _moved, _never, acts=2),
    Topic("fed_path", _path, _repriced, _never, acts=2),
    Topic("data", lambda run: run.data.status, _other, lambda announced, now: RUNG[now] < RUNG[announced], acts=2),
)
RUNS_NEEDED = 1 + max(max(topic.acts, topic.returns) for topic in TOPICS)
REST = dt.timedelta(days=21)  # between two announced stances one of which is neutral
HOLD_AT_ONCE = ("STALE", "HOLD")  # a rung on which the advice itself is at stake is announced on the first day


def baseline(run: Run) -> dict[str, Any]:
    """The value of every topic in one run: what a person knows once that run was announced."""
    return {topic.name: topic.value(run) for topic in TOPICS}


def completed(announced: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """`announced`, with what could not be compared because it was never announced (a new meeting, a path that is back).

    Every message shows the whole state, so what it shows for the first time counts as announced by it.
    """
    fresh = baseline(run)
    path = {date: rate for date, rate in announced.get("fed_path", {}).items() if date >= str(run.as_of)}
    return {**fresh, **announced, "fed_path": {**fresh["fed_path"], **path}}


def confirmed(
    runs: Sequence[Run], announced: Mapping[str, Any], announced_on: Mapping[str, dt.date], settings: Any
) -> tuple[Change, ...]:
    """Changes to tell after the newest run (see `topic_states`)."""
    states = topic_states(runs, announced, announced_on, settings)
    return tuple(state.change for state in states if state.state == "due" and state.change is not None)


def topic_states(
    runs: Sequence[Run], announced: Mapping[str, Any], announced_on: Mapping[str, dt.date], settings: Any
) -> tuple[TopicState, ...]:
    """The state of every topic after the newest run.

    Parameters
    ----------
    runs : sequence of Run
        In order of day; the last is today's. `RUNS_NEEDED` are enough.
    announced : mapping
        Value last announced for each topic (see `baseline`).
    announced_on : mapping
        Day on which each topic was last announced; a topic missing here never was.
    settings : object with material_probability, material_path_bp, material_points, cooldown_hours

    Returns
    -------
    tuple of TopicState
    """
    return tuple(_topic_state(topic, runs, announced, announced_on.get(topic.name), settings) for topic in TOPICS)


def _topic_state(
    topic: Topic, runs: Sequence[Run], announced: Mapping[str, Any], last: dt.date | None, settings: Any
) -> TopicState:
    before, now = announced.get(topic.name), topic.value(runs[-1])
    if before is None or not topic.differs(before, now, settings):
        return TopicState(topic.name, "confirmed")
    lasting = _runs_in_a_row(topic, runs, before, settings)
    at_once = topic.name == "data" and now in HOLD_AT_ONCE and RUNG[now] > RUNG[before]
    back = topic.returning(before, now)
    needed = 1 if at_once else topic.returns if back else topic.acts
    change = Change(topic.name, before, now, urgent=at_once, cause=runs[-lasting].events)
    if lasting < needed:
        return TopicState(topic.name, "recovering" if back else "pending", change, lasting, needed)
    today = runs[-1].as_of
    pause = dt.timedelta(hours=settings.cooldown_hours)
    if topic.rests(before, now):
        pause = max(pause, REST)
    cooling = last is not None and today - last < pause
    return TopicState(topic.name, "cooling" if cooling and not at_once else "due", change, lasting, needed)


def _runs_in_a_row(topic: Topic, runs: Sequence[Run], before: Any, settings: Any) -> int:
    """Runs in a row, up to today's, that differ from what was announced."""
    count = 0
    for run in reversed(runs):
        if not topic.differs(before, topic.value(run), settings):
            break
        count += 1
    return count
