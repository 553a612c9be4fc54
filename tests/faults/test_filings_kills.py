"""A fetch of company filings that is killed, or runs out of disk: nothing is half-written, and the next one ends it."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from signals.sources.filings.tables import FilingsFolder, sha256_of
from signals.store.store import Store
from tests.support.fetch_process import QUARTERS, fetch
from tests.support.filings_world import World, two_sizes
from tests.support.sec_server import SecServer

SETTINGS = """
[sources.filings]
archives_url = "{url}/archives"
api_url = "{url}/api"
index_url = "{url}/edgar"
user_agent = "Test test@example.org"
requests_per_second = 10.0
first = "2016q1"

[filings]
large_last = 35
small_first = 36
small_last = 80
"""
KILLED, STORAGE = -9, 3


@dataclass(frozen=True)
class Undisturbed:
    """Settings, what a fetch leaves that nobody disturbs, and how often it changes a file."""

    config: Path
    panel: str
    facts: int
    changes: int


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    server, world, folder = SecServer(), World(two_sizes(large=35, small=45)), tmp_path_factory.mktemp("undisturbed")
    for number, quarter in enumerate(QUARTERS, start=1):
        server.archive(quarter, world.write(folder, 2016, number).read_bytes())
    config = folder / "config.toml"
    config.write_text(SETTINGS.format(url=server.url))
    assert fetch(folder / "home", config) == 0, (folder / "out.txt").read_text()
    yield Undisturbed(config, *contents(folder / "home"), int((folder / "changes.txt").read_text()))
    server.close()


def contents(home: Path) -> tuple[str, int]:
    """Checksum of the panel and number of facts."""
    check_whole(home)
    with contextlib.closing(Store.open(home / "facts.db")) as store:
        ((count,),) = store.query("SELECT count(*) FROM fact")
    return sha256_of(FilingsFolder(home / "filings").path("panel", "company_quarters")), count


def check_whole(home: Path) -> None:
    """What the manifest lists is there and whole, and the store can be read."""
    folder = FilingsFolder(home / "filings")
    assert folder.damaged(folder.manifest()) == ()
    if (home / "facts.db").exists():
        with contextlib.closing(Store.open(home / "facts.db")) as store:
            store.verify()


def kill_and_go_on(tmp_path: Path, undisturbed: Undisturbed, changes: Sequence[int]) -> None:
    home = tmp_path / "home"
    assert changes
    for fatal in changes:
        shutil.rmtree(home, ignore_errors=True)
        assert fetch(home, undisturbed.config, fatal_change=fatal) == KILLED, f"change {fatal}"
        check_whole(home)

        assert fetch(home, undisturbed.config) == 0, (tmp_path / "out.txt").read_text()

        assert contents(home) == (undisturbed.panel, undisturbed.facts), f"change {fatal}"
        assert not list((home / "filings" / "staging").iterdir()), f"change {fatal}"


def test_a_killed_fetch_leaves_nothing_half_written(tmp_path: Path, undisturbed: Undisturbed) -> None:
    kill_and_go_on(tmp_path, undisturbed, range(31, undisturbed.changes, 37))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_fetch_killed_at_every_change_of_a_file(tmp_path: Path, undisturbed: Undisturbed) -> None:
    kill_and_go_on(tmp_path, undisturbed, range(1, undisturbed.changes + 1))


def fill_and_go_on(tmp_path: Path, undisturbed: Undisturbed, sizes: Iterable[int]) -> None:
    """No file may grow beyond a size, then it may."""
    home, codes = tmp_path / "home", set()
    for size in sizes:
        shutil.rmtree(home, ignore_errors=True)
        code = fetch(home, undisturbed.config, largest_file=size)
        codes.add(code)
        out = (tmp_path / "out.txt").read_text()
        if code:
            assert code == STORAGE, f"{size}: {out}"
            assert json.loads(out)["error"]["message"], f"{size}: {out}"
        check_whole(home)

        assert fetch(home, undisturbed.config) == 0, (tmp_path / "out.txt").read_text()

        assert contents(home) == (undisturbed.panel, undisturbed.facts), f"{size}"
    assert STORAGE in codes


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, undisturbed: Undisturbed) -> None:
    fill_and_go_on(tmp_path, undisturbed, (60_000,))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_disk_that_is_full_at_every_size(tmp_path: Path, undisturbed: Undisturbed) -> None:
    fill_and_go_on(tmp_path, undisturbed, range(1_000, 400_000, 9_000))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here; the sizes of files are limited instead")
    for name in ("out.txt", "changes.txt"):
        (folder / name).symlink_to(tmp_path / name)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_small_disk_leaves_nothing_half_written(tmp_path: Path, small_disk: Path, undisturbed: Undisturbed) -> None:
    home, codes = small_disk / "home", set()
    for kilobytes in range(60, 400, 12):
        shutil.rmtree(home, ignore_errors=True)
        resize(small_disk, f"{kilobytes}k")
        code = fetch(home, undisturbed.config)
        codes.add(code)
        assert code in (0, STORAGE), (tmp_path / "out.txt").read_text()
        resize(small_disk, "20m")
        check_whole(home)

        assert fetch(home, undisturbed.config) == 0, (tmp_path / "out.txt").read_text()

        assert contents(home) == (undisturbed.panel, undisturbed.facts), f"{kilobytes} KB"
    assert codes == {0, STORAGE}


def resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)
