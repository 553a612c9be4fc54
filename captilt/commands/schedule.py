"""`captilt schedule`: stay, and run after every session's cut."""

import uuid

from captilt.context import Common


def schedule(*, once: bool = False, offline: bool = False, common: Common = Common()) -> int:
    """Run every session after its cut, catch up what was missed, send what waits; until SIGTERM.

    Parameters
    ----------
    once
        Look once, do what is due, and leave: for a timer or cron.
    offline
        Fetch nothing.
    """
    from captilt.config.settings import log_settings
    from captilt.operations import logs
    from captilt.run.failure_report import open_or_report
    from captilt.scheduler.heartbeat import Heartbeat
    from captilt.scheduler.jobs import Jobs
    from captilt.scheduler.service import Resident, look_once, serve
    from captilt.secrets import secret

    desk = open_or_report(common, reports=True)
    log = logs.begin(**log_settings(desk.settings), run_id=f"desk-{uuid.uuid4().hex[:8]}")
    heartbeat = Heartbeat(secret(desk.settings.schedule.ping_url), log)
    resident = Resident(desk, Jobs(desk, offline), heartbeat, log)
    if not once:
        serve(resident)
    return 0 if look_once(resident) else 3
