"""The contract of a signal: what it promises, tried on a made-up world.

1. It says what it asks, its unit and what economics expects; it reads only what it declares.
2. Nothing learned after a moment changes its answer there: later facts are cut off, replaced by NaN and by 1e9, and
   the past is revised later; the answer stays the same to the bit.
3. The order in which facts arrived does not matter, and asking twice gives the same answer.
4. Without data it answers with a gap; it never raises.
5. Many moments at once (`Signal.scores_at`) give what asking one by one gives.
6. It does not read the clock: a day of the machine would be in the answer of every past day.

A signal that carries numbers of its own (a file that it reads, a table in its code) goes around the view, and no
trial of this kind can find that: facts belong into the store.
"""

import ast
import datetime as dt
import inspect
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from signals.asof import AsOf, History, UndeclaredInput
from signals.calendars import CUT, cut, instants, sessions_between
from signals.new_york import instant
from signals.signal import Gap, Reading, Signal, read, scores
from signals.synthetic import world as made_up

DAYS = tuple(dt.date.fromisoformat(day) for day in ("2004-05-18", "2012-12-31", "2016-06-24", "2019-06-28"))
NAME = re.compile(r"[a-z][a-z0-9_]*")
REVISED = 10  # every so many periods are revised after the moment
FROM, EVERY = dt.date(2017, 11, 2), 60  # sessions asked for both at once and one by one
CLOCKS = frozenset({"today", "now", "utcnow", "time_ns", "localtime", "gmtime"})
CLOCK_OWNERS = frozenset({"date", "datetime", "Timestamp", "time"})
TIME_FUNCTIONS = frozenset({"time", "monotonic", "perf_counter"})
PARSERS = frozenset({"datetime64", "Timestamp", "to_datetime"})  # of "today" and "now"
Change = Callable[[History], History]


def broken_promises(signal: Signal, world: Mapping[str, History] | None = None) -> tuple[str, ...]:
    """What `signal` breaks of the contract, one sentence each; empty where it keeps it.

    Parameters
    ----------
    signal : Signal
    world : mapping of str to History, optional
        Histories of its inputs; made up from a seed where left out.
    """
    spoken = tuple(_unsaid(signal))
    if spoken:
        return spoken
    world = made_up(signal.inputs) if world is None else world
    try:
        return tuple(_broken(signal, world))
    except UndeclaredInput as fault:
        return (f"it reads a series that it does not declare: {fault}.",)
    except Exception as fault:  # noqa: BLE001 - the code is somebody else's, and any fault of it is the finding
        return (f"it raises {type(fault).__name__}: {fault}.",)


def cannot_see_the_future(signal: Signal, world: Mapping[str, History], day: dt.date) -> bool:
    """True where nothing learned after `day` changes the answer by one bit."""
    moment = cut(day)
    answer = read(signal, AsOf(moment, world))
    changes: tuple[Change, ...] = (
        lambda history: history.until(instant(moment)),
        lambda history: poisoned(history, moment, math.nan),
        lambda history: poisoned(history, moment, 1e9),
        lambda history: revised_later(history, moment),
    )
    others = [AsOf(moment, {name: change(world[name]) for name in signal.inputs}) for change in changes]
    return all(read(signal, other) == answer for other in others)


def poisoned(history: History, moment: dt.datetime, value: float) -> History:
    """With `value` in place of everything learned after `moment`."""
    return History(history.period, history.known_at, np.where(history.known_at > instant(moment), value, history.value))


def revised_later(history: History, moment: dt.datetime) -> History:
    """With another version of every tenth period, learned a day after `moment`."""
    chosen = slice(None, None, REVISED)
    later = np.full(history.period[chosen].size, instant(moment) + np.timedelta64(1, "D"))
    return History.of(
        np.append(history.period, history.period[chosen]),
        np.append(history.known_at, later),
        np.append(history.value, history.value[chosen] * 7 + 1),
    )


def shuffled(history: History) -> History:
    """The same facts in another order of arrival."""
    order = np.random.default_rng(3).permutation(history.period.size)
    return History.of(history.period[order], history.known_at[order], history.value[order])


def _unsaid(signal: Signal) -> Iterator[str]:
    if not NAME.fullmatch(signal.name):
        yield f"its name {signal.name!r} is not lower-case letters, digits and underscores."
    if not signal.inputs:
        yield "it declares no inputs."
    if not signal.asks.endswith("?"):
        yield "`asks` is not a question."
    for field in ("unit", "prior"):
        if not getattr(signal, field):
            yield f"`{field}` is empty."


def clock_reads(source: str) -> tuple[str, ...]:
    r"""Where Python code asks for the present, such as ``date.today (line 9)``.

    >>> clock_reads("import datetime as dt\nnow = dt.date.today()")
    ('dt.date.today (line 2)',)
    """
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return tuple(f"{text} (line {call.lineno})" for call in calls if (text := _clock(call)))


def _clock(call: ast.Call) -> str:
    """The text of a call that reads the clock; empty for any other."""
    text, words = ast.unparse(call.func), [part.value for part in call.args if isinstance(part, ast.Constant)]
    *owners, name = text.split(".")
    if name in CLOCKS and (not owners or owners[-1] in CLOCK_OWNERS):
        return text
    if owners[-1:] == ["time"] and name in TIME_FUNCTIONS:
        return text
    return f"{text}({words[0]!r})" if name in PARSERS and words[:1] in (["today"], ["now"]) else ""


def _own_code(signal: Signal) -> Iterator[str]:
    """Sources of the modules whose functions make the answer; the shipped rooms are under contract already."""
    parts = [signal.answer, signal.scores_at]
    for part in tuple(parts):
        owner = getattr(part, "__self__", None)
        parts += [getattr(owner, field, None) for field in getattr(type(owner), "__slots__", ())]
        parts += list(getattr(owner, "__dict__", {}).values())
    modules = {getattr(part, "__module__", None) or "" for part in parts if callable(part)}
    for name in sorted(name for name in modules if name and not name.startswith("signals.")):
        try:
            yield inspect.getsource(sys.modules[name])
        except (KeyError, OSError, TypeError):  # typed in, or compiled
            continue


def _broken(signal: Signal, world: Mapping[str, History]) -> Iterator[str]:
    days = tuple(cut(day) for day in DAYS)
    answers: list[object] = [read(signal, AsOf(moment, world)) for moment in days]
    if wrong := [answer for answer in answers if not isinstance(answer, Reading | Gap)]:
        yield f"it answers with {type(wrong[0]).__name__}, which is neither a Reading nor a Gap."
        return
    if not isinstance(read(signal, AsOf(days[-1], {})), Gap):
        yield "it answers with a number where nothing is stored."
    if not any(isinstance(answer, Reading) for answer in answers):
        yield f"it never answers, though every input is stored: {answers[-1]}."
    for day in DAYS:
        if not cannot_see_the_future(signal, world, day):
            yield f"it looks ahead: what was learned after {day} changes its answer of that day."
            break
    mixed = {name: shuffled(world[name]) for name in signal.inputs}
    if [read(signal, AsOf(moment, mixed)) for moment in days] != answers:
        yield "its answer is not the same twice, or depends on the order in which facts arrived."
    if clocks := [where for source in _own_code(signal) for where in clock_reads(source)]:
        yield f"it reads the clock: {', '.join(clocks)}. The moment is that of the view."
    moments_asked = instants(sessions_between(FROM, DAYS[-1])[::EVERY], CUT)
    whole = AsOf(days[-1], world)
    one_by_one = [read(signal, whole.at(moment.item().replace(tzinfo=dt.UTC))) for moment in moments_asked]
    expected = [answer.score if isinstance(answer, Reading) else math.nan for answer in one_by_one]
    if not np.array_equal(scores(signal, whole, moments_asked), expected, equal_nan=True):
        yield "scores_at differs from asking one moment at a time."
