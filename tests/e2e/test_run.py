"""The daily job on real data, from the command line to the book."""

import copy
import datetime as dt
import json
import shutil

import jsonschema
import numpy as np
import pytest

from captilt.cli import dispatch
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.contract.record import json_schema
from captilt.contract.run import Run, run_json
from captilt.run import daily
from captilt.run.evaluate import study
from regime.dating import date_cycle
from regime.phase import PHASES
from signals.calendars import cut, target_changes
from signals.catalog import BY_NAME
from signals.errors import NoAdvice
from signals.new_york import instant
from signals.signal import Reading, read
from signals.store.shipped_decisions import open_store

SCHEMA = json_schema(Run)
FREE = ("run_id", "recorded_at", "timings")  # all that two runs of one day may differ in

# What published records say of these days: target range (upper bound; single target before 2008-12-16), last
# move, DATE-4's hindsight phase, and the newest observation that had been published by six in the evening.
DAYS = {
    "1995-01-31": (5.50, "1994-11-15", "HIKE", "1995-01-30"),
    "2007-10-31": (4.50, "2007-10-31", "EASE", "2007-10-30"),
    "2016-06-30": (0.50, "2015-12-16", "HIKE", "2016-06-29"),
    "2020-04-30": (0.25, "2020-03-15", "HOLD_AFTER_EASE", "2020-04-29"),
    "2022-12-30": (4.50, "2022-12-14", "HIKE", "2022-12-29"),
    "2023-12-29": (5.50, "2023-07-26", "HOLD_AFTER_HIKE", "2023-12-28"),
}


@pytest.fixture(scope="module")
def home(fill_home, tmp_path_factory):
    """A state folder that holds the imported real data."""
    place = tmp_path_factory.mktemp("home")
    fill_home(place)
    return place


@pytest.fixture
def own(fill_home, tmp_path):
    """A state folder of one test, free to be written to."""
    fill_home(tmp_path)
    return tmp_path


def ask(home, *words, capsys):
    """One command with --json; the exit code and the object."""
    code = dispatch([*words, "--home", str(home), "--json"])
    return code, json.loads(capsys.readouterr().out)


def desk_at(home, day):
    """A desk whose clock stands at seven in the evening of `day`, New York."""
    moment = cut(dt.date.fromisoformat(day)) + dt.timedelta(hours=1)
    return Desk(Settings(), home, clock=lambda: moment)


def free_of(payload):
    return {name: value for name, value in payload.items() if name not in FREE}


@pytest.mark.parametrize("day", DAYS)
def test_any_past_day_is_answered_as_it_was_known_then(home, day, capsys):
    target, last_move, phase, newest_yield = DAYS[day]

    code, said = ask(home, "run", "--offline", "--as-of", day, capsys=capsys)

    assert code == 0
    jsonschema.validate(said, SCHEMA)
    assert said["study"] is True
    assert said["as_of"] == day
    assert said["regime"]["attributes"]["target_percent"] == target
    assert said["regime"]["attributes"]["last_move_date"] == last_move
    view = open_store(home / "facts.db").as_of(cut(dt.date.fromisoformat(day)))
    assert str(view["fred:DGS10"].index[-1].date()) == newest_yield
    assert str(view["yahoo:SPY:close"].index[-1].date()) == day
    assert sum(line["points"] for line in said["recommendation"]["attribution"]) == pytest.approx(
        said["recommendation"]["active_weight_points"], abs=1e-8
    )
    (hindsight,) = date_cycle(*_decisions()).labels(np.array([day], dtype="datetime64[D]"))
    assert PHASES[hindsight] == phase


def _decisions():
    rows = [(dt.date(1982, 9, 27), 10.25), *target_changes()]
    return np.array([day for day, _ in rows], dtype="datetime64[D]"), np.array([value for _, value in rows])


def test_a_study_records_and_sends_nothing(home, capsys):
    ask(home, "run", "--offline", "--as-of", "2019-06-28", capsys=capsys)

    assert desk_at(home, "2023-12-29").ledger.entries() == []


def test_a_study_is_shown_as_a_review_and_as_a_report_with_the_numbers_of_its_run(home, tmp_path, capsys):
    day = "2016-06-30"
    _, run = ask(home, "run", "--offline", "--as-of", day, capsys=capsys)

    code, shown = ask(home, "review", "show", "--as-of", day, capsys=capsys)
    again, files = ask(home, "report", "--as-of", day, "--out", str(tmp_path / "r.html"), capsys=capsys)

    assert (code, again) == (0, 0)
    assert shown["recommendation"] == run["recommendation"]
    assert (shown["study"], shown["advice"], shown["sessions_left"]) == (True, None, 0)
    page = (tmp_path / "r.html").read_text()
    assert "(a study, not recorded)" in page
    assert "head of the ledger" not in page
    assert {"attribution", "signals"} <= set(files["tables"])
    assert desk_at(home, "2023-12-29").ledger.entries() == []


def test_data_without_a_run_ask_for_a_run_or_a_day(home, capsys):
    for words in (("review", "show"), ("report",)):
        code, said = ask(home, *words, capsys=capsys)
        assert code == 2
        assert "--as-of" in said["error"]["remedy"]


def test_an_empty_home_answers_every_screen_from_the_sample_and_never_in_a_circle(tmp_path, capsys):
    code, shown = ask(tmp_path, "review", "show", capsys=capsys)
    again, _ = ask(tmp_path, "report", "--out", str(tmp_path / "r.html"), capsys=capsys)
    refused, answer = ask(tmp_path, "review", "accept", shown["code"], capsys=capsys)
    late, beyond = ask(tmp_path, "review", "show", "--as-of", "2020-06-30", capsys=capsys)

    assert (code, again, shown["as_of"], shown["study"]) == (0, 0, "2018-11-30", True)
    assert "SAMPLE DATA" in (tmp_path / "r.html").read_text()
    assert refused == 2
    assert "sample is never recorded" in answer["error"]["remedy"]
    assert late == 2
    assert "2018-11-30" in beyond["error"]["message"]


def test_the_same_day_asked_of_a_store_that_never_saw_later_years_gives_the_same_json(home, imported, tmp_path):
    day = "2016-06-30"
    moment = cut(dt.date.fromisoformat(day))
    whole = open_store(imported)
    short = open_store(tmp_path / "facts.db")
    short.write({name: whole.history(name).until(instant(moment)) for name in whole.names()}, source="cut", at=moment)

    long_said = run_json(study(desk_at(home, "2023-12-29"), moment))
    short_said = run_json(study(desk_at(tmp_path, "2023-12-29"), moment))

    assert json.dumps(free_of(long_said), sort_keys=True) == json.dumps(free_of(short_said), sort_keys=True)


def test_todays_run_is_recorded_once_and_told_once(own):
    desk = desk_at(own, "2023-12-29")

    first = daily.run(desk, offline=True)
    second = daily.run(desk_at(own, "2023-12-29"), offline=True)

    assert second == first
    assert first.study is False
    assert [entry.kind for entry in desk.ledger.entries()] == ["run", "advice", "alert"]
    assert desk.ledger.verify() is None


def test_two_runs_of_a_day_differ_in_three_fields_at_most(own, tmp_path_factory, imported):
    other = tmp_path_factory.mktemp("other")
    shutil.copy(imported, other / "facts.db")

    said = [run_json(daily.run(desk_at(place, "2023-12-28"), offline=True)) for place in (own, other)]

    assert free_of(said[0]) == free_of(said[1])


def test_the_day_after_says_what_changed_and_the_lines_sum_to_it(own):
    daily.run(desk_at(own, "2023-12-28"), offline=True)

    after = daily.run(desk_at(own, "2023-12-29"), offline=True)

    change = after.change
    assert change.since == dt.date(2023, 12, 28)
    assert sum(line.points for line in change.lines) == pytest.approx(change.total_points, abs=1e-8)


def test_before_the_cut_the_session_before_is_judged(own):
    early = cut(dt.date(2023, 12, 29)) - dt.timedelta(hours=3)

    said = run_json(daily.run(Desk(Settings(), own, clock=lambda: early), offline=True, dry_run=True))

    assert said["as_of"] == "2023-12-28"


def test_a_dry_run_records_nothing(own):
    desk = desk_at(own, "2023-12-29")

    daily.run(desk, offline=True, dry_run=True)

    assert desk.ledger.entries() == []


def test_without_prices_there_is_no_advice_and_the_call_still_answers(imported, tmp_path, capsys):
    whole = open_store(imported)
    part = open_store(tmp_path / "facts.db")
    names = [name for name in whole.names() if not name.startswith(("yahoo:", "french:", "cme:"))]
    part.write({name: whole.history(name) for name in names}, source="no prices", at=cut(dt.date(2023, 12, 29)))

    with pytest.raises(NoAdvice, match="no price of IWM is known on 2023-12-29"):
        study(desk_at(tmp_path, "2023-12-29"), cut(dt.date(2023, 12, 29)))
    code = dispatch(["regime", "--as-of", "2023-12-29", "--home", str(tmp_path), "--json"])

    assert code in (None, 0)
    assert json.loads(capsys.readouterr().out)["phase"] == "HOLD_AFTER_HIKE"


def test_at_least_ten_signals_answer_on_a_summer_day(home):
    view = open_store(home / "facts.db").as_of(cut(dt.date(2019, 6, 28)))

    answers = {name: read(signal, view) for name, signal in BY_NAME.items()}

    assert len(answers) >= 12
    assert sum(isinstance(answer, Reading) for answer in answers.values()) >= 10


def test_the_pairs_last_closes_stand_in_the_run(home):
    said = run_json(study(desk_at(home, "2023-12-29"), cut(dt.date(2023, 12, 29))))

    assert said["prices"]["IWM"] == pytest.approx(200.71, abs=0.001)
    assert said["prices"]["SPY"] == pytest.approx(475.31, abs=0.001)


def test_the_schema_is_strict_enough_to_fail(home):
    said = run_json(study(desk_at(home, "2023-12-29"), cut(dt.date(2019, 6, 28))))
    for path in (("regime", "phase"), ("recommendation", "stance"), ("data", "status"), ("evidence", "verdict")):
        broken = copy.deepcopy(said)
        broken[path[0]][path[1]] = "perhaps"
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, SCHEMA)


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (["run", "--as-of", "2019-06-30"], 2, "2019-06-28"),
        (["run", "--as-of", "2031-01-02"], 2, "future"),
        (["run", "--as-of", "1994-12-30"], 2, "1995-01-01"),
        (["run", "--as-of", "2019-13-01"], 2, ""),
        (["run", "--config", "nowhere.toml"], 2, "nowhere.toml"),
        (["run", "--surprise"], 2, ""),
    ],
)
def test_bad_input_gets_one_line_and_the_exit_code(home, words, code, name, capsys):
    before = written(home)

    got = dispatch([*words, "--home", str(home)])

    shown = capsys.readouterr()
    assert got == code
    assert name in shown.err
    assert "Traceback" not in shown.err + shown.out
    assert written(home) == before


def written(home):
    """Names and sizes, without the side files of a database that some other test in this process left open."""
    files = {file.name: file.stat().st_size for file in home.iterdir()}
    return {name: size for name, size in files.items() if not name.endswith("-shm") and (size or "-wal" not in name)}
