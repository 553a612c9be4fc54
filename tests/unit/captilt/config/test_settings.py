"""The settings file and the code say the same, and a mistake is one line with its remedy."""

import os
import subprocess
import sys
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from captilt.channels.registry import CHANNELS
from captilt.cli import dispatch
from captilt.commands.config import complete_file
from captilt.config import settings as config
from captilt.secrets import secret
from signals.errors import UsageError
from tests.conftest import ROOT

SHIPPED = ROOT / "config.toml"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CAPTILT_CONFIG", "CAPTILT_SECRETS", "CAPTILT_HOME", "FRED_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.chdir(tmp_path)


def leaves(tables: dict[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in tables.items():
        found |= leaves(value, f"{above}{name}.") if isinstance(value, dict) else {f"{above}{name}"}
    return found


def test_the_shipped_file_says_what_the_code_does() -> None:
    assert config.load(SHIPPED) == config.Settings()


def test_the_shipped_file_names_every_setting() -> None:
    text = complete_file()
    unset = {"portfolio.held_weight"}  # TOML has no null: it stands there as a comment

    assert leaves(tomllib.loads(text)) | unset == leaves(config.Settings().model_dump())
    assert "# held_weight" in text


def test_init_asks_a_person_once_for_the_name_that_the_sec_wants(tmp_path: Path) -> None:
    file, (mine, theirs) = tmp_path / "mine.toml", os.openpty()
    os.write(mine, b"Ana Weber ana@example.org\n")

    done = subprocess.run(
        [sys.executable, "-c", f"from captilt.cli import dispatch; dispatch(['config', 'init', {str(file)!r}])"],
        stdin=theirs, capture_output=True, text=True, check=True,
    )  # fmt: skip
    settings = config.load(file)

    assert "for the SEC" in done.stdout
    assert settings.sources.edgar.user_agent == "Ana Weber ana@example.org"
    assert settings.sources.filings.user_agent == ""


def test_init_writes_the_shipped_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatch(["config", "init", str(tmp_path / "mine.toml")]) == 0
    text = (tmp_path / "mine.toml").read_text()
    assert text.startswith(SHIPPED.read_text())
    assert config.load(tmp_path / "mine.toml") == config.Settings()
    assert all(f"[alerts.{kind.name}]" in text for kind in CHANNELS)

    assert dispatch(["config", "init", str(tmp_path / "mine.toml")]) == 2
    assert "exists already" in capsys.readouterr().err


def test_the_package_carries_the_shipped_file() -> None:
    assert resources.files("captilt").joinpath("config.toml").read_text(encoding="utf-8") == SHIPPED.read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tilt]\ncost_pb = 3", "tilt.cost_pb] is not a setting"),
        ("[titl]\ncost_bp = 3", "unknown table [titl]. Did you mean [tilt]?"),
        ("[alerts.slack]\nwebhok = 'x'", "alerts.slack.webhok] is not a setting"),
        ("[tilt]\ncost_bp = 'dear'", "tilt.cost_bp] is wrong"),
        ("[tilt]\ncost_bp = true", "tilt.cost_bp] is wrong"),
        ("[tilt]\ncost_bp = 501", "it must lie in 0 to 500"),
        ("[tilt]\ncost_bp = nan", "tilt"),
        (
            "[review]\nport = 70000",
            "review.port] is wrong: Input should be less than or equal to 65535 (seen: '70000')",
        ),
        ("[review]\nport = 80.5", "review.port] is wrong"),
        ("[sources]\nmode = 'cloud'", "'auto', 'api', 'keyless', 'offline' or 'sample' (seen: 'cloud')"),
        ("[sources.fred]\nurl = 'ftp://x'", "sources.fred.url] is wrong"),
        ("[alerts]\nquiet_from = '25:00'", "alerts.quiet_from] is wrong"),
        ("tilt = 3", "[tilt] is wrong"),
        ("tilt = [1]", "[tilt] is wrong"),
        ("_env_file = 'x'", "unknown table [_env_file]"),
        ("[tilt", "cannot be read as TOML"),
        ("[tilt]\ncost_bp = 1\ncost_bp = 2", "cannot be read as TOML"),
        ("a = " + "[" * 3000 + "]" * 3000, "settings file"),
        ("[forecast]\nsignals = 'policy_change'", "forecast.signals] is wrong"),
        ("[portfolio]\nsmall = 1979-05-27", "portfolio.small"),
    ],
)
def test_a_mistake_is_one_line_with_the_file_and_the_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, says: str
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    assert dispatch(["config", "check", "--config", str(file)]) == 2

    said = capsys.readouterr().err
    assert says in said
    assert "mine.toml" in said
    assert len(said.strip().splitlines()) == 1


def test_a_byte_order_mark_is_welcome(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("\ufeff[tilt]\ncost_bp = 30\n", encoding="utf-8")

    assert config.load(file).tilt.cost_bp == 30


def test_the_environment_goes_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[tilt]\ncost_bp = 30\nmax_active_points = 10\n", encoding="utf-8")
    monkeypatch.setenv("CAPTILT_TILT__COST_BP", "40")
    monkeypatch.setenv("CAPTILT_SOURCES__FRED__URL", "http://127.0.0.1:9/fred")

    settings = config.load(file)

    assert (settings.tilt.cost_bp, settings.tilt.max_active_points) == (40, 10)
    assert settings.sources.fred.url == "http://127.0.0.1:9/fred"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("CAPTILT_TITL__COST_BP", "3", "CAPTILT_TITL__COST_BP names no setting. Did you mean [tilt]?"),
        ("CAPTILT_TILT__COST_PB", "3", "CAPTILT_TILT__COST_PB: [tilt.cost_pb] is not a setting"),
        ("CAPTILT_REVIEW__PORT", "many", "CAPTILT_REVIEW__PORT: [review.port] is wrong"),
        ("CAPTILT_TILT", "{", "tilt"),
        ("CAPTILT_TILT__COST_BP", "much", "as a number (seen: 'much')"),
        ("captilt_tilt__cost_bp", "much", "captilt_tilt__cost_bp: [tilt.cost_bp] is wrong"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(UsageError) as fault:
        config.load(None)

    assert says in str(fault.value)


def test_a_secret_in_the_file_is_refused_without_repeating_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[sources.fred]\nkey = "abcdef0123456789"\n', encoding="utf-8")

    assert dispatch(["config", "show", "--config", str(file)]) == 2
    assert dispatch(["config", "check", "--config", str(file)]) == 2

    out = capsys.readouterr()
    assert "abcdef0123456789" not in out.out + out.err


def test_secrets_are_shown_as_set_or_not_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FRED_API_KEY", "canary-0123456789")

    assert dispatch(["config", "show"]) == 0
    assert dispatch(["config", "show", "--json"]) == 0

    said = capsys.readouterr().out
    assert "env:FRED_API_KEY (set)" in said
    assert "env:CAPTILT_SLACK_WEBHOOK (not set)" in said
    assert "canary" not in said


def test_the_secrets_file_is_the_second_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "s.env"
    file.write_text("# comment\nexport FRED_API_KEY='from file'\nEMPTY=\n", encoding="utf-8")
    monkeypatch.setenv("CAPTILT_SECRETS", str(file))

    first = secret("env:FRED_API_KEY")
    monkeypatch.setenv("FRED_API_KEY", "from environment")
    second = secret("env:FRED_API_KEY")

    assert first is not None
    assert second is not None
    assert (first.get_secret_value(), second.get_secret_value()) == ("from file", "from environment")
    assert secret("env:EMPTY") is None


def test_names_that_nobody_knows_are_found_by_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[forecast]\nsignals = ["policy_change", "moon_phase"]\n[regime]\nmodel = "crystal_ball"\n', encoding="utf-8"
    )

    assert dispatch(["config", "check", "--config", str(file), "--json"]) == 5

    said = capsys.readouterr().out
    assert "moon_phase" in said
    assert "crystal_ball" in said
