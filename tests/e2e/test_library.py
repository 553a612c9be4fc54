"""The front door: a decision from Python in three lines, the same numbers as the command."""

import inspect
import json
import subprocess
import sys

import pytest

import captilt as ct
from captilt.cli import dispatch
from signals.errors import DateError, UsageError


@pytest.fixture(scope="module")
def view():
    return ct.sample().as_of()


def test_there_are_at_most_twelve_names_each_with_a_docstring():
    assert len(ct.__all__) <= 12
    assert all(inspect.getdoc(getattr(ct, name)) for name in ct.__all__ if name != "__version__")
    assert dir(ct) == ct.__all__


def test_importing_the_front_door_loads_nothing_heavy():
    code = "import sys, captilt; sys.exit(', '.join({'pandas', 'numpy', 'sqlalchemy', 'pydantic'} & set(sys.modules)) or 0)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'forecast'"):
        ct.forecast  # noqa: B018


def test_the_answers_are_records_with_frame_json_and_html(view):
    answers = [view.decide(), view.signals(), view.regime(), view.fed_path()]

    for answer in answers:
        text = json.dumps(answer.to_json())
        assert len(answer.to_frame()) >= 1
        assert type(answer).__name__ in answer._repr_html_()
        assert "NaN" not in text
    assert view.signals().to_frame().set_index("name").loc["policy_change", "score"] == pytest.approx(
        next(row.score for row in view.signals().rows if row.name == "policy_change")
    )


def test_a_notebook_shows_view_position_and_action_of_a_run(view):
    run = view.decide(held=0.2)
    rows = dict(run.to_summary().to_numpy().tolist())

    assert rows[f"view: {run.recommendation.stance}"] == run.recommendation.view_points
    assert rows["position: 20.0 % in IWM"] == 0.0
    assert rows[f"action: {run.recommendation.action}"] == run.recommendation.trade_points
    lines = sum(points for name, points in rows.items() if name.startswith("of the weight"))
    assert lines == pytest.approx(run.recommendation.active_weight_points)
    assert "view: " in run._repr_html_()


def test_the_view_is_the_same_whatever_is_held(view):
    held = [view.decide(held=weight).recommendation for weight in (0.0, 0.1, 0.2, 0.3)]

    assert len({advice.stance for advice in held}) == 1
    assert {advice.held_weight for advice in held} == {0.0, 0.1, 0.2, 0.3}


def test_the_panel_ends_with_the_day_that_the_view_gives(view):
    table = ct.sample().panel("2015-01-30")

    assert table.index[-1].date() == view.day
    last = table.iloc[-1]
    probabilities = view.regime().to_json()["probabilities"]
    assert last["probability"].to_dict() == pytest.approx(probabilities)
    scores = {row.name: row.score for row in view.signals().rows if row.score is not None}
    assert last["score"].dropna().to_dict() == pytest.approx(scores)


@pytest.mark.parametrize(
    ("ask", "fault", "says"),
    [
        (lambda view: view.fed_path("odd"), UsageError, "no view 'odd' of the Fed path"),
        (lambda view: view.decide(held=19), UsageError, "no weight"),
        (lambda view: view.scenario("boom"), UsageError, "no scenario boom"),
        (lambda view: ct.backtest(view, "smb-1900"), UsageError, "no sample"),
        (lambda view: ct.sample().as_of("29.12.2017"), DateError, "YYYY-MM-DD"),  # noqa: ARG005
        (lambda view: ct.sample().as_of("2017-12-30"), DateError, "no trading session"),  # noqa: ARG005
    ],
)
def test_a_slip_is_named(view, ask, fault, says):
    with pytest.raises(fault) as caught:
        ask(view)

    assert says in f"{caught.value.message} {caught.value.remedy}"


def test_a_home_gives_what_the_command_prints(fill_home, tmp_path, capsys):
    fill_home(tmp_path)
    dispatch(["run", "--offline", "--json", "--as-of", "2022-06-30", "--home", str(tmp_path)])
    printed = json.loads(capsys.readouterr().out)

    answer = ct.open(tmp_path).as_of("2022-06-30").decide().to_json()

    volatile = ("run_id", "recorded_at", "timings")
    assert {k: v for k, v in answer.items() if k not in volatile} == {
        k: v for k, v in printed.items() if k not in volatile
    }


def test_the_example_of_the_manual_runs():
    import re
    from pathlib import Path

    page = (Path(__file__).resolve().parents[2] / "docs" / "LIBRARY.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    *_, last = example.strip().splitlines()
    names: dict = {}

    exec(example.replace(last, f"scores = {last}"), names)

    assert names["scores"]["test_score"].mean() > 0.7
    assert all(f"`ct.{name}" in page for name in ct.__all__)


def test_the_sample_is_filled_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    first = ct.sample()
    (kept,) = (tmp_path / "captilt").iterdir()
    filled = (kept / "facts.db").stat().st_ino
    again = ct.sample()

    assert first.home == again.home == kept
    assert (kept / "facts.db").stat().st_ino == filled
    assert again.as_of().facts.latest("french:FF3_MONTHLY:SMB").period.size > 1000


def test_a_home_that_cannot_be_written_still_gives_the_sample(tmp_path, monkeypatch):
    (tmp_path / "captilt").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert ct.sample().as_of().facts.latest("fred:BAA").period.size > 1000


def test_the_sample_is_read_without_its_packages_being_imported(tmp_path):
    code = "import sys, captilt as ct; ct.sample().as_of().facts; sys.exit(', '.join({'arch', 'pandas', 'statsmodels'} & set(sys.modules)) or 0)"

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env={"XDG_CACHE_HOME": str(tmp_path)}
    )

    assert done.returncode == 0, done.stderr
