"""What a monitor wants to know, in Prometheus' text format: `GET /metrics` of the review server, `captilt metrics`.

References
----------
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from captilt.alerts.delivery import LOOK_BACK, deliveries, lost_alerts
from captilt.alerts.enabled import enabled_names
from captilt.contract.run import Run, read_run

if TYPE_CHECKING:
    from captilt.context import Desk

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
STATUSES = ("OK", "DEGRADED", "STALE", "HOLD")
Sample = tuple[dict[str, str], float]


def metrics_text(desk: "Desk") -> str:
    """Every metric of the desk, one `# HELP` and `# TYPE` each."""
    return "".join(_family(name, text, samples) for name, text, samples in _families(desk))


def _families(desk: "Desk") -> Iterator[tuple[str, str, list[Sample]]]:
    now, alerts = desk.clock(), desk.settings.alerts
    head = desk.ledger.head()
    yield "captilt_ledger_entries", "Entries of the ledger.", [({}, head.seq if head else 0)]
    if head:
        yield "captilt_ledger_head", "Hash of the newest entry, as a label.", [({"hash": head.hash}, 1)]
    newest, items = desk.ledger.entries("alert", last=LOOK_BACK), deliveries(desk.ledger, alerts, last=LOOK_BACK)
    waiting = Counter(item.channel for item in items if item.open)
    names = enabled_names(alerts)
    yield (
        "captilt_alerts_unsent",
        "Alerts that wait to be sent, by channel.",
        [({"channel": name}, waiting[name]) for name in names],
    )
    yield (
        "captilt_alerts_given_up",
        "Alerts given up since the channel last answered.",
        [({"channel": name}, len(lost_alerts(newest, items, name))) for name in names],
    )
    days = desk.ledger.run_days()
    entry = desk.ledger.run_of(max(days)) if days else None
    if entry:
        yield from _last_run(read_run(entry.payload), entry.recorded_at, now)


def _last_run(run: Run, recorded_at: dt.datetime, now: dt.datetime) -> Iterator[tuple[str, str, list[Sample]]]:
    yield "captilt_last_run_timestamp_seconds", "When the newest run was recorded.", [({}, recorded_at.timestamp())]
    yield "captilt_last_run_cut_timestamp_seconds", "The cut that the newest run is of.", [({}, run.cut.timestamp())]
    yield (
        "captilt_last_run_duration_seconds",
        "How long its parts took.",
        [({"part": part}, seconds) for part, seconds in run.timings.items()],
    )
    if run.data.newest:
        newest = dt.datetime.combine(run.data.newest, dt.time(), dt.UTC)
        yield "captilt_data_age_seconds", "Age of its newest observation.", [({}, (now - newest).total_seconds())]
    yield "captilt_data_confidence", "Confidence in its data, 0 to 1.", [({}, run.data.confidence)]
    yield (
        "captilt_data_status",
        "1 for the health of its data.",
        [({"status": status}, float(status == run.data.status)) for status in STATUSES],
    )


def _family(name: str, text: str, samples: list[Sample]) -> str:
    lines = [f"# HELP {name} {text}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(label)}"' for key, label in labels.items())
        lines.append(f"{name}{{{inside}}} {value:.15g}" if inside else f"{name} {value:.15g}")
    return "\n".join(lines) + "\n"


def _escaped(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
