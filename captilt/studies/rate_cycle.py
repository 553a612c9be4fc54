"""The rate cycle as a study: the chronology, the walk-forward record and three pictures, for page and report."""

from typing import TYPE_CHECKING, Any

import numpy as np

from regime.evaluation.scores import detections, reliability
from regime.evaluation.window import evaluation_window
from regime.models import named
from regime.phase import PHASES
from regime.walk_forward import walk
from signals.calendars import FIRST_RECORD, cut, day_of, month_end_sessions

if TYPE_CHECKING:
    from regime.settings import RegimeSettings
    from signals.asof import AsOf


def cycle_study(view: "AsOf", settings: "RegimeSettings") -> tuple[dict[str, Any], dict[str, str]]:
    """Numbers, as `captilt regime chronology` and the call's record give them, and SVG by name.

    Charts: ``cycle`` (target since 1982 over the real-time probabilities), ``reliability``, ``delays``.
    """
    from captilt.charts import regime
    from captilt.contract.record import to_json
    from captilt.contract.regime import THETAS, chronology_answer
    from regime.dating import date_cycle
    from regime.pre_1982 import peaks
    from signals.derived.policy_rate import target_path

    model, today = named(settings.model), day_of(view.moment)
    path = target_path(view)
    dated = {theta: date_cycle(*path, theta=theta) for theta in THETAS}
    counts = {theta: len(chronology.phases) for theta, chronology in dated.items()}
    which = evaluation_window(view, FIRST_RECORD, today)
    ends = month_end_sessions(FIRST_RECORD, today)
    chances = walk(view, [cut(day) for day in ends], model)
    final = np.isin(np.array(ends), np.array(which.months))
    met = walk(view, [cut(day) for day in which.meetings], model)
    bins = {phase: reliability(chances[final], which.month_truth, code) for code, phase in enumerate(PHASES)}
    delays = detections(met, which.meeting_truth, np.array(which.meetings, dtype="datetime64[D]"))
    days = np.array(ends, dtype="datetime64[D]")
    charts = {
        "cycle": regime.cycle(*path, dated[THETAS[0]], moments=days, probabilities=chances),
        "reliability": regime.reliability(bins, model=model.name),
        "delays": regime.delays(delays, model=model.name),
    }
    return to_json(chronology_answer(dated[THETAS[0]], counts, peaks(view))), charts
