"""Preparing studies: the heavy results that the page and the report show beside a recorded day.

Each study is one function from the desk and the world of the newest recorded day to a `Study` with the
same numbers as its command's ``--json``. A study is prepared again when a newer run is recorded, or the
method changes. One that the data do not allow is left out, and the page says that it is missing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from allocator.desk.cache import FolderCache
from allocator.desk.review.studies import Cabinet, Study
from allocator.desk.screen import plain
from allocator.evidence import specification
from signals.calendars import FIRST_RECORD, cut, day_of, month_end_sessions
from signals.errors import CaptiltError

if TYPE_CHECKING:
    from allocator.desk.common import Desk
    from allocator.desk.config import Settings
    from signals.asof import AsOf

Made = tuple[dict[str, Any], dict[str, str]]  # result and charts
BACKTEST = "allocator.backtest"


def prepare(desk: "Desk", *, told: Callable[[str], None] = lambda _: None) -> tuple[str, ...]:
    """Prepare what is missing for the newest recorded day.

    Parameters
    ----------
    told : callable
        Hears the name of each study before it is made.

    Returns
    -------
    tuple of str
        Names of the studies that were made.
    """
    newest = max(desk.ledger.run_days(), default=None)
    if newest is None or not desk.store.holds_market_data():
        return ()
    cabinet, view, made = Cabinet(desk.home), desk.store.as_of(cut(newest)), []
    kept, decided = cabinet.studies(), len(desk.ledger.decisions())
    for name, study in STUDIES.items():
        stamp = f"{newest} {specification().sha256[:16]} {decided if name == 'record' else ''}".strip()
        if name in kept and kept[name].stamp == stamp:
            continue
        told(name)
        try:
            result, charts = study(desk, view)
        except CaptiltError:
            continue
        cabinet.keep(Study(name, newest.isoformat(), plain(result), charts, stamp))
        made.append(name)
    return tuple(made)


def prepare_apart(settings: "Settings", home: str) -> None:
    """Prepare in a process of its own, politely: the page must not wait for it."""
    import os
    from pathlib import Path

    from allocator.desk.common import Desk

    os.nice(10)
    prepare(Desk(settings, Path(home)))


def scenarios(desk: "Desk", view: "AsOf") -> Made:
    """Every scenario, from the weight held."""
    from allocator.desk.daily import held
    from allocator.desk.scenarioface import as_json
    from allocator.scenario import SCENARIOS, explore

    settings = desk.settings
    chosen = {**SCENARIOS, **settings.scenario}
    found = explore(
        view, held(desk, view.moment), settings.judgement, settings.regime, scenarios=chosen, cache=_cache(desk)
    )
    return as_json(view, found, small=settings.portfolio.small, large=settings.portfolio.large), {}


def cycle(desk: "Desk", view: "AsOf") -> Made:
    """The rate cycle since 1982 with what was said of it at the time."""
    import numpy as np

    from allocator.desk.charts.cycle import cycle as draw
    from regime.dating import date_cycle
    from regime.walk import probabilities
    from signals.policy import target_path

    days, target = target_path(view)
    ends = [day for day in month_end_sessions(FIRST_RECORD, day_of(view.moment)) if cut(day) <= view.moment]
    said = probabilities(view, [cut(day) for day in ends], desk.settings.regime)
    drawn = draw(
        days, target, date_cycle(days, target), moments=np.array(ends, dtype="datetime64[D]"), probabilities=said
    )
    rows = [
        {"day": day, "probabilities": dict(zip(_phases(), row, strict=True))}
        for day, row in zip(ends, said.tolist(), strict=True)
    ]
    return {"rows": rows}, {"cycle": drawn}


def record(desk: "Desk", view: "AsOf") -> Made:
    """Engine, person and doing nothing, over the recorded runs."""
    from allocator.desk.charts.evidence import race_picture, scores_picture
    from allocator.outcomes import Advised, Decided, board, race, scored

    entries = [entry for day in sorted(desk.ledger.run_days()) if (entry := desk.ledger.run_of(day))]
    runs = [entry.payload for entry in entries]
    advised = [Advised.of(entry.payload["recommendation"], entry.day) for entry in entries]
    made = [Decided.of(entry.payload, entry.recorded_at) for entry in desk.ledger.decisions()]
    ran = race(advised, made, view, desk.settings.judgement)
    scores = board(scored(runs, view))
    rows = [
        {"name": runner.name, "net_active_percent": runner.total_percent, "ir": ran.ir(runner), "n": len(runs)}
        for runner in ran.runners
    ]
    charts = {"race": race_picture(ran)} if any(runner.total_percent for runner in ran.runners) else {}
    charts |= {"scores": scores_picture(scores)} if any(one.log_score is not None for one in scores) else {}
    return {"rows": rows, "scores": [_fields(one) for one in scores], "from": runs[0]["as_of"]}, charts


def claims(desk: "Desk", view: "AsOf") -> Made:  # noqa: ARG001 - every study takes the same
    """Every claim with its test."""
    from allocator.claims import examined
    from allocator.desk.charts.evidence import claims_picture
    from allocator.desk.claim_faces import claims_payload

    payload = claims_payload(examined(view), day_of(view.moment))
    return payload, {"claims": claims_picture(payload)}


def backtest(desk: "Desk", view: "AsOf") -> Made:
    """The walk-forward result of the pair held."""
    from allocator.backtest import backtest as run
    from allocator.desk.backtestface import as_json
    from allocator.desk.charts.performance import pictures
    from allocator.samples import SAMPLES

    pair = desk.settings.portfolio
    sample = next((one for one in SAMPLES.values() if (one.small, one.large) == (pair.small, pair.large)), None)
    if sample is None:
        return {"rows": []}, {}
    found = run(view, sample, desk.settings.judgement, desk.settings.regime, thorough=False)
    return as_json(found), pictures(found)


def evidence(desk: "Desk", view: "AsOf") -> Made:
    """The verdict with everything that led to it."""
    from allocator.assessment import assess
    from allocator.desk.charts.evidence import evidence_summary
    from allocator.desk.proof import evidence_payload, evidence_sentences

    settings = desk.settings
    found = assess(view, settings.judgement, settings.regime, cache=_cache(desk))
    payload = evidence_payload(found, (settings.portfolio.small, settings.portfolio.large))
    charts = {"evidence": evidence_summary(payload)} if payload["rows"] else {}
    return {**payload, "sentences": evidence_sentences(payload)}, charts


def signals(desk: "Desk", view: "AsOf") -> Made:
    """Every signal close up, with its evidence."""
    from allocator.desk.signalboard import close_up
    from allocator.signal_evidence import row, signal_evidence
    from signals.catalog import SIGNALS

    run = desk.ledger.run_of(day_of(view.moment))
    points = {one["name"]: one["contribution_points"] for one in run.payload["signals"]} if run else {}
    tested = signal_evidence(view, tuple(one.name for one in SIGNALS), desk.settings.judgement, desk.settings.regime)
    worth = {one.name: row(one) for one in tested}
    return {"rows": [{**close_up(view, one, points), "evidence": worth[one.name]} for one in SIGNALS]}, {}


STUDIES: dict[str, Callable[["Desk", "AsOf"], Made]] = {
    "scenarios": scenarios,
    "cycle": cycle,
    "record": record,
    "claims": claims,
    "backtest": backtest,
    "evidence": evidence,
    "signals": signals,
}


def _cache(desk: "Desk") -> FolderCache:
    return FolderCache(desk.home / "cache")


def _phases() -> tuple[str, ...]:
    from regime.phase import PHASES

    return tuple(phase.value for phase in PHASES)


def _fields(score: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(score)
