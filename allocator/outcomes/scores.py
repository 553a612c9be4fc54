"""What was said, against what happened: a recorded run is scored when its horizon has passed.

1. ``outperform_12m``: the chance that small beats large over the 252 sessions from the next close.
2. ``direction_1m``: the sign of the forecast over 21 sessions from the next close.
3. ``phase`` and ``phase_3m``: the probabilities of the rate cycle now and in three months, against the
   hindsight label once that label can no longer change.
4. ``meeting``: up, none or down at the next scheduled meeting. ``path``: the target range that futures
   priced for it.

Log scores are in nats, -ln of the probability of what happened (never below 0.001), so lower is better;
the Brier score is in its sum form. Everything is a function of the recorded payload and of a view: what
is known later is compared with what was said then, and nothing said then is recomputed.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from allocator import returns
from allocator.settings import PortfolioSettings
from regime.maturity import labels_known
from regime.phase import PHASES
from signals.asof import AsOf
from signals.calendars import day_of, later_by_months, meetings_known, session_on_or_before, sessions
from signals.derived.policy_rate import target_path

Kind = Literal["outperform_12m", "direction_1m", "phase", "phase_3m", "meeting", "path"]
Run = Mapping[str, Any]
MONTH, YEAR = 21, 252  # sessions
LEAST = 1e-3  # a probability of 0 that came true costs 6.9 nats, not infinity
AHEAD = 3  # months of `ahead_3m`
BP = 100.0  # in a percentage point


@dataclass(frozen=True, slots=True)
class Outcome:
    """One statement of one recorded run, scored.

    Attributes
    ----------
    day : datetime.date
        Of the run.
    kind : str
    ended : datetime.date
        The day on which the statement could be judged.
    forecast : str
        What was thought most likely, with its probability.
    happened : str
    probability : float
        Given to what happened; 0 to 1.
    log_score, brier : float or None
        None for a bare direction, which has no probability.
    hit : bool
        The most likely answer was the right one.
    """

    day: dt.date
    kind: Kind
    ended: dt.date
    forecast: str
    happened: str
    probability: float | None
    log_score: float | None
    brier: float | None
    hit: bool

    def payload(self) -> dict[str, Any]:
        """As the book keeps it (kind ``outcome``)."""
        return {
            "run": self.day.isoformat(),
            "kind": self.kind,
            "ended": self.ended.isoformat(),
            "said": self.forecast,
            "happened": self.happened,
            "probability": self.probability,
            "log_score": self.log_score,
            "brier": self.brier,
            "hit": self.hit,
        }

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> "Outcome":
        """From `payload`."""
        fields = {name: value for name, value in payload.items() if name not in ("run", "ended", "said")}
        day, ended = dt.date.fromisoformat(payload["run"]), dt.date.fromisoformat(payload["ended"])
        return cls(day=day, ended=ended, forecast=payload["said"], **fields)


def scored(runs: Sequence[Run], view: AsOf) -> tuple[Outcome, ...]:
    """Every statement of `runs` whose horizon has passed at the view's moment, oldest first.

    Parameters
    ----------
    runs : sequence of run payloads (the JSON contract)
        Those recorded after the view's moment are left out.
    """
    past = [run for run in runs if day(run) <= day_of(view.moment)]
    if not past:
        return ()
    outcomes = [*_returns(past, view), *_phases(past, view), *_meetings(past, view)]
    return tuple(sorted(outcomes, key=lambda outcome: (outcome.ended, outcome.day, outcome.kind)))


def due(runs: Sequence[Run], recorded: Iterable[Mapping[str, Any]], view: AsOf) -> tuple[Outcome, ...]:
    """What can be scored now and does not stand in the book yet.

    Parameters
    ----------
    recorded : iterable of payloads
        Of the book's `outcome` entries.
    """
    scored_before = {(payload["run"], payload["kind"]) for payload in recorded}
    return tuple(
        outcome for outcome in scored(runs, view) if (outcome.day.isoformat(), outcome.kind) not in scored_before
    )


def day(run: Run) -> dt.date:
    """The trading day of a run."""
    return dt.date.fromisoformat(str(run["as_of"]))


def distribution_score(probabilities: Mapping[str, float], happened: str) -> tuple[float, float, float, str]:
    """Probability of what happened, log score, Brier score (sum form), and the most likely answer.

    >>> distribution_score({"up": 0.1, "none": 0.8, "down": 0.1}, "none")[3]
    'none'
    """
    realised_chance = probabilities.get(happened, 0.0)
    brier = sum((chance - (name == happened)) ** 2 for name, chance in probabilities.items())
    brier += 0.0 if happened in probabilities else 1.0
    top = max(probabilities, key=lambda name: probabilities[name])
    return realised_chance, -math.log(max(realised_chance, LEAST)), brier, top


def _outcome(run: Run, kind: Kind, ended: dt.date, probabilities: Mapping[str, float], happened: str) -> Outcome:
    chance, log_score, brier, top = distribution_score(probabilities, happened)
    forecast = f"{top} {100 * probabilities[top]:.0f} %"
    return Outcome(day(run), kind, ended, forecast, happened, chance, log_score, brier, hit=top == happened)


def _returns(runs: Sequence[Run], view: AsOf) -> list[Outcome]:
    """Small against large over a month and over a year from the close after the run."""
    start = np.searchsorted(sessions(), np.array([day(run) for run in runs], dtype="datetime64[D]"), side="right")
    outcomes = []
    for run, first in zip(runs, start.tolist(), strict=True):
        advice = run["recommendation"]
        forecast, chance = advice.get("forecast_annual_percent"), advice.get("probability_outperform")
        month = _realised(run, view, first, MONTH)
        if forecast is not None and month is not None:
            ended, gap = month
            forecast_side, came = _side(forecast), _side(gap)
            words = f"small {gap:+.1f} % against large"
            outcomes.append(
                Outcome(
                    day(run), "direction_1m", ended, forecast_side, words, None, None, None, hit=forecast_side == came
                )
            )
        year = _realised(run, view, first, YEAR)
        if chance is not None and year is not None:
            ended, gap = year
            odds = {"small ahead": chance, "large ahead": 1 - chance}
            outcomes.append(_outcome(run, "outperform_12m", ended, odds, _side(gap)))
    return outcomes


def _side(value: float) -> str:
    return "small ahead" if value > 0 else "large ahead"


def _realised(run: Run, view: AsOf, first: int, length: int) -> tuple[dt.date, float] | None:
    """Day of the last close and small minus large in percent; None while it is not known."""
    days = sessions()[[first, first + length]]
    ended = days[1].astype(dt.date)
    if ended > day_of(view.moment):
        return None
    pair = PortfolioSettings(small=run["portfolio"]["small"], large=run["portfolio"]["large"])
    gap = float(returns.between(view, pair, days)[0])
    return (ended, gap) if math.isfinite(gap) else None


def _phases(runs: Sequence[Run], view: AsOf) -> list[Outcome]:
    """The rate cycle now and three months on, against labels that can no longer change."""
    today = day_of(view.moment)
    statements = [("phase", "probabilities", run, day(run)) for run in runs]
    statements += [("phase_3m", "ahead_3m", run, _months_on(day(run), AHEAD)) for run in runs]
    statements = [
        statement for statement in statements if statement[3] <= today and statement[2]["regime"].get(statement[1])
    ]
    if not statements:
        return []
    days, target = target_path(view)
    when = np.array([statement[3] for statement in statements], dtype="datetime64[D]")
    labels = labels_known(days, target, label_days=when, today=np.datetime64(today, "D"))
    return [
        _outcome(run, kind, at, run["regime"][field], PHASES[code].value)  # type: ignore[arg-type]
        for (kind, field, run, at), code, mature in zip(statements, labels.code, labels.mature, strict=True)
        if mature
    ]


def _months_on(start: dt.date, months: int) -> dt.date:
    """The last session up to the same day some months later (the month's last day where it has no such day)."""
    return session_on_or_before(later_by_months(start, months))


def _meetings(runs: Sequence[Run], view: AsOf) -> list[Outcome]:
    """The next scheduled meeting: the call of the model, and the range that futures priced."""
    decided = [m.date for m in meetings_known(view.moment) if m.scheduled and m.announced <= view.moment]
    days, target = target_path(view)
    outcomes = []
    for run in runs:
        ahead = next((date for date in decided if date > day(run)), None)
        if ahead is None:
            continue
        level = float(target[np.searchsorted(days, np.datetime64(ahead, "D"), side="right") - 1])
        before = float(target[np.searchsorted(days, np.datetime64(ahead, "D"), side="left") - 1])
        odds = run["regime"].get("next_meeting")
        if odds:
            moved = "none" if level == before else ("up" if level > before else "down")
            outcomes.append(_outcome(run, "meeting", ahead, odds, moved))
        priced = _priced(run, ahead)
        if priced:
            outcomes.append(_outcome(run, "path", ahead, priced, f"{BP * level:g} bp"))
    return outcomes


def _priced(run: Run, ahead: dt.date) -> dict[str, float]:
    """Probability by upper bound of the range that futures priced for a meeting; empty where there is none."""
    for row in (run.get("fed_path") or {}).get("meetings", ()):
        if row["date"] == ahead.isoformat() and row["status"] == "ok":
            return {f"{bucket['upper_bp']:g} bp": bucket["probability"] for bucket in row["probabilities"]}
    return {}
