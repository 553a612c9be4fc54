"""Run payloads in the form of the contract, made for tests of the faces; never shown as a result."""

import datetime as dt
import math
from typing import Any

DAY = dt.date(2023, 12, 29)
PHASES = ("HIKE", "HOLD_AFTER_HIKE", "EASE", "HOLD_AFTER_EASE")


def a_run(day: dt.date = DAY, **changes: Any) -> dict[str, Any]:
    """One run of `day`; `changes` replace whole sections or, as dictionaries, single fields of them."""
    wave = math.sin(day.toordinal() / 90)
    signals = _signals(day, wave)
    lines = [
        {"line": "regime: HOLD_AFTER_HIKE", "points": -1.4},
        *({"line": f"signal: {s['name']}", "points": s["contribution_points"]} for s in signals[:3]),
        {"line": "data confidence", "points": 0.0},
        {"line": "verdict multiplier", "points": 3.1},
        {"line": "clip", "points": 0.0},
        {"line": "band", "points": 0.0},
        {"line": "step", "points": 0.4},
    ]
    total = math.fsum(line["points"] for line in lines)
    stance = "neutral" if abs(total) < 1 else ("overweight" if total > 0 else "underweight")
    payload = {
        "schema": 1,
        "as_of": day.isoformat(),
        "cut": f"{day}T18:00:00-05:00",
        "run_id": f"test-{day}",
        "method": 1,
        "study": False,
        "portfolio": {"small": "IWM", "large": "SPY"},
        "data": {
            "mode": "offline",
            "newest": day.isoformat(),
            "status": "OK",
            "confidence": 1.0,
            "reason_codes": [],
            "gaps": [],
        },
        "regime": {
            "phase": "HOLD_AFTER_HIKE",
            "probabilities": {"HIKE": 0.06, "HOLD_AFTER_HIKE": 0.86, "EASE": 0.05, "HOLD_AFTER_EASE": 0.03},
            "ahead_3m": {"HIKE": 0.04, "HOLD_AFTER_HIKE": 0.55, "EASE": 0.38, "HOLD_AFTER_EASE": 0.03},
            "next_meeting": {"up": 0.01, "none": 0.86, "down": 0.13},
            "since": "2023-07-27",
            "confirmed": True,
            "attributes": {
                "zlb": False,
                "pace_bp_6m": 0.0,
                "months_since_move": 5,
                "target_percent": 5.5,
                "last_move_date": "2023-07-26",
                "last_move_bp": 25,
            },
            "because": ["two-year yield 1.2 points below the target", "five months without a move"],
            "ambiguity": "",
            "analogues": [
                {
                    "date": "2006-12-29",
                    "phase": "HOLD_AFTER_HIKE",
                    "distance": 0.4,
                    "small_minus_large_12m_percent": -7.0,
                    "note": "",
                }
            ],
            "model": "structural",
        },
        "fed_path": _fed_path(),
        "signals": signals,
        "recommendation": {
            "stance": stance,
            "action": "trade",
            "active_weight_points": total,
            "policy_weight": 0.20,
            "target_weight": 0.20 + total / 100,
            "held_weight": 0.20,
            "trade_points": total,
            "forecast_annual_percent": -1.62,
            "forecast_sd_percent": 1.31,
            "probability_outperform": 0.44,
            "attribution": lines,
            "valid_until": "2024-01-02T18:00:00-05:00",
            "next_review": "2024-01-05",
            "because": ["Baa spread 1.5 sd below its ten-year mean: risk is cheap", "the curve is inverted"],
            "despite": ["policy rate nearly unchanged over six months"],
            "flip": [
                {"input": "credit_level", "now": -1.52, "flips_at": 1.1, "to": "overweight", "unit": "sd"},
                {"input": "policy_change", "now": -0.36, "flips_at": None, "to": "neutral", "unit": "sd"},
            ],
            "reason_code": "MODEL",
        },
        "evidence": {"verdict": "no reliable edge", "multiplier": 0.5, "dsr": 0.5, "trials": 25, "as_of": "2023-11-30"},
    }
    for name, change in changes.items():
        payload[name] = {**payload[name], **change} if isinstance(change, dict) else change
    return payload


def _signals(day: dt.date, wave: float) -> list[dict[str, Any]]:
    known = f"{day}T16:15:00-05:00"
    rows = (
        ("policy_change", "rates", -0.36, 1.00, "percentage points", -0.6),
        ("credit_level", "credit", -1.52 + 0.3 * wave, 1.73, "%", -3.4 + 0.3 * wave),
        ("curve_slope", "rates", -2.34, -1.48, "%", -2.5),
        ("adviser_strength", "dealmaking", 0.61, 4.2, "%", 0.0),
        ("january", "season", 0.2, 0.4, "%", 0.0),
        ("relative_strength", "trend", -0.9, -8.1, "%", 0.0),
    )
    read = [
        {
            "name": n,
            "family": f,
            "score": s,
            "raw": raw,
            "unit": u,
            "known_at": known,
            "status": "OK",
            "contribution_points": p,
        }
        for n, f, s, raw, u, p in rows
    ]
    gap = {
        "name": "merger_activity",
        "family": "dealmaking",
        "score": None,
        "raw": None,
        "unit": "filings",
        "known_at": None,
        "status": "MISSING",
        "contribution_points": 0.0,
        "reason": "edgar:DEFM14A has never been fetched",
    }
    return [*read, gap]


def _fed_path() -> dict[str, Any]:
    meetings = (("2024-01-31", 0.13), ("2024-03-20", 0.72), ("2024-05-01", 0.9), ("2024-06-12", 0.95))
    rows = [
        {
            "date": date,
            "status": "ok",
            "reason": None,
            "start_rate": 5.33,
            "end_rate": 5.33 - cut / 4,
            "probabilities": [
                {"lower_bp": 500, "upper_bp": 525, "probability": cut},
                {"lower_bp": 525, "upper_bp": 550, "probability": 1 - cut},
            ],
        }
        for date, cut in meetings
    ]
    rows.append(
        {
            "date": "2024-07-31",
            "status": "refused",
            "reason": "contract 2024-08 is missing",
            "start_rate": None,
            "end_rate": None,
            "probabilities": [],
        }
    )
    return {
        "status": "ok",
        "reason": None,
        "price_source": "settlement",
        "meetings": rows,
        "bp": {"next": -3, "m3": -18, "m6": -24, "m12": None},
        "terminal": {"rate": 5.09, "date": "2024-06-12"},
    }
