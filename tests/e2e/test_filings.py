"""`captilt filings` from the command line, against a server in the SEC's formats."""

import json
from pathlib import Path

import pytest

from captilt.cli import main
from tests.support.filings_world import World, two_sizes
from tests.support.sec_server import SecServer

SETTINGS = """
[sources.filings]
archives_url = "{url}/archives"
api_url = "{url}/api"
index_url = "{url}/edgar"
user_agent = "Test test@example.org"
requests_per_second = 10.0
timeout_seconds = 5.0
budget_seconds = 20.0
first = "2016q1"

[filings]
large_last = 35
small_first = 36
small_last = 80
"""


@pytest.fixture
def sec():
    server = SecServer()
    yield server
    server.close()


def captilt(capsys, tmp_path: Path, *words: str) -> tuple[int, dict]:
    with pytest.raises(SystemExit) as left:
        main([*words, "--json", "--home", str(tmp_path / "home"), "--config", str(tmp_path / "config.toml")])
    return int(left.value.code or 0), json.loads(capsys.readouterr().out)


def test_from_the_first_fetch_to_the_screen(sec, tmp_path, capsys):
    (tmp_path / "config.toml").write_text(SETTINGS.format(url=sec.url))
    world = World(two_sizes(large=35, small=45))
    for quarter in (1, 2, 3, 4):
        sec.archive(f"2016q{quarter}", world.write(tmp_path, 2016, quarter).read_bytes())

    _, before = captilt(capsys, tmp_path, "filings", "show")
    code, fetched = captilt(capsys, tmp_path, "filings", "fetch", "2016q1", "2016q2", "2016q3", "2016q4")
    _, held = captilt(capsys, tmp_path, "filings", "status")
    _, shown = captilt(capsys, tmp_path, "filings", "show", "--as-of", "2016-12-30")
    _, again = captilt(capsys, tmp_path, "filings", "fetch", "2016q4")

    assert "captilt filings fetch" in before["reason"]
    assert (code, fetched["quarters"]) == (0, ["2016q1", "2016q2", "2016q3", "2016q4"])
    assert fetched["stored"] > 0
    assert held["quarters"] == fetched["quarters"]
    assert not held["damaged"]
    rows = {row["measure"]: row for row in shown["rows"]}
    assert rows["debt_ebitda"]["small"]["value"] == pytest.approx(3.72, abs=0.01)
    assert rows["debt_ebitda"]["large"]["value"] == pytest.approx(1.5)
    assert rows["debt_ebitda"]["small"]["companies"] == 45
    assert again["stored"] == 0
