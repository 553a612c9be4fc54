"""The examples for systemd, cron and containers hold before their own validators."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, missing

OPS = ROOT / "ops"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("unit", ["captilt.service", "captilt-daily.service", "captilt-daily.timer"])
def test_systemd_takes_the_units(unit: str, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        missing("systemd-analyze (package systemd)")
    for file in OPS.glob("captilt*"):
        shutil.copy(file, tmp_path)

    said = run("systemd-analyze", "verify", "--man=no", str(tmp_path / unit))

    ours = [line for line in said.stderr.splitlines() if "captilt" in line]
    assert not ours, said.stderr
    assert said.returncode == 0, said.stderr


def test_the_timer_fires_after_the_cut_and_makes_up_for_lost_time() -> None:
    if not shutil.which("systemd-analyze"):
        missing("systemd-analyze (package systemd)")
    text = (OPS / "captilt-daily.timer").read_text()

    said = run("systemd-analyze", "calendar", "--iterations=3", *re.findall(r"^OnCalendar=(.+)$", text, re.MULTILINE))

    assert said.returncode == 0, said.stderr
    assert "America/New_York" in said.stdout
    assert "Persistent=true" in text


def test_cron_takes_the_line() -> None:
    if not shutil.which("crontab"):
        missing("crontab (package cron)")

    said = run("crontab", "-n", str(OPS / "crontab"))

    assert said.returncode == 0, said.stderr


def test_the_container_copies_what_exists_and_starts_what_exists() -> None:
    text = (OPS / "Containerfile").read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    known = {
        "ARG",
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "USER",
        "ENV",
        "VOLUME",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }

    assert lines[0][0] == "ARG"
    assert lines[1][0] == "FROM"
    assert {words[0] for words in lines} <= known
    copied = [name for words in lines if words[0] == "COPY" for name in words[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert {"signals", "regime", "allocator", "captilt", "pyproject.toml"} <= set(copied)
    assert 'CMD ["schedule"]' in text
    assert 'ENTRYPOINT ["captilt"]' in text


@pytest.mark.parametrize("unit", ["captilt.service", "captilt-daily.service"])
def test_the_services_are_hardened(unit: str) -> None:
    if not shutil.which("systemd-analyze"):
        missing("systemd-analyze (package systemd)")

    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", str(OPS / unit))

    exposure = float(re.findall(r"Overall exposure level for \S+: ([0-9.]+)", said.stdout)[0])
    assert exposure < 3, said.stdout


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock", "requirements-peers.lock"])
def test_every_package_of_a_lock_has_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    packages = re.split(r"(?m)^(?=[A-Za-z0-9])", text)[1:]

    assert len(packages) > 90
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []
    assert {"hatchling", "editables"} <= {package.split("==")[0] for package in packages}, "the build needs no network"


def test_run_and_test_install_nothing_without_a_hash() -> None:
    lines = [
        line
        for line in (ROOT / "Makefile").read_text().splitlines()
        if line.removeprefix("\t").lstrip("@").startswith("$(PIP)")
    ]

    assert len(lines) == 5
    assert all("--require-hashes" in line or "--no-deps --no-build-isolation" in line for line in lines)
