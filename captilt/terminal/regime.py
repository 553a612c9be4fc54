"""The rate cycle on a screen: today's call, the chronology, the league."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from regime.phase import PHASES
from signals.calendars import day_of

if TYPE_CHECKING:
    from rich.console import RenderableType

    from regime.dating import Chronology, MovingPhase
    from regime.evaluation.league import League, Standing
    from regime.evaluation.meeting_score import MeetingScore
    from regime.pre_1982 import Peak
    from regime.regime_call import NextMeeting, RegimeCall

NEVER = "never"
THETAS = (0.50, 0.75, 0.25, 1.00)  # percentage points; the first is the registered one


def call_face(call: "RegimeCall", moment: dt.datetime, record: Mapping[str, Any] | None) -> "Iterable[RenderableType]":
    """Call: the phase first, then how sure, why, what is open, and what alike moments led to."""
    from rich.table import Table

    state = "confirmed" if call.confirmed else "[bold]not confirmed[/]"
    seen = call.attributes.get("announced_on")
    yield f"[bold]{call.phase.value}[/] since {call.since}, {state}; in force since {seen}. As of {day_of(moment)}."
    table = Table("phase", "now", "in 3 months", box=None, pad_edge=False)
    for phase in PHASES:
        table.add_row(phase.value, f"{call.probabilities[phase]:.1%}", f"{call.ahead_3m[phase]:.1%}")
    yield table
    yield from _next_meeting(call.next_meeting, record)
    for line in call.because:
        yield f"  because {line}" if line.endswith("for)") else f"  despite {line}"
    if call.ambiguity:
        yield f"[bold]Open:[/] {call.ambiguity}"
    if call.degraded:
        yield f"[bold]Degraded:[/] {call.degraded}."
    yield from _analogues(call)
    yield f"Model {call.model}, log-odds in nats against how often each phase has been."
    if record:
        yield (
            f"Its record {record['from']} to {record['to']}: log score {record['log_score']:.3f} nats over "
            f"{record['n']} months ({record['log_score_early']:.3f} to 2007, {record['log_score_late']:.3f} from 2008; "
            f"{record['coin_toss']:.3f} for a coin toss over the two open phases)."
        )


def _next_meeting(meeting: "NextMeeting", record: Mapping[str, Any] | None) -> "Iterable[str]":
    """The next decision by the market, the model beside it, and who has been right so far."""
    yield f"Next meeting, by the {meeting.source}: {_odds(meeting.odds)}."
    if meeting.market is not None:
        gap = {way: meeting.market[way] - meeting.model[way] for way in ("up", "none", "down")}
        widest = max(gap, key=lambda way: abs(gap[way]))
        yield f"  The model alone: {_odds(meeting.model)}; widest gap {100 * gap[widest]:+.0f} points ({widest})."
    scores = (record or {}).get("next_meeting")
    if scores and scores["n"]:
        yield (
            f"  On the eve of {scores['n']} meetings, {scores['from']} to {scores['to']}, log score "
            f"{scores['market_log_score']:.3f} nats for the market and {scores['model_log_score']:.3f} for the model."
        )


def _odds(odds: Mapping[str, float]) -> str:
    return f"up {odds['up']:.0%}, none {odds['none']:.0%}, down {odds['down']:.0%}"


def _analogues(call: "RegimeCall") -> "Iterable[RenderableType]":
    from rich.table import Table

    if not call.analogues:
        return
    table = Table("alike", "phase then", "distance", "small - large, 12 months", "", box=None, pad_edge=False)
    for one in call.analogues:
        led = one.small_minus_large_12m_percent
        table.add_row(
            str(one.date),
            one.phase.value,
            f"{one.distance:.2f}",
            "not known" if led is None else f"{led:+.1f} %",
            one.note,
        )
    yield table


def chronology_json(
    chronology: "Chronology", sensitivity: Mapping[float, int], before: "tuple[Peak, ...]"
) -> dict[str, Any]:
    """Chronology object of the contract, with theta's sensitivity and the years before 1982."""
    rows = [*chronology.phases, *([chronology.candidate] if chronology.candidate else [])]
    return {
        "rows": [_row(row) for row in rows],
        "theta": chronology.theta,
        "sensitivity": [{"theta": theta, "phases": count} for theta, count in sensitivity.items()],
        "before_1982": [
            {"month": peak.month, "rate_percent": peak.rate, "provenance": peak.provenance} for peak in before
        ],
    }


def _row(row: "MovingPhase") -> dict[str, Any]:
    return {
        "phase": row.phase.value,
        "first_move": row.first_move,
        "last_move": row.last_move,
        "from": row.from_target,
        "to": row.to_target,
        "confirmed_on": row.confirmed_on,
        "open": row.open,
    }


def chronology_face(payload: Mapping[str, Any]) -> "Iterable[RenderableType]":
    """Table, what theta does to it, and the peaks before the target record."""
    from rich.table import Table

    table = Table("phase", "first move", "last move", "from", "to", "confirmed on", box=None, pad_edge=False)
    for row in payload["rows"]:
        doubt = "" if row["confirmed_on"] else "?"
        end = "open, last so far " if row["open"] and row["last_move"] else ""
        table.add_row(
            f"{row['phase']}{doubt}",
            str(row["first_move"]),
            f"{end}{row['last_move'] or ''}",
            f"{row['from']:g}",
            f"{row['to']:g}",
            str(row["confirmed_on"] or "not yet"),
        )
    yield table
    others = ", ".join(f"{one['theta']:g} gives {one['phases']}" for one in payload["sensitivity"])
    yield f"DATE-4 on decision days, theta {payload['theta']:g} points. Sensitivity: {others} phases."
    if payload["before_1982"]:
        peaks = ", ".join(f"{one['month']:%Y-%m}" for one in payload["before_1982"])
        yield f"Before 1982, from the effective rate (provenance effective, never scored), tightenings ended: {peaks}."


def league_json(league: "League", meeting: "MeetingScore") -> dict[str, Any]:
    """League object of the contract; models that could not play are under `missing`."""
    return {
        "from": league.season.months[0],
        "to": league.season.months[-1],
        "n": len(league.season.months),
        "default": league.default,
        "models": [_standing(row) for row in league.standings],
        "next_meeting": {
            "n": meeting.n,
            "log_score": meeting.log_score,
            "frequency_log_score": meeting.frequency_log_score,
        },
        "missing": [{"model": name, "reason": why} for name, why in league.missing.items()],
    }


def _standing(row: "Standing") -> dict[str, Any]:
    return {
        "model": row.model,
        "says": row.says,
        "log_score": row.log_score,
        "log_score_early": row.log_score_early,
        "log_score_late": row.log_score_late,
        "log_score_interval": row.interval,
        "brier": row.brier,
        "accuracy": row.accuracy,
        "calibration_error": row.calibration_error,
        "ahead_3m_log_score": row.ahead_3m_log_score,
        "delay_meetings": {
            "hold_median": row.hold_delay,
            "move_median": row.move_delay,
            "turning_points": [
                {"phase": one.phase.value, "start": one.start, "meetings": one.meetings} for one in row.detections
            ],
        },
        "false_alarms_per_decade": row.false_alarms_per_decade,
        "against": {
            other: {
                "phases_won": won,
                "phases": fought,
                "sign_test_p": p,
                "log_score_difference": gap,
                "standard_error": se,
            }
            for other, (won, fought, p, gap, se) in row.against.items()
        },
    }


def league_face(payload: Mapping[str, Any]) -> "Iterable[RenderableType]":
    """League table; both halves stand beside the whole."""
    from rich.table import Table

    table = Table(
        "model",
        "log",
        "95 %",
        "to 2007",
        "2008 on",
        "Brier",
        "right",
        "calib.",
        "3m log",
        "hold",
        "leg",
        "false/10y",
        box=None,
        pad_edge=False,
    )
    for row in payload["models"]:
        low, high = row["log_score_interval"]
        delay = row["delay_meetings"]
        name = f"[bold]{row['model']}[/]" if row["model"] == payload["default"] else row["model"]
        table.add_row(
            name,
            f"{row['log_score']:.3f}",
            f"{low:.2f}-{high:.2f}",
            _score(row["log_score_early"]),
            _score(row["log_score_late"]),
            f"{row['brier']:.3f}",
            f"{row['accuracy']:.0%}",
            f"{row['calibration_error']:.3f}",
            _score(row["ahead_3m_log_score"]),
            _delay(delay["hold_median"]),
            _delay(delay["move_median"]),
            f"{row['false_alarms_per_decade']:.1f}",
        )
    yield table
    yield (
        f"{payload['from']} to {payload['to']}, {payload['n']} month-ends with a final label; nats, small is good. "
        "hold, leg: median meetings until seen. Choices were made on the years to 2007; the bold model is the default."
    )
    for row in payload["models"]:
        if row["model"] == payload["default"]:
            for other, test in row["against"].items():
                yield (
                    f"  against {other}: better in {test['phases_won']} of {test['phases']} phases "
                    f"(sign test p {test['sign_test_p']:.2f}), {test['log_score_difference']:+.3f} nats, "
                    f"standard error {test['standard_error']:.3f}"
                )
    asked = payload["next_meeting"]
    yield (
        "Next meeting up, none or down, asked at the one before: "
        f"{asked['log_score']:.3f} nats over {asked['n']} meetings; "
        f"their own frequencies, known in hindsight, {asked['frequency_log_score']:.3f}."
    )
    for one in payload["missing"]:
        yield f"  missing: {one['model']}: {one['reason']}"


def _score(value: float | None) -> str:
    return "" if value is None or value != value else f"{value:.3f}"  # noqa: PLR0124 - a half without months is NaN


def _delay(value: float | None) -> str:
    return NEVER if value is None else f"{value:g}"
