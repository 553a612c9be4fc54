"""What `captilt doctor` looks at: each finding says what was seen and, where something is wrong, the remedy."""

import datetime as dt
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from captilt.formats import counted
from signals.errors import CaptiltError

if TYPE_CHECKING:
    from captilt.config.settings import Settings
    from captilt.context import Desk

State = Literal["ok", "warning", "failed"]
GIB = 2**30
SCARCE_BYTES, FULL_BYTES = 2 * GIB, GIB // 4  # a year of backups; one night's work
BACKUP_DAYS = 7  # an older copy loses more than a week of decisions
CALENDAR_DAYS = 365  # the tables must reach a year ahead, or nobody knows the next meeting
UNDELIVERED = dt.timedelta(hours=2)
LOOPBACK = ("//127.", "//localhost", "//[::1]")
WIDE = stat.S_IRWXG | stat.S_IRWXO  # permissions that others have
BUILT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)  # a clock before this version existed is wrong


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    check : str
    state : str
        ok | warning | failed.
    detail : str
        What was seen.
    remedy : str
        What to do; empty where nothing is wrong.
    """

    check: str
    state: State
    detail: str
    remedy: str = ""

    def row(self) -> dict[str, Any]:
        """The finding as a row of JSON."""
        return {"check": self.check, "state": self.state, "said": self.detail, "remedy": self.remedy}


def inspect(desk: "Desk", *, reach: bool = False) -> list[Finding]:
    """Look at everything; a check that breaks is a finding, never the end of the others.

    Parameters
    ----------
    desk : Desk
    reach : bool
        Also connect to the switched-on channels and log in, without sending anything.
    """
    checks: list[tuple[str, Callable[[], Iterator[Finding]]]] = [
        ("settings", lambda: settings_findings(desk.settings)),
        ("keys", lambda: _keys(desk)),
        ("clock", lambda: _clock(desk)),
        ("calendar", lambda: _calendar(desk)),
        ("disk", lambda: _disk(desk)),
        ("store", lambda: _store(desk)),
        ("ledger", lambda: _ledger(desk)),
        ("freshness", lambda: _freshness(desk)),
        ("quotations", lambda: _quotations(desk)),
        ("runs", lambda: _runs(desk)),
        ("channels", lambda: _channels(desk, reach=reach)),
        ("outbox", lambda: _outbox(desk)),
        ("backup", lambda: _backup(desk)),
    ]
    return [finding for name, check in checks for finding in _carefully(name, check)]


def settings_findings(settings: "Settings") -> Iterator[Finding]:
    """Names that the settings mention and nobody knows, and halves of pairs."""
    from captilt.alerts.enabled import enabled
    from regime.models import BY_NAME as MODELS

    signals = [signal.name for signal in settings.judgement.catalogue]
    wrong = [
        ("[forecast] signals", f"unknown signal {name}", f"Known: {', '.join(signals)}.")
        for name in settings.forecast.signals
        if name not in signals
    ]
    if settings.regime.model not in MODELS:
        wrong.append(("[regime] model", f"unknown model {settings.regime.model}", f"Known: {', '.join(MODELS)}."))
    if bool(settings.alerts.quiet_from) != bool(settings.alerts.quiet_to):
        wrong.append(("[alerts] quiet_from", "quiet hours need a start and an end", "Set both, or neither."))
    for kind, table in enabled(settings.alerts):
        wrong += [
            (f"[alerts.{kind.name}] {problem.setting}", problem.reason, problem.remedy)
            for problem in kind.problems(table)
        ]
    yield from (Finding("settings", "failed", f"{setting}: {reason}.", remedy) for setting, reason, remedy in wrong)
    if not wrong:
        yield Finding("settings", "ok", "every name is known")


def _quotations(desk: "Desk") -> Iterator[Finding]:
    """Numbers that no free series carries, quoted from publications: each has a day on which it expires."""
    from signals.calendars import day_of
    from signals.series.dated_facts import quotable

    now = desk.clock()
    facts = quotable(desk.store.as_of(now))
    old = [fact for fact in facts if fact.expired(day_of(now))]
    for fact in old:
        yield Finding(
            "quotations",
            "warning",
            f"{fact.says}: {fact.value:g} {fact.unit}, quoted from {fact.source} of {fact.observed},"
            f" expired on {fact.expires}.",
            "No weight hangs on it. Look it up again, or fetch what measures it (`captilt filings fetch`).",
        )
    if not old:
        yield Finding("quotations", "ok", f"{len(facts)} quoted numbers, none expired")


def _keys(desk: "Desk") -> Iterator[Finding]:
    from captilt.alerts.enabled import enabled
    from captilt.config.settings import secret_names
    from captilt.operations.http_post import address_fault
    from captilt.secrets import secret, secrets_file

    settings = desk.settings
    sources = settings.sources
    if sources.fred.enabled:
        cost = "FRED's API and its vintages are not used; the keyless files are. The key is free."
        yield _key(sources.fred.key, must=sources.mode == "api", cost=cost)
        yield from _fred_key_shape(sources.fred.key)
    if sources.edgar.enabled and not sources.edgar.is_asked:
        yield Finding(
            "keys",
            "warning",
            "EDGAR is off: the SEC answers only a caller with a name and e-mail, so no filings are counted.",
            "Set user_agent under [sources.edgar]; `captilt config init` asks for it.",
        )
    if sources.tiingo.enabled:
        yield _key(sources.tiingo.key, must=True, cost="Tiingo is not asked.")
    for kind, table in enabled(settings.alerts):
        for name in secret_names(table):
            if kind.name != "email" or table.user:
                yield _key(name, must=True, cost=f"The channel {kind.name} cannot be used.")
    if ping := settings.schedule.ping_url:
        yield _key(ping, must=False, cost="No dead-man's switch: nobody notices when this desk falls silent.")
        address = secret(ping)
        if address is not None and (fault := address_fault(address.get_secret_value())):
            variable = ping.removeprefix("env:")
            yield Finding("keys", "failed", f"{variable} is no address: {fault}.", f"Copy it into {variable} again.")
    file = secrets_file()
    if file.is_file() and file.stat().st_mode & WIDE:
        yield Finding("keys", "warning", f"others on this machine can read {file}.", f"Run `chmod 600 {file}`.")


def _fred_key_shape(name: str) -> Iterator[Finding]:
    """A key that FRED would refuse, noticed before it is asked."""
    from captilt.secrets import secret
    from signals.sources.registry import key_fault, plain_key

    key = plain_key(secret(name))
    if key and (fault := key_fault(key)):
        yield Finding("keys", "failed", f"{fault}.", "Copy it again from fredaccount.stlouisfed.org/apikeys.")


def _key(name: str, *, must: bool, cost: str) -> Finding:
    from captilt.secrets import secret

    variable = name.removeprefix("env:")
    if secret(name) is not None:
        return Finding("keys", "ok", f"{variable} is set")
    remedy = f"Set {variable} in the environment or the secrets file."
    return Finding("keys", "failed" if must else "warning", f"{variable} is not set. {cost}", remedy)


def _clock(desk: "Desk") -> Iterator[Finding]:
    from captilt.run.clock_check import newest_due, newest_observation, refuse_far_beyond_facts, refuse_ledger_ahead
    from signals.calendars import NEW_YORK

    now = desk.clock()
    host = dt.datetime.now().astimezone().tzinfo  # only the name of the zone is used
    if now < BUILT:
        yield Finding(
            "clock",
            "failed",
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, which is before this version was made.",
            "Set the clock of this machine.",
        )
        return
    refuse_ledger_ahead(desk.ledger, now)
    refuse_far_beyond_facts(newest_observation(desk), newest_due(now))
    yield Finding(
        "clock",
        "ok",
        f"{now.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M} in New York; the host's zone is {host}, which changes nothing",
    )


def _calendar(desk: "Desk") -> Iterator[Finding]:
    from captilt.run.clock_check import newest_due
    from signals.calendars import day_of, meetings, next_session, sessions

    today = day_of(desk.clock())
    ends = {"the exchange calendar": sessions()[-1].astype(dt.date), "the table of FOMC meetings": meetings()[-1].date}
    for name, end in ends.items():
        if (end - today).days < CALENDAR_DAYS:
            state: State = "warning" if end > today else "failed"
            yield Finding("calendar", state, f"{name} ends on {end}.", "Update captilt.")
    newest = newest_due(desk.clock())
    yield Finding("calendar", "ok", f"the last session with a cut is {newest}, the next {next_session(newest)}")


def _disk(desk: "Desk") -> Iterator[Finding]:
    free = shutil.disk_usage(desk.home).free
    try:
        with tempfile.NamedTemporaryFile(dir=desk.home) as file:
            file.write(b"0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        yield Finding(
            "disk", "failed", f"{desk.home} cannot be written: {fault.strerror}.", "Free space, or mend the permission."
        )
        return
    state: State = "failed" if free < FULL_BYTES else "warning" if free < SCARCE_BYTES else "ok"
    remedy = "" if state == "ok" else "Free space on that disk."
    yield Finding("disk", state, f"{free / GIB:.1f} GiB free under {desk.home}", remedy)
    wide = [
        file.name
        for file in (desk.home, *desk.home.glob("*.db"), *desk.home.glob("*.head"))
        if file.stat().st_mode & WIDE
    ]
    if wide:
        yield Finding(
            "disk",
            "warning",
            f"others on this machine can read {', '.join(sorted(wide))}.",
            f"Run `chmod -R go= {desk.home}`.",
        )


def _store(desk: "Desk") -> Iterator[Finding]:
    desk.store.verify()
    names = desk.store.names()
    yield Finding("store", "ok", f"{len(names)} series, every checksum right, tables of the newest shape")


def _ledger(desk: "Desk") -> Iterator[Finding]:
    from captilt.operations.backup import witnesses

    known = witnesses(desk.backup_folder, home=desk.home)
    fault, last = desk.ledger.verify(witnesses=known), desk.ledger.head()
    if fault:
        yield Finding(
            "ledger",
            "failed",
            f"{desk.ledger.path} is not as it was written: {fault}.",
            "Bring back the last good backup of the server (`pg_restore`)."
            if desk.settings.store.url
            else "Bring the last good copy back with `captilt restore`.",
        )
    elif last:
        agree = f", as in {counted(len(known), 'backup')}" if known else ""
        yield Finding("ledger", "ok", f"{last.seq} entries, chain and inputs whole{agree}, head {last.hash[:12]}")
    else:
        yield Finding("ledger", "ok", "empty and whole")


def _freshness(desk: "Desk") -> Iterator[Finding]:
    from signals.health.health import health

    if not desk.store.holds_market_data():
        yield Finding(
            "freshness",
            "warning",
            "the store holds no market data yet.",
            "Run `captilt run`, or `captilt data import DIR`.",
        )
        return
    judgement = desk.settings.judgement
    view, pair = desk.store.as_of(desk.clock()), judgement.portfolio
    data_health = health(view, judgement.forecast.signals, small=pair.small, large=pair.large, own=judgement.own)
    old = "; ".join(list(dict.fromkeys(gap.reason for gap in data_health.gaps))[:3])
    state: State = {"OK": "ok", "DEGRADED": "warning"}.get(data_health.status, "failed")  # type: ignore[assignment]
    detail = f"{data_health.status}, confidence {data_health.confidence:.2f}" + (f": {old}" if old else "")
    yield Finding(
        "freshness", state, detail, "" if state == "ok" else "`captilt data status` names every series with its age."
    )


def _runs(desk: "Desk") -> Iterator[Finding]:
    from captilt.operations.run_lock import holder
    from captilt.scheduler.catchup import missed

    done = desk.ledger.run_days()
    wait = dt.timedelta(minutes=desk.settings.schedule.after_cut_minutes + desk.settings.schedule.retry_minutes)
    due = missed(done, desk.clock(), after_cut=wait) if done else ()
    if due:
        yield Finding(
            "runs",
            "failed",
            f"{counted(len(due), 'session')} without a run, the first is {due[0]}.",
            "Is `captilt schedule` (or its timer) alive? `captilt schedule --once` catches up.",
        )
    else:
        yield Finding("runs", "ok", f"the last is of {max(done)}" if done else "none yet")
    if process := holder(desk.home, server=desk.settings.store.url):
        yield Finding("runs", "ok", f"at work now: {process}")


def _channels(desk: "Desk", *, reach: bool) -> Iterator[Finding]:
    from captilt.alerts.enabled import enabled, open_channels

    alerts = desk.settings.alerts
    open_channels(alerts, desk.clock)  # raises where a secret is missing
    kinds = list(enabled(alerts))
    if not kinds:
        tables = ", ".join(f"[alerts.{kind.name}]" for kind in alerts.kinds)
        yield Finding(
            "channels",
            "warning",
            "no channel is switched on: alerts reach nobody.",
            f"Set enabled = true in one of {tables}.",
        )
    for kind, table in kinds:
        if not reach:
            yield Finding(
                "channels", "ok", f"{kind.name} is switched on (--reach connects, `captilt alert test` sends)"
            )
        elif fault := kind.check(table):
            yield Finding(
                "channels", "failed", f"{kind.name}: {fault}.", f"Look at [alerts.{kind.name}] and its secret."
            )
        else:
            yield Finding("channels", "ok", f"{kind.name} answers")
    if kinds and any(name in alerts.review_url for name in LOOPBACK):
        yield Finding(
            "channels",
            "warning",
            f"the link in every alert is {alerts.review_url}, which opens on this machine only.",
            "Set review_url in [alerts] to the address of the review page for its readers.",
        )


def _outbox(desk: "Desk") -> Iterator[Finding]:
    from captilt.alerts.delivery import LOOK_BACK, deliveries, lost_alerts
    from captilt.alerts.enabled import enabled_names

    alerts, remedy = desk.settings.alerts, "`captilt alert list` shows every attempt."
    items, newest = deliveries(desk.ledger, alerts), desk.ledger.entries("alert", last=LOOK_BACK)
    late = [item for item in items if item.open and desk.clock() - item.since > UNDELIVERED]
    if late:
        yield Finding(
            "outbox", "failed", f"{counted(len(late), 'alert')} waiting for {late[0].channel}: {late[0].last}.", remedy
        )
    for name in enabled_names(alerts):
        if lost := lost_alerts(newest, items, name):
            subject = lost[-1].payload["message"]["subject"]
            yield Finding(
                "outbox",
                "failed",
                f"{counted(len(lost), 'alert')} given up on {name}, the last of {lost[-1].day}: {subject}.",
                f"{remedy} {name} gets one digest of them when it answers again.",
            )
        refused = [item for item in items if item.channel == name and item.refused and item.state == "partly_refused"]
        if refused:
            yield Finding(
                "outbox",
                "warning",
                f"{counted(len(refused), 'alert')} not taken by every receiver of {name}: {refused[-1].last}.",
                remedy,
            )
    if not late:
        yield Finding("outbox", "ok", "nothing waits longer than two hours")


def _backup(desk: "Desk") -> Iterator[Finding]:
    from captilt.operations.backup import copies, unreadable

    if desk.settings.store.url:
        yield Finding("backup", "ok", "facts and ledger are on a server, which is copied by its own means (`pg_dump`)")
        return
    folder = desk.backup_folder
    for bad in unreadable(folder):
        yield Finding(
            "backup", "warning", f"the note of {bad.name} cannot be read.", f"Remove {bad} if it is of no use."
        )
    available = copies(folder)
    if not available:
        yield Finding("backup", "warning", f"there is no copy in {folder}.", "Run `captilt backup`.")
        return
    age = desk.clock() - dt.datetime.fromisoformat(available[-1].taken_at)
    old = age.days > BACKUP_DAYS
    summary = f"{counted(len(available), 'copy')}, the newest of {available[-1].taken_at}"
    yield Finding("backup", "warning" if old else "ok", summary, "Run `captilt backup`." if old else "")


def _carefully(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except CaptiltError as fault:
        findings.append(Finding(name, "failed", fault.message, fault.remedy))
    except Exception as fault:  # noqa: BLE001 - the doctor must not fall ill
        findings.append(Finding(name, "failed", f"the check itself broke with {type(fault).__name__}.", "Report it."))
    return findings
