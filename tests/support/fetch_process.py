"""`captilt filings fetch` in a process of its own that can be killed at any change of a file, or run out of disk.

A fork server has what the command imports, so a process costs what it does and no more.
"""

import multiprocessing
import os
import resource
import signal
import sys
from pathlib import Path

QUARTERS = ("2016q1", "2016q2", "2016q3")
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.truncate")  # and files that are opened to be written
_IMPORTED = (
    "tests.support.fetch_process",
    "captilt.cli",
    "captilt.commands.filings",
    "captilt.config.settings",
    "captilt.terminal.console",
    "signals.sources.filings.fetch",
    "signals.sources.filings.publish",
    "signals.store.store",
    "alembic.command",
    "pyarrow.parquet",
    "duckdb",
    "httpx2",
)
_PROCESSES = multiprocessing.get_context("forkserver")


def fetch(home: Path, config: Path, *, fatal_change: int = 0, largest_file: int = 0) -> int:
    """Run a fetch to its end, or until it is killed before its `fatal_change`-th change of a file.

    What it printed is in ``out.txt`` beside `home`, the number of its changes in ``changes.txt``.

    Returns
    -------
    int
        Exit code; negative where it was killed.
    """
    home.mkdir(exist_ok=True, mode=0o700)
    _PROCESSES.set_forkserver_preload(list(_IMPORTED))
    process = _PROCESSES.Process(target=_fetch_here, args=(home, config, fatal_change, largest_file))
    process.start()
    process.join()
    return process.exitcode or 0


def _fetch_here(home: Path, config: Path, fatal_change: int, largest_file: int) -> None:
    from captilt.cli import dispatch

    changes = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal changes
        written = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if (written or event in CHANGES) and str(arguments[0]).startswith(str(home)):
            changes += 1
            if changes == fatal_change:
                os.kill(os.getpid(), signal.SIGKILL)

    with (home.parent / "out.txt").open("w") as out:
        sys.stdout = sys.stderr = out
        sys.addaudithook(count)
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, resource.RLIM_INFINITY))
        code = dispatch(["filings", "fetch", *QUARTERS, "--json", "--home", str(home), "--config", str(config)])
    (home.parent / "changes.txt").write_text(str(changes))
    os._exit(code)
