"""The house itself: where files stand, what the pure core may know, what the first screen costs."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("signals", "regime", "allocator")
SHELL = (  # what talks to files, the network, a database or a person; everything else is pure
    "signals.store",
    "signals.database",
    "signals.migrate",
    "signals.migrations",
    "signals.tables",
    "signals.seed",
    "signals.holdings",
    "signals.sources",
    "allocator.ledger",
    "allocator.ledger_file",
    "allocator.migrations",
    "allocator.desk",
)


def modules():
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def covers(pattern, module):
    if pattern.endswith(".**"):
        return module.startswith(pattern[:-2]) or module == pattern[:-3]
    return module == pattern


def test_every_module_is_either_pure_by_contract_or_named_as_shell():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    pure = next(contract for contract in contracts if contract["type"] == "forbidden")["source_modules"]
    shell = {module for module in modules() if any(module == name or module.startswith(name + ".") for name in SHELL)}

    unplaced = sorted(m for m in modules() if m not in shell and m not in ROOMS and not any(covers(p, m) for p in pure))

    assert unplaced == []
    assert not [m for m in shell if any(covers(p, m) for p in pure)]


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


@pytest.mark.parametrize("room", ["signals", "signals/sources", "regime", "allocator", "allocator/desk"])
def test_every_room_has_a_short_readme(room):
    text = (ROOT / room / "README.md").read_text()

    assert 5 <= len(text.splitlines()) <= 160


def test_help_answers_without_a_heavy_library():
    code = (
        "import sys\n"
        "from allocator.desk.cli import dispatch\n"
        "dispatch(['--help'])\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'sklearn', 'statsmodels', 'arch', 'sqlalchemy', 'fastapi', 'pydantic'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_every_command_explains_itself(capsys):
    from allocator.desk.cli import _COMMANDS, _GROUPS

    words = [[name] for name, *_ in _COMMANDS]
    words += [[group, member] for group, (_, members) in _GROUPS.items() for member, *_ in members]
    from allocator.desk.cli import app

    for command in words:
        app([*command, "--help"], result_action="return_value", exit_on_error=False)
        assert f"captilt {' '.join(command)}" in capsys.readouterr().out
