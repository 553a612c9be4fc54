"""Signals, sources and channels of the user's own: three installed packages, a folder of files, and what is refused."""

import datetime as dt
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from allocator.evidence.trials import trials_at
from captilt.cli import dispatch
from captilt.config import settings
from signals.calendars import cut
from signals.errors import UsageError
from tests.support.servers.http import Answer, serving

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "tests" / "support" / "packages"
NAMES = ("acme_slope", "acme_survey", "acme_pager")
DECLARED = """
asks = "Have three-month yields fallen?"
series = "fred:TB3MS"
transform = "change"
sign = -1
prior = "negative: dearer short credit hurts small companies"
"""
LEAK = '''"""A signal that asks for the world of next year."""
import datetime as dt
from signals.asof import AsOf
from signals.scoring.points import known
from signals.scoring.zscore import Trailing
from signals.signal import Signal

HONEST = Trailing("peek", lambda view, moments: known(view, "fred:GS10", moments), sign=1, source="fred:GS10")


def answer(view):
    return HONEST.answer(AsOf(view.moment + dt.timedelta(days=365), view._find))


SIGNAL = Signal(
    name="peek", family="rates", asks="What comes?", inputs=("fred:GS10",), unit="percent", prior="none", answer=answer
)
'''


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The three packages in a folder as an installer leaves them: the module, and beside it its metadata."""
    folder = tmp_path_factory.mktemp("site")
    for name in NAMES:
        project = tomllib.loads((PACKAGES / name / "pyproject.toml").read_text())["project"]
        shutil.copy(PACKAGES / name / f"{name}.py", folder)
        metadata = folder / f"{name}-{project['version']}.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        points = project["entry-points"].items()
        lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in table.items()) for group, table in points]
        (metadata / "entry_points.txt").write_text("".join(lines))
    return folder


@pytest.fixture
def installed(site, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(site))


def configured(folder: Path, text: str) -> tuple[str, ...]:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return ("--config", str(folder / "config.toml"), "--home", str(folder / "home"), "--json")


def answered(capsys, *words: str) -> tuple[int, dict]:
    code = dispatch(list(words))
    return code, json.loads(capsys.readouterr().out)


def test_a_package_brings_a_signal_which_is_shown_tested_and_counted(installed, tmp_path, capsys):
    common = configured(
        tmp_path,
        '[own]\npackages = ["acme-slope"]\n[sources]\nmode = "sample"\n'
        '[forecast]\nsignals = ["policy_change", "credit_level", "acme_slope"]\n',
    )

    _, table = answered(capsys, "signals", *common)
    _, alone = answered(capsys, "signals", "acme_slope", *common)

    row = table["rows"][-1]
    assert (row["name"], row["family"], row["status"]) == ("acme_slope", "own", "ok")
    assert row["contribution_points"] != 0
    assert "price of patience" in alone["definition"]
    assert "acme-slope 1.0" in alone["definition"]
    assert {sample["sample"] for sample in alone["evidence"]["samples"]}
    assert alone["evidence"]["walk_forward"]["n"] > 300
    judgement = settings.load(tmp_path / "config.toml").judgement
    moment = cut(dt.date(2018, 11, 30))
    listed = judgement.forecast.signals
    assert trials_at(moment, listed=listed).count == trials_at(moment, listed=listed[:2]).count + 1


def test_a_package_brings_a_source_whose_numbers_are_checked_and_stored(installed, tmp_path, capsys):
    body = b"date,value\n2023-10-01,12.5\n2023-11-01,11.0\n2023-12-01,#N/A\n"
    with serving(lambda _path, _query: Answer(body)) as line:
        common = configured(
            tmp_path,
            f'[own]\npackages = ["acme-survey"]\n[sources.acme_survey]\nenabled = true\nurl = "{line.url}/hope.csv"\n',
        )
        code, report = answered(capsys, "data", "fetch", "acme_survey:HOPE", *common)
    _, state = answered(capsys, "data", "status", "acme_survey:HOPE", *common)

    assert (code, report["used"], report["refused"]) == (0, ["acme_survey"], 1)
    assert (state["rows"][0]["newest"], state["rows"][0]["refused"]) == ("2023-11-01", 1)


def test_a_package_brings_a_channel_which_gets_its_message(installed, tmp_path, capsys):
    pages = tmp_path / "pages.txt"
    common = configured(
        tmp_path, f'[own]\npackages = ["acme-pager"]\n[alerts.acme_pager]\nenabled = true\nfile = "{pages}"\n'
    )

    code, sent = answered(capsys, "alert", "test", *common)

    assert (code, sent["rows"]) == (0, [{"channel": "acme_pager", "outcome": "sent", "detail": "paged"}])
    assert "test" in pages.read_text()


def test_the_environment_names_packages_as_it_names_every_setting(installed, monkeypatch):
    monkeypatch.setenv("CAPTILT_OWN__PACKAGES", '["acme-pager"]')

    assert [kind.name for kind in settings.load().extensions.channels] == ["acme_pager"]


def test_a_file_without_a_signal_leaves_one_json_object(tmp_path, capsys):
    code, checked = answered(
        capsys, "signals", "check", str(PACKAGES / "acme_pager" / "acme_pager.py"), *configured(tmp_path, "")
    )

    assert (code, checked["rows"]) == (0, [])


def test_files_of_a_folder_are_signals_too(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "short_yield_change.toml").write_text(DECLARED)
    shutil.copy(PACKAGES / "acme_slope" / "acme_slope.py", tmp_path / "mine" / "acme_slope.py")
    common = configured(tmp_path, '[own]\nfolder = "mine"\n[sources]\nmode = "sample"\n')

    _, table = answered(capsys, "signals", *common)

    own = [row for row in table["rows"] if row["family"] == "own"]
    assert [row["name"] for row in own] == ["acme_slope", "short_yield_change"]
    assert all(row["status"] == "ok" for row in own)
    assert own[1]["unit"].endswith("over 12 months")
    assert own[1]["raw"] == pytest.approx(2.33 - 1.23, abs=0.3)  # three-month bill, a year to October 2018


def test_a_signal_that_looks_ahead_is_found_and_never_used(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    file = tmp_path / "mine" / "peek.py"
    file.write_text(LEAK)

    code = dispatch(["signals", "check", str(file)])
    shown = capsys.readouterr().out
    configured(tmp_path, '[own]\nfolder = "mine"\n')
    with pytest.raises(UsageError, match=r"peek of peek.py .* is refused: it looks ahead"):
        settings.load(tmp_path / "config.toml")

    assert code == 5
    assert "looks ahead: what was learned after 2004-05-18" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("broken.py", "1 / 0", "ZeroDivisionError"),
        ("empty.py", "x = 1", "names none of SIGNAL"),
        ("wrong.py", "SIGNAL = 1", "is no Signal"),
        ("no_sign.toml", 'asks = "x?"\nseries = "a:B"\nprior = "p"', "has no sign"),
        ("odd_sign.toml", DECLARED.replace("-1", "2"), "neither 1 nor -1"),
        ("odd_key.toml", DECLARED + "span = 3", "unknown: span"),
        ("no_toml.toml", "asks =", "cannot be read as TOML"),
        ("odd_transform.toml", DECLARED.replace("change", "chnage"), "none of level"),
        ("odd_series.toml", re.sub(r'series = ".*"', 'series = "TB3MS"', DECLARED), "not written like fred:DGS2"),
        ("no_question.toml", DECLARED.replace("?", "."), "not a question"),
        ("credit_level.toml", DECLARED, "called credit_level already"),
    ],
)
def test_what_cannot_be_used_is_one_line_with_the_file_and_the_reason(name, content, says, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / name).write_text(content)
    configured(tmp_path, '[own]\nfolder = "mine"\n')

    with pytest.raises(UsageError) as caught:
        settings.load(tmp_path / "config.toml")

    assert says in caught.value.message
    assert name.split(".")[0] in caught.value.message
    assert caught.value.remedy


def test_a_package_or_folder_that_is_not_there_is_named(tmp_path):
    for text, says in (('packages = ["acme-nothing"]', "acme-nothing"), ('folder = "nowhere"', "nowhere")):
        configured(tmp_path, f"[own]\n{text}\n")
        with pytest.raises(UsageError, match=says):
            settings.load(tmp_path / "config.toml")
