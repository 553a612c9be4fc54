"""A named file is written whole or not at all."""

import os
import resource
import signal
import threading

import pytest

from captilt.output_file import write_output
from signals.errors import InputError


def test_the_new_file_replaces_the_old_one_and_folders_are_made(tmp_path):
    file = tmp_path / "reports" / "june.csv"

    write_output(file, "first\n")
    write_output(file, b"second\n")

    assert file.read_bytes() == b"second\n"
    assert [each.name for each in file.parent.iterdir()] == ["june.csv"]


def test_a_full_disk_leaves_what_stood_there(tmp_path):
    file = tmp_path / "orders.csv"
    write_output(file, "the orders of yesterday\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(InputError, match=r"orders\.csv could not be written: File too large; nothing was changed"):
            write_output(file, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)

    assert file.read_text() == "the orders of yesterday\n"
    assert [each.name for each in tmp_path.iterdir()] == ["orders.csv"]


def test_a_folder_in_the_way_is_named(tmp_path):
    (tmp_path / "taken").mkdir()

    with pytest.raises(InputError, match="taken could not be written"):
        write_output(tmp_path / "taken", "text")


def test_a_pipe_is_written_to(tmp_path):
    pipe, lines = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: lines.append(pipe.read_text()))
    reader.start()

    write_output(pipe, "through\n")
    reader.join(timeout=10)

    assert lines == ["through\n"]
