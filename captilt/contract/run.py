"""A decision as the run JSON of the contract; every face is drawn from this and from nothing else."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from allocator.evidence import specification
from allocator.track_record import inputs
from captilt.terminal.console import SCHEMA, plain
from regime.phase import PHASES
from signals.asof import AsOf
from signals.calendars import NEW_YORK, day_of
from signals.catalog import BY_NAME
from signals.fedpath.path import fed_path, to_json
from signals.signal import Gap, Reading

if TYPE_CHECKING:
    from allocator.decide import Decision
    from captilt.config.settings import Settings
    from regime.regime_call import RegimeCall
    from signals.health.health import Health

DIGITS = 10  # decimals kept: far below anything said, far above the noise of another processor


def present(
    view: AsOf,
    decision: "Decision",
    settings: "Settings",
    *,
    mode: str,
    study: bool,
    notices: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The run JSON, without the fields in which two runs of a day may differ.

    Parameters
    ----------
    view : AsOf
        The world of the decision.
    decision : Decision
    settings : Settings
    mode : str
        Where the data came from.
    study : bool
    notices : tuple of str
        Said in the first lines of every face.
    """
    payload = {
        "schema": SCHEMA,
        "as_of": day_of(view.moment),
        "cut": view.moment.astimezone(NEW_YORK),
        "method": specification().method,
        "specification": specification().sha256,
        "study": study,
        "notices": list(notices),
        "portfolio": {"small": settings.portfolio.small, "large": settings.portfolio.large},
        "prices": prices(view, settings),
        "data": data(view, decision.health, mode, inputs(settings.judgement)),
        "regime": regime(decision.call),
        "fed_path": to_json(fed_path(view)),
        "signals": [signal(name, answer, decision) for name, answer in decision.answers.items()],
        "recommendation": recommendation(decision),
        "risk": {
            "sigma_annual_percent": None if decision.opinion is None else decision.opinion.sigma_annual_percent,
            "relative_beta": decision.relative_beta,
        },
        "evidence": evidence(decision),
    }
    return rounded(plain(payload))


def prices(view: AsOf, settings: "Settings") -> dict[str, float]:
    """Last close known of the pair, money a share, so that a trade can be said in shares; absent where none is."""
    closes = {
        ticker: view.latest(f"yahoo:{ticker}:close").value
        for ticker in (settings.portfolio.small, settings.portfolio.large)
    }
    return {ticker: float(seen[-1]) for ticker, seen in closes.items() if seen.size}


def data(view: AsOf, health: "Health", mode: str, advised_from: Iterable[str]) -> dict[str, Any]:
    """The rung of the data and what is missing."""
    newest = [
        held.period[-1]
        for name in advised_from
        if not name.startswith("fomc:") and (held := view.latest(name)).period.size
    ]
    return {
        "mode": mode,
        "newest": max(newest).item() if newest else None,
        "status": health.status,
        "confidence": health.confidence,
        "reason_codes": list(health.reason_codes),
        "gaps": [{"series": gap.series or gap.name, "reason": gap.reason} for gap in health.gaps],
    }


def regime(call: "RegimeCall") -> dict[str, Any]:
    """The call of the rate cycle."""
    return {
        "phase": call.phase,
        "probabilities": {phase.value: call.probabilities[phase] for phase in PHASES},
        "ahead_3m": {phase.value: call.ahead_3m[phase] for phase in PHASES},
        "next_meeting": call.next_meeting.odds,
        "next_meeting_source": call.next_meeting.source,
        "next_meeting_model": call.next_meeting.model,
        "next_meeting_market": call.next_meeting.market,
        "since": call.since,
        "confirmed": call.confirmed,
        "attributes": call.attributes,
        "because": call.because,
        "ambiguity": call.ambiguity,
        "model": call.model,
        "degraded": call.degraded,
        "analogues": [
            {
                "date": item.date,
                "phase": item.phase,
                "distance": item.distance,
                "small_minus_large_12m_percent": item.small_minus_large_12m_percent,
                "note": item.note,
            }
            for item in call.analogues
        ],
    }


def signal(name: str, answer: Reading | Gap, decision: "Decision") -> dict[str, Any]:
    """One signal: a reading, or the reason why there is none."""
    asked = BY_NAME[name]
    core = {
        "name": name,
        "family": asked.family,
        "unit": asked.unit,
        "contribution_points": decision.contributions.get(name, 0.0),
    }
    if isinstance(answer, Gap):
        none = {"score": None, "raw": None, "known_at": None, "period": None}
        return {**core, **none, "status": answer.code, "note": answer.reason}
    return {
        **core,
        "score": answer.score,
        "raw": answer.raw,
        "known_at": answer.known_at.astimezone(NEW_YORK),
        "period": answer.period,
        "status": "ok",
        "note": answer.note,
    }


def recommendation(decision: "Decision") -> dict[str, Any]:
    """The recommendation, with what it would take to change it."""
    advice = decision.recommendation
    pair = decision.pair_flip
    return {
        "stance": advice.stance,
        "action": advice.action,
        "active_weight_points": advice.active_weight_points,
        "policy_weight": advice.policy_weight,
        "target_weight": advice.target_weight,
        "held_weight": advice.held_weight,
        "trade_points": advice.trade_points,
        "forecast_annual_percent": advice.forecast_annual_percent,
        "forecast_sd_percent": advice.forecast_sd_percent,
        "probability_outperform": advice.probability_outperform,
        "attribution": [{"line": line.line, "points": line.points} for line in advice.attribution],
        "valid_until": advice.valid_until.astimezone(NEW_YORK),
        "next_review": advice.next_review,
        "because": advice.because,
        "despite": advice.despite,
        "flip": [
            {"input": flip.input, "now": flip.now, "flips_at": flip.flips_at, "to": flip.to, "unit": flip.unit}
            for flip in advice.flip
        ],
        "pair_flip": None if pair is None else {"inputs": [pair[0], pair[1]], "sd_each": pair[2], "to": pair[3]},
        "reason_code": advice.reason_code,
        "band_points": decision.band_points,
        "wanted_points": decision.wanted_points,
        "sigma_annual_percent": None if decision.opinion is None else decision.opinion.sigma_annual_percent,
    }


def evidence(decision: "Decision") -> dict[str, Any]:
    """The verdict by rule and the multiplier on the tilt, with the numbers behind them."""
    verdict, factor = decision.evidence.verdict, decision.evidence.multiplier
    return {
        "verdict": verdict.answer,
        "reasons": verdict.reasons,
        "multiplier": factor.value,
        "dsr": factor.dsr,
        "psr": factor.psr,
        "ir": factor.ir,
        "months": factor.months,
        "trials": factor.trials,
        "as_of": factor.as_of,
    }


def rounded(value: Any) -> Any:
    """Floats to ten decimals, everywhere; minus zero is zero."""
    if isinstance(value, Mapping):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, DIGITS) + 0.0 if isinstance(value, float) else value
