"""`captilt regime`: today's call of the rate cycle, its chronology, and the league of models."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from captilt.context import Common
from captilt.run.packaged_sample import reading_desk

if TYPE_CHECKING:
    from captilt.contract.regime import CallRecord
    from regime.settings import RegimeSettings
    from signals.asof import AsOf

WORKERS = 2  # processes of the league; more would only wait for the slowest model


def regime(*, common: Common = Common()) -> None:
    """Print the phase in force, how sure that is, and why."""
    from captilt.contract.regime import regime_answer
    from captilt.terminal import console
    from captilt.terminal.regime import regime_screen
    from regime.call import call_regime

    desk = reading_desk(common)
    moment = desk.moment(common)
    view = desk.store.as_of(moment)
    answer = regime_answer(call_regime(view, desk.settings.regime), moment, call_record(view, desk.settings.regime))
    if common.json:
        console.print_json(answer)
        return
    console.console().print(*regime_screen(answer), sep="\n")


def call_record(view: "AsOf", settings: "RegimeSettings") -> "CallRecord | None":
    """How the model has scored so far, on months whose label is final; None where there are none yet."""
    import numpy as np

    from captilt.contract.record import fill
    from captilt.contract.regime import CallRecord, NextMeetingRecord
    from regime.evaluation.meeting_score import meeting_record
    from regime.evaluation.scores import log_losses
    from regime.evaluation.window import evaluation_window
    from regime.open_phases import over_phases
    from regime.walk_forward import probabilities, rows
    from signals.calendars import FIRST_RECORD, cut, day_of
    from signals.errors import UsageError

    try:
        which = evaluation_window(view, FIRST_RECORD, day_of(view.moment))
    except UsageError:
        return None
    moments = [cut(day) for day in which.months]
    losses = log_losses(probabilities(view, moments, settings), which.month_truth)
    even = over_phases(rows(view, moments), np.full(len(moments), 0.5))
    early, eves = which.early, meeting_record(view)
    return CallRecord(
        first=which.months[0],
        last=which.months[-1],
        n=len(which.months),
        log_score=float(losses.mean()),
        log_score_early=float(losses[early].mean()) if early.any() else None,
        log_score_late=float(losses[~early].mean()) if (~early).any() else None,
        coin_toss=float(log_losses(even, which.month_truth).mean()),
        next_meeting=fill(NextMeetingRecord, eves, market_log_score=eves.market, model_log_score=eves.model),
    )


def chronology(*, common: Common = Common()) -> None:
    """Print the hindsight table of hiking and easing phases on decision days."""
    from captilt.contract.regime import THETAS, chronology_answer
    from captilt.terminal import console
    from captilt.terminal.regime import chronology_screen
    from regime.dating import date_cycle
    from regime.pre_1982 import peaks
    from signals.derived.policy_rate import target_path

    desk = reading_desk(common)
    view = desk.store.as_of(desk.moment(common))
    path = target_path(view)
    dated = {theta: date_cycle(*path, theta=theta) for theta in THETAS}
    counts = {theta: len(dating.phases) for theta, dating in dated.items()}
    answer = chronology_answer(dated[THETAS[0]], counts, peaks(view))
    if common.json:
        console.print_json(answer)
        return
    console.console().print(*chronology_screen(answer), sep="\n")


def league(
    *,
    from_: Annotated[dt.date | None, Parameter(name="--from", help="First day; default 1995-01-01.")] = None,
    to: Annotated[dt.date | None, Parameter(name="--to", help="Last day; default the last final label.")] = None,
    common: Common = Common(),
) -> None:
    """Score every model walk-forward over the same months, both halves beside the whole."""
    from captilt.contract.regime import league_answer
    from captilt.parallel import workers_here
    from captilt.studies.league import walk_models
    from captilt.terminal import console
    from captilt.terminal.regime import league_screen
    from regime.evaluation.league import league as play
    from regime.evaluation.meeting_score import score_next_meeting
    from signals.calendars import FIRST_RECORD, day_of

    desk = reading_desk(common)
    moment = desk.moment(common)
    view = desk.store.as_of(moment)
    first, last = from_ or FIRST_RECORD, to or day_of(moment)
    with console.progress("league"), workers_here(WORKERS):
        cache = walk_models(desk, view, first, last)
    standings = play(view, first, last, desk.settings.regime, cache=cache)
    answer = league_answer(standings, score_next_meeting(view, standings.window))
    if common.json:
        console.print_json(answer)
        return
    screen = console.console()
    screen.print(*league_screen(answer, screen.width), sep="\n")
