"""The README is true: its commands exist, and its sample is what the program prints."""

import datetime as dt
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.run.evaluate import study
from signals.calendars import cut

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WIDTH = 100
RUN_ID = re.compile(r"run [0-9a-f]{12}")


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("captilt ")])
def test_every_command_of_the_readme_is_understood(line):
    from captilt.cli import app

    words = shlex.split(line)[1:]

    command, _, _ = app.parse_args(words, exit_on_error=False, print_error=False)

    assert callable(command)


@pytest.mark.parametrize("line", [line for line in commands() if line.startswith("make ")])
def test_every_target_of_the_readme_is_in_the_makefile(line):
    assert re.search(rf"^{line.split()[1]}:", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)


def make(*words):
    command = ["make", "-C", str(ROOT), "--no-print-directory", "-o", ".venv/run", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_make_install_makes_captilt_callable_by_its_name(tmp_path):
    make("install", f"BIN={Path(sys.executable).parent}", f"BINDIR={tmp_path}/bin")

    path = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(["captilt", "--version"], env=path, capture_output=True, text=True, check=True, timeout=60)

    assert re.fullmatch(r"\d+\.\d+\S*\n", done.stdout)
    assert "make install" in README


def test_make_run_shows_the_answer_and_no_code(tmp_path):
    (tmp_path / "captilt").write_text('#!/bin/sh\necho "the answer of $1"\n')
    (tmp_path / "captilt").chmod(0o755)

    assert make("run", f"BIN={tmp_path}") == "the answer of run\n"


def test_the_sample_in_the_readme_is_what_the_program_prints(fill_home, tmp_path):
    from captilt.terminal.console import console
    from captilt.terminal.run import run_screen

    (found,) = re.findall(r"<!-- sample: run --offline --as-of (\S+) -->\n```text\n(.*?)```", README, flags=re.DOTALL)
    day, sample = dt.date.fromisoformat(found[0]), found[1]
    fill_home(tmp_path)
    now = dt.datetime(2023, 12, 30, tzinfo=dt.UTC)

    run = study(Desk(Settings(), tmp_path, clock=lambda: now), cut(day))

    screen = console(WIDTH)
    with screen.capture() as page:
        screen.print(run_screen(run, WIDTH))
    said = "\n".join(line.rstrip() for line in page.get().splitlines())
    assert RUN_ID.sub("run ID", said) == RUN_ID.sub("run ID", sample.strip("\n"))


def slugs(page):
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}


PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_and_heading_that_a_page_links_to_exists(page):
    links = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL))

    for link in links:
        if "://" in link:
            continue
        name, _, heading = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not heading or heading in slugs(target), link
