"""One message, said once: what a person needs on a phone in the lift, in that order.

Stance, size, change, why, health, link. The renderers (Slack, mail) add nothing of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from captilt import flip_sentences, formats, sentences
from captilt.alerts.rules import RUNG, Change
from captilt.channels.message import Message
from captilt.formats import TINY_POINTS, counted, points, signed

if TYPE_CHECKING:
    from captilt.contract.run import Run

LEADS = {
    "introduction": "captilt is watching",
    "digest": "Weekly digest",
    "replacement": "Replacement",
    "late_digest": "Late",
    "missed": "Missed",
}  # how the subject of a kind begins; a change begins with the stance
WHY_LINES = 2  # more is not read in a lift; the review has them all
SUBJECT = 100  # characters before the rung
CAUSES = 3
MISSED_LINES = 6  # subjects in the digest of a channel that is back
ADVICE = ("stance", "action")  # topics whose change moves the weight
LONGEST_LINE = 240  # characters of one reason: five lines of a phone


def compose(
    kind: str, run: "Run", *, review_url: str, changes: Sequence[Change] = (), week: Sequence[str] = ()
) -> Message:
    """The message of one run.

    Parameters
    ----------
    kind : str
    run : Run
    review_url : str
        Address of the review page; the day is added.
    changes : sequence of Change
        Confirmed changes that caused it; empty for an introduction or a digest.
    week : sequence of str
        Sentences of the week, for a digest.
    """
    advice = run.recommendation
    stance = sentences.headline(run)
    lines = [*(sentence(change) for change in changes), _cause(changes)]
    if any(change.topic in ADVICE for change in changes):
        lines.append(f"Weight: {sentences.changed(run)}")
    if run.replaces is not None:
        lines.insert(0, sentences.replaced(run))
    if not changes and run.replaces is None:
        lines = [*week, sentences.changed(run)]
    lines = [*flip_sentences.knife_edges(run), *lines]
    lead = LEADS.get(kind, "")
    view = sentences.view_points(run)
    size = "" if view is None else f" {points(view)} pts"
    trade = "" if advice.action == "hold" else f", {'buy' if advice.trade_points > 0 else 'sell'}"
    small = run.portfolio.name.removeprefix("US ")
    subject = f"{lead + ': ' if lead else ''}{advice.stance.capitalize()} {small}{size}{trade}"
    if changes:
        subject += f" ({', '.join(change.topic.replace('_', ' ') for change in changes)})"
    rung = run.data.status
    details = (
        ("What would change it", ". ".join(flip_sentences.changers(run))),
        ("Rate cycle", sentences.regime(run.regime)),
        ("Forecast", sentences.opinion(run)),
        ("Evidence", sentences.verdict(run)),
        ("Record", sentences.track(run)),
    )
    return Message(
        kind=kind,
        day=run.as_of.isoformat(),
        subject=f"{subject[:SUBJECT]} · data {rung}",
        stance=stance,
        size=f"{sentences.position(run)} {sentences.action(run)}",
        change="\n".join(_short(line) for line in lines if line),
        why=tuple(_short(sentences.plain_english(line)) for line in advice.because[:WHY_LINES]),
        despite=tuple(_short(sentences.plain_english(line)) for line in advice.despite[:WHY_LINES]),
        health=_short(sentences.health(run), 2 * LONGEST_LINE),
        details=tuple((label, _short(value, 2 * LONGEST_LINE)) for label, value in details if value),
        link=f"{review_url.rstrip('/')}/day/{run.as_of}",
        run_id=run.run_id,
        urgent=any(change.urgent for change in changes),
        rung=rung,
        market=tuple((label, _short(value)) for label, value in sentences.market_strip(run)),
        pulls=tuple(
            (heading, _short(pull.name), _short(pull.detail), pull.points)
            for heading, group in sentences.grouped_pulls(run)
            for pull in group
        ),
        remarks=tuple(f"{_short(line[0].upper() + line[1:])}." for line in sentences.remarks(run)[:WHY_LINES]),
        attribution=tuple(
            (sentences.line_name(line.line), line.points)
            for line in advice.attribution
            if abs(line.points) >= TINY_POINTS
        ),
    )


def missed_alerts(missed: Sequence[Mapping[str, Any]], newest: "Run | None", review_url: str) -> Message:
    """One digest for a channel that is back: what it missed, and how things are now.

    Parameters
    ----------
    missed : sequence of mapping
        Messages (as in the outbox) that the channel lost, oldest first.
    newest : Run or None
        None where no run is recorded, and the last message speaks for the present.
    review_url : str
    """
    original = Message.from_payload(missed[-1])
    present = compose("missed", newest, review_url=review_url) if newest else replace(original, kind="missed")
    lines = [f"{formats.day(message['day'])}: {message['subject']}" for message in missed[-MISSED_LINES:]]
    if len(missed) > MISSED_LINES:
        lines.insert(0, f"{len(missed) - MISSED_LINES} older ones, which the review has.")
    count = counted(len(missed), "alert")
    return replace(
        present,
        change="\n".join([f"This channel could not be reached and missed {count}:", *map(_short, lines)]),
        urgent=False,
    )


def failure(day: str, reason: str, remedy: str, *, review_url: str, run_id: str, weight_text: str) -> Message:
    """The message of a day without advice: what failed, that nothing moves, what to do."""
    return Message(
        kind="failure",
        day=day,
        subject=f"HOLD: no advice for {formats.day(day)} · data HOLD",
        stance="No new advice: the last accepted weight stays.",
        size=weight_text,
        change=_short(reason, 2 * LONGEST_LINE),
        why=(),
        despite=(),
        health="Data HOLD, confidence 0.00.",
        details=(("What to do", remedy),) if remedy else (),
        link=review_url,
        run_id=run_id,
        urgent=True,
        rung="HOLD",
    )


def sentence(change: Change) -> str:
    """One confirmed change in sentences."""
    before, now = change.before, change.now
    match change.topic:
        case "phase":
            text = f"Rate cycle: {sentences.PHASE_SHORT[before]} to {sentences.PHASE_SHORT[now]}."
        case "action":
            text = _of_action(before["action"], now["action"])
        case "probabilities":
            name = max(now, key=lambda phase: abs(now[phase] - before.get(phase, 0.0)))
            phase, chance = sentences.PHASE_SHORT[name], 100 * before.get(name, 0.0)
            text = f"Chance of {phase}: {chance:.0f} % to {100 * now[name]:.0f} %."
        case "fed_path":
            date = max(sorted(now.keys() & before.keys()), key=lambda day: abs(now[day] - before[day]))
            moved = signed(100 * (now[date] - before[date]), 0)
            text = f"Fed path: {now[date]:.2f} % expected after {date}, {moved} bp."
        case "data":
            verb = "recovered" if RUNG[now] < RUNG[before] else "got worse"
            text = f"Data {verb}: {before} to {now}."
        case _:
            text = f"{change.topic.capitalize()}: {before} to {now}."
    return text


def _of_action(before: str, now: str) -> str:
    if now == "hold":
        return "The trade announced before is called off: nothing to do."
    return "A trade is advised." if before == "hold" else "Another trade is advised than before."


def _cause(changes: Sequence[Change]) -> str:
    """The decisions and releases of the days on which the changes began, each once."""
    events = list(dict.fromkeys(event for change in changes for event in change.cause))[:CAUSES]
    if events:
        return f"That day: {'; '.join(events)}."
    markets_moved = any(change.topic in ("probabilities", "fed_path") for change in changes)
    return "No decision and no release that day." if markets_moved else ""


def _short(line: str, longest: int = LONGEST_LINE) -> str:
    """One line without control characters, cut where nobody reads on."""
    clean = "".join(letter if letter.isprintable() else " " for letter in line)
    return clean if len(clean) <= longest else f"{clean[: longest - 1].rstrip()}…"
