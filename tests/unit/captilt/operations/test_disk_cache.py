"""A folder of results gives back what was written under a key, or nothing."""

import os
import shutil
from pathlib import Path

import pytest

from captilt.operations.disk_cache import FolderCache


def ages(folder: Path) -> None:
    """Give the files of a folder ages in order of their content."""
    for file in folder.iterdir():
        if file.is_file():
            number = int(file.read_bytes()[-2:])
            os.utime(file, (number, number))


def filled(folder: Path, keys: range, keep: int = 200) -> FolderCache:
    cache = FolderCache(folder, keep=keep)
    for key in keys:
        cache[f"{key}"] = b"%02d" % key
        ages(folder)
    return cache


def test_it_gives_back_what_was_written_and_to_another_process_too(tmp_path):
    cache = filled(tmp_path / "cache", range(3))

    assert [cache.get(f"{key}") for key in range(4)] == [b"00", b"01", b"02", None]
    assert FolderCache(tmp_path / "cache")["1"] == b"01"
    assert len(cache) == 3


def test_the_oldest_go_first_and_folders_inside_do_not_count(tmp_path):
    inner = FolderCache(tmp_path / "process" / "resamples", keep=10)
    inner["own"] = b"00"
    os.utime(tmp_path / "process", (0, 0))

    cache = filled(tmp_path, range(6), keep=3)

    assert [key for key in range(6) if f"{key}" in cache] == [3, 4, 5]
    assert len(cache) == 3
    assert inner["own"] == b"00"


@pytest.mark.parametrize("offset", [0, 31, 32, -1])
def test_a_damaged_file_counts_as_absent_and_is_written_anew(tmp_path, offset):
    cache = filled(tmp_path, range(1))
    (file,) = tmp_path.iterdir()
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(content)

    assert cache.get("0") is None
    cache["0"] = b"new"
    assert cache["0"] == b"new"


@pytest.mark.parametrize("size", [0, 10, 32, 33])
def test_a_cut_file_counts_as_absent(tmp_path, size):
    cache = filled(tmp_path, range(1))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:size])

    assert "0" not in cache


def test_the_file_of_another_key_is_not_believed(tmp_path):
    cache = filled(tmp_path, range(1))
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    cache["other"] = b"11"
    for own in tmp_path.iterdir():
        own.write_bytes(content)

    assert (cache.get("0"), cache.get("other")) == (b"00", None)


def test_a_folder_that_refuses_costs_only_time(tmp_path):
    (tmp_path / "cache").write_bytes(b"a file where the folder should be")
    cache = FolderCache(tmp_path / "cache")

    cache["0"] = b"00"

    assert (cache.get("0"), len(cache)) == (None, 0)


def test_a_place_that_refuses_leaves_no_draft(tmp_path):
    cache = filled(tmp_path, range(1))
    (file,) = tmp_path.iterdir()
    file.unlink()
    file.mkdir()  # nothing can be renamed onto a folder

    cache["0"] = b"00"

    assert list(tmp_path.iterdir()) == [file]


def test_what_is_removed_is_gone(tmp_path):
    cache = filled(tmp_path / "cache", range(2))

    del cache["0"]
    assert (cache.get("0"), cache.get("1")) == (None, b"01")
    shutil.rmtree(tmp_path / "cache")
    assert (cache.get("1"), len(cache)) == (None, 0)
