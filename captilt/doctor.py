"""What `captilt doctor` looks at: each finding says what was seen and, where something is wrong, the remedy."""

import datetime as dt
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

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
BUILT = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)  # a clock before this version existed is wrong


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    check : str
    state : str
        ok | warning | failed.
    said : str
        What was seen.
    remedy : str
        What to do; empty where nothing is wrong.
    """

    check: str
    state: State
    said: str
    remedy: str = ""

    def row(self) -> dict[str, Any]:
        """The finding as a row of JSON."""
        return asdict(self)


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
        ("runs", lambda: _runs(desk)),
        ("channels", lambda: _channels(desk, reach=reach)),
        ("backup", lambda: _backup(desk)),
    ]
    return [finding for name, check in checks for finding in _carefully(name, check)]


def settings_findings(settings: "Settings") -> Iterator[Finding]:
    """Names that the settings mention and nobody knows, and halves of pairs."""
    from regime.models import BY_NAME as MODELS
    from signals.catalog import BY_NAME as SIGNALS

    wrong = [
        ("[forecast] signals", f"unknown signal {name}", f"Known: {', '.join(SIGNALS)}.")
        for name in settings.forecast.signals
        if name not in SIGNALS
    ]
    if settings.regime.model not in MODELS:
        wrong.append(("[regime] model", f"unknown model {settings.regime.model}", f"Known: {', '.join(MODELS)}."))
    if bool(settings.alerts.quiet_from) != bool(settings.alerts.quiet_to):
        wrong.append(("[alerts] quiet_from", "quiet hours need a start and an end", "Set both, or neither."))
    mail = settings.alerts.email
    if mail.enabled and not (mail.host and mail.sender and mail.to):
        wrong.append(
            ("[alerts.email]", "mail is switched on without host, sender or receivers", "Set host, sender and to.")
        )
    yield from (Finding("settings", "failed", f"{place}: {said}.", remedy) for place, said, remedy in wrong)
    if not wrong:
        yield Finding("settings", "ok", "every name is known")


def _keys(desk: "Desk") -> Iterator[Finding]:
    from captilt.config.settings import secret, secrets_file

    settings = desk.settings
    needed = [
        (
            settings.sources.fred.key,
            settings.sources.mode == "api",
            settings.sources.fred.enabled,
            "FRED's API and its vintages are not used; the keyless files are.",
        ),
        (
            settings.alerts.slack.webhook,
            settings.alerts.slack.enabled,
            settings.alerts.slack.enabled,
            "Slack cannot be reached.",
        ),
        (
            settings.alerts.email.password,
            bool(settings.alerts.email.enabled and settings.alerts.email.user),
            settings.alerts.email.enabled and bool(settings.alerts.email.user),
            "The mail server will not let us in.",
        ),
        (settings.schedule.ping_url, False, True, "No dead-man's switch: nobody notices when this desk falls silent."),
    ]
    for named, must, wanted, cost in needed:
        name = named.removeprefix("env:")
        if not wanted or not name:
            continue
        if secret(named) is not None:
            yield Finding("keys", "ok", f"{name} is set")
        else:
            yield Finding(
                "keys",
                "failed" if must else "warning",
                f"{name} is not set. {cost}",
                f"Set {name} in the environment or the secrets file.",
            )
    place = secrets_file()
    if place.is_file() and place.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding("keys", "warning", f"others on this machine can read {place}.", f"Run `chmod 600 {place}`.")


def _clock(desk: "Desk") -> Iterator[Finding]:
    from signals.calendars import NEW_YORK

    now = desk.clock()
    last = desk.ledger.head()
    host = dt.datetime.now().astimezone().tzinfo  # only the name of the zone is told
    if now < BUILT or (last and now < last.recorded_at):
        behind = last.recorded_at if last and last.recorded_at > BUILT else BUILT
        yield Finding(
            "clock",
            "failed",
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, which is before {behind:%Y-%m-%d %H:%M}.",
            "Set the clock of this machine.",
        )
        return
    yield Finding(
        "clock",
        "ok",
        f"{now.astimezone(NEW_YORK):%a %Y-%m-%d %H:%M} in New York; the host's zone is {host}, which changes nothing",
    )


def _calendar(desk: "Desk") -> Iterator[Finding]:
    from captilt.scheduler.catchup import newest_due
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
    said = f"{free / GIB:.1f} GiB free under {desk.home}"
    state: State = "failed" if free < FULL_BYTES else "warning" if free < SCARCE_BYTES else "ok"
    yield Finding("disk", state, said, "" if state == "ok" else "Free space on that disk.")


def _store(desk: "Desk") -> Iterator[Finding]:
    desk.store.verify()
    names = desk.store.names()
    yield Finding("store", "ok", f"{len(names)} series, every checksum right, tables of the newest shape")


def _ledger(desk: "Desk") -> Iterator[Finding]:
    fault, last = desk.ledger.verify(), desk.ledger.head()
    if fault:
        yield Finding(
            "ledger",
            "failed",
            f"{desk.ledger.path} is not as it was written: {fault}.",
            "Bring the last good copy back with `captilt restore`.",
        )
    else:
        yield Finding(
            "ledger", "ok", f"{last.seq} entries, chain whole, head {last.hash[:12]}" if last else "empty and whole"
        )


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
    judged = health(desk.store.as_of(desk.clock()), desk.settings.judgement.forecast.signals)
    old = "; ".join(gap.reason for gap in judged.gaps[:3])
    state: State = {"OK": "ok", "DEGRADED": "warning"}.get(judged.status, "failed")  # type: ignore[assignment]
    said = f"{judged.status}, confidence {judged.confidence:.2f}" + (f": {old}" if old else "")
    yield Finding(
        "freshness", state, said, "" if state == "ok" else "`captilt data status` names every series with its age."
    )


def _runs(desk: "Desk") -> Iterator[Finding]:
    from captilt.alerts.outbox import deliveries
    from captilt.operations.run_lock import holder
    from captilt.scheduler.catchup import missed

    done = desk.ledger.run_days()
    wait = dt.timedelta(minutes=desk.settings.schedule.after_cut_minutes + desk.settings.schedule.retry_minutes)
    due = missed(done, desk.clock(), after_cut=wait) if done else ()
    if due:
        yield Finding(
            "runs",
            "failed",
            f"{len(due)} session(s) have no run, the first is {due[0]}.",
            "Is `captilt schedule` (or its timer) alive? `captilt schedule --once` catches up.",
        )
    else:
        yield Finding("runs", "ok", f"the last is of {max(done)}" if done else "none yet")
    if held := holder(desk.home):
        yield Finding("runs", "ok", f"at work now: {held}")
    late = [
        item
        for item in deliveries(desk.ledger, desk.settings.alerts)
        if item.open and desk.clock() - item.since > UNDELIVERED
    ]
    if late:
        yield Finding(
            "runs",
            "failed",
            f"{len(late)} alert(s) wait for {late[0].channel}: {late[0].last}.",
            "`captilt alert list` shows every attempt.",
        )


def _channels(desk: "Desk", *, reach: bool) -> Iterator[Finding]:
    from captilt.alerts.announce import names
    from captilt.alerts.channels.registry import reached
    from captilt.alerts.outbox import channels

    on = names(desk.settings.alerts)
    channels(desk.settings.alerts, desk.clock)  # raises where a secret is missing
    if not on:
        yield Finding(
            "channels",
            "warning",
            "no channel is switched on: nobody is told.",
            "Set enabled = true in [alerts.slack] or [alerts.email].",
        )
    for name in on:
        if not reach:
            yield Finding("channels", "ok", f"{name} is switched on (--reach connects, `captilt alert test` sends)")
            continue
        fault = reached(name, desk.settings.alerts)
        if fault:
            yield Finding("channels", "failed", f"{name}: {fault}.", f"Look at [alerts.{name}] and its secret.")
        else:
            yield Finding("channels", "ok", f"{name} answers")


def _backup(desk: "Desk") -> Iterator[Finding]:
    from captilt.operations.backup import copies, place

    found = copies(place(desk))
    if not found:
        yield Finding("backup", "warning", f"no copy stands in {place(desk)}.", "Run `captilt backup`.")
        return
    age = desk.clock() - dt.datetime.fromisoformat(found[-1].taken_at)
    said = f"{len(found)} copies, the newest of {found[-1].taken_at}"
    old = age.days > BACKUP_DAYS
    yield Finding("backup", "warning" if old else "ok", said, "Run `captilt backup`." if old else "")


def _carefully(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check())
    except CaptiltError as fault:
        found.append(Finding(name, "failed", fault.message, fault.remedy))
    except Exception as fault:  # noqa: BLE001 - the doctor must not fall ill
        found.append(Finding(name, "failed", f"the check itself broke with {type(fault).__name__}.", "Report it."))
    return found
