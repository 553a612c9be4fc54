"""One law for every session that fails, whoever ran it: it is recorded and announced, or announced without a record.

Where the ledger itself is damaged, cannot be written or lies ahead of the clock, nothing can be recorded, or not that
it is being sent: the channels then get the message directly, once a day for the same fault. What was sent so is
remembered in a small file of the state folder, or of the temporary folder where that cannot be written either.
"""

import contextlib
import datetime as dt
import json
import os
import re
import tempfile
import uuid
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from captilt.alerts import announce, outbox
from captilt.alerts.compose import failure
from captilt.alerts.delivery import LOOK_BACK, deliveries
from captilt.config.settings import NO_STATE_FOLDER
from captilt.logger import log
from captilt.run.clock_check import newest_due
from captilt.run.ledger_check import CODE as LEDGER_DAMAGED
from signals.errors import Busy, CaptiltError, StorageError, UsageError

if TYPE_CHECKING:
    from captilt.context import Common, Desk

WEIGHT_STAYS = "The weight last accepted stays."
NEVER_RECORDED = (LEDGER_DAMAGED, NO_STATE_FOLDER)
REMEMBERED = "alerts-sent-directly.json"
REMEMBERED_DAYS = 7


def open_or_report(common: "Common", *, reports: bool) -> "Desk":
    """The desk of `common`; where its state folder cannot be used, people are told where `reports`.

    Raises
    ------
    StorageError
    """
    from captilt.config import settings
    from captilt.context import Desk
    from captilt.operations import logs

    try:
        return Desk.open(common)
    except StorageError as fault:
        if reports:
            desk = Desk(settings.load(common.config), settings.home_name(common.home))
            logs.begin(**settings.log_settings(desk.settings), run_id=f"{desk.clock():%Y%m%dT%H%M%S}")
            report_failure(desk, newest_due(desk.clock()), fault)
        raise


def is_worth_reporting(fault: BaseException) -> bool:
    """False for a slip of the person at the keyboard, and where another run is at work."""
    return not isinstance(fault, (UsageError, Busy, KeyboardInterrupt, SystemExit))


def report_failure(desk: "Desk", day: dt.date, fault: BaseException) -> None:
    """Record and announce that a session has no advice; never raises.

    Parameters
    ----------
    desk : Desk
    day : datetime.date
        The session.
    fault : BaseException
        A bug is reported by its kind alone; the log has the trace.
    """
    known = fault if isinstance(fault, CaptiltError) else _bug(fault)
    run_id = uuid.uuid4().hex[:12]
    log.error("no advice", day=day.isoformat(), run=run_id, code=known.code, reason=known.message)
    if known.code in NEVER_RECORDED:
        _send_directly(desk, day, known, None, run_id)
        return
    try:
        with desk.ledger.transaction() as book:
            if isinstance(known, StorageError) and book.run_of(day) is not None:
                return  # a server that went away afterwards, or from under one of two machines: the advice is there
            at = desk.clock()
            note = {"code": known.code, "message": known.message, "run_id": run_id}
            book.append("failure", day, note, at=at)
            announce.announce_failure(
                book,
                day,
                known.message,
                known.remedy,
                desk.settings.alerts,
                run_id=run_id,
                weight_text=_weight(desk),
                at=at,
            )
    except Exception as broken:
        if isinstance(broken, CaptiltError):
            log.error("the failure could not be recorded", code=broken.code, reason=broken.message)  # noqa: TRY400 - foreseen
        else:
            log.exception("the failure could not be recorded")
        _send_directly(desk, day, known, broken, run_id)
        return
    try:
        outbox.send_waiting(desk)
    except CaptiltError as broken:  # the disk took the failure and then not the note that it is being sent
        log.error("not sent", code=broken.code, reason=broken.message)  # noqa: TRY400 - foreseen
        _send_directly(desk, day, known, None, run_id, only=_untried(desk, day))
    except Exception:  # a channel's fault; the failure is recorded and will be sent
        log.exception("not sent")


def _untried(desk: "Desk", day: dt.date) -> set[str]:
    """Channels on which nobody has tried to send a failure of the day that is recorded."""
    kinds = {entry.seq: entry.payload["message"]["kind"] for entry in desk.ledger.entries("alert", day)}
    items = deliveries(desk.ledger, desk.settings.alerts, last=LOOK_BACK)
    return {item.channel for item in items if kinds.get(item.alert) == "failure" and not item.attempts}


def _bug(fault: BaseException) -> CaptiltError:
    return CaptiltError(f"the run stopped with {type(fault).__name__}.", remedy="The log has the trace.")


def _weight(desk: "Desk") -> str:
    from captilt.run.position import held_position

    try:
        weight = held_position(desk, desk.clock()).weight
    except CaptiltError:  # holdings that cannot be read are no reason to keep the failure back
        return WEIGHT_STAYS
    return f"{100 * weight:.1f} % stays in {desk.settings.portfolio.small}."


def _send_directly(
    desk: "Desk",
    day: dt.date,
    fault: CaptiltError,
    broken: Exception | None,
    run_id: str,
    *,
    only: Collection[str] | None = None,
) -> None:
    """Send a failure that was not recorded, because of `broken`, or that the outbox cannot send, on `only` these."""
    reason = fault.message
    if isinstance(broken, CaptiltError) and broken.message not in reason and fault.code != "ledger_ahead":
        reason = f"{reason} It could not be recorded: {broken.message}"
    remedy = fault.remedy or getattr(broken, "remedy", "")
    settings = desk.settings.alerts
    message = failure(
        day.isoformat(), reason, remedy, review_url=settings.review_url, run_id=run_id, weight_text=WEIGHT_STAYS
    )
    memory = _Memory(desk.home, desk.clock())
    failure_kind = f"{day}:{fault.code}:{re.sub(r'[0-9]+', '', fault.message)}"  # the clock in a message is no news
    for channel in outbox.openable_channels(settings, desk.clock):
        if memory.has(failure_kind, channel.name) or (only is not None and channel.name not in only):
            continue
        receipt = outbox.send_bounded(channel, message, channel.receivers)
        log.info("sent directly", channel=channel.name, outcome=receipt.outcome, detail=receipt.detail)
        if receipt.outcome == "sent":
            memory.add(failure_kind, channel.name)


class _Memory:
    """Which messages were sent without the ledger, so that a timer does not send one every quarter of an hour."""

    def __init__(self, home: Path, now: dt.datetime) -> None:
        self._now = now
        self._files = (home / REMEMBERED, Path(tempfile.gettempdir()) / f"captilt-{os.getuid()}-{REMEMBERED}")
        oldest = (now - dt.timedelta(days=REMEMBERED_DAYS)).isoformat()
        self._sent: dict[str, str] = {}
        for file in self._files:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
                self._sent |= {key: str(at) for key, at in content.items() if str(at) > oldest}

    def has(self, failure_kind: str, channel: str) -> bool:
        return f"{channel}:{failure_kind}" in self._sent

    def add(self, failure_kind: str, channel: str) -> None:
        self._sent[f"{channel}:{failure_kind}"] = self._now.isoformat()
        for file in self._files:
            try:
                file.write_text(json.dumps(self._sent), encoding="utf-8")
                file.chmod(0o600)
            except OSError:
                continue
            return
