"""`captilt alert`: try a channel, look at the outbox, see a message before anyone gets it."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from captilt.context import Common, Desk
from signals.errors import CheckFailed, UsageError

SHOWN = 20  # newest deliveries on one screen


def test(channel: str = "", *, common: Common = Common()) -> int:
    """Send one test message to CHANNEL, or to every channel switched on."""
    from captilt.alerts.enabled import open_channels
    from captilt.alerts.outbox import send_bounded
    from captilt.alerts.samples import example
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    channels = [item for item in open_channels(desk.settings.alerts, desk.clock) if channel in ("", item.name)]
    if not channels:
        names = ", ".join(f"[alerts.{kind.name}]" for kind in desk.settings.alerts.kinds)
        raise UsageError("no such channel is switched on.", remedy=f"Set enabled = true in one of {names}.")
    message = example("test", None, review_url=desk.settings.alerts.review_url, now=desk.clock())
    receipts = {item.name: send_bounded(item, message, item.receivers) for item in channels}
    if common.json:
        rows = [{"channel": name, "outcome": item.outcome, "detail": item.detail} for name, item in receipts.items()]
        print_json({"rows": rows})
    else:
        for name, item in receipts.items():
            console().print(f"{name}: {item.outcome} ({item.detail})", markup=False)
    if any(item.outcome != "sent" or "permanent" in item.receivers.values() for item in receipts.values()):
        raise CheckFailed(
            "a channel did not take the test message.", remedy="`captilt doctor` names the setting to look at."
        )
    return 0


def list_(*, common: Common = Common()) -> None:
    """The outbox, alert by alert and channel by channel, and what is watched: confirmed, pending or recovering."""
    from rich.markup import escape
    from rich.table import Table

    from captilt.alerts.delivery import deliveries
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    alerts = {entry.seq: entry for entry in desk.ledger.entries("alert")}
    items = deliveries(desk.ledger, desk.settings.alerts)
    addressed = {item.alert for item in items}
    rows: list[dict[str, Any]] = [
        {"alert": item.alert, "channel": item.channel, "state": item.state, "attempts": item.attempts}
        | {"last": item.last, "due": item.due, "receivers_refused": len(item.refused)}
        for item in items
    ]
    nobody = {"channel": None, "state": "no channel", "attempts": 0, "last": "", "due": None, "receivers_refused": 0}
    rows += [{"alert": seq, **nobody} for seq in alerts if seq not in addressed]
    for row in rows:
        row["day"], row["subject"] = alerts[row["alert"]].day, alerts[row["alert"]].payload["message"]["subject"]
    rows.sort(key=lambda row: row["alert"])
    watched = _watched(desk)
    if common.json:
        print_json({"rows": rows, "topics": watched})
        return
    table = Table(box=None, pad_edge=False, title=None if rows else "The outbox is empty.")
    for name in ("day", "alert", "channel", "state", "tries", "next try"):
        table.add_column(name, no_wrap=name != "alert")
    for row in rows[-SHOWN:]:
        due = f"{row['due']:%m-%d %H:%M}" if row["due"] and row["state"] == "waiting" else ""
        subject, state = escape(row["subject"]), row["state"].replace("_", " ")
        table.add_row(str(row["day"]), subject, row["channel"] or "-", state, str(row["attempts"]), due)
    console().print(table)
    if watched:
        topics = Table(box=None, pad_edge=False)
        for name in ("watched", "state", "runs", "announced", "now"):
            topics.add_column(name, overflow="fold")
        for row in watched:
            runs = f"{row['held']} of {row['needed']}" if row["needed"] else ""
            topics.add_row(row["topic"].replace("_", " "), row["state"], runs, row["told"] or "", row["now"] or "")
        console().print()
        console().print(topics)


def _watched(desk: Desk) -> list[dict[str, Any]]:
    """Every topic of the state machine, as after the newest run, for the channel whose readers know least."""
    from captilt.alerts import announce, rules
    from captilt.alerts.compose import sentence

    runs = announce.recent(desk.ledger)
    known = announce.baselines(desk.ledger, desk.settings.alerts)[0]
    if not runs or not known.values:
        return []
    states = rules.topic_states(runs, known.values, known.days, desk.settings.alerts)
    return [
        {
            "topic": state.topic, "state": state.state, "held": state.runs, "needed": state.needed,
            "told": known.days[state.topic].isoformat() if state.topic in known.days else None,
            "now": sentence(state.change) if state.change else None,
        }
        for state in states
    ]  # fmt: skip


def preview(
    *, out: Annotated[Path, Parameter(help="Folder for the files.")] = Path("alert-preview"), common: Common = Common()
) -> None:
    """Write every kind of message as every channel would send it, from a day's run; nothing is sent."""
    from captilt.alerts.samples import SAMPLES, example
    from captilt.alerts.weekly import week_lines
    from captilt.contract.run import read_run
    from captilt.output_file import write_output
    from captilt.run.packaged_sample import unrecorded_run
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    recorded = (
        desk.ledger.run_of(common.as_of) if common.as_of else next(iter(desk.ledger.entries("run", last=1)), None)
    )
    run = read_run(recorded.payload) if recorded else unrecorded_run(desk, common.as_of)
    week = week_lines(desk.ledger, run) if recorded and run else None
    alerts, now = desk.settings.alerts, desk.clock()
    files = []
    for kind in SAMPLES:
        message = example(kind, run, review_url=alerts.review_url, now=now, week=week)
        for channel in alerts.kinds:
            for name, content in channel.preview(message, getattr(alerts, channel.name), now).items():
                write_output(out / kind / name, content)
                files.append(f"{kind}/{name}")
    if common.json:
        print_json({"folder": str(out), "files": sorted(files)})
    else:
        console().print(f"{out}: {len(SAMPLES)} kinds of message, {len(files)} files", markup=False)
        for kind in SAMPLES:
            names = [name.partition("/")[2] for name in files if name.startswith(f"{kind}/")]
            console().print(f"  {kind}/  {', '.join(names)}", markup=False, soft_wrap=True)
