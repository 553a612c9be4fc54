"""The command line knows its own version."""

import tomllib
from pathlib import Path

from captilt.cli import app

PROJECT = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text())["project"]


def test_the_version_printed_is_the_one_of_the_package(capsys):
    app(["--version"], result_action="return_value", exit_on_error=False)

    assert capsys.readouterr().out.strip() == PROJECT["version"]
