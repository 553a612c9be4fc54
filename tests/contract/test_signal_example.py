"""The example in the room's README is true: it runs as it stands and keeps the contract."""

import re
from pathlib import Path

import signals.catalog
from signals.asof import AsOf
from signals.calendars import CUT, cut, instants, sessions_between
from signals.look_ahead import DAYS, cannot_see_the_future
from signals.signal import Reading, Signal, read, scores
from tests.support import worlds

README = Path(signals.catalog.__file__).parents[1] / "README.md"
MOST_LINES = 20
FIRST = DAYS[0]


def example() -> str:
    text = README.read_text(encoding="utf-8").split("## Add a signal in twenty lines")[1]
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found
    return found[1]


def built() -> Signal:
    space: dict[str, object] = {}
    exec(compile(example(), "README.md", "exec"), space)
    signal = space["SIGNAL"]
    assert isinstance(signal, Signal)
    return signal


def test_the_example_is_as_short_as_it_says() -> None:
    code = example().split('"""', 2)[2]  # what follows the argument and its reference

    assert len([line for line in code.splitlines() if line.strip()]) <= MOST_LINES


def test_the_example_answers_and_cannot_see_the_future() -> None:
    signal = built()
    world = worlds.world(signal.inputs)

    assert isinstance(read(signal, worlds.view(world)), Reading)
    assert all(cannot_see_the_future(signal, world, day) for day in DAYS)


def test_the_example_has_a_fast_path_equal_to_the_slow_one() -> None:
    signal = built()
    view = worlds.view(worlds.world(signal.inputs))
    days = sessions_between(DAYS[2], DAYS[3])[::90]

    fast = scores(signal, view, instants(days, CUT))

    slow = [read(signal, AsOf(cut(day.item()), view._find)) for day in days]
    assert fast.tolist() == [answer.score for answer in slow if isinstance(answer, Reading)]


def test_every_room_file_in_the_readme_exists() -> None:
    rows = [line.split("|")[1] for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    names = [name for row in rows for name in re.findall(r"`([^`*]+)`", row)]

    assert names
    assert [name for name in names if not (README.parent / name).exists()] == []
