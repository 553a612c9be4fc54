"""The six lines for other schedulers hold before a validator each, and what a monitor reads is what the ledger holds."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from captilt.context import Desk
from captilt.metrics import metrics_text
from tests.conftest import missing
from tests.e2e.sample_run import DAY, a_run

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "ops" / "README.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"```(crontab|systemd|airflow|github-actions|json)\n(.*?)```", PAGE, flags=re.DOTALL))


def run(*words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False, timeout=120)


def test_each_example_has_at_most_six_lines():
    assert set(EXAMPLES) == {"crontab", "systemd", "airflow", "github-actions", "json"}
    assert all(len(example.strip().splitlines()) <= 6 for example in EXAMPLES.values())


def test_cron_takes_its_lines(tmp_path):
    if not shutil.which("crontab"):
        missing("crontab (package cron)")
    file = tmp_path / "crontab"
    file.write_text(EXAMPLES["crontab"])

    assert run("crontab", "-n", str(file)).returncode == 0


def test_systemd_takes_its_lines(tmp_path):
    if not shutil.which("systemd-analyze"):
        missing("systemd-analyze (package systemd)")
    unit = tmp_path / "captilt-example.service"
    unit.write_text(EXAMPLES["systemd"])

    done = run("systemd-analyze", "verify", "--man=no", str(unit))

    assert not [line for line in done.stderr.splitlines() if "captilt-example" in line], done.stderr


def test_airflow_3_takes_its_lines():
    """By ruff's rules for Airflow 3: Airflow itself is larger than everything else here together."""
    done = run(sys.executable, "-m", "ruff", "check", "--isolated", "--select", "AIR,F", "-", text=EXAMPLES["airflow"])
    outdated = EXAMPLES["airflow"].replace("schedule=", "schedule_interval=")
    found = run(sys.executable, "-m", "ruff", "check", "--isolated", "--select", "AIR", "-", text=outdated)

    assert done.returncode == 0, done.stdout
    assert found.returncode == 1, "the validator does not see an argument that Airflow 3 has dropped"


def test_github_takes_its_lines(tmp_path):
    def schema(text: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "workflow.yml"
        file.write_text(text)
        command = ("-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(file))
        return run(sys.executable, *command)

    taken = schema(EXAMPLES["github-actions"])

    assert taken.returncode == 0, taken.stdout + taken.stderr
    assert schema(EXAMPLES["github-actions"].replace("runs-on", "runs_on")).returncode == 1


def test_the_line_of_the_workflow_lets_three_pass_and_nothing_else():
    (line,) = re.findall(r'run: "(.*?)"', EXAMPLES["github-actions"])

    codes = {code: run("bash", "-ec", line.replace("captilt run", f"(exit {code})")).returncode for code in range(6)}

    assert [code for code, ended in codes.items() if ended == 0] == [0, 3]


@pytest.fixture
def desk(tmp_path) -> Desk:
    from captilt.config.settings import Settings

    return Desk(Settings(), tmp_path)


def read(text: str) -> dict[str, dict[tuple, float]]:
    families = text_string_to_metric_families(text)
    return {
        family.name: {tuple(sorted(sample.labels.items())): sample.value for sample in family.samples}
        for family in families
    }


def test_a_desk_that_never_ran_says_so_in_metrics(desk):
    found = read(metrics_text(desk))

    assert found["captilt_ledger_entries"] == {(): 0}
    assert "captilt_last_run_timestamp_seconds" not in found


def test_the_metrics_are_those_of_the_ledger(desk, capsys):
    from captilt.cli import dispatch

    payload = a_run(DAY)
    moment = desk.clock()
    desk.ledger.append("run", DAY, payload, at=moment)

    code = dispatch(["metrics", "--home", str(desk.home)])
    found = read(capsys.readouterr().out)

    head = desk.ledger.head()
    assert code == 0
    assert found["captilt_ledger_entries"] == {(): 1}
    assert found["captilt_ledger_head"] == {(("hash", head.hash),): 1}
    assert found["captilt_last_run_timestamp_seconds"][()] == pytest.approx(head.recorded_at.timestamp(), abs=1)
    assert found["captilt_data_confidence"] == {(): payload["data"]["confidence"]}
    assert sum(found["captilt_data_status"].values()) == 1


def test_the_configuration_for_assistants_is_json():
    assert json.loads(EXAMPLES["json"])["mcpServers"]["captilt"]["args"] == ["mcp"]
