"""The run: one day's answer, as recorded in the ledger and as every screen, page, mail and report shows it.

`run_record` builds it from a decision; `read_run` reads it back from the ledger, old entries included.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from allocator.evidence import specification
from allocator.market_flip import PACE
from allocator.recommendation import Action, Stance
from allocator.returns import OLDEST_PRICE, growth_of
from allocator.size_pairs import small_leg_name
from allocator.track_record import inputs
from captilt.contract.agenda import CalendarEvent, calendar_of
from captilt.contract.fedpath import FedPath, fed_path_record
from captilt.contract.market import Market, market_record
from captilt.contract.process_power import ProcessPower, table_for
from captilt.contract.record import SCHEMA, Answer, fill, from_json, rounded, to_json
from captilt.contract.regime import Regime, RegimeOn, regime_record
from signals.asof import AsOf
from signals.calendars import NEW_YORK, day_of, session_count
from signals.errors import CheckFailed
from signals.fedpath.path import fed_path
from signals.fedpath.yield_outlook import outlook
from signals.signal import Gap, Reading

if TYPE_CHECKING:
    import pandas as pd

    from allocator.decision import Decision
    from allocator.evidence import Multiplier, Trials
    from allocator.evidence import Power as TestPower
    from allocator.recommendation import NextDecision as Meeting
    from allocator.settings import Judgement, PortfolioSettings
    from regime.settings import RegimeSettings
    from signals.health.health import Health

Rung = Literal["OK", "DEGRADED", "STALE", "HOLD"]
Verdict = Literal["no reliable edge", "edge supported", "not evaluated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Tickers of the pair, and what sentences call its small leg.

    Attributes
    ----------
    small_exists : bool
        False where no price of the small fund is held: SMB stands in for it.
    """

    small: str
    large: str
    name: str = "US small caps"
    small_exists: bool = True

    @property
    def small_name(self) -> str:
        """What an order on that day would be in."""
        return self.small if self.small_exists else f"SMB (no price of {self.small})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """The run of the same session that this one supersedes, and why."""

    run_id: str
    recorded_at: dt.datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataGap:
    """A series that is missing, late or wrong, and what is wrong with it."""

    series: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Health of the data behind the advice.

    Attributes
    ----------
    mode : str
        api | keyless | offline | sample.
    newest : datetime.date or None
        Newest observation that the advice was worked out from.
    status : str
        OK | DEGRADED | STALE | HOLD.
    confidence : float
        0 to 1.
    """

    mode: str
    newest: dt.date | None = None
    status: Rung
    confidence: float
    reason_codes: tuple[str, ...] = ()
    gaps: tuple[DataGap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal: a reading, or the reason why there is none.

    Attributes
    ----------
    score : float or None
        Standard deviations of its own past; positive favours small caps.
    raw : float or None
        The value that a person knows, in `unit`.
    known_at : datetime.datetime or None
    period : datetime.date or None
    status : str
        ok, or the code of the gap.
    note : str
        A remark, or the reason of the gap.
    contribution_points : float
    """

    name: str
    family: str
    unit: str
    contribution_points: float = 0.0
    score: float | None = None
    raw: float | None = None
    known_at: dt.datetime | None = None
    period: dt.date | None = None
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the attribution, or of what changed, in percentage points of the portfolio."""

    line: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """Value of one input at which the stance would change, the rest held; None where no value does.

    Attributes
    ----------
    sd_away : float or None
        Standard deviations from `now` to `flips_at`; None for a probability, or where nothing flips.
    knife_edge : bool
        True where that is less than a tenth of one.
    raw_name, raw_unit : str
        What the input is called in the market, and its unit there; empty where it has no such value.
    raw_now, raw_flips_at : float or None
        `now` and `flips_at` as that value.
    """

    input: str
    now: float
    flips_at: float | None
    to: str
    unit: str = ""
    sd_away: float | None = None
    knife_edge: bool = False
    raw_name: str = ""
    raw_unit: str = ""
    raw_now: float | None = None
    raw_flips_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionOutcome:
    """What one outcome of the Fed's next decision would make of the view, all else as it is.

    Attributes
    ----------
    move_bp : int
        Change of the target; 0 for none.
    raw, score : float
        Of `policy_change` on the evening of that day: percentage points over twelve months, standard deviations.
    view_points : float
        Points of the portfolio, against policy.
    """

    move_bp: int
    raw: float
    score: float
    view_points: float
    stance: Stance


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDecision:
    """The Fed's next scheduled decision, and the view after each of its outcomes, from cut to hike."""

    date: dt.date
    outcomes: tuple[DecisionOutcome, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFlip:
    """Two inputs that change the stance together, each by so many standard deviations."""

    inputs: tuple[str, str]
    sd_each: float
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCycle:
    """Both parts of the rate cycle in the raw wish, in points: its phases, the pace of the policy rate, their sum."""

    phases_points: float
    pace_points: float
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """How much more or less than the policy weight to hold (see `allocator.recommendation`).

    Attributes
    ----------
    stance : str
        overweight | neutral | underweight.
    action : str
        trade | hold.
    active_weight_points, trade_points, band_points, wanted_points : float
        Percentage points of the portfolio.
    view_points : float or None
        What the engine would hold against policy with nothing in hand; None where there is no new advice, and in
        entries of method 1.
    policy_weight, target_weight, held_weight : float
        0 to 1.
    step_from_weight : float or None
        Weight at the previous month's last session, from which the largest step counts, 0 to 1.
    forecast_annual_percent, forecast_sd_percent : float or None
        Small minus large, before any multiplier; sd of the mean.
    probability_outperform : float or None
        Over twelve months.
    attribution : tuple of Line
        They sum to `active_weight_points`.
    """

    stance: Stance
    action: Action
    active_weight_points: float
    policy_weight: float
    target_weight: float
    held_weight: float
    trade_points: float
    forecast_annual_percent: float | None = None
    forecast_sd_percent: float | None = None
    probability_outperform: float | None = None
    attribution: tuple[Line, ...]
    valid_until: dt.datetime
    next_review: dt.date
    view_points: float | None = None
    because: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
    flip: tuple[Flip, ...] = ()
    pair_flip: PairFlip | None = None
    next_decision: NextDecision | None = None
    reason_code: str = "MODEL"
    band_points: float | None = None
    wanted_points: float | None = None
    sigma_annual_percent: float | None = None
    step_from_weight: float | None = None
    rate_cycle: RateCycle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The holdings file whose weight was held: enough to know it again, nothing of its content.

    Attributes
    ----------
    name : str
        Of the file, or of the book in the settings.
    shape : str
        Adapter that read it.
    sha256 : str
        Of the file.
    total : float
        Money.
    small_weight, step_from_weight : float
        0 to 1; the weight held, and the one from which the month's largest step counts.
    unread_share : float or None
        Share of the value that is not understood, 0 to 1.
    """

    name: str
    shape: str
    sha256: str
    total: float
    small_weight: float
    unread_share: float | None = None
    step_from_weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """Volatility of small minus large (percent a year), and its beta to the large fund."""

    sigma_annual_percent: float | None = None
    relative_beta: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceToPass:
    """Chance that a true information ratio would have passed by now, and the years until four in five would."""

    ir: float
    chance: float
    years: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What the deflated Sharpe ratio could have seen by now (see `allocator.evidence.power`)."""

    needed_ir: float
    false_alarm: float
    rows: tuple[ChanceToPass, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The multiplier on the wish with its record, and the verdict, which scales nothing.

    Attributes
    ----------
    record : str
        Name of the record that is judged, with its pair.
    first, last : datetime.date or None
        Its decisions; `months` of them.
    multiplier, data_weight : float
        0 to 1: the share of the wish that is kept, and the weight of the record in it.
    share_come_true, share_se : float or None
        Of each point forecast, how much came true, over `share_months` forecasts.
    trials : float or None
        Effective tries judged on returns, N of the deflated Sharpe ratio.
    haircut_t : float or None
        `t` after the correction for the tries.
    unfit : str or None
        Why a deflated Sharpe ratio cannot judge the record.
    process_power : ProcessPower or None
        How often this verdict would see an edge, by resampling the whole process, where the shipped table was made
        under these settings and from facts that were known.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    record: str = ""
    first: Annotated[dt.date | None, Field(alias="from")] = None
    last: Annotated[dt.date | None, Field(alias="to")] = None
    multiplier: float
    multiplier_not_evaluated: bool = False
    share_come_true: float | None = None
    share_se: float | None = None
    share_months: int | None = None
    data_weight: float | None = None
    dsr: float | None = None
    psr: float | None = None
    ir: float | None = None
    t: float | None = None
    haircut_t: float | None = None
    months: int | None = None
    trials: float | None = None
    trials_on_returns: int | None = None
    trials_on_log_score: int | None = None
    unfit: str | None = None
    power: Power | None = None
    process_power: ProcessPower | None = None
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed since the recorded run before; `since` is None on the first run."""

    since: dt.date | None = None
    total_points: float | None = None
    lines: tuple[Line, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How statements of one kind have scored so far (see `allocator.outcomes.scoreboard`)."""

    kind: str
    words: str
    n: int
    log_score: float | None = None
    brier: float | None = None
    know_nothing: float | None = None
    hit_rate: float
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """Net active return of one paper portfolio since the first run, percent; `ir` where there is a year."""

    name: str
    net_percent: float
    ir: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """How the recorded advice has fared: days recorded, scores of what was stated, paper portfolios."""

    runs: int
    scores: tuple[Score, ...] = ()
    race: tuple[Earned, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a registered rule states beside the method (see `allocator.challengers`); points against policy."""

    name: str
    view_points: float
    active_weight_points: float
    multiplier: float
    sigma_annual_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Answer):
    """One day's answer: everything that people are shown is drawn from this record.

    Attributes
    ----------
    as_of : datetime.date
        The trading day.
    cut : datetime.datetime
        Nothing learned later is used.
    method : int
    specification : str
        SHA-256 of the registered specification.
    study : bool
        Of a past day: not recorded, not sent.
    notices : tuple of str
        Sentences for the first lines.
    prices : mapping of str to float
        Last close of the pair, money a share.
    market : Market or None
        None in entries before this field.
    events : tuple of str
        Decisions and releases since the cut before.
    calendar : tuple of CalendarEvent
        What is known to come and can change the call; late releases first.
    run_id, recorded_at, timings
        All that two runs of one day may differ in; timings in seconds.
    inputs : str or None
        Name of the archived inputs.
    book : Book or None
        The holdings file whose weight was held; None where it came from a decision, a setting or policy.
    replaces : Replaced or None
        Where the session was recorded before, on less of the data.
    regime_now : RegimeOn or None
        With the packaged sample: today's call as far as the decisions go.
    """

    schema: int = SCHEMA
    as_of: dt.date
    cut: dt.datetime
    method: int
    specification: str = ""
    study: bool
    notices: tuple[str, ...] = ()
    portfolio: Portfolio
    prices: Mapping[str, float] = field(default_factory=dict)
    market: Market | None = None
    data: Data
    regime: Regime
    fed_path: FedPath
    signals: tuple[Signal, ...] = ()
    recommendation: Recommendation
    risk: Risk = Risk()
    evidence: Evidence
    challengers: tuple[Statement, ...] = ()
    events: tuple[str, ...] = ()
    calendar: tuple[CalendarEvent, ...] = ()
    change: Change = Change()
    track_record: TrackRecord | None = None
    run_id: str = ""
    recorded_at: dt.datetime | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    inputs: str | None = None
    book: Book | None = None
    replaces: Replaced | None = None
    regime_now: RegimeOn | None = None

    def to_summary(self) -> "pd.DataFrame":
        """View, position and action with the lines that make them, in points of the portfolio."""
        import pandas as pd

        advice, small = self.recommendation, self.portfolio.small
        position = 100 * (advice.held_weight - advice.policy_weight)
        rows = [
            (f"view: {advice.stance}", advice.view_points),
            (f"position: {100 * advice.held_weight:.1f} % in {small}", position),
            (f"action: {advice.action}", advice.trade_points),
            (f"evidence: {self.evidence.verdict}", None),
            *((f"of the weight: {line.line}", line.points) for line in advice.attribution if line.points),
        ]
        return pd.DataFrame(rows, columns=["", "points"])


def read_run(payload: Mapping[str, Any]) -> Run:
    """The run of a ledger entry, of this version or of an older one.

    Raises
    ------
    CheckFailed
        Where the entry lacks a field of the core, or a value does not fit its type.
    """
    from pydantic import ValidationError

    try:
        return from_json(Run, payload)
    except ValidationError as fault:
        first = fault.errors()[0]
        field_name = ".".join(str(part) for part in first["loc"])
        raise CheckFailed(
            f"the run of {payload.get('as_of', 'an unknown day')} cannot be read: {field_name}: {first['msg']}.",
            remedy="Run `captilt ledger verify`; if it finds nothing, a newer version wrote this entry.",
        ) from None


def run_json(run: Run) -> dict[str, Any]:
    """The JSON of a run: floats to ten decimals, so that another processor writes the same bytes."""
    return rounded(to_json(run))


def as_recorded(run: Run) -> Run:
    """`run` as it is read back from the ledger: with numbers as they are written there."""
    return read_run(run_json(run))


def run_record(
    view: AsOf,
    decision: "Decision",
    portfolio: "PortfolioSettings",
    judgement: "Judgement",
    *,
    mode: str,
    regime: "RegimeSettings",
    study: bool,
    notices: tuple[str, ...] = (),
) -> Run:
    """The record of a decision, without what the ledger and the clock add to it.

    Parameters
    ----------
    view : AsOf
        What was known at the decision.
    decision : Decision
    portfolio : PortfolioSettings
    judgement : Judgement
    regime : RegimeSettings
    mode : str
        Where the data came from: api | keyless | offline | sample.
    study : bool
    notices : tuple of str
        Sentences for the first lines of every screen.
    """
    today, trials = day_of(view.moment), decision.evidence.sharpe.trials.count
    simulated, _ = table_for(judgement, regime, trials=trials, on=today)
    return Run(
        as_of=today,
        cut=view.moment.astimezone(NEW_YORK),
        method=judgement.method,
        specification=specification().sha256,
        study=study,
        notices=notices,
        portfolio=Portfolio(
            small=portfolio.small,
            large=portfolio.large,
            name=small_leg_name(portfolio.small, portfolio.large),
            small_exists=growth_of(view, portfolio.small).day.size > 0,
        ),
        prices=_prices(view, portfolio),
        market=market_record(view, portfolio),
        data=_data(view, decision.health, mode, inputs(judgement)),
        regime=regime_record(decision.call),
        fed_path=_fed_path(view),
        signals=tuple(_signal(name, answer, decision) for name, answer in decision.answers.items()),
        recommendation=_recommendation(decision),
        risk=Risk(sigma_annual_percent=_sigma(decision), relative_beta=decision.relative_beta),
        evidence=replace(_evidence(decision), process_power=simulated),
        calendar=calendar_of(view, decision.contributions),
    )


def governed_json(decision: "Decision") -> dict[str, Any]:
    """The parts of the run JSON that the method alone decides, for a day computed again under an earlier one."""
    parts = {
        "recommendation": to_json(_recommendation(decision)),
        "evidence": to_json(_evidence(decision)),
        "regime": to_json(regime_record(decision.call)),
        "data": {"status": decision.health.status, "confidence": decision.health.confidence},
    }
    return rounded(parts)


def _fed_path(view: AsOf) -> FedPath:
    """The path from futures; where they do not answer, what yields say stands beside the reason."""
    path = fed_path(view)
    return fed_path_record(path, None if path.status == "ok" else outlook(view, path))


def _prices(view: AsOf, portfolio: "PortfolioSettings") -> dict[str, float]:
    """Last close known of the pair, money a share; absent where none is known or it is older than five sessions."""
    closes = {ticker: view.latest(f"yahoo:{ticker}:close") for ticker in (portfolio.small, portfolio.large)}
    today = day_of(view.moment)
    return {
        ticker: float(close.value[-1])
        for ticker, close in closes.items()
        if close.period.size and session_count(close.period[-1].astype(dt.date), today) <= OLDEST_PRICE
    }


def _data(view: AsOf, health: "Health", mode: str, advised_from: Iterable[str]) -> Data:
    newest = [
        history.period[-1]
        for name in advised_from
        if not name.startswith("fomc:") and (history := view.latest(name)).period.size
    ]
    gaps = tuple(DataGap(series=gap.series or gap.name, reason=gap.reason) for gap in health.gaps)
    return fill(Data, health, mode=mode, newest=max(newest).item() if newest else None, gaps=gaps)


def _signal(name: str, answer: Reading | Gap, decision: "Decision") -> Signal:
    signal = decision.catalogue[name]
    core = {
        "name": name,
        "family": signal.family,
        "unit": signal.unit,
        "contribution_points": decision.contributions.get(name, 0.0),
    }
    if isinstance(answer, Gap):
        return Signal(**core, status=answer.code, note=answer.reason)
    return fill(Signal, answer, **core, known_at=answer.known_at.astimezone(NEW_YORK), status="ok")


def _recommendation(decision: "Decision") -> Recommendation:
    advice, pair = decision.recommendation, decision.pair_flip
    return fill(
        Recommendation,
        advice,
        attribution=tuple(fill(Line, line) for line in advice.attribution),
        valid_until=advice.valid_until.astimezone(NEW_YORK),
        flip=tuple(fill(Flip, flip) for flip in advice.flip),
        next_decision=advice.next_decision and _next_decision(advice.next_decision),
        pair_flip=pair and PairFlip(inputs=(pair[0], pair[1]), sd_each=pair[2], to=pair[3]),
        band_points=decision.band_points,
        wanted_points=decision.wanted_points,
        sigma_annual_percent=_sigma(decision),
        rate_cycle=_rate_cycle(decision),
    )


def _next_decision(meeting: "Meeting") -> NextDecision:
    return NextDecision(
        date=meeting.date, outcomes=tuple(fill(DecisionOutcome, outcome) for outcome in meeting.outcomes)
    )


def _rate_cycle(decision: "Decision") -> RateCycle | None:
    formed = decision.opinion
    if formed is None:
        return None
    terms = zip(formed.forecast.terms, formed.contributions, strict=True)
    phases = math.fsum(line.points for term, line in terms if term.kind == "regime")
    pace = decision.contributions.get(PACE, 0.0)
    return RateCycle(phases_points=phases, pace_points=pace, points=phases + pace)


def _sigma(decision: "Decision") -> float | None:
    return None if decision.opinion is None else decision.opinion.sigma_annual_percent


def _evidence(decision: "Decision") -> Evidence:
    evidence, test = decision.evidence, decision.evidence.sharpe
    return fill(
        Evidence,
        test,
        verdict=evidence.verdict.answer,
        reasons=evidence.verdict.reasons,
        record=evidence.record,
        first=evidence.first,
        last=evidence.last,
        power=power_record(test.power),
        **tries(test.trials),
        **multiplier_fields(evidence.multiplier),
    )


def multiplier_fields(factor: "Multiplier") -> dict[str, Any]:
    """The multiplier and what led to it, as the fields that the run and the evidence share."""
    share = factor.share
    return {
        "multiplier": factor.value,
        "multiplier_not_evaluated": factor.not_evaluated,
        "share_come_true": share.slope,
        "share_se": share.se,
        "share_months": share.months,
        "data_weight": factor.data_weight,
    }


def tries(counted: "Trials") -> dict[str, Any]:
    """Both registers of trials, as the fields that the run and the evidence share."""
    return {
        "trials": counted.count,
        "trials_on_returns": counted.on_returns,
        "trials_on_log_score": counted.on_log_score,
    }


def power_record(power: "TestPower | None") -> Power | None:
    """The power of the test; None where the record is too short for it."""
    if power is None:
        return None
    rows = zip(power.chance, power.years_to_power, strict=True)
    return fill(
        Power,
        power,
        rows=tuple(ChanceToPass(ir=ir, chance=chance, years=years) for (ir, chance), (_, years) in rows),
    )
