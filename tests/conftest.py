"""Shared by every test: the real-data folder, a closed network, and loud skips."""

import ast
import datetime as dt
import hashlib
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from signals.calendars import cut
from signals.store.shipped_decisions import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signals.store.store import Store
    from tests.support.postgres import Server

# A slow machine fails no property: no example has a deadline.
settings.register_profile("captilt", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("captilt")

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


@pytest.fixture(autouse=True)
def _retries_without_pauses(request: pytest.FixtureRequest) -> "Iterator[None]":
    """`attempts(n)`: a request is tried n times, without waiting between."""
    marker = request.node.get_closest_marker("attempts")
    if marker is None:
        yield
        return
    import stamina

    with stamina.set_testing(True, attempts=marker.args[0]):
        yield


IMPORTED_AT = dt.datetime(2026, 11, 22, 23, 0, tzinfo=dt.UTC)  # when the tests' store received the files


def _imported(data: Path) -> Path:
    """A store of the whole real-data folder, kept between runs under the hash of what made it."""
    digest = hashlib.sha256((data / "manifest.csv").read_bytes())
    for maker in sorted(file for room in _IMPORTING for file in (ROOT / "signals" / room).rglob("*.[cp][sy]*")):
        digest.update(_meaning(maker))
    folder = Path(tempfile.gettempdir()) / f"captilt-tests-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    kept = folder / f"facts-{digest.hexdigest()[:16]}.db"
    if not kept.is_file():
        from signals.sources.files.importer import import_folder

        making = folder / f"making-{os.getpid()}.db"
        opened = open_store(making)
        import_folder(opened, data, at=IMPORTED_AT)
        opened.close()
        for stale in folder.glob("facts-*.db"):
            if stale.stat().st_mtime < kept.parent.stat().st_mtime - 86400:
                stale.unlink(missing_ok=True)
        making.replace(kept)
    return kept


def _meaning(maker: Path) -> bytes:
    """What a file says, whatever its layout and comments."""
    return ast.dump(ast.parse(maker.read_bytes())).encode() if maker.suffix == ".py" else maker.read_bytes()


_IMPORTING = ("facts", "series", "store", "sources/files", "sources/validation")  # rooms that decide what is stored


@pytest.fixture(scope="session")
def imported(data: Path) -> Path:
    """The SQLite file of an imported real-data store; copy it before writing to it."""
    return _imported(data)


@pytest.fixture(scope="session")
def studied(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder of the real data in which one day was studied, so that its growing tables are there.

    One for all workers of a run. Rows of the tables are kept with digests of the facts they come from.
    """
    root = tmp_path_factory.getbasetemp()
    home = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "studied"
    with FileLock(f"{home}.lock"):
        if not (home / "cache").is_dir():
            from captilt.config.settings import Settings
            from captilt.context import Desk
            from captilt.run.evaluate import study

            home.mkdir()
            shutil.copy(imported, home / "facts.db")
            moment = cut(dt.date(2023, 12, 29))
            study(Desk(Settings(), home, clock=lambda: moment), moment)
    return home


@pytest.fixture(scope="session")
def fill_home(studied: Path) -> "Callable[[Path], None]":
    """Puts the real data into a state folder, with the tables that another folder has computed."""

    def fill(home: Path) -> None:
        for name in ("facts.db", "facts.columns"):
            shutil.copy(studied / name, home / name)
        shutil.copytree(studied / "cache", home / "cache")

    return fill


@pytest.fixture(scope="session")
def store(imported: Path) -> "Iterator[Store]":
    """The real data, imported; for reading only."""

    opened = open_store(imported)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres() -> "Iterator[Server]":
    """A PostgreSQL server shared by the tests of one process; each makes its own database."""
    yield from _launched()


@pytest.fixture
def own_postgres() -> "Iterator[Server]":
    """A PostgreSQL server that the test may kill."""
    yield from _launched()


def _launched() -> "Iterator[Server]":
    from tests.support.postgres import launch, programs

    if programs() is None:
        missing("Debian's postgresql")
    server = launch()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rates(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Store]":
    """Treasury yields and the effective rate since 1981: public-domain rows that ship with the tests."""
    from signals.sources.files.importer import import_folder

    opened = open_store(tmp_path_factory.mktemp("rates") / "facts.db")
    import_folder(opened, ROOT / "tests" / "extract", at=IMPORTED_AT)
    yield opened
    opened.close()
