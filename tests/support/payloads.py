"""Run payloads in the shape of the contract, for tests of what is drawn from them. Never shown as a result."""

import copy
import datetime as dt
from typing import Any

from captilt.contract.run import Run, read_run

BASE: dict[str, Any] = {
    "schema": 1,
    "as_of": "2023-03-01",
    "cut": "2023-03-01T18:00:00-05:00",
    "run_id": "run-1",
    "method": 1,
    "study": False,
    "portfolio": {"small": "IWM", "large": "SPY"},
    "data": {
        "mode": "offline",
        "newest": "2023-03-01",
        "status": "OK",
        "confidence": 1.0,
        "reason_codes": [],
        "gaps": [],
    },
    "regime": {
        "phase": "HIKE",
        "probabilities": {"HIKE": 0.8, "HOLD_AFTER_HIKE": 0.18, "EASE": 0.01, "HOLD_AFTER_EASE": 0.01},
        "ahead_3m": {"HIKE": 0.5, "HOLD_AFTER_HIKE": 0.48, "EASE": 0.01, "HOLD_AFTER_EASE": 0.01},
        "since": "2022-03-16",
        "confirmed": True,
        "attributes": {},
    },
    "fed_path": {
        "status": "ok",
        "reason": None,
        "meetings": [],
        "bp": {"next": 25.0, "m3": 50.0, "m6": 60.0, "m12": 20.0},
    },
    "signals": [],
    "recommendation": {
        "stance": "underweight",
        "action": "trade",
        "active_weight_points": -2.7,
        "policy_weight": 0.2,
        "target_weight": 0.173,
        "held_weight": 0.2,
        "trade_points": -2.7,
        "forecast_annual_percent": -2.1,
        "forecast_sd_percent": 1.8,
        "probability_outperform": 0.42,
        "attribution": [{"line": "policy_change", "points": -4.0}, {"line": "credit_level", "points": 1.3}],
        "valid_until": "2023-03-02T18:00:00-05:00",
        "next_review": "2023-03-31",
        "because": ["Rates rose 4.5 points in twelve months."],
        "despite": ["Credit is dear."],
        "flip": [],
    },
    "evidence": {"verdict": "no reliable edge", "multiplier": 0.59, "dsr": 0.59, "trials": 25, "as_of": "2023-02-28"},
    "events": [],
}


def payload(day: str = "2023-03-01", **changes: Any) -> dict[str, Any]:
    """A payload of `day`; ``section__field=value`` sets one field."""
    made = copy.deepcopy(BASE)
    made["as_of"], made["run_id"] = day, f"run-{day}"
    made["cut"] = f"{day}T18:00:00-05:00"
    for name, value in changes.items():
        section, _, field = name.partition("__")
        if field:
            made[section][field] = value
        else:
            made[section] = value
    return made


def run(day: str = "2023-03-01", **changes: Any) -> Run:
    """The record of such a payload."""
    return read_run(payload(day, **changes))


def days(count: int, first: str = "2023-03-01") -> list[str]:
    """`count` calendar weekdays from `first` on, ISO."""
    day, found = dt.date.fromisoformat(first), []
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day.isoformat())
        day += dt.timedelta(days=1)
    return found
