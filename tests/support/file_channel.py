"""A desk whose only channel is a file: what it was told to say, and what it said."""

import json
from pathlib import Path

from captilt.cli import dispatch


def write_settings(folder: Path) -> None:
    """Settings of a desk beside `folder`/home that writes its alerts into one file and takes no daily backup."""
    (folder / "config.toml").write_text(
        f'[alerts.file]\nenabled = true\npath = "{folder}/alerts.jsonl"\nformat = "json"\n[backup]\ndaily = false\n'
    )


def command(home: Path, *words: str) -> int:
    """The exit code of a command, offline, in `home`."""
    return dispatch([*words, "--offline", "--home", str(home), "--config", str(home.parent / "config.toml")])


def messages(home: Path) -> list[dict]:
    """Every alert that the file has."""
    file = home.parent / "alerts.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
