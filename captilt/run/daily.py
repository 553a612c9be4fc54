"""The daily job, as the sentence it is: fetch, look, decide, write down, tell.

Only the newest session is recorded, once; a past day is a study. What is recorded is a function of the
facts known at the cut, the moment, the settings and the ledger rows before the cut; `run_id`,
`recorded_at` and `timings` are the only things two runs of a day may differ in.
"""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from allocator.ledger.hash_chain import digest
from allocator.ledger.ledger import AlreadyRecorded, Book, Entry
from allocator.returns import NONE
from captilt.alerts.announce import announce as announce_run
from captilt.alerts.outbox import send_waiting
from captilt.context import Desk
from captilt.contract.run import Replaced, Run, read_run, run_json
from captilt.logger import log
from captilt.operations.run_lock import only_one
from captilt.review.decisions import content_hash
from captilt.run import track_record
from captilt.run.better_run import answer_of, improvement, is_poor, newer_facts, newer_facts_notice, waits_for_decision
from captilt.run.clock_check import newest_observation, refuse_far_beyond_facts, refuse_ledger_ahead
from captilt.run.evaluate import Evaluated, Fetched, evaluate, is_empty
from captilt.run.ledger_check import refuse_damaged_ledger
from captilt.run.packaged_sample import sample_day, unrecorded_run
from signals.calendars import day_of
from signals.derived.policy_rate import decision_doubts
from signals.errors import CheckFailed, NoAdvice, UsageError

Progress = Callable[[int, int], None]  # series done, series to ask for
DECISION_SERIES = "board:FOMC"  # where the Fed's decision comes from first


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
        Where the data allow no recommendation; the caller reports it (`captilt.run.failure_report`).
    Busy
        Where another run holds the lock.
    CheckFailed
        Where the state is damaged or missing, or the clock cannot be right.
    """
    newest = desk.cut_of(None)
    if day is not None:
        return unrecorded_run(desk, day, holdings=holdings)
    if dry_run:
        refuse_damaged_ledger(desk, day_of(newest))
        fetched = fetch(desk, offline=offline, progress=progress)
        return sample_day(desk, fetched) if is_empty(desk) else evaluate(desk, newest, fetched, holdings=holdings).run
    with only_one(desk.home, doing="the daily run", server=desk.settings.store.url, now=desk.clock()):
        refuse_damaged_ledger(desk, day_of(newest))
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
    evaluated = evaluate(desk, recorded.cut, fetched, holdings=holdings)
    reason = improvement(recorded, evaluated.run)
    if not reason and again and answer_of(evaluated.run) != answer_of(recorded):
        reason = "a person asked for it"
    if reason:
        return _write(desk, evaluated, replaces=recorded, reason=reason)
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
    evaluated = evaluate(desk, recorded.cut, fetched)
    reason = improvement(recorded, evaluated.run)
    return _write(desk, evaluated, replaces=recorded, reason=reason) if reason else None


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
        return sample_day(desk, fetched)
    refuse_far_beyond_facts(newest_observation(desk), day_of(moment))
    return record_run(desk, moment, fetched, holdings=holdings)


def _refuse_other_book(desk: Desk, recorded: Run, holdings: str | None) -> None:
    """A recorded day keeps its answer: refuse a holdings file that it was not worked out for."""
    if holdings is None:
        return
    from captilt.review.book_file import open_book

    file = open_book(desk.settings, holdings)
    if recorded.book is None or recorded.book.sha256 != digest(file.raw):
        raise UsageError(
            f"the run of {recorded.as_of} is recorded with {100 * recorded.recommendation.held_weight:.1f} % held,"
            f" not with {file.name}. Nothing was written.",
            remedy=f"`captilt review show --holdings {holdings}` gives the orders for that book.",
            code="already_recorded",
        )


def wanted_by_settings(desk: Desk) -> tuple[str, ...]:
    """Prices that the settings name: the pair's, where it is one of funds or shares."""
    legs = (desk.settings.portfolio.small, desk.settings.portfolio.large)
    return tuple(f"yahoo:{leg}" for leg in legs if leg != NONE and ":" not in leg)


def fetch(desk: Desk, *, offline: bool, wanted: tuple[str, ...] = (), progress: Progress | None = None) -> Fetched:
    """Bring the store up to date from whatever answers; a source that fails is said, not fatal."""
    if offline or desk.settings.sources.mode in ("offline", "sample"):
        return Fetched("offline")
    from captilt.secrets import secret
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


def record_run(
    desk: Desk, moment: dt.datetime, fetched: Fetched, *, announce: bool = True, holdings: str | None = None
) -> Run:
    """Judge a session and write it down: run, advice, inputs and alert land together, or nothing of them.

    Raises
    ------
    NoAdvice
        Where the data allow no recommendation; the caller reports it.
    """
    evaluated = evaluate(desk, moment, fetched, holdings=holdings)
    if evaluated.run.data.status == "HOLD" and not desk.ledger.run_days() and fetched.mode != "offline":
        raise NoAdvice(
            f"this first run is not recorded, because too little of the data is there: {_first_gap(evaluated.run)}",
            remedy=_first_remedy(fetched),
            code="no_baseline",
        )
    return _write(desk, evaluated, announce=announce)


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


def _write(
    desk: Desk, evaluated: Evaluated, *, announce: bool = True, replaces: Run | None = None, reason: str = ""
) -> Run:
    """Run, advice, inputs and alert, together or not at all; after a supersession where the session had a run."""
    day = evaluated.run.as_of
    answer = replace(evaluated.run, inputs=digest(evaluated.manifest))
    if replaces is not None:
        earlier = Replaced(run_id=replaces.run_id, recorded_at=replaces.recorded_at, reason=reason)
        answer = replace(answer, replaces=earlier)
    payload = run_json(answer)
    try:
        head = _commit(desk, evaluated, answer, payload, announce=announce, replaces=replaces, reason=reason)
    except AlreadyRecorded:
        # The run lock of a team goes with its connection: the server restarted, and another machine was quicker.
        known = desk.ledger.run_of(day)
        if known is None:
            raise
        log.info("another machine recorded the session meanwhile", day=day.isoformat(), ledger_entry=known.seq)
        return read_run(known.payload)
    advice = answer.recommendation
    log.info(
        "recorded",
        day=answer.as_of.isoformat(),
        run=answer.run_id,
        stance=advice.stance,
        action=advice.action,
        active_weight_points=advice.active_weight_points,
        data=answer.data.status,
        ledger_entry=head.seq,
        ledger_head=head.hash,  # the log is a witness of the ledger
    )
    return answer


def _commit(
    desk: Desk,
    evaluated: Evaluated,
    answer: Run,
    payload: dict[str, Any],
    *,
    announce: bool,
    replaces: Run | None,
    reason: str,
) -> Entry:
    """Write everything of a run in one transaction; the last entry.

    Raises
    ------
    AlreadyRecorded
        Where another run stands for the session than the one that was there to begin with.
    """
    day = answer.as_of
    with desk.ledger.transaction() as book:
        _refuse_another_run(book, day, replaces)
        book.keep_all((evaluated.manifest, *evaluated.blocks.values()))
        at = desk.clock()
        if replaces is not None:
            book.supersede(day, reason, at=at)
        book.append("run", day, payload, at=at)
        last = book.append("advice", day, advice_of(payload), at=at)
        track_record.record_outcomes(book, desk.store.as_of(answer.cut), at=at)
        if announce:
            announce_run(book, answer, desk.settings.alerts, at=at)
        return book.head() or last


def _refuse_another_run(book: Book, day: dt.date, replaces: Run | None) -> None:
    current = book.run_of(day)
    known, expected = current and current.payload["run_id"], replaces and replaces.run_id
    if known != expected:
        raise AlreadyRecorded(f"the ledger has the run {known} of {day}, not {expected}; nothing was written.")


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
