"""The daily call: look at the path, ask the model, decide which phase is in force, and say why."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regime.analogues import analogues
from regime.dating import EPSILON, MATERIAL, THETA, Chronology, date_cycle
from regime.explain import reasons, sentences
from regime.features import DAYS_PER_MONTH, Rows, rows
from regime.hysteresis import announced
from regime.models import named
from regime.models.model import Model
from regime.models.structural_hazard import LOWER_BOUND, MARKET, market_features
from regime.open_phases import against, open_phases
from regime.phase import PHASES, Phase
from regime.regime_call import NextMeeting, RegimeCall
from regime.settings import RegimeSettings
from regime.transitions import fit_next_meeting, next_meeting, transitions
from regime.walk_forward import Learned, at_moment, learned, past
from signals.asof import AsOf
from signals.calendars import day_of, meetings
from signals.derived.policy_rate import target_path
from signals.errors import NoAdvice
from signals.fedpath.next_meeting import market_odds
from signals.fedpath.path import fed_path

DOUBT = 0.25  # a second phase at least this likely is said plainly
FIRST_MEETING = dt.date(1994, 1, 1)  # no meeting calendar before


@dataclass(frozen=True, slots=True)
class Path:
    """The decisions known at a moment, dated.

    Attributes
    ----------
    days, target : ndarray, shape (n,)
        Decision days and the target after each, percent.
    chronology : Chronology
    last : int
        Place of the last material move.
    """

    days: np.ndarray
    target: np.ndarray
    chronology: Chronology
    last: int

    @property
    def moved(self) -> dt.date:
        """Day of the last material move."""
        return self.days[self.last].item()

    @property
    def move_bp(self) -> float:
        """Size of the last material move, basis points."""
        return float(100 * (self.target[self.last] - self.target[self.last - 1]))


def call_regime(view: AsOf, settings: RegimeSettings) -> RegimeCall:
    """Say what is believed about the rate cycle at the view's moment.

    Raises
    ------
    NoAdvice
        Where the target path is not known, or no model was ever valid.
    """
    return view.remember(("regime call", settings), lambda: _call(view, settings))


def _call(view: AsOf, settings: RegimeSettings) -> RegimeCall:
    path = known_path(view)
    model = named(settings.model)
    spoken = learned(view, model)
    at_fit = view.at(spoken.moment)
    then = past(at_fit)
    now = rows(view, [view.moment])
    chance = at_moment(view, model)
    code, since_announced = announced(view, model, moved=path.moved, cost=settings.false_switch_cost)
    hazard = at_fit.remember("next meeting hazard", lambda: fit_next_meeting(then))
    phase = PHASES[code]
    return RegimeCall(
        phase=phase,
        probabilities=_by_phase(chance),
        ahead_3m=_by_phase(chance @ at_fit.remember("regime transitions", lambda: transitions(then))),
        next_meeting=NextMeeting(_odds(next_meeting(hazard, now)[0]), _market(view)),
        since=_since(path, phase),
        confirmed=path.chronology.confirmed,
        attributes=_attributes(path, now, announced_on=since_announced),
        because=sentences(reasons(spoken.fitted, then, now, code)),
        ambiguity=_ambiguity(path, now, chance),
        analogues=analogues(view, then, now, path.chronology),
        model=model.name,
        degraded=_degraded(spoken, model, now),
    )


def _market(view: AsOf) -> Mapping[str, float] | None:
    """What futures say of the next decision; None where its meeting is refused."""
    bp = fed_path(view).bp.next
    return None if bp is None else _odds(market_odds(np.array([bp]))[0])


def _odds(chance: np.ndarray) -> dict[str, float]:
    down, none, up = chance.tolist()
    return {"up": up, "none": none, "down": down}


def _degraded(spoken: Learned, model: Model, now: Rows) -> str:
    """Why the call is less than it could be: older parameters, or no market yields."""
    blind = model.market and not np.isfinite(market_features(now, MARKET)).all()
    unseen = "the 1- and 2-year yields are not known: the call uses the policy path alone" if blind else ""
    return "; ".join(part for part in (spoken.degraded, unseen) if part)


def known_path(view: AsOf) -> Path:
    """Decisions known at the view's moment, dated; `NoAdvice` where no leg is confirmed yet."""
    days, target = target_path(view)
    chronology = date_cycle(days, target)
    if not chronology.phases:
        raise NoAdvice(
            f"{days.size} target decisions are known at {day_of(view.moment)}: no phase can be dated.",
            remedy="Check the series fomc:target with `captilt data status`.",
        )
    material = np.flatnonzero(np.abs(np.diff(target, prepend=target[0])) >= MATERIAL - EPSILON)
    return Path(days, target, chronology, int(material[-1]))


def _by_phase(chance: np.ndarray) -> dict[Phase, float]:
    return dict(zip(PHASES, (chance / chance.sum()).tolist(), strict=True))


def _since(path: Path, phase: Phase) -> dt.date:
    """First day of the phase in force, as dated now."""
    newest, candidate = path.chronology.phases[-1], path.chronology.candidate
    if candidate is not None and candidate.phase is phase:
        return candidate.first_move
    if newest.phase is phase or newest.last_move is None:
        return newest.first_move
    return newest.last_move + dt.timedelta(days=1)


def _attributes(path: Path, now: Rows, *, announced_on: dt.date) -> dict[str, object]:
    return {
        "zlb": bool(path.target[-1] <= LOWER_BOUND + EPSILON),
        "pace_bp_6m": round(100 * float(now["change_6m"][0]), 4),
        "months_since_move": round(float(now["since"][0]), 2),
        "meetings_since_move": int(now["meetings"][0]) if path.moved >= FIRST_MEETING else None,
        "intermeeting": _between_meetings(path.moved),
        "target_percent": float(path.target[-1]),
        "last_move_date": path.moved.isoformat(),
        "last_move_bp": path.move_bp,
        "announced_on": announced_on.isoformat(),
    }


def _between_meetings(day: dt.date) -> bool | None:
    """Whether the move came outside a scheduled meeting; None before there is a calendar."""
    if day < FIRST_MEETING:
        return None
    return not any(meeting.date == day and meeting.scheduled for meeting in meetings())


def _ambiguity(path: Path, now: Rows, chance: np.ndarray) -> str:
    """Where two readings are open, both are said."""
    moving, hold = (PHASES[int(codes[0])] for codes in open_phases(now))
    both = min(chance[PHASES.index(moving)], chance[PHASES.index(hold)]) >= DOUBT
    candidate = path.chronology.candidate
    if against(now)[0] and candidate is not None:
        return _reversal(path, hold)
    if not both:
        return ""
    kind = "hikes" if moving is Phase.HIKE else "cuts"
    months = float(now["since"][0])
    since = f"{months:.1f} months" if months >= 1 else f"{round(DAYS_PER_MONTH * months)} days"
    return (
        f"The {kind} may be over: none for {since}. The model gives {moving.value} "
        f"{100 * chance[PHASES.index(moving)]:.0f} % and {hold.value} {100 * chance[PHASES.index(hold)]:.0f} %; "
        f"a further move of {100 * MATERIAL:g} bp or more in the same direction would say it goes on."
    )


def _reversal(path: Path, hold: Phase) -> str:
    """First move against the leg that has not cumulated theta."""
    newest, candidate = path.chronology.phases[-1], path.chronology.candidate
    if candidate is None:
        return ""
    up = candidate.direction > 0
    moved, cycle = ("hike", "cutting") if up else ("cut", "hiking")
    size = 100 * abs(candidate.to_target - candidate.from_target)
    needed = newest.to_target + candidate.direction * THETA
    steps = np.count_nonzero(path.days >= np.datetime64(candidate.first_move, "D"))
    count = f"A single {moved}" if steps == 1 else f"{steps} moves, net a {moved}"
    return (
        f"{count} of {size:g} bp ({candidate.first_move}) reverses a {cycle} cycle whose last move was "
        f"{newest.last_move}: either {candidate.phase.value} has begun, or it is still {hold.value}. "
        f"It is confirmed at a target of {needed:g} % or {'more' if up else 'less'}."
    )
