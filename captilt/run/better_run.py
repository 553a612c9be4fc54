"""Whether a recorded session can be recorded better: on more of the data than it had, or because a person asks.

A run on poor data is not the last word on its session. Once more of the data is there, a new run supersedes it
until the next session's cut; the older one stays in the ledger.
"""

from typing import TYPE_CHECKING

from allocator.ledger.input_archive import blocks_by_series, pack
from signals.series.fetch_notes import NOTE

if TYPE_CHECKING:
    from captilt.context import Desk
    from captilt.contract.run import Run

RANK = {"HOLD": 0, "STALE": 1, "DEGRADED": 2, "OK": 3}
DECISION_LATE = "POLICY_LATE"  # reason code while the Fed's decision is not known
LEAST_GAIN = 0.005  # of confidence: less is not worth another message
LISTED = 3  # series named before "..."


def is_poor(run: "Run") -> bool:
    """True where something of the data was missing, late or wrong."""
    return run.data.status != "OK"


def waits_for_decision(run: "Run") -> bool:
    """True where the run was recorded before the Fed's decision was known."""
    return DECISION_LATE in run.data.reason_codes


def improvement(before: "Run", now: "Run") -> str:
    """Why `now` replaces `before`, as a clause; empty where it is no better."""
    if waits_for_decision(before) and not waits_for_decision(now):
        return "the Fed's decision is known now"
    then, data_now = before.data, now.data
    if RANK[data_now.status] > RANK[then.status]:
        return f"the data went from {then.status} to {data_now.status}"
    if RANK[data_now.status] == RANK[then.status] and data_now.confidence > then.confidence + LEAST_GAIN:
        return f"the confidence of the data went from {then.confidence:.2f} to {data_now.confidence:.2f}"
    return ""


def answer_of(run: "Run") -> tuple[object, ...]:
    """What a run says, without when and how it came about."""
    return run.recommendation, run.data, run.regime, run.fed_path, run.signals, run.evidence, run.events


def newer_facts(desk: "Desk", recorded: "Run") -> tuple[str, ...]:
    """Series of which more was known at the recorded run's cut than it saw, as the store has it now."""
    if recorded.inputs is None:
        return ()
    archived = blocks_by_series(desk.ledger.block(recorded.inputs), desk.ledger.block)
    names = [name for name in archived if not name.startswith(NOTE)]
    manifest, blocks = pack(desk.store.as_of(recorded.cut), names)
    now = blocks_by_series(manifest, blocks.__getitem__)
    return tuple(name for name in names if now[name] != archived[name])


def newer_facts_notice(names: tuple[str, ...]) -> str:
    """One sentence for the first lines."""
    listed = f"{', '.join(names[:LISTED])}{', ...' if len(names) > LISTED else ''}"
    return f"Newer facts are stored than this run used ({listed}): `captilt run --again` computes the session anew."
