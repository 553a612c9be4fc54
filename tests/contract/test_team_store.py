"""Several machines on one PostgreSQL server: one run at a time, one advice a day, and a way in and out."""

import datetime as dt
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from allocator.ledger.ledger import Ledger
from allocator.ledger.transfer import copy_ledger
from captilt.alerts.announce import announce_failure
from captilt.alerts.outbox import send_waiting
from captilt.cli import dispatch
from captilt.config.settings import Alerts, load
from captilt.config.settings import Store as StoreSettings
from captilt.context import Common, Desk
from captilt.doctor import inspect
from captilt.operations.migration import to_files, to_server
from captilt.operations.run_lock import only_one
from captilt.run import daily
from captilt.run.evaluate import Evaluated
from captilt.run.failure_report import report_failure
from captilt.scheduler.jobs import Jobs
from signals.asof import History
from signals.errors import Busy, StorageError, UsageError
from signals.store.postgres import WRITER, connect, reading, writing
from signals.store.shipped_decisions import open_store
from signals.store.store import Refusal
from signals.store.transfer import copy_facts
from tests.support.payloads import run as a_run
from tests.support.postgres import USER, Server

NOW = dt.datetime(2024, 3, 1, 23, 0, tzinfo=dt.UTC)
FIRST = dt.date(2024, 1, 1)
WRITER_PROGRAM = """
import datetime as dt, sys
from pathlib import Path
from allocator.ledger.ledger import AlreadyRecorded, Ledger
ledger = Ledger.open(sys.argv[1], head=Path(sys.argv[2]))
first, at = dt.date(2024, 1, 1), dt.datetime(2024, 3, 1, 23, 0, tzinfo=dt.UTC)
for session in range(int(sys.argv[3])):
    day = first + dt.timedelta(days=session)
    if ledger.run_of(day):
        continue
    try:
        with ledger.transaction() as book:
            book.keep(b"inputs of %d" % session)
            book.append("run", day, {"by": sys.argv[2]}, at=at)
            book.append("advice", day, {}, at=at)
            book.append("alert", day, {}, at=at)
    except AlreadyRecorded:
        pass
"""


def _writers(url: str, folder: Path, *, count: int, sessions: int) -> list[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", WRITER_PROGRAM, url]
    return [subprocess.Popen([*command, str(folder / f"{n}.head"), str(sessions)]) for n in range(count)]


def _execute(url: str, statement: str, *, alone: bool = False) -> None:
    """Run one statement as the owner of the database, `alone` where it may not stand in a transaction."""
    engine = sa.create_engine(url, **({"isolation_level": "AUTOCOMMIT"} if alone else {}))
    with engine.begin() as owner:
        owner.exec_driver_sql(statement)
    engine.dispose()


def _whole(ledger: Ledger, sessions: int) -> None:
    """Every session has one run with its advice and its alert, and the chain verifies."""
    days = [FIRST + dt.timedelta(days=n) for n in range(sessions)]
    for kind in ("run", "advice", "alert"):
        assert sorted(entry.day for entry in ledger.entries(kind)) == days
    assert ledger.verify() is None


@pytest.mark.parametrize(
    ("writers", "sessions"), [pytest.param(3, 12), pytest.param(8, 1000, marks=pytest.mark.slow, id="full")]
)
def test_writers_at_once_give_one_advice_a_session(postgres: Server, tmp_path: Path, writers: int, sessions: int):
    url = postgres.create_fresh()

    processes = _writers(url, tmp_path, count=writers, sessions=sessions)

    assert [process.wait() for process in processes] == [0] * writers
    ledger = Ledger.open(url, head=tmp_path / "ledger.head")
    _whole(ledger, sessions)
    ledger.close()


@pytest.mark.parametrize("kills", [pytest.param(3), pytest.param(200, marks=pytest.mark.slow, id="full")])
def test_a_killed_writer_leaves_a_session_whole_or_absent(postgres: Server, tmp_path: Path, kills: int):
    url = postgres.create_fresh()
    Ledger.open(url, head=tmp_path / "ledger.head").close()
    for n in range(kills):
        (process,) = _writers(url, tmp_path, count=1, sessions=400)
        time.sleep(0.8 + 0.05 * (n % 10))
        process.send_signal(signal.SIGKILL)
        process.wait()

    (process,) = _writers(url, tmp_path, count=1, sessions=20)

    assert process.wait() == 0
    ledger = Ledger.open(url, head=tmp_path / "ledger.head")
    _whole(ledger, max(20, len(ledger.run_days())))
    ledger.close()


def test_two_machines_one_runs_and_the_other_is_told(postgres: Server, tmp_path: Path, monkeypatch, capfd):
    url = postgres.create_fresh()
    monkeypatch.setenv("CAPTILT_STORE__URL", url)

    with only_one(tmp_path / "one", doing="the daily run", now=NOW, server=url):
        code = dispatch(["run", "--offline", "--home", str(tmp_path / "two")])

    assert code == 4
    assert f"pid {os.getpid()} on" in capfd.readouterr().err


def test_the_doctor_of_one_machine_names_the_run_of_another(postgres: Server, tmp_path: Path, monkeypatch):
    url = postgres.create_fresh()
    monkeypatch.setenv("CAPTILT_STORE__URL", url)
    desk = Desk.open(Common(home=tmp_path / "two"))

    with only_one(tmp_path / "one", doing="the daily run", now=NOW, server=url):
        findings = {(finding.check, finding.state): finding.detail for finding in inspect(desk)}

    assert f"at work now: pid {os.getpid()} on" in findings["runs", "ok"]
    assert "pg_dump" in findings["backup", "ok"]
    desk.store.close()
    desk.ledger.close()


def test_the_schedule_reads_the_chain_when_it_grew_or_a_session_is_new(postgres: Server, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("CAPTILT_STORE__URL", postgres.create_fresh())
    desk = Desk.open(Common(home=tmp_path))
    jobs, readings = Jobs(desk), []
    desk.ledger.append("alert", FIRST, {}, at=NOW)
    with desk.ledger.reading() as book:
        engine = book.connection.engine
    sa.event.listen(
        engine, "before_cursor_execute", lambda *call: "convert_to(payload" in call[2] and readings.append(1)
    )

    counts = []
    for day, entry in ((FIRST, False), (FIRST, False), (FIRST, True), (FIRST + dt.timedelta(days=1), False)):
        if entry:
            desk.ledger.append("alert", FIRST, {}, at=NOW)
        jobs.check_ledger(day)
        counts.append(len(readings))

    assert counts == [1, 1, 2, 3]
    desk.ledger.close()


def test_a_server_of_an_older_backup_is_noticed_by_the_host_that_wrote_last(postgres: Server, tmp_path: Path):
    newer, older = postgres.create_fresh(), postgres.create_fresh()
    for url, count in ((older, 1), (newer, 2)):
        ledger = Ledger.open(url, head=tmp_path / "scratch.head")
        for n in range(count):
            ledger.append("alert", FIRST, {"n": n}, at=NOW)
        ledger.close()
        (tmp_path / "scratch.head").replace(tmp_path / "ledger.head")

    desk = Desk(load(None).model_copy(update={"store": StoreSettings(url=older)}), tmp_path)
    fault = desk.ledger.verify()
    desk.ledger.close()

    assert "older copy" in str(fault)


def test_a_server_is_not_copied_as_files(postgres: Server, tmp_path: Path, monkeypatch, capfd):
    monkeypatch.setenv("CAPTILT_STORE__URL", postgres.create_fresh())

    assert dispatch(["backup", "--home", str(tmp_path)]) == 2

    assert "pg_dump" in capfd.readouterr().err


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://me:secret@host/db",
        "postgresql+psycopg://me@host/db?sslmode=require&password=secret",
        "mysql://host/db",
        "postgresql://host/db",
    ],
)
def test_a_url_with_a_password_or_of_another_engine_is_refused(tmp_path: Path, monkeypatch, capfd, url: str):
    assert dispatch(["data", "migrate", "--to", url, "--home", str(tmp_path)]) == 2
    monkeypatch.setenv("CAPTILT_STORE__URL", url)
    assert dispatch(["data", "status", "--home", str(tmp_path)]) == 2

    assert "secret" not in "".join(capfd.readouterr())


def test_a_killed_holder_leaves_the_lock_free(postgres: Server, tmp_path: Path):
    url = postgres.create_fresh()
    script = (
        "import datetime as dt, sys, time; from pathlib import Path\n"
        "from captilt.operations.run_lock import only_one\n"
        "with only_one(Path(sys.argv[1]), doing='x', now=dt.datetime.now(dt.UTC), server=sys.argv[2]):\n"
        "    print('held', flush=True); time.sleep(600)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "one"), url], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(Busy), only_one(tmp_path / "two", doing="y", now=NOW, server=url):
        pass

    holder.kill()
    holder.wait()
    holder.stdout.close()

    deadline = time.monotonic() + 20
    while True:  # the server notices a broken connection in its own time
        try:
            with only_one(tmp_path / "two", doing="y", now=NOW, server=url):
                break
        except Busy:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_another_user_of_the_server_is_told_who_holds_the_lock(postgres: Server, tmp_path: Path):
    url = postgres.create_fresh()
    database = url.rsplit("/", 1)[1]
    _execute(url, f"CREATE ROLE {database}_other LOGIN")
    elsewhere = postgres.create_fresh()  # where the same lock of another desk is nobody's business

    with (
        only_one(tmp_path / "elsewhere", doing="another desk", now=NOW, server=elsewhere),
        only_one(tmp_path / "one", doing="the daily run", now=NOW, server=url),
        pytest.raises(Busy, match=rf"pid {os.getpid()} on \S+, the daily run"),
        only_one(tmp_path / "two", doing="y", now=NOW, server=postgres.url(database, f"{database}_other")),
    ):
        pass


def test_a_server_that_ends_idle_sessions_leaves_the_holder_its_lock(postgres: Server, tmp_path: Path):
    url = postgres.create_fresh()
    _execute(url, f"ALTER DATABASE {url.rsplit('/', 1)[1]} SET idle_session_timeout = '100ms'")

    with only_one(tmp_path / "one", doing="x", now=NOW, server=url):
        time.sleep(0.4)
        with pytest.raises(Busy), only_one(tmp_path / "two", doing="y", now=NOW, server=url):
            pass


def test_the_server_gives_up_a_host_without_power_within_a_minute(postgres: Server):
    url = postgres.create_fresh()

    engine = connect(url, "captilt_facts")

    with reading(engine, url) as connection:
        names = ("idle", "interval", "count")
        idle, interval, count = (
            int(connection.exec_driver_sql(f"SELECT current_setting('tcp_keepalives_{name}')").scalar_one())
            for name in names
        )
    engine.dispose()

    assert idle + interval * count <= 60


def test_a_statement_that_the_server_ends_is_no_damage(postgres: Server):
    url = postgres.create_fresh()
    engine = connect(url, "captilt_facts")

    with writing(engine, url) as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {url.rsplit('/', 1)[1]} SET statement_timeout = 20")
    engine.dispose()

    with pytest.raises(StorageError, match="statement timeout"), writing(engine, url) as connection:
        connection.exec_driver_sql("SELECT pg_sleep(5)")

    engine.dispose()


def test_a_process_without_a_free_connection_asks_for_patience(postgres: Server):
    url = postgres.create_fresh()
    engine = sa.create_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.01)

    with reading(engine, url), pytest.raises(Busy, match="in use"), reading(engine, url):
        pass

    engine.dispose()


def test_facts_and_ledger_go_to_the_server_and_come_back(postgres: Server, tmp_path: Path):
    facts, book = tmp_path / "facts.db", tmp_path / "ledger.db"
    store = open_store(facts)
    refused = Refusal("fred:X", "x.csv:3", "=1+1", "cell.number", "not a number")
    for value in (1.0, 2.0):
        history = History.of(["2024-01-01"], ["2024-01-02"], [value])
        store.write({"fred:X": history}, source="test", at=NOW, refused=[refused], definitions=[{"series": "fred:X"}])
    store.close()
    ledger = Ledger.open(book)
    with ledger.transaction() as entries:
        name = entries.keep(b"inputs")
        entries.append("run", FIRST, {"n": 1, "inputs": None}, at=NOW)
    url = postgres.create_fresh()

    copied = copy_facts(facts, url)
    there = Ledger.open(url, head=tmp_path / "server.head")
    assert copy_ledger(ledger, there) == 1
    assert copy_facts(url, tmp_path / "back.db") == copied
    back = Ledger.open(tmp_path / "back-ledger.db")
    copy_ledger(there, back)

    on_server, returned = open_store(url, columns=tmp_path / "s.columns"), open_store(tmp_path / "back.db")
    for one in (on_server, returned):
        one.verify()
        assert one.history("fred:X").value.tolist() == [1.0]
        assert one.query("SELECT count(*) FROM contradiction") == [(1,)]
        assert one.query("SELECT count(*) FROM quarantine") == [(1,)]
    assert on_server.write({"fred:NEW": history}, source="test", at=NOW).stored == 1  # numbers go on after the copied
    assert back.entries() == there.entries() == ledger.entries()
    assert back.block(name) == there.block(name) == b"inputs"
    with pytest.raises(UsageError, match="already"):
        copy_facts(facts, url)
    for one in (on_server, returned, ledger, there, back):
        one.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A state folder with a fact and a run."""
    folder = tmp_path / "home"
    folder.mkdir()
    store, ledger = open_store(folder / "facts.db"), Ledger.open(folder / "ledger.db")
    store.write({"fred:X": History.of(["2024-01-01"], ["2024-01-02"], [1.0])}, source="test", at=NOW)
    with ledger.transaction() as entries:
        entries.append("run", FIRST, {"inputs": entries.keep(b"inputs")}, at=NOW)
    store.close()
    ledger.close()
    return folder


def test_a_migration_cut_short_leaves_nothing_and_is_simply_repeated(postgres: Server, home: Path, tmp_path: Path):
    def interrupt(_done: int, _of: int) -> None:
        raise KeyboardInterrupt

    url, other, back = postgres.create_fresh(), postgres.create_fresh(), tmp_path / "back"
    back.mkdir()
    with pytest.raises(KeyboardInterrupt):
        to_server(home, url, progress=interrupt)
    copied = to_server(home, url, progress=lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        to_files(url, back, progress=interrupt)

    assert copied[1] == 1
    assert to_server(home, other, progress=lambda *_: None) == copied
    assert to_files(url, back, progress=lambda *_: None) == copied
    for full in (lambda: to_server(home, url, progress=interrupt), lambda: to_files(url, back, progress=interrupt)):
        with pytest.raises(UsageError, match="already"):
            full()
    assert sorted(path.name for path in back.iterdir()) == ["facts.db", "ledger.db", "ledger.head"]


def test_a_migration_prints_the_settings_to_make(postgres: Server, home: Path, capsys):
    url = postgres.create_fresh()

    assert dispatch(["data", "migrate", "--to", url, "--home", str(home)]) == 0

    assert f'[store]\nurl = "{url}"\n' in capsys.readouterr().out


def _end_session_locks(url: str) -> None:
    """What a restart of the server does to a lock, and nothing else of it."""
    _execute(url, "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1")


def test_two_senders_after_a_lost_lock_send_nothing_twice(postgres: Server, tmp_path: Path, monkeypatch):
    url, bodies = postgres.create_fresh(), []
    settings = load(None).model_copy(
        update={"store": StoreSettings(url=url), "alerts": Alerts(slack={"enabled": True})}
    )
    one, two = (Desk(settings, tmp_path / name, clock=lambda: NOW) for name in ("one", "two"))
    with one.ledger.transaction() as book:
        for subject in ("first", "second"):
            announce_failure(book, FIRST, subject, "", settings.alerts, run_id=subject, weight_text="", at=NOW)

    def take(request: Request) -> Response:
        bodies.append(request.get_data(as_text=True))
        if len(bodies) == 1:  # the first machine is in the middle of the first message
            _end_session_locks(url)
            send_waiting(two)
        return Response("ok")

    with HTTPServer(threaded=True) as server:
        server.expect_request("/hook").respond_with_handler(take)
        monkeypatch.setenv("CAPTILT_SLACK_WEBHOOK", server.url_for("/hook"))
        send_waiting(one)
        send_waiting(one)
    attempts = [(entry.payload["alert"], entry.payload["step"]) for entry in one.ledger.entries("attempt")]
    one.ledger.close()
    two.ledger.close()

    assert [subject in body for subject, body in zip(("first", "second"), bodies, strict=True)] == [True, True]
    assert attempts == [(1, "started"), (2, "started"), (2, "done"), (1, "done")]


def test_two_runs_after_a_lost_lock_leave_one_advice_and_one_alert(postgres: Server, tmp_path: Path):
    settings = load(None).model_copy(
        update={"store": StoreSettings(url=postgres.create_fresh()), "alerts": Alerts(slack={"enabled": True})}
    )
    one, two = (Desk(settings, tmp_path / name, clock=lambda: NOW) for name in ("one", "two"))
    poor, runs = a_run(run_id="poor"), [a_run(run_id=name) for name in ("of two", "of one")]
    daily._write(two, Evaluated(poor, b"{}"))

    first = daily._write(two, Evaluated(runs[0], b"{}"), replaces=poor, reason="more of the data is there")
    late = daily._write(one, Evaluated(runs[1], b"{}"), replaces=poor, reason="more of the data is there")
    again = daily._write(one, Evaluated(runs[1], b"{}"))
    report_failure(one, first.as_of, StorageError("the server went away."))

    assert [run.run_id for run in (first, late, again)] == ["of two"] * 3
    kinds = [entry.kind for entry in one.ledger.entries(superseded=True)]
    assert kinds.count("supersession") == 1
    assert [kinds.count(kind) for kind in ("run", "advice", "failure")] == [2, 2, 0]
    assert len(one.ledger.entries("run")) == len(one.ledger.entries("advice")) == 1

    for desk in (one, two):
        desk.ledger.close()
        desk.store.close()


HABITS = {
    "extra_float_digits": "-10",
    "client_encoding": "'LATIN1'",
    "datestyle": "'German, DMY'",
    "timezone": "'Pacific/Apia'",
    "standard_conforming_strings": "off",
    "search_path": "'other, public'",
    "default_transaction_isolation": "'serializable'",
}


def _answers(place: Path | str, folder: Path) -> list[object]:
    """What facts and a ledger say after odd numbers, letters and names."""
    folder.mkdir(exist_ok=True)
    store = open_store(place, columns=folder / "facts.columns")
    ledger = Ledger.open(place.with_name("ledger.db") if isinstance(place, Path) else place, head=folder / "l.head")
    days = ["1999-12-31", "2024-01-01", "2024-01-02"]
    history = History.of(days, ["2024-01-02", "2024-01-03", "2024-01-04"], [1 / 3, float("nan"), -0.0])
    refused = Refusal("fred:é", "a\\b:3", "=1 ‘“\\n\0\t", "cell.number", "“odd”")
    definition = {"series": "fred:é", "unit": "% \\ 'q'"}
    names = dict.fromkeys(("fred:é", "fred:a", "fred:B", "fred:_c", "other:A"), history)
    store.write(names, source="té\\'st", at=NOW, refused=[refused], definitions=[definition])
    with ledger.transaction() as book:
        manifest = book.keep(bytes(range(256)))
        book.append("run", FIRST, {"inputs": manifest, "text": "é“\\\0"}, at=NOW)
    readable = "SELECT CAST(period AS text), CAST(known_at_utc AS text), value FROM readable ORDER BY series, period"
    answers = [
        store.names(),
        [repr(value) for value in store.as_of(NOW)["fred:é"]],
        store.query("SELECT place, content, reason FROM quarantine"),
        store.definitions()["fred:é"],
        sorted(store.query(readable), key=str),
        ledger.entries(),
        ledger.verify(),
        ledger.verify(inputs_of=FIRST),
        ledger.block(manifest),
    ]
    store.verify()
    store.close()
    ledger.close()
    return answers


@pytest.mark.parametrize("kind", ["", "LOCALE_PROVIDER icu ICU_LOCALE 'en' TEMPLATE template0"], ids=["plain", "icu"])
def test_habits_of_a_database_change_no_answer(postgres: Server, tmp_path: Path, kind: str):
    name = f"Desk-É-{secrets.token_hex(4)}"
    _execute(postgres.url(), f'CREATE DATABASE "{name}" {kind}', alone=True)
    for setting, value in HABITS.items():
        _execute(postgres.url(), f'ALTER DATABASE "{name}" SET {setting} = {value}')

    assert _answers(postgres.url(name), tmp_path / "server") == _answers(tmp_path / "facts.db", tmp_path)


def test_a_database_that_cannot_hold_every_letter_is_refused(postgres: Server, tmp_path: Path):
    name = f"db_{secrets.token_hex(6)}"
    _execute(postgres.url(), f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0", alone=True)

    with pytest.raises(StorageError, match="encoding SQL_ASCII"):
        open_store(postgres.url(name), columns=tmp_path / "facts.columns")
    with pytest.raises(StorageError, match="encoding SQL_ASCII"):
        Ledger.open(postgres.url(name), head=tmp_path / "ledger.head")


def test_a_server_that_only_reads_says_so_and_is_read(postgres: Server, tmp_path: Path):
    url = postgres.create_fresh()
    ledger = Ledger.open(url, head=tmp_path / "ledger.head")
    ledger.append("alert", FIRST, {}, at=NOW)
    ledger.close()
    _execute(url, f"ALTER DATABASE {url.rsplit('/', 1)[1]} SET default_transaction_read_only = on")

    ledger = Ledger.open(url, head=tmp_path / "ledger.head")
    with pytest.raises(StorageError, match="read-only") as refusal:
        ledger.append("alert", FIRST, {}, at=NOW)

    assert "primary" in refusal.value.remedy
    assert len(ledger.entries()) == 1
    ledger.close()


def test_a_user_without_the_role_is_told_which_one(postgres: Server, tmp_path: Path):
    url = postgres.create_fresh()
    database = url.rsplit("/", 1)[1]
    _execute(url, f"CREATE ROLE {database}_nobody LOGIN")

    with pytest.raises(StorageError, match="permission denied") as refusal:
        open_store(postgres.url(database, f"{database}_nobody"), columns=tmp_path / "facts.columns")

    assert WRITER in refusal.value.remedy


def test_the_second_of_two_hosts_serves_where_the_first_is_away(postgres: Server, tmp_path: Path):
    database = postgres.create_fresh().rsplit("/", 1)[1]
    url = f"postgresql+psycopg://{USER}@/{database}?host=127.0.0.1:1&host=127.0.0.1:{postgres.port}"

    ledger = Ledger.open(StoreSettings(url=url).url, head=tmp_path / "ledger.head")
    ledger.append("alert", FIRST, {}, at=NOW)

    assert ledger.verify() is None
    ledger.close()
