"""`captilt alert`: try a channel, look at the outbox, see a message before anyone gets it."""

import json
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from captilt.context import Common, Desk
from signals.errors import CheckFailed, NoAdvice, UsageError

SHOWN = 20  # newest deliveries on one screen


def test(channel: str = "", *, common: Common = Common()) -> int:
    """Send one test message to CHANNEL (slack or email), or to every channel switched on."""
    from captilt.alerts.message import Message
    from captilt.alerts.outbox import channels
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    ways = [way for way in channels(desk.settings.alerts, desk.clock) if channel in ("", way.name)]
    if not ways:
        raise UsageError(
            "no such channel is switched on.", remedy="Set enabled = true in [alerts.slack] or [alerts.email]."
        )
    now = desk.clock()
    message = Message(
        kind="test",
        day=now.date().isoformat(),
        subject="captilt test message",
        stance="This is a test.",
        size="No advice is meant by it.",
        change=f"Sent {now:%Y-%m-%d %H:%M %Z}.",
        why=(),
        despite=(),
        health="The channel works if you can read this.",
        details=(),
        link=desk.settings.alerts.review_url,
        run_id=f"test-{now:%Y%m%dT%H%M%S}",
    )
    receipts = {way.name: way.send(message) for way in ways}
    if common.json:
        rows = [{"channel": name, "outcome": item.outcome, "detail": item.detail} for name, item in receipts.items()]
        print_json({"rows": rows})
    else:
        for name, item in receipts.items():
            console().print(f"{name}: {item.outcome} ({item.detail})")
    if any(item.outcome != "sent" for item in receipts.values()):
        raise CheckFailed(
            "a channel did not take the test message.", remedy="`captilt doctor` names the setting to look at."
        )
    return 0


def list_(*, common: Common = Common()) -> None:
    """The outbox, alert by alert and channel by channel, and what is watched: told, pending or recovering."""
    from rich.table import Table

    from captilt.alerts.outbox import deliveries
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    subjects = {entry.seq: entry for entry in desk.ledger.entries("alert")}
    items = deliveries(desk.ledger, desk.settings.alerts)
    reached = {item.alert for item in items}
    rows: list[dict[str, Any]] = [
        {
            "alert": item.alert,
            "day": subjects[item.alert].day,
            "subject": subjects[item.alert].payload["message"]["subject"],
            "channel": item.channel,
            "state": item.state,
            "attempts": item.attempts,
            "last": item.last,
            "due": item.due,
        }
        for item in items
    ] + [
        {
            "alert": seq,
            "day": entry.day,
            "subject": entry.payload["message"]["subject"],
            "channel": None,
            "state": "no channel",
            "attempts": 0,
            "last": "",
            "due": None,
        }
        for seq, entry in subjects.items()
        if seq not in reached
    ]
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
        table.add_row(str(row["day"]), row["subject"], row["channel"] or "-", row["state"], str(row["attempts"]), due)
    console().print(table)
    if watched:
        state = Table(box=None, pad_edge=False)
        for name in ("watched", "state", "runs", "told", "now"):
            state.add_column(name, overflow="fold")
        for row in watched:
            runs = f"{row['held']} of {row['needed']}" if row["needed"] else ""
            state.add_row(row["topic"].replace("_", " "), row["state"], runs, row["told"] or "", row["now"] or "")
        console().print()
        console().print(state)


def _watched(desk: Desk) -> list[dict[str, Any]]:
    """Every topic of the state machine, as after the newest run."""
    from captilt.alerts import announce, rules
    from captilt.alerts.message import sentence

    runs = announce.recent(desk.ledger)
    told, last_told = announce.told_so_far(desk.ledger)
    if not runs or not told:
        return []
    found = rules.standings(runs, told, last_told, desk.settings.alerts)
    return [
        {
            "topic": each.topic, "state": each.state, "held": each.held, "needed": each.needed,
            "told": last_told[each.topic].isoformat() if each.topic in last_told else None,
            "now": sentence(each.change) if each.change else None,
        }
        for each in found
    ]  # fmt: skip


def preview(
    *, out: Annotated[Path, Parameter(help="Folder for the files.")] = Path("alert-preview"), common: Common = Common()
) -> None:
    """Write the mail (.eml, .html, .txt) and the Slack JSON of a day to files; nothing is sent."""
    from captilt.alerts.channels import email, slack
    from captilt.alerts.channels.draw import attribution_png
    from captilt.alerts.message import compose
    from captilt.contract.run import read_run
    from captilt.run.daily import study
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    recorded = (
        desk.ledger.run_of(common.as_of) if common.as_of else next(iter(desk.ledger.entries("run", last=1)), None)
    )
    if recorded is None and common.as_of is None:
        raise NoAdvice("no run is recorded yet.", remedy="Run `captilt run` first, or name a day with --as-of.")
    run = read_run(recorded.payload) if recorded else study(desk, desk.moment(common))
    message = compose("introduction", run, review_url=desk.settings.alerts.review_url)
    settings = desk.settings.alerts.email
    picture = attribution_png(message)
    mail = email.render(
        message,
        sender=settings.sender or "captilt@localhost",
        to=settings.to or ("strategist@localhost",),
        now=desk.clock(),
        chart=picture,
    )
    out.mkdir(parents=True, exist_ok=True)
    (out / "mail.eml").write_bytes(mail.as_bytes())
    (out / "mail.html").write_text(email.html(message, chart="tilt.png" if picture else ""), encoding="utf-8")
    (out / "mail.txt").write_text(email.text(message), encoding="utf-8")
    (out / "slack.json").write_text(json.dumps(slack.render(message), indent=2, ensure_ascii=False), encoding="utf-8")
    if picture:
        (out / "tilt.png").write_bytes(picture)
    files = sorted(file.name for file in out.iterdir())
    if common.json:
        print_json({"folder": str(out), "files": files})
    else:
        console().print(f"{out}: {', '.join(files)}")
