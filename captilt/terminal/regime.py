"""The rate cycle on a screen: today's call, the chronology, the league."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from regime.phase import PHASES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

    from captilt.contract.regime import ChronologyAnswer, LeagueAnswer, MeetingCall, Regime, RegimeAnswer

NEVER = "never"


def regime_screen(call: "RegimeAnswer") -> "Iterable[RenderableType]":
    """Call: the phase first, then how sure, why, what is open, and what alike moments led to."""
    from rich.table import Table

    state = "confirmed" if call.confirmed else "[bold]not confirmed[/]"
    in_force = f"in force since {call.attributes.announced_on}"
    yield f"[bold]{call.phase.value}[/] since {call.since}, {state}; {in_force}. As of {call.as_of}."
    table = Table("phase", "now", "in 3 months", box=None, pad_edge=False)
    for phase in PHASES:
        table.add_row(phase.value, f"{call.probabilities[phase]:.1%}", f"{call.ahead_3m[phase]:.1%}")
    yield table
    yield from _next_meeting(call)
    for line in call.because:
        yield f"  because {line}" if line.endswith("for)") else f"  despite {line}"
    if call.ambiguity:
        yield f"[bold]Open:[/] {call.ambiguity}"
    if call.degraded:
        yield f"[bold]Degraded:[/] {call.degraded}."
    yield from _analogues(call)
    yield f"Model {call.model}, log-odds in nats against how often each phase has been."
    record = call.record
    if record:
        yield (
            f"Its record {record.first} to {record.last}: log score {record.log_score:.3f} nats over "
            f"{record.n} months ({_score(record.log_score_early)} to 2007, {_score(record.log_score_late)} from 2008; "
            f"{record.coin_toss:.3f} for a coin toss over the two open phases)."
        )


def _next_meeting(call: "RegimeAnswer") -> "Iterable[str]":
    """The next decision by the market, the model beside it, and who has been right so far."""
    if call.next_meeting is None:
        return
    yield f"Next meeting, by the {call.next_meeting_source}: {_odds(call.next_meeting)}."
    if call.next_meeting_market is not None and call.next_meeting_model is not None:
        market, model = asdict(call.next_meeting_market), asdict(call.next_meeting_model)
        gap = {way: market[way] - model[way] for way in market}
        widest = max(gap, key=lambda way: abs(gap[way]))
        alone = _odds(call.next_meeting_model)
        yield f"  The model alone: {alone}; widest gap {100 * gap[widest]:+.0f} points ({widest})."
    scores = call.record and call.record.next_meeting
    if scores and scores.n:
        yield (
            f"  On the eve of {scores.n} meetings, {scores.first} to {scores.last}, log score "
            f"{_score(scores.market_log_score)} nats for the market and {_score(scores.model_log_score)} for the model."
        )


def _odds(odds: "MeetingCall") -> str:
    return f"up {odds.up:.0%}, none {odds.none:.0%}, down {odds.down:.0%}"


def _analogues(call: "Regime") -> "Iterable[RenderableType]":
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


def chronology_screen(answer: "ChronologyAnswer") -> "Iterable[RenderableType]":
    """Table, what theta does to it, and the peaks before the target record."""
    from rich.table import Table

    table = Table("phase", "first move", "last move", "from", "to", "confirmed on", box=None, pad_edge=False)
    for row in answer.rows:
        doubt = "" if row.confirmed_on else "?"
        end = "open, last so far " if row.open and row.last_move else ""
        table.add_row(
            f"{row.phase}{doubt}",
            str(row.first_move),
            f"{end}{row.last_move or ''}",
            f"{row.from_target:g}",
            f"{row.to_target:g}",
            str(row.confirmed_on or "not yet"),
        )
    yield table
    others = ", ".join(f"{one.theta:g} gives {one.phases}" for one in answer.sensitivity)
    yield f"DATE-4 on decision days, theta {answer.theta:g} points. Sensitivity: {others} phases."
    if answer.before_1982:
        peaks = ", ".join(f"{one.month:%Y-%m}" for one in answer.before_1982)
        yield f"Before 1982, from the effective rate (provenance effective, never scored), tightenings ended: {peaks}."


def league_screen(answer: "LeagueAnswer") -> "Iterable[RenderableType]":
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
    for row in answer.models:
        low, high = row.log_score_interval
        delay = row.delay_meetings
        name = f"[bold]{row.model}[/]" if row.model == answer.default else row.model
        table.add_row(
            name,
            f"{row.log_score:.3f}",
            f"{low:.2f}-{high:.2f}",
            _score(row.log_score_early),
            _score(row.log_score_late),
            f"{row.brier:.3f}",
            f"{row.accuracy:.0%}",
            f"{row.calibration_error:.3f}",
            _score(row.ahead_3m_log_score),
            _delay(delay.hold_median),
            _delay(delay.move_median),
            f"{row.false_alarms_per_decade:.1f}",
        )
    yield table
    yield (
        f"{answer.first} to {answer.last}, {answer.n} month-ends with a final label; nats, small is good. "
        "hold, leg: median meetings until seen. Choices were made on the years to 2007; the bold model is the default."
    )
    for row in answer.models:
        if row.model == answer.default:
            for other, test in row.against.items():
                yield (
                    f"  against {other}: better in {test.phases_won} of {test.phases} phases "
                    f"(sign test p {test.sign_test_p:.2f}), {test.log_score_difference:+.3f} nats, "
                    f"standard error {test.standard_error:.3f}"
                )
    asked = answer.next_meeting
    yield (
        "Next meeting up, none or down, asked at the one before: "
        f"{asked.log_score:.3f} nats over {asked.n} meetings; "
        f"their own frequencies, known in hindsight, {asked.frequency_log_score:.3f}."
    )
    for one in answer.missing:
        yield f"  missing: {one.model}: {one.reason}"


def _score(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.3f}"


def _delay(value: float | None) -> str:
    return NEVER if value is None else f"{value:g}"
