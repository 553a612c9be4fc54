"""Shared by every test: the real-data folder, a closed network, and loud skips."""

import os
import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CAPTILT_TEST_DATA") or ROOT / ".." / "shared" / "data").resolve()
CI = os.environ.get("CI", "").lower() == "true"


def missing(what: str) -> None:
    """Skip loudly; under CI=true a skip is a failure."""
    if CI:
        pytest.fail(f"{what} is missing, and with CI=true nothing may be skipped", pytrace=False)
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real data."""
    if not (DATA / "manifest.csv").is_file():
        missing(f"real data (CAPTILT_TEST_DATA={DATA})")
    return DATA


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any socket beyond the loopback fails the test."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> object:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise AssertionError(f"a test tried to reach {host}")
        return real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
