"""The command line knows its own version, and leaves no half-compiled file on a full disk."""

import subprocess
import sys
import tomllib
from pathlib import Path

from captilt.cli import app

PROJECT = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text())["project"]


def test_the_version_printed_is_the_one_of_the_package(capsys):
    app(["--version"], result_action="return_value", exit_on_error=False)

    assert capsys.readouterr().out.strip() == PROJECT["version"]


def test_a_command_on_a_full_disk_leaves_no_compiled_file_behind(tmp_path):
    """CPython moves half a compiled file into place where a write falls short, and every later import of it fails."""
    code = (
        "import resource, sys\n"
        "from captilt.cli import main\n"
        f"sys.pycache_prefix = {str(tmp_path)!r}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4512, 4512))\n"
        "main(['config', 'show', '--json'])\n"
    )
    environment = {"HOME": str(tmp_path), "PATH": "", "PYTHONPATH": str(Path(__file__).resolve().parents[3])}

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("*.pyc")) == []
