"""A run in plain words: the same sentences on the terminal, in the mail, in Slack and on the page.

Everything here is a function of the run record, so no screen can say more, or something else, than what
was recorded.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from captilt.formats import (
    DASH,
    HALF_PERCENT,
    TINY_POINTS,
    chance,
    counted,
    day,
    in_prose,
    number,
    p_value,
    percent,
    points,
    rounded_to_sum,
    signed,
)
from signals.calendars import NEW_YORK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from allocator.portfolio.rebalance import BookAdvice, Rebalance
    from captilt.contract.evidence import Finding
    from captilt.contract.process_power import ProcessPower
    from captilt.contract.regime import Regime
    from captilt.contract.run import Evidence, Portfolio, Power, Run

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
PHASE_NOUNS = {
    "HIKE": "hiking",
    "HOLD_AFTER_HIKE": "a hold after hikes",
    "EASE": "easing",
    "HOLD_AFTER_EASE": "a hold after cuts",
}
CLIP = "clip"  # the line of the largest tilt allowed
HAIRCUTS = frozenset({"data confidence", "verdict multiplier", "evidence multiplier", CLIP, "band", "step"})
PARTS_OF_HAIRCUT = ("confidence", "multiplier", "smallest trade")  # names under later methods
REASONS_NAMED = 2  # in one sentence; the rest are counted
PORTFOLIO_NAMES = {"engine": "the advice", "person": "what was held", "neutral": "neutral"}
STANCE_WORDS = {"overweight": "Overweight", "underweight": "Underweight", "neutral": "Neutral on"}
ROUNDING = 1e-9  # points: the noise of a sum
PLANNED_IR = 0.4  # the ratio of which the verdict says how often it would pass
_PHASE = re.compile(r"\b(?:HOLD_AFTER_HIKE|HOLD_AFTER_EASE|HIKE|EASE)\b")
_ABBREVIATION = re.compile(r"\b(?:ipo|fomc|spa|ir)\b")


CHECK_GROUPS = {
    "part": "With and without",
    "sample": "Before and after 2000",
    "pair": "On other pairs",
    "cost": "Dearer trading",
    "timing": "Later trading",
    "beta": "Market hedged away",
    "leg": "Without one leg of the cycle",
}


class AttributionLine(Protocol):
    """A line of the attribution, of a run or of a book's advice."""

    @property
    def line(self) -> str:
        """Its name."""
        ...

    @property
    def points(self) -> float:
        """Of the portfolio."""
        ...


@dataclass(frozen=True, slots=True)
class Pull:
    """One line of the attribution as people read it.

    Attributes
    ----------
    name : str
    points : float
        Rounded to one decimal so that all lines of a day add up to the rounded active weight.
    detail : str
        Value and score behind a signal; empty for other lines.
    haircut : bool
        It cuts the wish back rather than adding to it.
    """

    name: str
    points: float
    detail: str
    haircut: bool


def replaced(run: "Run") -> str:
    """Which earlier answer of the session this one replaces, and why; empty where there was none."""
    earlier = run.replaces
    if earlier is None:
        return ""
    when = "" if earlier.recorded_at is None else f" of {earlier.recorded_at.astimezone(NEW_YORK):%H:%M} New York"
    return f"Replaces the answer{when}: {earlier.reason}."


def view_points(run: "Run") -> float | None:
    """Wish after confidence and multiplier, points against policy; None on a day without new advice.

    Days recorded before method 2 kept the weight wanted before band and step instead, or only the weight advised.
    """
    advice = run.recommendation
    if advice.reason_code.startswith("HOLD"):
        return None
    known = (advice.view_points, advice.wanted_points, advice.active_weight_points)
    return next((value for value in known if value is not None), None)


def headline(run: "Run") -> str:
    """View and action in one line: the five seconds of the answer."""
    advice, pair = run.recommendation, run.portfolio
    view = view_points(run)
    if view is None:
        return f"No new advice on {pair.name}: {percent(advice.held_weight)} stays in {pair.small_name}."
    word = STANCE_WORDS[advice.stance]
    size = "" if advice.stance == "neutral" else f" by {number(abs(view), 1)} points"
    return f"{word} {pair.name}{size}: {_short_action(run)}."


def _short_action(run: "Run") -> str:
    advice, pair = run.recommendation, run.portfolio
    if advice.action == "hold":
        return f"hold the {percent(advice.held_weight)} in {pair.small_name}"
    verb = "buy" if advice.trade_points > 0 else "sell"
    return (
        f"{verb} {number(abs(advice.trade_points), 1)} points, to {percent(advice.target_weight)} in {pair.small_name}"
    )


def view(run: "Run") -> str:
    """What the engine would hold with nothing in hand."""
    advice = run.recommendation
    lines = () if advice.view_points is None else advice.attribution  # method 1 kept a view within the limits
    return view_sentence(view_points(run), advice.stance, advice.policy_weight, run.portfolio.name, lines=lines)


def position(run: "Run") -> str:
    """What is held, against policy and against the view."""
    advice = run.recommendation
    sentence = position_sentence(advice.held_weight, advice.policy_weight, view_points(run), run.portfolio.name)
    book = run.book
    return sentence if not book else f"{sentence[:-1]} (holdings file {book.name})."


def action(run: "Run") -> str:
    """What to do now, and why not more."""
    advice, pair = run.recommendation, run.portfolio
    return action_sentence(
        trade_points=advice.trade_points if advice.action == "trade" else 0.0,
        held_weight=advice.held_weight,
        view=view_points(run),
        is_neutral=advice.stance == "neutral",
        band_points=advice.band_points,
        lines={line.line: line.points for line in advice.attribution},
        pair=(pair.small_name, pair.large),
    )


def view_sentence(
    view: float | None,
    stance: str,
    policy_weight: float,
    name: str = "US small caps",
    *,
    lines: "Iterable[AttributionLine]" = (),
) -> str:
    """The view of a day; the same whatever is held. Where the largest tilt is less, `lines` tell how much is left."""
    if view is None:
        return "None: there is no new advice."
    if stance == "neutral":
        return f"Neutral on {name}: {points(view)} points against policy."
    allowed = view + sum(line.points for line in lines if line.line == CLIP)
    weight = percent(min(max(policy_weight + allowed / 100, 0.0), 1.0))
    limit = "" if abs(allowed - view) < TINY_POINTS else f", of which {number(abs(allowed), 1)} are allowed"
    return f"{STANCE_WORDS[stance]} {name} by {number(abs(view), 1)} points{limit}: {weight} with nothing in hand."


def position_sentence(held_weight: float, policy_weight: float, view: float | None, name: str = "US small caps") -> str:
    """What is held, against policy and against the view."""
    active = 100 * (held_weight - policy_weight)
    parts = [_distance(active, "policy")]
    if view is not None and abs(view) >= TINY_POINTS:
        parts.append(_distance(active - view, "the view"))
    return f"{percent(held_weight)} in {name}, {' and '.join(parts)}."


def _distance(away: float, of: str) -> str:
    if abs(away) < TINY_POINTS:
        return f"at {of}"
    return f"{number(abs(away), 1)} points {'above' if away > 0 else 'below'} {of}"


def action_sentence(
    *,
    trade_points: float,
    held_weight: float,
    view: float | None,
    is_neutral: bool,
    band_points: float | None,
    lines: "Mapping[str, float]",
    pair: tuple[str, str],
) -> str:
    """What to do now, and why not more.

    Parameters
    ----------
    trade_points : float
        0 where nothing is traded.
    held_weight : float
        0 to 1.
    view : float or None
        Points; None on a day without new advice.
    is_neutral : bool
        Whether the view is neutral: an order then says that it brings the position back to it.
    band_points : float or None
        Half-width of the no-trade band.
    lines : mapping of str to float
        The attribution: what band, step and smallest trade changed.
    pair : (small, large)
    """
    if trade_points:
        return _trade_sentence(trade_points, is_neutral=is_neutral, band_points=band_points, lines=lines, pair=pair)
    if view is None:
        return f"Do nothing: the {percent(held_weight)} held stays until there is new advice."
    if abs(lines.get("smallest trade", 0.0)) >= ROUNDING:
        return f"Do nothing: a trade of {number(abs(lines['smallest trade']), 1)} points is too small to be made."
    if abs(lines.get("step", 0.0)) >= ROUNDING:
        return "Do nothing: the largest step of this month is used up."
    band = "" if band_points is None else f", {number(band_points, 1)} points to either side of the view"
    return f"Do nothing: {percent(held_weight)} is within the no-trade band{band}."


def book_action(advice: "BookAdvice", stance: str, pair: "Portfolio", traded: "Sequence[str]" = ()) -> str:
    """What to do in one real book, from the view of the day; `traded` are the small-cap funds of its orders."""
    return action_sentence(
        trade_points=advice.trade_points,
        held_weight=advice.held_weight,
        view=advice.view_points if advice.lines else None,
        is_neutral=stance == "neutral",
        band_points=advice.band_points,
        lines={line.line: line.points for line in advice.lines},
        pair=(" and ".join(traded) or pair.small_name, pair.large),
    )


def vehicle_sentence(result: "Rebalance") -> str:
    """Where the tilt is made, and why there."""
    active = [vehicle.symbol for vehicle in result.vehicles if vehicle.management == "active"]
    traded = [vehicle for vehicle in result.vehicles if vehicle.traded]
    if not traded:
        named = (f" ({vehicle.management})" if vehicle.management else "" for vehicle in result.vehicles)
        pairs = zip(result.vehicles, named, strict=True)
        return f"Small caps are held in {', '.join(vehicle.symbol + name for vehicle, name in pairs)}."
    made_in = ", ".join(
        vehicle.symbol if vehicle.expense_ratio_percent is None
        else f"{vehicle.symbol} ({vehicle.expense_ratio_percent:g} % a year)"
        for vehicle in traded
    )  # fmt: skip
    dear = [vehicle.symbol for vehicle in traded if vehicle.conclusion == "passive" and vehicle.traded < 0]
    left = [symbol for symbol in active if symbol not in {vehicle.symbol for vehicle in traded}]
    why = "a tilt comes and goes, so it is made where trading is cheapest"
    if dear:
        why = f"first {' and '.join(dear)}, whose record does not earn the fee (captilt vehicle)"
    rest = f"; the active sleeve ({', '.join(left)}) is left as it is" if left else ""
    cut = [one.symbol for one in traded if one.management == "active" and one.symbol not in dear]
    touched = f"; the index part is too small, so {', '.join(cut)} is cut as well" if cut else ""
    return f"The tilt is made in {made_in}: {why}{rest}{touched}."


def _trade_sentence(
    trade_points: float,
    *,
    is_neutral: bool,
    band_points: float | None,
    lines: "Mapping[str, float]",
    pair: tuple[str, str],
) -> str:
    small, large = pair
    verb, way = ("Buy", "from") if trade_points > 0 else ("Sell", "into")
    if abs(lines.get("step", 0.0)) >= ROUNDING:
        end = ", the largest step of a month"
    elif abs(lines.get("band", 0.0)) >= ROUNDING and band_points is not None:
        end = f", to the edge of the no-trade band ({number(band_points, 1)} points around the view)"
    else:
        end = ""
    back = " It brings the position back to the neutral view." if is_neutral else ""
    return f"{verb} {number(abs(trade_points), 1)} points of {small} {way} {large}{end}.{back}"


def opinion(run: "Run") -> str:
    """The model's own forecast, before it is cut back."""
    advice = run.recommendation
    mean, spread, odds = (
        advice.forecast_annual_percent,
        advice.forecast_sd_percent,
        advice.probability_outperform,
    )
    if mean is None or spread is None or odds is None:
        return "Model: no forecast, for too few returns are known."
    return (
        f"Model: small minus large {signed(mean)} % a year (± {number(spread, 1)}), "
        f"{chance(odds)} to beat large over 12 months."
    )


def verdict(run: "Run") -> str:
    """How far the record is trusted, and what that does to the tilt."""
    evidence = run.evidence
    share_kept = f"{percent(evidence.multiplier, 0)} of the wish is kept"
    if evidence.share_come_true is not None and not evidence.multiplier_not_evaluated:
        share_kept += (
            f": a declared half, and of each point forecast so far {number(evidence.share_come_true)} came true"
        )
    if evidence.verdict == "not evaluated":
        return f"Evidence not evaluated: {share_kept}."
    power = _seen_by_simulation(evidence) or _seen_by_formula(evidence)
    return f"{evidence.verdict.capitalize()} ({evidence.trials:g} effective tries{power}). {share_kept}."


def _seen_by_simulation(evidence: "Evidence") -> str:
    table = evidence.process_power
    world = next((world for world in table.worlds if world.true_ir == PLANNED_IR), None) if table else None
    if table is None or world is None:
        return ""
    passed = round(world.passed * table.resamples)
    return f"; by simulation an edge of {world.true_ir:g} passed in {passed} of {table.resamples} histories"


def _seen_by_formula(evidence: "Evidence") -> str:
    rows = evidence.power.rows if evidence.power else ()
    row = next((row for row in rows if row.ir == PLANNED_IR), None)
    return f"; a true IR of {row.ir} would pass by now with {percent(row.chance, 0)}" if row else ""


def power_sentence(power: "Power") -> str:
    """What the test of the record needs, what it could have seen by now, and how often it is wrong, by the formula."""
    chances = ", ".join(f"{percent(row.chance, 0)} for {row.ir:g}" for row in power.rows)
    years = ", ".join(f"{row.years:.0f} for {row.ir:g}" for row in power.rows)
    return (
        f"Power of this test by formula: it needs an information ratio of {power.needed_ir:.2f}. The chance that a true"
        f" one would have passed by now: {chances}; years until four in five would: {years}. It passes the best of the"
        f" worthless in {percent(power.false_alarm)} of cases."
    )


def process_power_sentence(table: "ProcessPower") -> str:
    """The same by resampling the whole process: what the formula of the power leaves out is in it."""
    none, *edges = (round(world.passed * table.resamples) for world in table.worlds)
    made, facts = day(table.made_on), day(table.as_of)
    histories = counted(table.resamples, "resampled history")
    passed = ", ".join(f"{count} for {world.true_ir:g}" for count, world in zip(edges, table.worlds[1:], strict=True))
    return (
        f"By simulation: the method lived through {histories} of {table.months // 12} years,"
        f" fitted, sized and traded every month. Without an edge the verdict passed {none} of {table.resamples}; with"
        f" scores worth a true ratio to whoever knows them: {passed}. Made {made} from facts of {facts},"
        f" seed {table.seed}, results {table.results[:12]}."
    )


def no_process_power_sentence(why: str) -> str:
    """Why no simulated power stands with the verdict, and how to have it."""
    return f"No power by simulation: the table of this version {why}. `captilt evidence power` makes one that fits."


def shipped_table_sentence(table: "ProcessPower", same: int | None, results: int) -> str:
    """How many of so many results are those of the shipped `table`; `same` is None where that is another question's."""
    if same is None:
        return "The table that comes with this version is of other facts, settings or seeds."
    both, name = min(results, table.resamples), f"the table of this version ({table.results[:12]})"
    if same == both:
        return f"Equal to {name} in all {both} resamples that both have."
    return f"Equal to {name} in {same} of the {both} resamples that both have: the code or a library has changed since."


def regime(call: "Regime") -> str:
    """The phase in force, how likely, and since when."""
    firm = "" if call.confirmed else ", not confirmed"
    sentence = PHASE_WORDS[call.phase]
    return f"{sentence[0].upper()}{sentence[1:]} (since {day(call.since)}{firm}): {chance(call.chance)}."


def rate_cycle_part(run: "Run") -> str:
    """Both parts of the rate cycle in the raw wish and their sum; empty without a forecast."""
    part = run.recommendation.rate_cycle
    if part is None:
        return ""
    return (
        f"In the wish, before it is cut back: phases {points(part.phases_points)}, pace of the policy rate"
        f" {points(part.pace_points)}, together {points(part.points)} points."
    )


def health(run: "Run") -> str:
    """The rung of the data, first line of every screen."""
    data = run.data
    newest = f"newest observation {day(data.newest)}" if data.newest else "no observation"
    if data.status == "OK":
        return f"Data OK, {newest}."
    reasons = list(dict.fromkeys(gap.reason.rstrip(".") for gap in data.gaps)) or list(data.reason_codes)
    rest = f" (and {len(reasons) - REASONS_NAMED} more)" if len(reasons) > REASONS_NAMED else ""
    named = in_prose("; ".join(reasons[:REASONS_NAMED]))
    return f"Data {data.status}, confidence {number(data.confidence)}, {newest}: {named}{rest}."


@lru_cache(maxsize=1024)
def line_name(line: str) -> str:
    """A line of the attribution, or an input, as a person writes it."""
    if line.startswith("P("):
        return f"chance of {PHASE_NOUNS.get(line[2:-1], line[2:-1])}"
    if line in PHASE_SHORT:
        return f"rate cycle: {PHASE_SHORT[line]}"
    plain = plain_english(line.removeprefix("signal: ")).replace("_", " ")
    return _ABBREVIATION.sub(lambda match: match.group(0).upper(), plain)


def changed(run: "Run") -> str:
    """What changed since the run before, and the largest reasons."""
    change = run.change
    if change.since is None or change.total_points is None:
        return "First run: this is the baseline."
    if abs(change.total_points) < TINY_POINTS:
        return f"Unchanged since {day(change.since)}."
    lines = sorted(change.lines, key=lambda line: -abs(line.points))[:3]
    parts = ", ".join(
        f"{line_name(line.line)} {points(line.points)}" for line in lines if abs(line.points) >= TINY_POINTS
    )
    return f"{points(change.total_points)} points since {day(change.since)}: {parts}."


def track(run: "Run") -> str:
    """How what was recorded so far has fared; empty before anything could be judged."""
    record = run.track_record
    scores = {score.kind: score for score in record.scores} if record else {}
    scored = [
        f"{line.words} {percent(line.hit_rate, 0)} right of {line.n}"
        for kind in ("direction_1m", "outperform_12m", "phase", "meeting")
        if (line := scores.get(kind))
    ]
    if record is None or not scored:
        return ""
    earned = ", ".join(f"{PORTFOLIO_NAMES[one.name]} {signed(one.net_percent, 2)} %" for one in record.race)
    return f"So far, {record.runs} days recorded: {earned} against policy, net. Judged: {'; '.join(scored)}."


def market_strip(run: "Run") -> tuple[tuple[str, str], ...]:
    """The market before any model: label and value, in the order in which they are read."""
    market = run.market
    if market is None:
        return ()
    return (
        ("Target", _target(market.target_low_percent, market.target_high_percent)),
        ("Next meeting", _next_meeting(run)),
        ("Small less large", _relative(run)),
        ("Baa spread", _spread(market.spread_percent, market.spread_percentile)),
    )


WAYS = {"down": "cut", "none": "hold", "up": "hike"}  # of the next decision, in words


def odds_source(source: str) -> str:
    """Whose odds of the next decision these are, and why the market's differ from the bare futures."""
    return f"the {source}" if source != "market" else "the market, with 2 % kept for each outcome that futures rule out"


def meeting_odds(cut: float, hold: float, hike: float) -> str:
    """Cut, hold and hike in percent."""
    return f"cut {percent(cut, 0)}, hold {percent(hold, 0)}, hike {percent(hike, 0)}"


def pulls(run: "Run") -> tuple[Pull, ...]:
    """Lines of the attribution that print as something; their points add up as shown."""
    lines = [line for line in run.recommendation.attribution if abs(line.points) >= TINY_POINTS]
    shown = rounded_to_sum([line.points for line in lines])
    behind = details(run)
    return tuple(
        Pull(line_name(line.line), value, behind.get(line_name(line.line), ""), is_haircut(line.line))
        for line, value in zip(lines, shown, strict=True)
    )


def grouped_pulls(run: "Run") -> tuple[tuple[str, tuple[Pull, ...]], ...]:
    """What pulls up, what pulls down and what cuts the wish back; a group without lines is left out."""
    lines = pulls(run)
    groups = (
        ("Pulls up", tuple(pull for pull in lines if pull.points > 0 and not pull.haircut)),
        ("Pulls down", tuple(pull for pull in lines if pull.points < 0 and not pull.haircut)),
        ("Cut back by", tuple(pull for pull in lines if pull.haircut)),
    )
    return tuple((title, group) for title, group in groups if group)


def remarks(run: "Run") -> list[str]:
    """Sentences of the engine that are no line of the attribution: why it is neutral, what has no answer."""
    advice = run.recommendation
    spoken = (*advice.because, *advice.despite)
    return [plain_english(sentence.rstrip(".")) for sentence in spoken if not sentence.endswith("points")]


def details(run: "Run") -> dict[str, str]:
    """Value and score behind each signal that was read, by the name of its line."""
    return {
        line_name(signal.name): f"{number(signal.raw)} {signal.unit}, score {signed(signal.score)}"
        for signal in run.signals
        if signal.score is not None
    }


def is_haircut(line: str) -> bool:
    """True for a line that cuts the wish back rather than adding to it."""
    return line in HAIRCUTS or any(part in line for part in PARTS_OF_HAIRCUT)


def plain_english(sentence: str) -> str:
    """Phases in a sentence of the engine, in words; days, percent and minus signs as everywhere else."""
    return in_prose(_PHASE.sub(lambda match: PHASE_SHORT[match.group(0)], sentence))


def _target(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return DASH
    return f"{number(high)} %" if low == high else f"{number(low)}{DASH}{number(high)} %"


def _next_meeting(run: "Run") -> str:
    market, call = run.market, run.regime
    if market is None or market.next_meeting is None:
        return DASH
    when = f"{day(market.next_meeting)}{' with projections' if market.projections else ''}"
    priced = [meeting for meeting in run.fed_path.answered[:1] if meeting.date == market.next_meeting]
    moves = run.fed_path.moves_at(priced[0]) if priced else None
    model = call.next_meeting_model or call.next_meeting
    spoken = (
        f"{meeting_odds(*moves)} (futures)" if moves else "",
        f"model {meeting_odds(model.down, model.none, model.up)}" if model else "",
    )
    return f"{when}: {'; '.join(part for part in spoken if part)}"


def _relative(run: "Run") -> str:
    if run.market is None:
        return DASH
    returns = run.market.small_minus_large_percent
    spans = (("1 month", returns.m1), ("3", returns.m3), ("12", returns.m12))
    if all(value is None for _, value in spans):
        return f"not known: no price of {run.portfolio.small} or {run.portfolio.large}"
    return ", ".join(f"{name} {signed(value)}{' %' if value is not None else ''}" for name, value in spans)


def _spread(spread: float | None, percentile: float | None) -> str:
    if spread is None:
        return DASH
    return f"{number(spread)} %{_spread_rank(percentile)}"


def _spread_rank(percentile: float | None) -> str:
    if percentile is None:
        return ""
    if percentile < HALF_PERCENT:
        return ", among the narrowest of ten years"
    if percentile >= 1 - HALF_PERCENT:
        return ", among the widest of ten years"
    return f", wider than {percent(percentile, 0)} of ten years"


def claim_number(finding: "Finding") -> str:
    """The number of a finding with its unit and its interval (or p)."""
    if finding.interval is None:
        return f"{number(finding.number)} {finding.unit}, {p_value(finding.p)}"
    low, high = finding.interval
    return f"{number(finding.number)} {finding.unit} ({number(low)} to {number(high)})"
