"""The house itself: where files stand, what the pure core may know, what the first screen costs."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("signals", "regime", "allocator")
SHELL = ("signals.store", "signals.sources", "allocator.ledger")  # with captilt: what talks to files, network, database
UNTYPED = re.compile(r"(import|from) (pandas|sklearn|statsmodels|hmmlearn|arch|empyrical|exchange_calendars)\b")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
CONTRACTS = {contract["type"]: contract for contract in PYPROJECT["importlinter"]["contracts"]}


def modules(rooms=ROOMS):
    for room in rooms:
        for file in (ROOT / room).rglob("*.py"):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def covers(pattern, module):
    if pattern.endswith(".**"):
        return module.startswith(pattern[:-2])
    if pattern.endswith(".*"):
        return module.rpartition(".")[0] == pattern[:-2]
    return module == pattern


def test_every_package_is_a_layer():
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")} - {"tests"}

    assert packages == set(CONTRACTS["layers"]["layers"]) == set(PYPROJECT["importlinter"]["root_packages"])


def test_every_module_below_the_shell_is_pure_by_contract_or_in_a_named_room():
    pure = CONTRACTS["forbidden"]["source_modules"]

    for module, _ in modules():
        in_shell = any(module.startswith(f"{room}.") for room in SHELL)
        assert in_shell != any(covers(pattern, module) for pattern in pure), module


def test_only_pure_modules_with_untyped_libraries_are_left_out_of_the_strict_types():
    strict = (ROOT / "tests/contract/strict.json").read_text()
    excluded = set(re.findall(r'"\.\./\.\./([a-z_0-9/]+(?:\.py)?)"', strict.split('"exclude"')[1].split("]")[0]))
    untyped = {
        str(file.relative_to(ROOT))
        for module, file in modules()
        if not any(module.startswith(f"{room}.") for room in SHELL) and UNTYPED.search(file.read_text())
    }

    rooms = {room.replace(".", "/") for room in SHELL} | {"captilt"}
    assert excluded <= rooms | untyped | {"allocator/backtest/assessment.py"}  # it reads its record back from a mapping


def test_the_top_level_is_what_was_asked_for():
    for name in (
        "pyproject.toml",
        "README.md",
        "regime",
        "signals",
        "allocator",
        "tests",
        "config.toml",
        "LICENSE",
        "Makefile",
    ):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("room", ["signals", "signals/sources", "regime", "allocator", "captilt"])
def test_every_room_has_a_short_readme(room):
    text = (ROOT / room / "README.md").read_text()

    assert 5 <= len(text.splitlines()) <= 160


@pytest.mark.parametrize("room", [*ROOMS, "captilt"])
def test_the_table_of_a_room_names_what_is_there(room):
    """Every file and folder that the first table names exists, and it leaves out no folder."""
    text = (ROOT / room / "README.md").read_text()
    rows = re.search(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)[0].splitlines()[2:]
    named = {name for row in rows for name in re.findall(r"`([\w/.]+)`", row.split("|")[1])}
    folders = {f"{path.parent.name}/" for path in (ROOT / room).glob("*/*.py") if path.parent.name != "tests"}

    assert [name for name in sorted(named) if not (ROOT / room / name).exists()] == []
    assert sorted(folder for folder in folders if not any(name.startswith(folder) for name in named)) == []


def test_help_answers_without_a_heavy_library():
    code = (
        "import sys\n"
        "from captilt.cli import dispatch\n"
        "dispatch(['--help'])\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'sklearn', 'statsmodels', 'arch', 'sqlalchemy', 'fastapi', 'pydantic'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_every_command_explains_itself(capsys):
    from captilt.cli import _COMMANDS, _GROUPS

    words = [[name] for name, *_ in _COMMANDS]
    words += [[group, member] for group, (*_, members) in _GROUPS.items() for member, *_ in members]
    from captilt.cli import app

    for command in words:
        app([*command, "--help"], result_action="return_value", exit_on_error=False)
        shown = capsys.readouterr().out
        assert f"captilt {' '.join(command)}" in shown
        assert "--no-" not in shown or command == ["review", "serve"]  # an option that is off needs no second name


def test_every_command_that_a_message_names_exists():
    from captilt.cli import app

    named: dict[str, str] = {}
    for package in ("captilt", "allocator", "regime", "signals"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words = re.findall(r"`captilt ([a-z][a-z ]*[a-z])", node.value)
                    named |= dict.fromkeys(words, f"{file.relative_to(ROOT)}:{node.lineno}")

    assert len(named) > 20
    unknown = {}
    for words, where in named.items():
        chain, reached, rest = app.parse_commands(words.split())
        if not chain or (rest and any(not name.startswith("-") for name in reached[-1])):
            unknown[words] = where
    assert unknown == {}
