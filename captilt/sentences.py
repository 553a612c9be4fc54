"""A run in plain words: the same sentences on the terminal, in the mail, in Slack and on the page.

Everything here is a function of the run payload (the JSON contract), so no face can say more, or
something else, than what was recorded.
"""

from collections.abc import Mapping
from typing import Any

Payload = Mapping[str, Any]

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
SAID = 2  # reasons in one sentence; the rest are counted
RACERS = {"engine": "the advice", "person": "what was held", "neutral": "neutral"}
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


def headline(payload: Payload) -> str:
    """Stance and size: the five seconds of the answer."""
    advice, pair = payload["recommendation"], payload["portfolio"]
    word = {"overweight": "Overweight", "underweight": "Underweight", "neutral": "Neutral on"}[advice["stance"]]
    side = "above" if advice["active_weight_points"] > 0 else "below"
    size = abs(advice["active_weight_points"])
    away = f"{size:.1f} points {side} policy" if size >= TINY_POINTS else "the policy weight"
    return f"{word} US small caps: hold {percent(advice['target_weight'])} in {pair['small']}, {away}."


def action(payload: Payload) -> str:
    """What to do today, if anything."""
    advice, pair = payload["recommendation"], payload["portfolio"]
    if advice["action"] == "hold":
        return f"Do nothing: {percent(advice['held_weight'])} held is within the no-trade band."
    verb, source = ("Buy", "from") if advice["trade_points"] > 0 else ("Sell", "into")
    size = abs(advice["trade_points"])
    return (
        f"{verb} {size:.1f} points of {pair['small']} {source} {pair['large']} (held {percent(advice['held_weight'])})."
    )


def opinion(payload: Payload) -> str:
    """The model's own forecast, before it is cut back."""
    advice = payload["recommendation"]
    if advice["forecast_annual_percent"] is None:
        return "Model: no forecast, for too few returns are known."
    mean, spread = signed(advice["forecast_annual_percent"]), advice["forecast_sd_percent"]
    chance = 100 * advice["probability_outperform"]
    return f"Model: small minus large {mean} %/y (± {spread:.1f}), {chance:.0f} % to beat large over 12 months."


def verdict(payload: Payload) -> str:
    """How far the record is trusted, and what that does to the tilt."""
    evidence = payload["evidence"]
    kept = f"{100 * evidence['multiplier']:.0f} % of the tilt is kept"
    if evidence["verdict"] == "not evaluated":
        return f"Evidence not evaluated: {kept}."
    trials = f"{evidence['trials']} specifications tried"
    return f"{evidence['verdict'].capitalize()} ({trials}): {kept}."


def regime(payload: Payload) -> str:
    """The phase in force, how likely, and since when."""
    call = payload["regime"]
    likely = 100 * call["probabilities"][call["phase"]]
    firm = "" if call["confirmed"] else ", not confirmed"
    sentence = PHASE_WORDS[call["phase"]]
    return f"{sentence[0].upper()}{sentence[1:]} (since {call['since']}{firm}): {likely:.0f} %."


def health(payload: Payload) -> str:
    """The rung of the data, first line of every face."""
    data = payload["data"]
    newest = f"newest observation {data['newest']}" if data.get("newest") else "no observation"
    if data["status"] == "OK":
        return f"Data OK, {newest}."
    reasons = list(dict.fromkeys(gap["reason"].rstrip(".") for gap in data["gaps"])) or data["reason_codes"]
    rest = f" (and {len(reasons) - SAID} more)" if len(reasons) > SAID else ""
    return f"Data {data['status']}, confidence {data['confidence']:.2f}, {newest}: {'; '.join(reasons[:SAID])}{rest}."


def line_name(line: str) -> str:
    """A line of the attribution as a person says it."""
    return f"rate cycle: {PHASE_SHORT[line]}" if line in PHASE_SHORT else line.replace("_", " ")


def changed(payload: Payload) -> str:
    """What changed since the run before, and the largest reasons."""
    change = payload.get("change") or {}
    if not change.get("since"):
        return "First run: this is the baseline."
    total = change["total_points"]
    if abs(total) < TINY_POINTS:
        return f"Unchanged since {change['since']}."
    lines = sorted(change["lines"], key=lambda line: -abs(line["points"]))[:3]
    parts = ", ".join(
        f"{line_name(line['line'])} {points(line['points'])}" for line in lines if abs(line["points"]) >= TINY_POINTS
    )
    return f"{points(total)} points since {change['since']}: {parts}."


def track(payload: Payload) -> str:
    """How what was said so far has fared; empty before anything could be judged."""
    kept = payload.get("track_record") or {}
    scores = {line["kind"]: line for line in kept.get("scores", ())}
    told = [
        f"{line['words']} {100 * line['hit_rate']:.0f} % right of {line['n']}"
        for kind in ("direction_1m", "outperform_12m", "phase", "meeting")
        if (line := scores.get(kind))
    ]
    if not told:
        return ""
    raced = ", ".join(f"{RACERS[each['name']]} {signed(each['net_percent'], 2)} %" for each in kept["race"])
    return f"So far, {kept['runs']} days recorded: {raced} against policy, net. Judged: {'; '.join(told)}."
