"""A real PostgreSQL server for the tests, or for trying things by hand: `python -m tests.support.postgres`.

The server runs as an unprivileged user in a folder of its own, listens on the loopback, and is gone afterwards.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

USER = "captilt"
START_SECONDS = 60.0


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest version; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    return Path(path).parent if (path := shutil.which("initdb")) else None


@dataclass
class Server:
    """A running server.

    Attributes
    ----------
    folder : Path
    port : int
    """

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, database: str = "postgres", user: str = USER) -> str:
        """Where SQLAlchemy finds a database of it."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        bin_ = programs()
        assert bin_ is not None
        log = (self.folder / "log").open("ab")
        settings = ["-c", "fsync=off", "-c", "max_connections=60", "-c", "shared_buffers=16MB"]
        where = ["-D", str(self.folder / "data"), "-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.folder)]
        self.process = subprocess.Popen([bin_ / "postgres", *where, *settings], stdout=log, stderr=log, **_as_user())
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(
            [bin_ / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False
        ).returncode:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.05)

    def halt(self, number: signal.Signals | None) -> None:
        """Stop the server: SIGINT is its fast way, SIGQUIT its immediate one, None a power cut."""
        if number is None:
            self.kill()
            return
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait()

    def kill(self) -> None:
        """Kill every process of the server as a power cut would."""
        assert self.process is not None
        children = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        for pid in (self.process.pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create_fresh(self) -> str:
        """A new empty database under a name that nobody used; its URL."""
        return self.create(f"db_{secrets.token_hex(6)}")

    def create(self, database: str) -> str:
        """A new empty database; its URL."""
        import psycopg.sql

        with psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(database)))
        return self.url(database)


def launch() -> Server:
    """Make a server in a new folder and start it."""
    bin_ = programs()
    assert bin_ is not None
    folder = Path(tempfile.mkdtemp(prefix="captilt-postgres-", dir="/tmp"))
    if os.getuid() == 0:
        os.chown(folder, *_postgres())
    make = [bin_ / "initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **_as_user())
    server = Server(folder, _free_port())
    server.start()
    return server


def _postgres() -> tuple[int, int]:
    entry = pwd.getpwnam("postgres")
    return entry.pw_uid, entry.pw_gid


def _as_user() -> dict:
    """PostgreSQL refuses to run as root, so root runs it as the user that Debian's package makes."""
    if os.getuid():
        return {}
    user, group = _postgres()
    return {"user": user, "group": group, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    running = launch()
    sys.stdout.write(f"{running.url(running.create(USER).rsplit('/', 1)[1])}\nCtrl-C ends it.\n")
    with contextlib.suppress(KeyboardInterrupt):
        running.process.wait()
    running.stop()
