"""The daily job, as the sentence it is: fetch, look, decide, write down, tell.

Only the newest session is recorded, once; a past day is a study. What is recorded is a function of the
facts known at the cut, the moment, the settings and the ledger rows before the cut; `run_id`,
`recorded_at` and `timings` are the only things two runs of a day may differ in.
"""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from allocator.challengers import registered_challengers
from allocator.decide import decide
from allocator.ledger.hash_chain import digest
from allocator.ledger.input_archive import pack, watched
from allocator.returns import NONE, demand_prices
from allocator.track_record import inputs
from captilt.alerts.announce import announce as announce_run
from captilt.alerts.outbox import send_waiting
from captilt.context import Desk
from captilt.contract.record import fill
from captilt.contract.run import Change, Line, Replaced, Run, Statement, as_recorded, read_run, run_json, run_record
from captilt.operations.disk_cache import FolderCache
from captilt.operations.run_lock import only_one
from captilt.review.book_file import open_book
from captilt.review.decisions import content_hash
from captilt.review.run_changes import changes
from captilt.run import challengers, track_record
from captilt.run.better_run import answer_of, improvement, is_poor, newer_facts, newer_facts_notice, waits_for_decision
from captilt.run.day_events import since_last_cut
from captilt.run.position import HeldPosition, held_position
from captilt.run.provenance import note
from captilt.scheduler.clock_check import newest_observation, refuse_far_beyond_facts, refuse_ledger_ahead
from signals.asof import AsOf
from signals.calendars import day_of
from signals.derived.policy_rate import decision_doubts
from signals.errors import CheckFailed, NoAdvice, UsageError

Progress = Callable[[int, int], None]  # series done, series to ask for
DECISION_SERIES = "board:FOMC"  # where the Fed's decision comes from first
SAMPLE = "sample"  # mode of an answer from the packaged sample
log = structlog.get_logger("captilt")  # `captilt.operations.logs` says where its lines go


@dataclass(frozen=True, slots=True)
class Fetched:
    """Where the facts of this run came from.

    Attributes
    ----------
    mode : str
        api | keyless | offline | sample.
    notices : tuple of str
        Sentences for the first lines of every face: what did not answer, what was used instead.
    seconds : float
    """

    mode: str
    notices: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged day: what is said, and the inputs that it was said from.

    Attributes
    ----------
    run : Run
    manifest : bytes
    blocks : mapping of str to bytes
        The archived inputs (see `allocator.ledger.input_archive`); empty for a study.
    """

    run: Run
    manifest: bytes = b""
    blocks: Mapping[str, bytes] = field(default_factory=dict)


def run(
    desk: Desk,
    *,
    offline: bool = False,
    dry_run: bool = False,
    day: dt.date | None = None,
    holdings: str | None = None,
    again: bool = False,
    progress: Progress | None = None,
) -> Run:
    """The daily job for the newest session, or a study of `day`.

    `holdings` names a file, or a book of the settings, whose weight is held. A session that is recorded on poor
    data is tried again and superseded where more of the data is there; with `again` any recorded session is.

    Returns
    -------
    Run
        This run, or the one already recorded for the session.

    Raises
    ------
    NoAdvice
        Where the data allow no recommendation; the caller reports it (`captilt.alerts.failure_report`).
    Busy
        Where another run holds the lock.
    CheckFailed
        Where the state is damaged or missing, or the clock cannot be right.
    """
    newest = desk.cut_of(None)
    moment = desk.cut_of(day)
    if day is not None or moment < newest:
        return study(desk, moment, holdings=holdings)
    if dry_run:
        fetched = fetch(desk, offline=offline, progress=progress)
        return sample(desk, fetched) if is_empty(desk) else judge(desk, newest, fetched, holdings=holdings).run
    with only_one(desk.home, doing="the daily run", server=desk.settings.store.url, now=desk.clock()):
        refuse_ledger_ahead(desk.ledger, desk.clock())
        known = desk.ledger.run_of(day_of(newest))
        if known is None:
            answer = _first_of_session(desk, newest, offline=offline, holdings=holdings, progress=progress)
        else:
            recorded = read_run(known.payload)
            _refuse_other_book(desk, recorded, holdings)
            answer = _again(desk, recorded, offline=offline, holdings=holdings, again=again, progress=progress)
    send_waiting(desk)
    return answer


def _again(
    desk: Desk, recorded: Run, *, offline: bool, holdings: str | None, again: bool, progress: Progress | None
) -> Run:
    """The recorded run of the newest session, or a better one that supersedes it."""
    if not again and not is_poor(recorded):
        newer = newer_facts(desk, recorded)
        return replace(recorded, notices=(*recorded.notices, newer_facts_notice(newer))) if newer else recorded
    fetched = fetch(desk, offline=offline, progress=progress)
    judged = judge(desk, recorded.cut, fetched, holdings=holdings)
    reason = improvement(recorded, judged.run)
    if not reason and again and answer_of(judged.run) != answer_of(recorded):
        reason = "a person asked for it"
    if reason:
        return _write(desk, judged, replaces=recorded, reason=reason)
    if fetched.mode == "offline" and not fetched.notices:
        return recorded
    return replace(recorded, notices=(*fetched.notices, "Asked again, and no more of the data is there."))


def try_again(desk: Desk) -> Run | None:
    """Supersede the newest session's run where more of the data is there now; None where it stands.

    While only the Fed's decision is waited for, only its source is asked.
    """
    known = desk.ledger.run_of(day_of(desk.cut_of(None)))
    recorded = read_run(known.payload) if known else None
    if recorded is None or not is_poor(recorded):
        return None
    only = (DECISION_SERIES,) if waits_for_decision(recorded) and len(recorded.data.reason_codes) == 1 else ()
    fetched = fetch(desk, offline=False, wanted=only)
    if only and decision_doubts(desk.store.as_of(recorded.cut)):
        return None
    judged = judge(desk, recorded.cut, fetched)
    reason = improvement(recorded, judged.run)
    return _write(desk, judged, replaces=recorded, reason=reason) if reason else None


def _first_of_session(
    desk: Desk, moment: dt.datetime, *, offline: bool, holdings: str | None, progress: Progress | None
) -> Run:
    fetched = fetch(desk, offline=offline, progress=progress)
    if is_empty(desk):
        if desk.settings.sources.mode != "sample" and desk.ledger.run_days():
            raise CheckFailed(
                "the ledger has runs, but the store holds no data of the markets: its facts are lost.",
                remedy="Bring them back with `captilt restore`, or import or fetch them again.",
                code="facts_missing",
            )
        return sample(desk, fetched)
    refuse_far_beyond_facts(newest_observation(desk), day_of(moment))
    return record(desk, moment, fetched, holdings=holdings)


def _refuse_other_book(desk: Desk, recorded: Run, holdings: str | None) -> None:
    """A recorded day keeps its answer: refuse a holdings file that it was not worked out for."""
    if holdings is None:
        return
    file = open_book(desk.settings, holdings)
    if recorded.book is None or recorded.book.sha256 != digest(file.raw):
        raise UsageError(
            f"the run of {recorded.as_of} is recorded with {100 * recorded.recommendation.held_weight:.1f} % held,"
            f" not with {file.name}. Nothing was written.",
            remedy=f"`captilt review show --holdings {holdings}` gives the orders for that book.",
            code="already_recorded",
        )


def study(desk: Desk, moment: dt.datetime, *, holdings: str | None = None) -> Run:
    """What the engine says of a past moment; nothing is recorded or sent."""
    if is_empty(desk):
        raise NoAdvice(
            "the store holds no data of the markets.",
            remedy="Import a folder with `captilt data import DIR`, or run without --as-of.",
        )
    return judge(desk, moment, Fetched("offline"), is_study=True, holdings=holdings).run


def wanted_by_settings(desk: Desk) -> tuple[str, ...]:
    """Prices that the settings name: the pair's, where it is one of funds or shares."""
    legs = (desk.settings.portfolio.small, desk.settings.portfolio.large)
    return tuple(f"yahoo:{leg}" for leg in legs if leg != NONE and ":" not in leg)


def fetch(desk: Desk, *, offline: bool, wanted: tuple[str, ...] = (), progress: Progress | None = None) -> Fetched:
    """Bring the store up to date from whatever answers; a source that fails is said, not fatal."""
    if offline or desk.settings.sources.mode in ("offline", "sample"):
        return Fetched("offline")
    from captilt.config.secrets import secret
    from signals.sources.refresh import refresh

    start = time.perf_counter()
    report = refresh(
        desk.store,
        desk.settings.sources,
        desk.clock(),
        wanted=wanted,
        also=wanted_by_settings(desk),
        secret=secret,
        cache=desk.home / "cache",
        progress=progress,
    )
    seconds = time.perf_counter() - start
    log.info("fetched", mode=report.mode, notices=list(report.notices), seconds=round(seconds, 3))
    return Fetched(report.mode, tuple(report.notices), seconds)


def is_empty(desk: Desk) -> bool:
    """True where the store holds nothing of the markets (the shipped decisions do not count)."""
    return desk.settings.sources.mode == "sample" or not desk.store.holds_market_data()


def sample(desk: Desk, fetched: Fetched) -> Run:
    """The answer from the packaged real sample, said in the first line: nothing else is there."""
    from captilt.run.packaged_sample import sample_day

    return sample_day(desk, fetched)


def judge(
    desk: Desk, moment: dt.datetime, fetched: Fetched, *, is_study: bool = False, holdings: str | None = None
) -> Judged:
    """Look and decide from the store, with the archive of what was looked at."""
    start = time.perf_counter()
    view, asked = watched(desk.store.as_of(moment))
    position = held_position(desk, moment, holdings=holdings, is_study=is_study)
    answer = compute(desk, view, fetched, position, is_study=is_study)
    seconds = {"fetch": round(fetched.seconds, 3), "judge": round(time.perf_counter() - start, 3)}
    answer = replace(answer, timings=seconds)
    if is_study:
        return Judged(answer)
    settings = desk.settings
    names = asked | set(inputs(settings.judgement))  # a cached track record asks for less
    if answer.challengers:
        judgements = (rule.judgement(settings.judgement) for rule in registered_challengers())
        names |= {name for judgement in judgements for name in inputs(judgement)}
    return Judged(answer, *pack(view, names, note=note(desk.settings)))


def compute(desk: Desk, view: AsOf, fetched: Fetched, position: HeldPosition, *, is_study: bool = False) -> Run:
    """The run of a view's moment: a function of the view, the settings and the book before the moment."""
    settings, moment = desk.settings, view.moment
    live = fetched.mode != SAMPLE  # the packaged sample has no prices of funds, and is never recorded
    if live:
        demand_prices(view, settings.portfolio)
    decision = decide(
        view,
        position.weight,
        settings.judgement,
        settings.regime,
        step_from=position.step_from,
        cache=FolderCache(desk.home / "cache"),
        complete=live and not is_study,
    )
    notices = (*fetched.notices, *position.notices)
    decided = run_record(view, decision, settings, mode=fetched.mode, notices=notices, study=is_study)
    advice = replace(decided.recommendation, step_from_weight=position.step_from)
    decided = replace(decided, recommendation=advice, book=position.book)
    now = as_recorded(decided)
    return as_recorded(
        replace(
            now,
            challengers=_challengers(desk, view, is_study=is_study),
            events=since_last_cut(view),
            change=change_since(desk, moment, now),
            track_record=track_record.track_record(desk.ledger, view, settings.judgement, moment),
            run_id=uuid.uuid4().hex[:12],
            recorded_at=desk.clock().astimezone(dt.UTC).replace(microsecond=0),
        )
    )


def _challengers(desk: Desk, view: AsOf, *, is_study: bool) -> tuple[Statement, ...]:
    """What the registered rules state beside the method; a study compares nothing."""
    if is_study:
        return ()
    made = challengers.statements(desk.ledger, view, desk.settings, cache=FolderCache(desk.home / "cache"))
    return tuple(fill(Statement, each) for each in made)


def record(
    desk: Desk, moment: dt.datetime, fetched: Fetched, *, announce: bool = True, holdings: str | None = None
) -> Run:
    """Judge a session and write it down: run, advice, inputs and alert land together, or nothing of them.

    Raises
    ------
    NoAdvice
        Where the data allow no recommendation; the caller reports it.
    """
    judged = judge(desk, moment, fetched, holdings=holdings)
    if judged.run.data.status == "HOLD" and not desk.ledger.run_days() and fetched.mode != "offline":
        raise NoAdvice(
            f"this first run is not recorded, because too little of the data is there: {_first_gap(judged.run)}",
            remedy=_first_remedy(fetched),
            code="no_baseline",
        )
    return _write(desk, judged, announce=announce)


def _first_gap(run: Run) -> str:
    gaps = [gap.reason.rstrip(".") for gap in run.data.gaps]
    more = f" (and {len(gaps) - 1} more)" if len(gaps) > 1 else ""
    return f"{gaps[0] if gaps else run.data.status}{more}."


def _first_remedy(fetched: Fetched) -> str:
    """What failed, and what to do about it."""
    from signals.sources.refresh import GET_A_KEY

    failed = [notice for notice in fetched.notices if "did not deliver" in notice or "delivered nothing" in notice]
    later = "run again later, or import a folder with `captilt data import DIR`"
    advice = GET_A_KEY if GET_A_KEY in fetched.notices else later
    return ". ".join([*failed[:2], advice[0].upper() + advice[1:]]) + "."


def _write(desk: Desk, judged: Judged, *, announce: bool = True, replaces: Run | None = None, reason: str = "") -> Run:
    """Run, advice, inputs and alert, together or not at all; after a supersession where the session had a run."""
    day = judged.run.as_of
    answer = replace(judged.run, inputs=digest(judged.manifest))
    if replaces is not None:
        earlier = Replaced(run_id=replaces.run_id, recorded_at=replaces.recorded_at, reason=reason)
        answer = replace(answer, replaces=earlier)
    payload = run_json(answer)
    with desk.ledger.transaction() as book:
        for content in (judged.manifest, *judged.blocks.values()):
            book.keep(content)
        at = desk.clock()
        if replaces is not None:
            book.supersede(day, reason, at=at)
        book.append("run", day, payload, at=at)
        book.append("advice", day, advice_of(payload), at=at)
        track_record.record_outcomes(book, desk.store.as_of(answer.cut), at=at)
        if announce:
            announce_run(book, answer, desk.settings.alerts, at=at)
        head = book.head()
    advice = answer.recommendation
    log.info(
        "recorded",
        day=answer.as_of.isoformat(),
        run=answer.run_id,
        stance=advice.stance,
        action=advice.action,
        active_weight_points=advice.active_weight_points,
        data=answer.data.status,
        ledger_entry=head.seq if head else 0,
        ledger_head=head.hash if head else "",  # the log is a witness of the ledger
    )
    return answer


def advice_of(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a person decides on: the recommendation, bound to the content of its run."""
    advice = payload["recommendation"]
    names = ("stance", "action", "active_weight_points", "target_weight", "held_weight", "trade_points")
    return {
        "run_id": payload["run_id"],
        "content_hash": content_hash(payload),
        **{name: advice[name] for name in names},
        "challengers": payload.get("challengers", []),
    }


def change_since(desk: Desk, moment: dt.datetime, now: Run) -> Change:
    """What changed since the run before, exact to the total; ``since`` is null on the first run."""
    earlier = [entry for entry in desk.ledger.entries("run", until=moment, last=2) if entry.day < day_of(moment)]
    if not earlier:
        return Change()
    found = changes(read_run(earlier[-1].payload), now, anchor="run")
    lines = tuple(Line(line=shift.line, points=shift.points) for shift in found.shifts)
    return Change(since=found.since, total_points=found.total, lines=lines, reasons=found.reasons)
