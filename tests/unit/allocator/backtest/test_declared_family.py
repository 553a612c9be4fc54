"""The fast walk of the declared family is the slow one, member by member."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from allocator.backtest.declared_family import declared, walk
from allocator.evidence import specification
from allocator.settings import Judgement, PortfolioSettings
from allocator.track_record import walk_forward_record
from regime.settings import RegimeSettings
from signals.calendars import cut

REGIME = RegimeSettings()


@pytest.fixture(scope="module")
def view(store):
    return store.as_of(cut(dt.date(1997, 6, 30)))


def test_the_family_is_what_was_declared_and_holds_the_declared_rule():
    family = specification().declared["family"]

    members = declared(Judgement())

    expected = np.prod([len(family[axis]) for axis in family])
    assert len(members) == len(set(members)) == expected
    assert Judgement() in members


def test_a_member_walks_exactly_as_it_would_alone(view):
    members = declared(Judgement())[::25]

    together = walk(view, members, REGIME)

    for place, member in enumerate(members):
        alone = walk_forward_record(view, member, REGIME)
        assert np.allclose(together.points[:, place], alone.points, atol=1e-9)
        assert np.allclose(together.net[:, place], alone.net, atol=1e-9, equal_nan=True)
    assert (together.decided == alone.decided).all()


def test_members_differ(view):
    together = walk(view, declared(Judgement())[::25], REGIME)

    assert np.unique(np.round(together.points, 9), axis=1).shape[1] == len(together.members)


def test_a_member_without_signals_follows_the_regime_alone(view):
    plain = Judgement()
    alone = replace(plain, forecast=replace(plain.forecast, signals=(), regime=True))

    found = walk(view, (plain, alone), REGIME)

    before = found.decided < np.datetime64("1995-01-01")
    assert (found.points[before, 1] == 0).all()  # there is no probability to follow before the record


def test_progress_is_told_and_changes_nothing(view):
    told = []
    members = (Judgement(),)

    loud = walk(view, members, REGIME, step=lambda done, of: told.append((done, of)))

    assert np.array_equal(loud.points, walk(view, members, REGIME).points)
    assert told[-1][0] == told[-1][1] == len(told)


def test_another_pair_is_walked_on_its_own_returns(view):
    smb = replace(Judgement(), portfolio=PortfolioSettings(small="french:FF3_DAILY:SMB", large="none"))

    found = walk(view, (smb,), REGIME, first=dt.date(1975, 1, 1))

    assert found.decided[0] == np.datetime64("1975-01-31")
    assert np.isfinite(found.known()).all()
