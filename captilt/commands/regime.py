"""`captilt regime`: today's call of the rate cycle, its chronology, and the league of models."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from captilt.context import Common, Desk

if TYPE_CHECKING:
    from regime.settings import RegimeSettings
    from signals.asof import AsOf

WORKERS = 2  # processes of the league; more would only wait for the slowest model


def regime(*, common: Common = Common()) -> None:
    """Print the phase in force, how sure that is, and why."""
    from captilt.contract.run import regime as regime_json
    from captilt.terminal import console
    from captilt.terminal.regime import call_face
    from regime.regime_call import call

    desk = Desk.open(common)
    moment = desk.moment(common)
    view = desk.store.as_of(moment)
    found = call(view, desk.settings.regime)
    scored = record(view, desk.settings.regime)
    if common.json:
        console.print_json({"as_of": moment.date(), "cut": moment, **regime_json(found), "record": scored})
        return
    console.console().print(*call_face(found, moment, scored), sep="\n")


def record(view: "AsOf", settings: "RegimeSettings") -> dict[str, Any] | None:
    """How the model has scored so far, on months whose label is final; None where there are none yet."""
    import numpy as np

    from regime.evaluation.meeting_score import meeting_record
    from regime.evaluation.scores import log_losses
    from regime.evaluation.window import season
    from regime.open_phases import over_phases
    from regime.walk_forward import probabilities, rows
    from signals.calendars import FIRST_RECORD, cut, day_of
    from signals.errors import UsageError

    try:
        which = season(view, FIRST_RECORD, day_of(view.moment))
    except UsageError:
        return None
    moments = [cut(day) for day in which.months]
    losses = log_losses(probabilities(view, moments, settings), which.month_truth)
    even = over_phases(rows(view, moments), np.full(len(moments), 0.5))
    early, eves = which.early, meeting_record(view)
    return {
        "from": which.months[0],
        "to": which.months[-1],
        "n": len(which.months),
        "log_score": float(losses.mean()),
        "log_score_early": float(losses[early].mean()) if early.any() else float("nan"),
        "log_score_late": float(losses[~early].mean()) if (~early).any() else float("nan"),
        "coin_toss": float(log_losses(even, which.month_truth).mean()),
        "next_meeting": {
            "n": eves.n,
            "from": eves.first,
            "to": eves.last,
            "market_log_score": eves.market,
            "model_log_score": eves.model,
        },
    }


def chronology(*, common: Common = Common()) -> None:
    """Print the hindsight table of hiking and easing phases on decision days."""
    from captilt.terminal import console
    from captilt.terminal.regime import THETAS, chronology_face, chronology_json
    from regime.dating import date_cycle
    from regime.pre_1982 import peaks
    from signals.derived.policy_rate import target_path

    desk = Desk.open(common)
    view = desk.store.as_of(desk.moment(common))
    path = target_path(view)
    dated = {theta: date_cycle(*path, theta=theta) for theta in THETAS}
    counts = {theta: len(found.phases) for theta, found in dated.items()}
    payload = chronology_json(dated[THETAS[0]], counts, peaks(view))
    if common.json:
        console.print_json(payload)
        return
    console.console().print(*chronology_face(payload), sep="\n")


def league(
    *,
    from_: Annotated[dt.date | None, Parameter(name="--from", help="First day; default 1995-01-01.")] = None,
    to: Annotated[dt.date | None, Parameter(name="--to", help="Last day; default the last final label.")] = None,
    common: Common = Common(),
) -> None:
    """Score every model walk-forward over the same months, both halves beside the whole."""
    from captilt.operations.disk_cache import FolderCache
    from captilt.terminal import console
    from captilt.terminal.regime import league_face, league_json
    from regime.evaluation.league import league as play
    from regime.evaluation.meeting_score import score_next_meeting
    from regime.models import MODELS
    from signals.calendars import FIRST_RECORD, day_of

    desk = Desk.open(common)
    moment = desk.moment(common)
    view = desk.store.as_of(moment)
    done: list[str] = []
    with console.progress("league") as advance:
        advance(0, len(MODELS))

        def told(name: str) -> None:
            done.append(name)
            advance(len(done), len(MODELS))

        found = play(
            view,
            from_ or FIRST_RECORD,
            to or day_of(moment),
            desk.settings.regime,
            workers=WORKERS,
            kept=FolderCache(desk.home / "cache" / "league"),
            told=told,
        )
    payload = league_json(found, score_next_meeting(view, found.season))
    if common.json:
        console.print_json(payload)
        return
    console.console().print(*league_face(payload), sep="\n")
