"""A process that has imported everything once, and forks one real desk for each trial.

    python -m tests.faults.zygote STORE FOLDER DAY [DAY ...]

1. It makes FOLDER/whole.db, a store with the series that the days look at, and evaluates each day once; FOLDER/facts.db
   holds the last year of the pair's prices alone, which is all that a desk asks for, and archives, once its day is
   evaluated.
2. Each line on stdin is one order (JSON); a child is forked for it: its own clock, home, channels and fault.
3. It answers {"ready"}, then for each child {"pid"} and, at its end, {"pid", "status"}.

An evaluation is pure, so a child takes the one made before the fork (unless the order says "evaluate": true) and
spends its life in the steps that write, lock and send. Those steps are counted, so that a child can be
killed before the n-th of them; nothing in the product knows of it.
"""

import contextlib
import dataclasses
import datetime as dt
import json
import os
import resource
import select
import signal
import sys
import threading
import time
import traceback
import uuid
from pathlib import Path
from typing import Any

from allocator.ledger.input_archive import blocks_by_series, pack, watched
from allocator.ledger.ledger import Ledger
from captilt.config.settings import Settings, log_settings
from captilt.context import Desk
from captilt.operations import logs
from captilt.run import daily
from captilt.run.evaluate import Evaluated, Fetched, evaluate
from captilt.scheduler.heartbeat import Heartbeat
from captilt.scheduler.jobs import Jobs
from captilt.scheduler.service import Resident
from signals.asof import History
from signals.calendars import cut
from signals.errors import CaptiltError
from signals.fact import Fact
from signals.store.shipped_decisions import open_store
from signals.store.store import Store

STEPS = frozenset(
    [
        "execute",
        "executemany",
        "commit",
        "fsync",
        "replace",
        "rename",
        "flock",
        "ftruncate",
        "pwrite",
        "sendall",
        "send",
        "connect",
        "open",
        "mkdir",
        "unlink",
        "write",
    ]
)
PAIR = ("yahoo:IWM:", "yahoo:SPY:")
EVALUATED: dict[dt.datetime, Evaluated] = {}


def prepare(source: Path, folder: Path, days: list[dt.date]) -> None:
    """Evaluate each day on the real data and keep the series that were asked for as a small store."""
    store = open_store(source)
    asked: set[str] = set()

    class Watching:
        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def as_of(self, moment: dt.datetime) -> Any:
            view, names = watched(store.as_of(moment))
            watching.append(names)
            return view

    watching: list[set[str]] = []
    for day in days:
        desk = Desk(Settings(), folder / "scratch", clock=lambda day=day: cut(day) + dt.timedelta(minutes=20))
        desk.home.mkdir(parents=True, exist_ok=True)
        desk.__dict__["store"] = Watching()
        EVALUATED[cut(day)] = evaluate(desk, cut(day), Fetched("offline"))
        desk.ledger.close()
    asked.update(
        *watching, *(blocks_by_series(ready.manifest, ready.blocks.__getitem__) for ready in EVALUATED.values())
    )
    kept = {
        name: store.history(name)
        for name in sorted(asked)
        if store.history(name).period.size and not name.startswith("fomc:")
    }
    year = {name: last_of(history, 250) for name, history in kept.items() if name.startswith(PAIR)}
    for file, facts in (("whole.db", kept), ("facts.db", year)):
        small = open_store(folder / file)
        small.write(facts, source="copy", at=cut(days[0]))
        if facts is year:
            for moment, ready in EVALUATED.items():
                inputs = pack(small.as_of(moment), sorted(year), note=json.loads(ready.manifest)["note"])
                EVALUATED[moment] = Evaluated(ready.run, *inputs)
        small.close()
    store.close()


def last_of(history: History, count: int) -> History:
    """The newest `count` facts of a series by their period."""
    return History(history.period[-count:], history.known_at[-count:], history.value[-count:])


def prepared(desk: Desk, moment: dt.datetime, fetched: Fetched, **_: Any) -> Evaluated:
    """The evaluation made before the fork, with this run's own id and time."""
    ready = EVALUATED[moment]
    now = desk.clock().astimezone(dt.UTC).replace(microsecond=0)
    run = dataclasses.replace(ready.run, run_id=uuid.uuid4().hex[:12], recorded_at=now)
    return Evaluated(run, ready.manifest, ready.blocks)


class SlowStore(Store):
    """A store whose use takes a while, so that whoever comes second comes while the first is at work."""

    def holds_market_data(self) -> bool:
        time.sleep(0.6)
        return super().holds_market_data()


def live(order: dict[str, Any]) -> int:
    """One desk's life, in the child."""
    home, start = Path(order["home"]), time.monotonic()
    now = dt.datetime.fromisoformat(order["now"])
    os.environ |= order.get("environment", {})
    settings = Settings(**order.get("settings", {}))
    if order["act"] == "open":
        Ledger.open(home / "ledger.db").close()
        return 0
    desk = Desk(settings, home, clock=lambda: now + dt.timedelta(seconds=time.monotonic() - start))
    if order.get("slow"):
        desk.__dict__["store"] = SlowStore.open(home / "facts.db")
    daily.evaluate = evaluate if order.get("evaluate") else prepared
    log = logs.begin(**log_settings(settings), run_id="trial")
    with contextlib.suppress(CaptiltError):  # a fetch that fails does not stop a day
        desk.store.append([Fact("test:NOTE", now.date(), now, 1.0)], source="fetch", at=now)
    if gate := order.get("gate"):
        (Path(gate) / str(os.getpid())).touch()
        while not (Path(gate) / "go").exists():
            time.sleep(0.002)
    if order["act"] == "look":
        resident = Resident(desk, Jobs(desk, offline=True), Heartbeat(None, log), log)
        return 0 if resident.look() else 3
    daily.run(desk, offline=True)
    return 0


def obey(order: dict[str, Any]) -> None:
    """Be the child: set the fault up, live, and leave with the exit code of docs/CONTRACT.md."""
    home = Path(order["home"])
    out = os.open(home / "out.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    counter = [0]
    if limit := order.get("limit"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if (at := order.get("step")) is not None:

        def count(_: Any, event: str, called: Any) -> None:
            if event == "c_call" and getattr(called, "__name__", "") in STEPS:
                counter[0] += 1
                if counter[0] == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        threading.setprofile(count)  # channels send in threads of their own
        sys.setprofile(count)
    try:
        code = live(order)
    except CaptiltError as fault:
        code = fault.exit_code
        sys.stderr.write(f"{type(fault).__name__} {fault}\n")
    except BaseException:
        sys.setprofile(None)
        traceback.print_exc()
        code = 1
    sys.setprofile(None)
    if order.get("step") is not None:
        (home / "steps").write_text(str(counter[0]))
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Serve orders until stdin ends."""
    sys.dont_write_bytecode = True  # as `captilt.cli.main` does
    source, folder, *days = sys.argv[1:]
    prepare(Path(source), Path(folder), [dt.date.fromisoformat(day) for day in days])
    say({"ready": True})
    pending, alive = b"", 0
    while True:
        if select.select([0], [], [], 0.005)[0]:
            got = os.read(0, 65536)
            if not got:
                return
            *lines, pending = (pending + got).split(b"\n")
            for line in lines:
                pid = os.fork()
                if pid == 0:
                    obey(json.loads(line))
                alive += 1
                say({"pid": pid})
        while alive:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            alive -= 1
            say({"pid": pid, "status": status})


def say(what: dict[str, Any]) -> None:
    """One line on stdout."""
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
