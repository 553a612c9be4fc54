"""A person's own files: what is taken, and the one line that says what is wrong."""

import datetime as dt
import json
import sys

import pytest

from captilt.cli import dispatch
from signals.fedpath.user_files import left_out

PRICES = "contract,price\n2022-09,97.4475\n2022-10,96.94\n2022-11,96.43\n"
MEETINGS = "date\n2022-09-21\n2022-11-02\n"


@pytest.fixture
def ask(tmp_path, capsys):
    """Run `captilt fedpath` on two files; exit code, standard output, standard error."""

    def run(prices=PRICES, meetings=MEETINGS, *more, target="2.25"):
        files = {"prices.csv": prices, "meetings.csv": meetings}
        for name, text in files.items():
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        words = [
            "--prices",
            str(tmp_path / "prices.csv"),
            "--meetings",
            str(tmp_path / "meetings.csv"),
            "--target",
            target,
        ]
        code = dispatch(["fedpath", *words, *more])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_files_alone_give_the_published_table(ask):
    code, out, _ = ask(PRICES, MEETINGS, "--json")

    told = json.loads(out)
    assert code == 0
    assert told["schema"] == 1
    assert told["as_of"] == "2022-09-20"  # the day before the first meeting
    first, second = told["meetings"]
    assert [round(b["probability"], 4) for b in first["probabilities"]] == [0.1, 0.9]
    assert [(b["lower_bp"], b["upper_bp"]) for b in second["probabilities"]] == [(325, 350), (350, 375), (375, 400)]
    assert [round(b["probability"], 4) for b in second["probabilities"]] == [0.0814, 0.7514, 0.1671]


def test_files_alone_need_no_store(ask, monkeypatch):
    monkeypatch.setitem(sys.modules, "signals.store.store", None)

    assert ask()[0] == 0


def test_the_table_names_the_source_and_the_term_premium(ask):
    _, out, _ = ask()

    assert "prices.csv" in out
    assert "term premium" in out
    assert "90.0" in out


def test_an_aggregated_view_has_two_outcomes(ask):
    _, out, _ = ask(PRICES, MEETINGS, "--view", "aggregated", "--json")

    assert [len(m["probabilities"]) for m in json.loads(out)["meetings"]] == [2, 2]


def test_meetings_on_or_before_the_day_are_held(ask):
    _, out, _ = ask(PRICES, MEETINGS, "--as-of", "2022-09-21", "--json")

    assert [m["date"] for m in json.loads(out)["meetings"]] == ["2022-11-02"]


def row(contract, price):
    return PRICES + f"{contract},{price}\n"


@pytest.mark.parametrize(
    ("prices", "meetings", "words"),
    [
        (row("2022-12", 100.01), MEETINGS, ("line 5", "100.01")),
        (row("2022-12", -1), MEETINGS, ("line 5", "-1")),
        (row("2022-12", "nan"), MEETINGS, ("line 5", "nan")),
        (row("2022-12", "=A1"), MEETINGS, ("line 5", "=A1")),
        (row("2022-12", "1e308"), MEETINGS, ("line 5",)),
        ("contract,settle\n2022-09,97\n", MEETINGS, ("'price'",)),
        ("", MEETINGS, ("'contract'",)),
        ("contract,price\n", MEETINGS, ("no rows",)),
        ("contract,price,price\n2022-09,97,98\n", MEETINGS, ("exactly one",)),
        (row("2022-08", 97.0), MEETINGS, ("not in order", "2022-08")),
        (row("2022-11", 96.43), MEETINGS, ("twice", "2022-11")),
        (row("ZQZ2", 96.0), MEETINGS, ("ZQZ2",)),
        (row("2022-13", 96.0), MEETINGS, ("2022-13",)),
        (PRICES + "2022-12\n", MEETINGS, ("line 5", "1 cells")),
        (PRICES.encode("utf-16"), MEETINGS, ("UTF-8",)),
        (PRICES + "\0", MEETINGS, ("NUL",)),
        (PRICES, "date\n2022-09-24\n", ("Saturday", "2022-09-24")),
        (PRICES, "day\n2022-09-21\n", ("'date'",)),
        (PRICES, "date\n21.9.2022\n", ("21.9.2022",)),
        (PRICES, "date\n2022-11-02\n2022-09-21\n", ("not in order",)),
        (PRICES, "date\n2022-09-21\n2022-09-21\n", ("twice",)),
        (PRICES, "date\n2023-02-01\n", ("horizon", "2022-11", "2023-02-01")),
    ],
)
def test_bad_files_end_with_one_clear_line(ask, prices, meetings, words):
    code, out, err = ask(prices, meetings)

    assert code == 2
    assert out == ""
    assert "Traceback" not in err
    for word in words:
        assert word in " ".join(err.split())


def test_a_day_after_the_last_meeting_has_no_horizon(ask):
    code, _, err = ask(PRICES, MEETINGS, "--as-of", "2022-11-02")

    assert code == 2
    assert "no meeting lies in the horizon" in " ".join(err.split())


@pytest.mark.parametrize("target", ["nan", "525", "-2"])
def test_a_target_in_another_unit_is_a_usage_error(ask, target):
    code, _, err = ask(target=target)

    assert code == 2
    assert "--target" in err


def test_a_meeting_left_out_is_named():
    prices = {"2022-06": 98.8, "2022-07": 98.3, "2022-09": 97.5}

    absent = left_out(prices, (dt.date(2022, 7, 27),), dt.date(2022, 6, 20))

    assert absent == (dt.date(2022, 6, 15), dt.date(2022, 9, 21))


def test_one_file_alone_is_a_usage_error(tmp_path, capsys):
    assert dispatch(["fedpath", "--prices", str(tmp_path / "prices.csv")]) == 2
    assert "--meetings and --target" in " ".join(capsys.readouterr().err.split())


def test_a_missing_file_is_named_without_its_folder(tmp_path, capsys):
    gone = str(tmp_path / "gone.csv")

    assert dispatch(["fedpath", "--prices", gone, "--meetings", gone, "--target", "4"]) == 2
    assert "gone.csv cannot be read" in " ".join(capsys.readouterr().err.split())


def test_a_failure_as_json_is_one_object(ask):
    code, out, _ = ask(row("2022-12", 101), MEETINGS, "--json")

    assert code == 2
    assert json.loads(out)["error"]["code"] == "bad_input"
