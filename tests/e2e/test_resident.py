"""The resident desk as a real process: it starts, looks, and leaves cleanly when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from allocator.ledger.ledger import Ledger
from tests.support.hostile_servers import HostileServer, hostile_server

CAPTILT = str(Path(sys.executable).with_name("captilt"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_resident_desk_leaves_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    environment = {
        **os.environ,
        "CAPTILT_SOURCES__MODE": "offline",
        "TZ": "Pacific/Apia",
        "CAPTILT_BACKUP__DAILY": "false",
    }
    command = [CAPTILT, "schedule", "--home", str(tmp_path)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(json.loads(line))
            if lines[-1]["event"] == "no advice":  # an empty store: the first look is over
                break
        time.sleep(0.3)

        process.send_signal(number)
        lines += [json.loads(line) for line in process.stderr]
        code = process.wait(timeout=30)

    assert code == 0
    assert lines[-1]["event"] == "left cleanly"
    assert len({line["run_id"] for line in lines}) == 1
    ledger = Ledger.open(tmp_path / "ledger.db")
    assert ledger.entries()[0].kind == "failure"
    assert ledger.verify() is None


@pytest.mark.timeout(300)
def test_a_resident_scheduler_leaves_in_time_whatever_hangs(tmp_path: Path) -> None:
    """The channel's server takes the message and never answers; its own deadline is two minutes away."""
    asked = threading.Event()

    def silent(server: HostileServer, connection: socket.socket) -> None:
        connection.recv(65536)
        asked.set()
        server.hang()

    with hostile_server(silent) as server:
        environment = {
            **os.environ,
            "CAPTILT_SOURCES__MODE": "offline",
            "CAPTILT_ALERTS__SLACK__ENABLED": "true",
            "CAPTILT_ALERTS__SLACK__TIMEOUT_SECONDS": "120",
            "CAPTILT_SLACK_WEBHOOK": f"http://127.0.0.1:{server.port}/hook",
        }
        command = [CAPTILT, "schedule", "--home", str(tmp_path)]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            assert asked.wait(120)

            process.send_signal(signal.SIGTERM)
            said = process.stderr.read()
            code = process.wait(timeout=60)

    assert code == 0
    assert "left with work unfinished" in said
    ledger = Ledger.open(tmp_path / "ledger.db")
    assert ledger.verify() is None
    assert [entry.payload["step"] for entry in ledger.entries("attempt")] == ["started"]


def test_one_look_for_a_timer(tmp_path: Path) -> None:
    environment = {**os.environ, "CAPTILT_SOURCES__MODE": "offline", "TZ": "Asia/Tokyo"}
    command = [CAPTILT, "schedule", "--once", "--home", str(tmp_path)]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 3
    assert "the store holds no data" in done.stderr
    assert all(json.loads(line)["run_id"] for line in done.stderr.splitlines())
