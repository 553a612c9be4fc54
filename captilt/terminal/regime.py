"""The rate cycle on a screen: today's call, the chronology, the league."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from captilt import sentences
from captilt.formats import day, month, number, p_value, percent, signed
from regime.phase import PHASES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.console import RenderableType

    from captilt.contract.regime import ChronologyAnswer, LeagueAnswer, MeetingCall, ModelScore, Regime, RegimeAnswer

NEVER = "never"


def regime_screen(call: "RegimeAnswer") -> "Iterable[RenderableType]":
    """Call: the phase first, then how sure, why, what is open, and what alike moments led to."""
    from rich.table import Table

    state = "confirmed" if call.confirmed else "[bold]not confirmed[/]"
    in_force = f"in force since {day(call.attributes.announced_on)}"
    phase = sentences.PHASE_SHORT[call.phase].capitalize()
    yield f"[bold]{phase}[/] since {day(call.since)}, {state}; {in_force}. As of {day(call.as_of)}."
    table = Table("phase", "now", "in 3 months", box=None, pad_edge=False)
    for phase in PHASES:
        table.add_row(sentences.PHASE_SHORT[phase], percent(call.probabilities[phase]), percent(call.ahead_3m[phase]))
    yield table
    yield from _next_meeting(call)
    for line in call.because:
        yield f"  {'because' if line.endswith('for)') else 'despite'} {sentences.plain_english(line)}"
    if call.ambiguity:
        yield f"[bold]Open:[/] {sentences.plain_english(call.ambiguity)}"
    if call.degraded:
        yield f"[bold]Degraded:[/] {call.degraded}."
    yield from _analogues(call)
    yield f"Model {call.model}, log-odds in nats against how often each phase has been."
    record = call.record
    if record:
        yield (
            f"Its record {day(record.first)} to {day(record.last)}: log score {number(record.log_score, 3)} nats over "
            f"{record.n} months ({number(record.log_score_early, 3)} to 2007, "
            f"{number(record.log_score_late, 3)} from 2008; {number(record.coin_toss, 3)} for a coin toss "
            "over the two open phases)."
        )


def _next_meeting(call: "RegimeAnswer") -> "Iterable[str]":
    """The next decision by the market, the model beside it, and who has been right so far."""
    if call.next_meeting is None:
        return
    yield f"Next meeting, by {sentences.odds_source(call.next_meeting_source)}: {_odds(call.next_meeting)}."
    if call.next_meeting_market is not None and call.next_meeting_model is not None:
        market, model = asdict(call.next_meeting_market), asdict(call.next_meeting_model)
        gap = {way: market[way] - model[way] for way in market}
        widest = max(gap, key=lambda way: abs(gap[way]))
        apart = f"{signed(100 * gap[widest], 0)} points ({sentences.WAYS[widest]})"
        yield f"  The model alone: {_odds(call.next_meeting_model)}; widest gap {apart}."
    scores = call.record and call.record.next_meeting
    if scores and scores.n:
        yield (
            f"  On the eve of {scores.n} meetings, {day(scores.first)} to {day(scores.last)}, log score "
            f"{number(scores.market_log_score, 3)} nats for the market and "
            f"{number(scores.model_log_score, 3)} for the model."
        )


def _odds(odds: "MeetingCall") -> str:
    return sentences.meeting_odds(odds.down, odds.none, odds.up)


def _analogues(call: "Regime") -> "Iterable[RenderableType]":
    from rich.table import Table

    if not call.analogues:
        return
    table = Table("alike", "phase then", "distance", "small less large, 12 months", "", box=None, pad_edge=False)
    for one in call.analogues:
        led = one.small_minus_large_12m_percent
        table.add_row(
            day(one.date),
            sentences.PHASE_SHORT[one.phase],
            f"{one.distance:.2f}",
            "not known" if led is None else f"{signed(led)} %",
            one.note,
        )
    yield table


def chronology_screen(answer: "ChronologyAnswer") -> "Iterable[RenderableType]":
    """Table, what theta does to it, and the peaks before the target record."""
    from rich.table import Table

    table = Table("phase", "first move", "last move", "from, %", "to, %", "confirmed on", box=None, pad_edge=False)
    for row in answer.rows:
        doubt = "" if row.confirmed_on else "?"
        end = "open, last so far " if row.open and row.last_move else ""
        table.add_row(
            f"{sentences.PHASE_SHORT[row.phase]}{doubt}",
            day(row.first_move),
            f"{end}{day(row.last_move) if row.last_move else ''}",
            number(row.from_target),
            number(row.to_target),
            day(row.confirmed_on) if row.confirmed_on else "not yet",
        )
    yield table
    others = ", ".join(f"{one.theta:g} gives {one.phases}" for one in answer.sensitivity)
    yield f"DATE-4 on decision days, theta {answer.theta:g} points. Sensitivity: {others} phases."
    if answer.before_1982:
        peaks = ", ".join(month(one.month) for one in answer.before_1982)
        yield f"Before 1982, from the effective rate (provenance effective, never scored), tightenings ended: {peaks}."


LEAGUE_COLUMNS: tuple[tuple[str, bool, "Callable[[ModelScore], str]"], ...] = (  # head, shown when narrow, cell
    ("log", True, lambda row: number(row.log_score, 3)),
    ("95 %", True, lambda row: f"{number(row.log_score_interval[0])} to {number(row.log_score_interval[1])}"),
    ("to 2007", True, lambda row: number(row.log_score_early, 3)),
    ("2008 on", True, lambda row: number(row.log_score_late, 3)),
    ("Brier", False, lambda row: number(row.brier, 3)),
    ("right", False, lambda row: percent(row.accuracy, 0)),
    ("calib.", False, lambda row: number(row.calibration_error, 3)),
    ("3m log", False, lambda row: number(row.ahead_3m_log_score, 3)),
    ("hold", True, lambda row: _delay(row.delay_meetings.hold_median)),
    ("leg", True, lambda row: _delay(row.delay_meetings.move_median)),
    ("false/10y", False, lambda row: number(row.false_alarms_per_decade, 1)),
)
WIDE, SPACIOUS = 114, 125  # columns of a terminal from which every column of the league fits, close and spaced


def league_screen(answer: "LeagueAnswer", width: int = WIDE) -> "Iterable[RenderableType]":
    """League table; both halves stand beside the whole, and a narrow terminal drops columns, not letters."""
    from rich.table import Table

    columns = [column for column in LEAGUE_COLUMNS if column[1] or width >= WIDE]
    table = Table(box=None, pad_edge=False, padding=(0, 2 if width >= SPACIOUS else 1, 0, 0))
    table.add_column("model", no_wrap=True)
    for head, _, _ in columns:
        table.add_column(head, no_wrap=True, justify="right")
    for row in answer.models:
        name = f"[bold]{row.model}[/]" if row.model == answer.default else row.model
        table.add_row(name, *(cell(row) for _, _, cell in columns))
    yield table
    more = "" if width >= WIDE else f" More columns from {WIDE} characters on, and in --json."
    yield (
        f"{day(answer.first)} to {day(answer.last)}, {answer.n} month-ends with a final label; nats, small is good. "
        "hold, leg: median meetings until seen. Choices were made on the years to 2007; the bold model is the default."
        f"{more}"
    )
    for row in answer.models:
        if row.model == answer.default:
            for other, test in row.against.items():
                yield (
                    f"  against {other}: better in {test.phases_won} of {test.phases} phases "
                    f"(sign test {p_value(test.sign_test_p)}), {signed(test.log_score_difference, 3)} nats, "
                    f"standard error {number(test.standard_error, 3)}"
                )
    meeting_scores = answer.next_meeting
    yield (
        "Next meeting up, none or down, asked at the one before: "
        f"{number(meeting_scores.log_score, 3)} nats over {meeting_scores.n} meetings; "
        f"their own frequencies, known in hindsight, {number(meeting_scores.frequency_log_score, 3)}."
    )
    for one in answer.missing:
        yield f"  missing: {one.model}: {one.reason}"


def _delay(value: float | None) -> str:
    return NEVER if value is None else f"{value:g}"
