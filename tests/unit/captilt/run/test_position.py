"""One path of the held weight into the decision: file, decision, setting, policy, and what each gives way to."""

import datetime as dt
import os

import pytest

from captilt.review.decisions import Answer, current, decide
from captilt.run.position import held_position
from signals.calendars import cut
from signals.errors import InputError
from tests.e2e.review.conftest import desk_at, record
from tests.e2e.sample_run import DAY

BOOK = "symbol,value\nIWM,25\nSPY,75\n"


@pytest.fixture
def desk(tmp_path):
    made = desk_at(tmp_path, cut(DAY))
    (tmp_path / "facts.db").touch()  # an empty store, on purpose
    record(made, DAY)
    return made


@pytest.fixture
def book(tmp_path):
    file = tmp_path / "book.csv"
    file.write_text(BOOK)
    return file


def with_file(desk, file):
    portfolio = type(desk.settings.portfolio)(holdings=str(file))
    desk.settings = desk.settings.model_copy(update={"portfolio": portfolio})
    return desk


def written(file, moment):
    os.utime(file, (moment.timestamp(), moment.timestamp()))


def test_without_a_file_the_policy_weight_is_held_until_something_is_accepted(desk):
    assert (held_position(desk, desk.clock()).weight, held_position(desk, desk.clock()).source) == (0.2, "policy")

    code = current(desk.ledger, desk.clock(), 5).code
    decide(desk, Answer("modify", code, "Ana", target_weight=0.18, confirmed=True))

    assert (held_position(desk, desk.clock()).weight, held_position(desk, desk.clock()).source) == (0.18, "decision")


def test_the_file_of_the_settings_is_what_is_held(desk, book):
    position = held_position(with_file(desk, book), desk.clock())

    assert (position.weight, position.step_from, position.source) == (0.25, 0.25, "holdings")
    assert (position.book.name, position.book.total, position.book.shape) == ("book.csv", 100, "table")
    assert position.notices == ()


def test_a_study_of_a_past_day_does_not_read_the_file_of_the_settings(desk, book):
    assert held_position(with_file(desk, book), desk.clock(), is_study=True).source == "policy"
    assert held_position(desk, desk.clock(), holdings=str(book), is_study=True).weight == 0.25


def test_a_file_older_than_the_last_decision_gives_way_to_it(desk, book):
    code = current(desk.ledger, desk.clock(), 5).code
    decide(desk, Answer("modify", code, "Ana", target_weight=0.18, confirmed=True))
    written(book, desk.clock() - dt.timedelta(hours=1))

    stale = held_position(with_file(desk, book), desk.clock())
    written(book, desk.clock() + dt.timedelta(hours=1))
    fresh = held_position(desk, desk.clock())

    assert (stale.weight, stale.source) == (0.18, "decision")
    assert "older than the decision of 2023-12-29" in stale.notices[0]
    assert (fresh.weight, fresh.source) == (0.25, "holdings")


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "symbol,value\nIWM,20\nXYZ,80\n"])
def test_a_file_that_cannot_be_used_is_said_and_does_not_stop_the_day(desk, book, content):
    book.write_text(content)

    position = held_position(with_file(desk, book), desk.clock())

    assert (position.weight, position.source, position.book) == (0.2, "policy", None)
    assert position.notices[0].startswith("The holdings file is not used: ")
    with pytest.raises(InputError):
        held_position(desk, desk.clock(), holdings=str(book))
