"""A run in plain words: the same sentences on the terminal, in the mail, in Slack and on the page.

Everything here is a function of the run record, so no screen can say more, or something else, than what
was recorded.
"""

from captilt.contract.regime import Regime
from captilt.contract.run import Run

PHASE_WORDS = {
    "HIKE": "the Fed is raising rates",
    "HOLD_AFTER_HIKE": "the Fed is on hold after raising rates",
    "EASE": "the Fed is cutting rates",
    "HOLD_AFTER_EASE": "the Fed is on hold after cutting rates",
}
PHASE_SHORT = {
    "HIKE": "hiking",
    "HOLD_AFTER_HIKE": "on hold after hikes",
    "EASE": "easing",
    "HOLD_AFTER_EASE": "on hold after cuts",
}
REASONS_NAMED = 2  # in one sentence; the rest are counted
PORTFOLIO_NAMES = {"engine": "the advice", "person": "what was held", "neutral": "neutral"}
TINY_POINTS = 0.05  # below this a number of points prints as zero


def points(value: float) -> str:
    """Signed percentage points, one decimal, with a true minus sign."""
    return signed(value, 1) if abs(value) >= TINY_POINTS else "0.0"


def signed(value: float, decimals: int = 1) -> str:
    """A signed number with a true minus sign."""
    return f"{value:+.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def percent(weight: float, decimals: int = 1) -> str:
    """A weight of 0 to 1 as percent."""
    return f"{100 * weight:.{decimals}f} %"


def headline(run: Run) -> str:
    """Stance and size: the five seconds of the answer."""
    advice, pair = run.recommendation, run.portfolio
    word = {"overweight": "Overweight", "underweight": "Underweight", "neutral": "Neutral on"}[advice.stance]
    side = "above" if advice.active_weight_points > 0 else "below"
    size = abs(advice.active_weight_points)
    away = f"{size:.1f} points {side} policy" if size >= TINY_POINTS else "the policy weight"
    return f"{word} US small caps: hold {percent(advice.target_weight)} in {pair.small}, {away}."


def action(run: Run) -> str:
    """What to do today, if anything."""
    advice, pair = run.recommendation, run.portfolio
    if advice.action == "hold":
        return f"Do nothing: {percent(advice.held_weight)} held is within the no-trade band."
    verb, source = ("Buy", "from") if advice.trade_points > 0 else ("Sell", "into")
    size = abs(advice.trade_points)
    return f"{verb} {size:.1f} points of {pair.small} {source} {pair.large} (held {percent(advice.held_weight)})."


def opinion(run: Run) -> str:
    """The model's own forecast, before it is cut back."""
    advice = run.recommendation
    mean, spread, chance = (
        advice.forecast_annual_percent,
        advice.forecast_sd_percent,
        advice.probability_outperform,
    )
    if mean is None or spread is None or chance is None:
        return "Model: no forecast, for too few returns are known."
    return (
        f"Model: small minus large {signed(mean)} %/y (± {spread:.1f}), "
        f"{100 * chance:.0f} % to beat large over 12 months."
    )


def verdict(run: Run) -> str:
    """How far the record is trusted, and what that does to the tilt."""
    evidence = run.evidence
    kept = f"{100 * evidence.multiplier:.0f} % of the tilt is kept"
    if evidence.verdict == "not evaluated":
        return f"Evidence not evaluated: {kept}."
    trials = f"{evidence.trials} specifications tried"
    return f"{evidence.verdict.capitalize()} ({trials}): {kept}."


def regime(call: Regime) -> str:
    """The phase in force, how likely, and since when."""
    likely = 100 * call.chance
    firm = "" if call.confirmed else ", not confirmed"
    sentence = PHASE_WORDS[call.phase]
    return f"{sentence[0].upper()}{sentence[1:]} (since {call.since}{firm}): {likely:.0f} %."


def health(run: Run) -> str:
    """The rung of the data, first line of every face."""
    data = run.data
    newest = f"newest observation {data.newest}" if data.newest else "no observation"
    if data.status == "OK":
        return f"Data OK, {newest}."
    reasons = list(dict.fromkeys(gap.reason.rstrip(".") for gap in data.gaps)) or list(data.reason_codes)
    rest = f" (and {len(reasons) - REASONS_NAMED} more)" if len(reasons) > REASONS_NAMED else ""
    return (
        f"Data {data.status}, confidence {data.confidence:.2f}, {newest}: {'; '.join(reasons[:REASONS_NAMED])}{rest}."
    )


def line_name(line: str) -> str:
    """A line of the attribution as a person says it."""
    return f"rate cycle: {PHASE_SHORT[line]}" if line in PHASE_SHORT else line.replace("_", " ")


def changed(run: Run) -> str:
    """What changed since the run before, and the largest reasons."""
    change = run.change
    if change.since is None or change.total_points is None:
        return "First run: this is the baseline."
    total = change.total_points
    if abs(total) < TINY_POINTS:
        return f"Unchanged since {change.since}."
    lines = sorted(change.lines, key=lambda line: -abs(line.points))[:3]
    parts = ", ".join(
        f"{line_name(line.line)} {points(line.points)}" for line in lines if abs(line.points) >= TINY_POINTS
    )
    return f"{points(total)} points since {change.since}: {parts}."


def track(run: Run) -> str:
    """How what was said so far has fared; empty before anything could be judged."""
    record = run.track_record
    scores = {score.kind: score for score in record.scores} if record else {}
    judged = [
        f"{line.words} {100 * line.hit_rate:.0f} % right of {line.n}"
        for kind in ("direction_1m", "outperform_12m", "phase", "meeting")
        if (line := scores.get(kind))
    ]
    if record is None or not judged:
        return ""
    earned = ", ".join(f"{PORTFOLIO_NAMES[one.name]} {signed(one.net_percent, 2)} %" for one in record.race)
    return f"So far, {record.runs} days recorded: {earned} against policy, net. Judged: {'; '.join(judged)}."
