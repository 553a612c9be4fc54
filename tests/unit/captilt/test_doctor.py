"""The doctor finds what is wrong, says what to do, and never falls ill."""

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from allocator.ledger.ledger import Ledger
from captilt.cli import dispatch
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.doctor import inspect
from captilt.operations import backup
from signals.calendars import cut

DAY = dt.date(2026, 11, 20)
EVENING = cut(DAY) + dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("FRED_API_KEY", "CAPTILT_SLACK_WEBHOOK", "CAPTILT_PING_URL", "CAPTILT_SECRETS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))


def desk(home: Path, *, now: dt.datetime = EVENING, **settings: Any) -> Desk:
    return Desk(Settings(**settings), home, clock=lambda: now)


def found(at: Desk, check: str, *, reach: bool = False) -> list[tuple[str, str]]:
    return [(finding.state, finding.detail) for finding in inspect(at, reach=reach) if finding.check == check]


def states(at: Desk, check: str) -> set[str]:
    return {state for state, _ in found(at, check)}


def test_a_new_desk_has_warnings_and_no_failure(tmp_path: Path) -> None:
    findings = inspect(desk(tmp_path))

    assert {finding.state for finding in findings} == {"ok", "warning"}
    assert all(finding.remedy for finding in findings if finding.state != "ok")
    assert {finding.check for finding in findings} >= {
        "settings",
        "keys",
        "clock",
        "calendar",
        "disk",
        "store",
        "ledger",
        "freshness",
        "runs",
        "channels",
        "backup",
    }


def test_a_damaged_book_fails_with_the_way_back(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "ledger.db").append("run", DAY, {}, at=EVENING)
    (tmp_path / "ledger.db").write_bytes(b"rubbish" * 1000)
    for beside in tmp_path.glob("ledger.db-*"):
        beside.unlink()

    findings = [finding for finding in inspect(desk(tmp_path)) if finding.check == "ledger"]

    assert [finding.state for finding in findings] == ["failed"]
    assert "captilt restore" in findings[0].remedy


def test_a_damaged_store_fails(tmp_path: Path) -> None:
    desk(tmp_path).store.close()
    image = bytearray((tmp_path / "facts.db").read_bytes())
    image[4096:8192] = b"\xff" * 4096
    (tmp_path / "facts.db").write_bytes(image)
    for beside in tmp_path.glob("facts.db-*"):
        beside.unlink()

    assert states(desk(tmp_path), "store") == {"failed"}


def test_a_session_without_a_run_fails(tmp_path: Path) -> None:
    at = desk(tmp_path, now=EVENING + dt.timedelta(days=7))
    at.ledger.append("run", DAY, {"as_of": str(DAY)}, at=EVENING)

    assert ("failed", "4 sessions without a run, the first is 2026-11-23.") in found(at, "runs")


def test_a_clock_behind_the_book_fails(tmp_path: Path) -> None:
    at = desk(tmp_path, now=EVENING - dt.timedelta(hours=2))
    at.ledger.append("run", DAY, {"as_of": str(DAY)}, at=EVENING)

    assert states(at, "clock") == {"failed"}
    assert states(desk(tmp_path, now=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)), "clock") == {"failed"}


def test_a_channel_without_its_secret_fails(tmp_path: Path) -> None:
    at = desk(tmp_path, alerts={"slack": {"enabled": True}})

    assert states(at, "channels") == {"failed"}
    assert "failed" in states(at, "keys")


def test_a_channel_that_does_not_answer_is_told_only_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPTILT_SLACK_WEBHOOK", "http://127.0.0.1:9/services/canary-token")
    at = desk(tmp_path, alerts={"slack": {"enabled": True}, "review_url": "https://desk.example.org"})

    assert states(at, "channels") == {"ok"}
    assert [state for state, _ in found(at, "channels", reach=True)] == ["failed"]
    assert "canary" not in json.dumps([finding.row() for finding in inspect(at, reach=True)])


def test_a_secrets_file_that_others_can_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "s.env"
    file.write_text("FRED_API_KEY=x\n")
    file.chmod(0o644)
    monkeypatch.setenv("CAPTILT_SECRETS", str(file))

    assert any("others on this machine" in said for _, said in found(desk(tmp_path), "keys"))


def test_an_old_backup_is_told(tmp_path: Path) -> None:
    at = desk(tmp_path)
    at.ledger.append("run", DAY, {"as_of": str(DAY)}, at=EVENING)
    backup.take(tmp_path, tmp_path / "backups", now=EVENING)

    assert states(at, "backup") == {"ok"}
    assert states(desk(tmp_path, now=EVENING + dt.timedelta(days=30)), "backup") == {"warning"}


def test_the_exit_code_serves_a_monitor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "home"
    assert dispatch(["doctor", "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True

    (home / "ledger.db").write_bytes(b"rubbish" * 1000)

    assert dispatch(["doctor", "--home", str(home), "--json"]) == 5
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    assert {"check", "state", "said", "remedy"} <= set(said["rows"][0])


def test_the_book_is_verified_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger.open(tmp_path / "ledger.db")
    head = ledger.append("run", DAY, {"n": 1}, at=EVENING).hash
    ledger.close()

    assert dispatch(["ledger", "verify", "--home", str(tmp_path), "--head", head[:12], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["head"] == head
    assert dispatch(["ledger", "verify", "--home", str(tmp_path), "--head", "0" * 12, "--json"]) == 5
    assert "is not in this ledger" in json.loads(capsys.readouterr().out)["reason"]


def test_backup_and_restore_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, out = tmp_path / "home", tmp_path / "copies"
    ledger = Ledger.open(home / "ledger.db")
    ledger.append("run", DAY, {"n": 1}, at=EVENING)
    ledger.close()

    assert dispatch(["backup", "--home", str(home), "--out", str(out), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["rows"][0]
    shutil.rmtree(home)
    assert dispatch(["restore", row["folder"], "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entries"] == 1
    assert dispatch(["replay", "2026-11-19", "--home", str(home)]) == 2
    assert "2026-11-20" in capsys.readouterr().err
