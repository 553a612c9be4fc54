"""`captilt schedule`: stay, and run after every session's cut."""

import uuid

from captilt.context import Common, Desk


def schedule(*, once: bool = False, offline: bool = False, common: Common = Common()) -> int:
    """Run every session after its cut, catch up what was missed, send what waits; until SIGTERM.

    Parameters
    ----------
    once
        Look once, do what is due, and leave: for a timer or cron.
    offline
        Fetch nothing.
    """
    from captilt.config.settings import secret
    from captilt.operations import logs
    from captilt.scheduler.heartbeat import Ping
    from captilt.scheduler.jobs import Duty
    from captilt.scheduler.service import Resident, serve

    desk = Desk.open(common)
    log = logs.begin(desk.settings, run_id=f"desk-{uuid.uuid4().hex[:8]}")
    resident = Resident(desk, Duty(desk, offline), Ping(secret(desk.settings.schedule.ping_url), log), log)
    if once:
        return 0 if resident.look() else 3
    serve(resident)
    return 0
