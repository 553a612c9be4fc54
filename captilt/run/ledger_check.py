"""Is the ledger what was written? Asked before a run reads from it, also where its answer is recorded already."""

import datetime as dt
from typing import TYPE_CHECKING

from signals.errors import CheckFailed

if TYPE_CHECKING:
    from captilt.context import Desk

CODE = "ledger_damaged"


def refuse_damaged_ledger(desk: "Desk", session: dt.date) -> None:
    """Raise where the chain, a head that is kept elsewhere or the archived inputs of `session` do not fit.

    The archive of all other days is checked before a process first writes, and by `captilt ledger verify`.

    Raises
    ------
    CheckFailed
        With code ``ledger_damaged``.
    """
    from captilt.operations.backup import witnesses

    fault = desk.ledger.verify(witnesses=witnesses(desk.backup_folder, home=desk.home), inputs_of=session)
    if fault is None:
        return
    backup = (
        "the last backup of the server (`pg_restore`)" if desk.settings.store.url else "a backup (`captilt restore`)"
    )
    raise CheckFailed(
        f"the ledger {desk.ledger.path} is damaged: {fault}. Nothing was recorded, and the ledger was left as it is.",
        remedy=f"`captilt ledger verify` checks all of it; bring back {backup}.",
        code=CODE,
    )
