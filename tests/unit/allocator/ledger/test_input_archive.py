"""What a run looked at can be taken out of the book again, to the bit."""

import datetime as dt

import numpy as np
import pytest

from allocator.ledger.input_archive import pack, unpack, watched
from signals.asof import AsOf, History
from signals.errors import CheckFailed

MOMENT = dt.datetime(2020, 6, 30, 22, tzinfo=dt.UTC)


def world(seed: int, n: int = 4000) -> dict[str, History]:
    draw = np.random.default_rng(seed)
    days = np.datetime64("2010-01-01") + np.arange(n)
    known = (
        days.astype("datetime64[us]") + np.timedelta64(1, "D") + draw.integers(0, 86_400, n).astype("timedelta64[s]")
    )
    value = draw.normal(size=n)
    value[::97] = np.nan
    return {
        "a:X": History.of(days, known, value),
        "a:Y": History.of(days[:50], known[:50], value[:50]),
        "a:Z": History.of([], [], []),
    }


@pytest.mark.parametrize("seed", range(5))
def test_a_packed_view_answers_as_the_live_one_did(seed: int) -> None:
    view, asked = watched(AsOf(MOMENT, world(seed)))
    prints = [view.fingerprint(["a:X", "a:Z"]), view.at(MOMENT - dt.timedelta(days=400)).fingerprint(["a:X", "a:Y"])]

    manifest, blocks = pack(view, asked)
    again = unpack(manifest, blocks.__getitem__)

    assert asked == {"a:X", "a:Y", "a:Z"}
    assert [
        again.fingerprint(["a:X", "a:Z"]),
        again.at(MOMENT - dt.timedelta(days=400)).fingerprint(["a:X", "a:Y"]),
    ] == prints
    assert again.moment == MOMENT


def test_what_is_learned_later_changes_nothing_in_the_archive() -> None:
    late = world(1)
    early = {name: history.until(np.datetime64("2020-06-30T22:00")) for name, history in late.items()}

    assert pack(AsOf(MOMENT, early), ["a:X"]) == pack(AsOf(MOMENT, late), ["a:X"])


def test_a_day_adds_only_what_it_brought() -> None:
    facts = world(2)
    _, monday = pack(AsOf(MOMENT, facts), ["a:X", "a:Y"])
    _, tuesday = pack(AsOf(MOMENT + dt.timedelta(hours=20), facts), ["a:X", "a:Y"])

    added = set(tuesday) - set(monday)

    assert 1 <= len(added) <= 2
    assert sum(len(tuesday[name]) for name in added) < 2000


def test_a_replay_that_asks_for_more_than_was_kept_is_refused() -> None:
    view, asked = watched(AsOf(MOMENT, world(3)))
    view.latest("a:Y")
    manifest, blocks = pack(view, asked)

    with pytest.raises(CheckFailed, match="never looked at a:X"):
        unpack(manifest, blocks.__getitem__).latest("a:X")


def test_a_series_that_did_not_exist_then_is_empty_for_an_earlier_method_only():
    manifest, blocks = pack(AsOf(MOMENT, world(1)), ["a:X"])

    again = unpack(manifest, blocks.__getitem__, unknown_is_empty=True)

    assert again.latest("made later").period.size == 0
    with pytest.raises(CheckFailed):
        unpack(manifest, blocks.__getitem__).latest("made later")
