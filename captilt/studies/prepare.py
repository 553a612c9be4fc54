"""Preparing studies: the heavy results that the page and the report show beside a recorded day.

Each study is one function from the desk and the world of the newest recorded day to a `Study` with the
same numbers as its command's ``--json``. A study is prepared again when a newer run is recorded, or the
method changes. One that the data do not allow is left out, and the page says that it is missing.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from allocator.evidence import specification
from captilt.charts.style import narrow_versions
from captilt.contract.record import plain, to_json
from captilt.contract.run import read_run
from captilt.operations.disk_cache import FolderCache
from captilt.review.study_store import Cabinet, Study
from signals.calendars import FIRST_RECORD, cut, day_of, month_end_sessions
from signals.errors import CaptiltError

if TYPE_CHECKING:
    from captilt.config.settings import Settings
    from captilt.context import Desk
    from captilt.contract.signals import SignalAnswer
    from signals.asof import AsOf

Made = tuple[dict[str, Any], dict[str, str]]  # result and charts
A_WEEK = 5  # sessions
A_MONTH = 30  # days of record below which a comparison is noise and not shown
EDITION = 5  # of what is kept of a study: one more whenever its fields or charts change


def prepare(desk: "Desk", *, report_progress: Callable[[str], None] = lambda _: None) -> tuple[str, ...]:
    """Prepare what is missing for the newest recorded day.

    Parameters
    ----------
    report_progress : callable
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
    prepared, decided, pair = cabinet.studies(), len(desk.ledger.decisions()), desk.settings.portfolio
    basis = f"{EDITION} {newest} {specification().sha256[:16]} {pair.small}/{pair.large}"
    for name, study in STUDIES.items():
        stamp = f"{basis} {decided}" if name == "record" else basis
        if name in prepared and prepared[name].stamp == stamp:
            continue
        report_progress(name)
        try:
            with narrow_versions() as narrow:
                result, charts = study(desk, view)
        except CaptiltError:
            continue
        charts |= {f"{title} narrow": narrow[chart] for title, chart in charts.items() if chart in narrow}
        cabinet.keep(Study(name, newest.isoformat(), plain(result), charts, stamp))
        made.append(name)
    return tuple(made)


def prepare_apart(settings: "Settings", home: str) -> None:
    """Prepare in a process of its own, politely: the page must not wait for it."""
    import os
    from pathlib import Path

    from captilt.context import Desk

    os.nice(10)
    prepare(Desk(settings, Path(home)))


def scenarios(desk: "Desk", view: "AsOf") -> Made:
    """Every scenario, from the weight held."""
    from allocator.scenario import SCENARIOS, explore
    from captilt.contract.scenario import scenario_answer
    from captilt.run.position import held_position

    settings = desk.settings
    chosen = {**SCENARIOS, **settings.scenario}
    weight = held_position(desk, view.moment).weight
    outcomes = explore(view, weight, settings.judgement, settings.regime, scenarios=chosen, cache=_cache(desk))
    pair = settings.portfolio
    return to_json(scenario_answer(view, outcomes, small=pair.small, large=pair.large)), {}


def financing(desk: "Desk", view: "AsOf") -> Made:  # noqa: ARG001 - every study takes the same
    """How small and large companies are financed, from their filings."""
    from captilt.charts.financing import financing_chart
    from captilt.contract.financing import financing_answer

    chart = financing_chart(view)
    return to_json(financing_answer(view)), {"financing": chart} if chart else {}


def fedpath(desk: "Desk", view: "AsOf") -> Made:  # noqa: ARG001 - every study takes the same
    """The Fed path of the day, against the one of a week before."""
    from captilt.charts.fedpath import history_chart, odds_chart, path_chart
    from captilt.contract.fed_meeting import meeting_answer
    from captilt.contract.fedpath import fed_path_answer
    from signals.fedpath.history import earlier
    from signals.fedpath.meeting_history import answered_meetings, meeting_history
    from signals.fedpath.summary import fed_report

    report = fed_report(view)
    ahead = answered_meetings(view)[:1]
    past = meeting_history(view, ahead[0]) if ahead else None
    before = earlier(view, report.path, A_WEEK)
    drawn = {
        "path": path_chart(report.path, [before] if before.status == "ok" else []),
        "odds": odds_chart(report.path),
        "history": history_chart(past) if past else "",
    }
    meeting = {"meeting": to_json(meeting_answer(past, day_of(view.moment)))} if past and past.days else {}
    return {**to_json(fed_path_answer(report)), **meeting}, {name: chart for name, chart in drawn.items() if chart}


def cycle(desk: "Desk", view: "AsOf") -> Made:
    """The rate cycle since 1982 with what was said of it at the time, and how good that was."""
    from captilt.studies.rate_cycle import cycle_study
    from regime.walk_forward import probabilities

    numbers, charts = cycle_study(view, desk.settings.regime)
    ends = [day for day in month_end_sessions(FIRST_RECORD, day_of(view.moment)) if cut(day) <= view.moment]
    chances = probabilities(view, [cut(day) for day in ends], desk.settings.regime).tolist()
    rows = [
        {"day": day, "probabilities": dict(zip(_phases(), row, strict=True))}
        for day, row in zip(ends, chances, strict=True)
    ]
    return {**numbers, "said": rows}, charts


def portfolios_study(desk: "Desk", view: "AsOf") -> Made:
    """Engine, person and doing nothing, over the recorded runs."""
    from allocator.outcomes import Advised, Decided, paper_portfolios, scoreboard, scored
    from captilt.charts.evidence import race_picture, scores_picture

    entries = [entry for day in sorted(desk.ledger.run_days()) if (entry := desk.ledger.run_of(day))]
    runs = [entry.payload for entry in entries]
    advised = [Advised.of(entry.payload["recommendation"], entry.day) for entry in entries]
    made = [Decided.of(entry.payload, entry.recorded_at) for entry in desk.ledger.decisions()]
    ran = paper_portfolios(advised, made, view, desk.settings.judgement)
    scores = scoreboard(scored(runs, view))
    rows = [
        {"name": runner.name, "net_active_percent": runner.total_percent, "ir": ran.ir(runner), "n": len(runs)}
        for runner in ran.runners
    ]
    charts = {"race": race_picture(ran)} if any(runner.total_percent for runner in ran.runners) else {}
    charts |= {"scores": scores_picture(scores)} if any(one.log_score is not None for one in scores) else {}
    since = entries[0].day
    numbers = {"rows": rows, "scores": [_fields(one) for one in scores], "from": since}
    return {**numbers, "long_enough": (day_of(view.moment) - since).days >= A_MONTH}, charts


def challengers(desk: "Desk", view: "AsOf") -> Made:
    """The registered rules on the days since their registration."""
    from captilt.charts.forward import forward_test_chart
    from captilt.contract.challengers import challengers_answer
    from captilt.run.challengers import compared

    answer = challengers_answer(day_of(view.moment), compared(desk.ledger, view, desk.settings))
    return to_json(answer), {"forward": forward_test_chart(answer)} if answer.rows else {}


def claims(desk: "Desk", view: "AsOf") -> Made:
    """Every claim with its test."""
    from allocator.claims import examined
    from captilt.charts.evidence import claims_picture
    from captilt.contract.evidence import claims_answer

    pair = desk.settings.portfolio
    answer = claims_answer(examined(view, (pair.small, pair.large)), day_of(view.moment))
    return to_json(answer), {"claims": claims_picture(answer)}


def backtest(desk: "Desk", view: "AsOf") -> Made:
    """The walk-forward result of the pair held."""
    from allocator.backtest.backtest import backtest as run
    from allocator.backtest.samples import sample_of
    from captilt.charts.overview import overview
    from captilt.charts.performance import pictures
    from captilt.charts.tearsheet import rolling
    from captilt.contract.backtest import backtest_answer

    result = run(
        view, sample_of(desk.settings.portfolio), desk.settings.judgement, desk.settings.regime, thorough=False
    )
    answer = to_json(backtest_answer(result))
    drawn = {
        "overview": overview(answer),
        "rolling": rolling(answer),
        **pictures(result),
    }
    return answer, {name: chart for name, chart in drawn.items() if chart}


def evidence(desk: "Desk", view: "AsOf") -> Made:
    """The verdict with everything that led to it."""
    from allocator.backtest.assessment import assess
    from captilt.charts.evidence import evidence_summary
    from captilt.charts.forward import sentence_chart
    from captilt.contract.evidence import evidence_answer
    from captilt.terminal.evidence import evidence_sentences

    settings = desk.settings
    assessment = assess(view, settings.judgement, settings.regime, cache=_cache(desk))
    answer = evidence_answer(assessment, settings.judgement, settings.regime, on=day_of(view.moment))
    charts = {"evidence": evidence_summary(answer)} if answer.rows else {}
    charts |= {"sentence": sentence_chart(answer.sentence)} if answer.sentence else {}
    return {**to_json(answer), "sentences": evidence_sentences(answer)}, charts


def signals(desk: "Desk", view: "AsOf") -> Made:
    """Every signal close up, with its evidence."""
    from allocator.backtest.signal_evidence import signal_evidence
    from captilt.contract.signals import signal_answer, signal_evidence_record

    judgement = desk.settings.judgement
    run = desk.ledger.run_of(day_of(view.moment))
    points = {row.name: row.contribution_points for row in read_run(run.payload).signals} if run else {}
    tested = signal_evidence(view, tuple(one.name for one in judgement.catalogue), judgement, desk.settings.regime)
    worth = {one.name: signal_evidence_record(one) for one in tested}
    rows = [signal_answer(view, one, points, worth[one.name]) for one in judgement.catalogue]
    return {"rows": [to_json(row) for row in rows]}, _signal_charts(view, rows)


STUDIES: dict[str, Callable[["Desk", "AsOf"], Made]] = {
    "scenarios": scenarios,
    "financing": financing,
    "fedpath": fedpath,
    "cycle": cycle,
    "record": portfolios_study,
    "challengers": challengers,
    "claims": claims,
    "backtest": backtest,
    "evidence": evidence,
    "signals": signals,
}


def _cache(desk: "Desk") -> FolderCache:
    return FolderCache(desk.home / "cache")


def _signal_charts(view: "AsOf", rows: "Sequence[SignalAnswer]") -> dict[str, str]:
    """The past of every score, and what became of each seasonal effect."""
    from captilt.charts.signals import score_history, seasonal_decay
    from signals.scoring.seasonal import EFFECTS, decay

    drawn = {row.name: score_history(row.name.replace("_", " "), row.history) for row in rows}
    drawn |= {
        f"{name} decay": seasonal_decay(name.replace("_", " "), decay(view, name)) for name in EFFECTS if name in drawn
    }
    return {name: chart for name, chart in drawn.items() if chart}


def _phases() -> tuple[str, ...]:
    from regime.phase import PHASES

    return tuple(phase.value for phase in PHASES)


def _fields(score: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(score)
