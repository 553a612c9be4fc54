"""Text from outside is shown, never obeyed; files are bounded in bytes and cells; a refusal is one line."""

import datetime as dt
import gzip
import io
import json
import os
import unicodedata
from pathlib import Path

import pytest

from allocator.portfolio.brokers.sheet import MAX_BYTES
from captilt.cli import dispatch
from captilt.config.settings import Settings
from captilt.review.book_file import open_book
from captilt.terminal.console import as_json, console
from signals.errors import InputError
from signals.fact import Fact
from signals.sources import csv_sheet
from signals.sources.csv_sheet import MOST_CELLS, read_sheet
from signals.sources.files.exporter import export_folder
from signals.store.shipped_decisions import open_store

NOW = dt.datetime(2024, 1, 2, 23, tzinfo=dt.UTC)
HOSTILE = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "a\rb", "\x08\x08", "\x7f", "50 %\u202e% 05", "\u2066x"]


@pytest.mark.parametrize("text", HOSTILE)
def test_terminal_escapes_are_shown_and_not_obeyed(text: str) -> None:
    from rich.table import Table

    screen = console(80)
    screen.file = io.StringIO()
    table = Table()
    table.add_column("note")
    table.add_row(text)

    screen.print(table)
    screen.print(text, markup=False)

    shown = screen.file.getvalue()
    assert not [letter for letter in shown if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf")]
    assert "\x1b" not in text or "\N{SYMBOL FOR ESCAPE}" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_json_on_a_terminal_obeys_nothing_and_says_the_same(text: str) -> None:
    written = as_json({"note": text})

    assert not [letter for letter in written if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cf")]
    assert json.loads(written)["note"] == text


def test_a_name_between_colons_is_no_picture(capsys: pytest.CaptureFixture[str]) -> None:
    console(80).print("yahoo:CAT:close")

    assert capsys.readouterr().out == "yahoo:CAT:close\n"


@pytest.mark.parametrize("text", ["[/red]", "[bold", "[bold]", "[/]", "\\[dim]", "[link=file:///x]y", ":cat:"])
def test_what_a_source_sent_is_shown_letter_by_letter(tmp_path: Path, capsys, text: str) -> None:
    store = open_store(tmp_path / "facts.db")
    for value in (1.0, 2.0):
        fact = Fact(f"me:{text}", dt.date(2024, 1, 1), NOW, value)
        store.append([fact], source=f"test {text}", at=NOW)

    assert dispatch(["data", "status", "--home", str(tmp_path)]) == 0

    shown = " ".join(capsys.readouterr().out.split())
    assert f"me:{text} 2024-01-01: stored 1.0, test {text} gives 2.0" in shown


def test_markup_in_cells_does_not_break_the_status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, home = tmp_path / "data", tmp_path / "home"
    folder.mkdir()
    (folder / "x.csv").write_text("date,value\n2024-01-02,[/red]\n2024-01-03,[bold\n2024-01-04,1\n")
    (folder / "manifest.csv").write_text("series,file\nme:[/x],x.csv\nme:y,x.csv\n")
    dispatch(["data", "import", str(folder), "--home", str(home)])

    assert dispatch(["data", "status", "--all", "--home", str(home)]) == 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["me:" + "x" * 400, "me:../../etc/passwd", "me:a/b", "..:x", "me:\x01y", "me:.hidden", "me:" + "é" * 200]
)
def test_odd_ids_are_exported_within_the_folder(tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path / "facts.db")
    store.append([Fact(name, dt.date(2024, 1, 1), NOW, 1.0)], source="test", at=NOW)

    export_folder(store, tmp_path / "out")

    files = list(tmp_path.rglob("*.csv"))
    assert len(files) == 2
    assert all(file.is_relative_to(tmp_path / "out") for file in files)
    assert name.split(":")[1][:5] in (tmp_path / "out" / "manifest.csv").read_text() or "\x01" in name


def test_a_small_file_that_unpacks_to_a_large_table_is_refused_with_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "bomb.csv.gz"
    with gzip.open(file, "wb", compresslevel=9) as packed:
        packed.write(b"date,value\n")
        for _ in range(MOST_CELLS // 200_000 + 1):
            packed.write(b",\n" * 100_000)
    assert file.stat().st_size < 100_000

    with pytest.raises(InputError, match=rf"more than {MOST_CELLS:,} cells"):
        read_sheet(file, "bomb.csv.gz", "me:x")


def test_a_file_that_unpacks_without_end_is_read_to_the_limit_only(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(csv_sheet, "LARGEST_BYTES", 1024 * 1024)  # the limit itself would take a minute to write
    file = tmp_path / "bomb.csv.gz"
    file.write_bytes(gzip.compress(b"x" * (50 * 1024 * 1024)))

    with pytest.raises(InputError, match="larger than 1 MB"):
        read_sheet(file, "bomb.csv.gz", "me:x")


def test_a_holdings_file_without_end_is_read_to_the_limit_only() -> None:
    book = open_book(Settings(), "/dev/zero")

    assert len(book.raw) == MAX_BYTES + 1


@pytest.mark.parametrize(
    "words",
    [
        ["config", "init", "/proc/no/such/config.toml"],
        ["alert", "preview", "--out", "/proc/x", "--as-of", "2024-01-02"],
        ["backup", "--out", "/proc/x"],
        ["doctor", "--home", "/proc/x"],
        ["ledger", "verify", "--home", "/dev/null/x"],
        ["data", "export", "/proc/x"],
    ],
)
def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path, capsys, words: list[str]) -> None:
    home = [] if "--home" in words else ["--home", str(tmp_path)]

    code = dispatch([*words, *home])

    said = capsys.readouterr().err.strip()
    assert code in (1, 2, 3, 5)
    assert "Traceback" not in said
    assert len(said.splitlines()) == 1, said


def test_what_is_written_is_readable_by_its_owner_alone(tmp_path: Path, capsys) -> None:
    old = os.umask(0o022)
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    try:
        dispatch(["ledger", "verify", "--home", str(home)])
        dispatch(["data", "status", "--home", str(home)])
    finally:
        os.umask(old)

    assert home.stat().st_mode & 0o777 == 0o700, "a folder that was open is mended"
    assert not [file for file in home.rglob("*") if file.stat().st_mode & 0o077]
    capsys.readouterr()


def test_windows_is_refused_in_a_sentence(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.platform", "win32")

    assert dispatch(["config", "check"]) == 2
    assert "WSL" in capsys.readouterr().err
