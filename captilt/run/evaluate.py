"""One day's answer from the store: a function of the facts known at the cut, the settings and the ledger before it."""

import datetime as dt
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from allocator.challengers import registered_challengers
from allocator.decide import decide
from allocator.decision import Decision
from allocator.ledger.input_archive import pack, watched
from allocator.returns import demand_prices
from allocator.track_record import inputs
from captilt.context import Desk
from captilt.contract.record import fill, rounded
from captilt.contract.run import Change, Line, Run, Statement, as_recorded, read_run, run_record
from captilt.operations.disk_cache import FolderCache
from captilt.review.run_changes import changes
from captilt.run import challengers, track_record
from captilt.run.day_events import since_last_cut
from captilt.run.position import HeldPosition, held_position
from captilt.run.provenance import note
from signals.asof import AsOf
from signals.calendars import day_of
from signals.errors import NoAdvice

SAMPLE = "sample"  # mode of an answer from the packaged sample


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
class Evaluated:
    """One day worked out: its run, and the inputs it came from.

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


def study(desk: Desk, moment: dt.datetime, *, holdings: str | None = None) -> Run:
    """What the engine says of a past moment; nothing is recorded or sent."""
    if is_empty(desk):
        raise NoAdvice(
            "the store holds no data of the markets.",
            remedy="Import a folder with `captilt data import DIR`, or run without --as-of.",
        )
    return evaluate(desk, moment, Fetched("offline"), is_study=True, holdings=holdings).run


def is_empty(desk: Desk) -> bool:
    """True where the store holds nothing of the markets (the shipped decisions do not count)."""
    return desk.settings.sources.mode == "sample" or not desk.store.holds_market_data()


def evaluate(
    desk: Desk, moment: dt.datetime, fetched: Fetched, *, is_study: bool = False, holdings: str | None = None
) -> Evaluated:
    """Look and decide from the store, with the archive of what was looked at."""
    start = time.perf_counter()
    view, names_read = desk.store.as_of(moment), set[str]()
    if not is_study:
        view, names_read = watched(view)
    position = held_position(desk, moment, holdings=holdings, is_study=is_study)
    answer = compute(desk, view, fetched, position, is_study=is_study)
    seconds = {"fetch": round(fetched.seconds, 3), "judge": round(time.perf_counter() - start, 3)}
    answer = replace(answer, timings=seconds)
    if is_study:
        return Evaluated(answer)
    settings = desk.settings
    names = names_read | set(inputs(settings.judgement))  # a cached track record asks for less
    if answer.challengers:
        judgements = (rule.judgement(settings.judgement) for rule in registered_challengers())
        names |= {name for judgement in judgements for name in inputs(judgement)}
    return Evaluated(answer, *pack(view, names, note=note(desk.settings)))


def compute(desk: Desk, view: AsOf, fetched: Fetched, position: HeldPosition, *, is_study: bool = False) -> Run:
    """The run of a view's moment: a function of the view, the settings and the book before the moment."""
    settings, moment = desk.settings, view.moment
    decision = _decided(desk, view, position, is_live=fetched.mode != SAMPLE, is_study=is_study)
    notices = (*fetched.notices, *position.notices)
    decided = run_record(
        view,
        decision,
        settings.portfolio,
        settings.judgement,
        regime=settings.regime,
        mode=fetched.mode,
        notices=notices,
        study=is_study,
    )
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


def contributions(desk: Desk, view: AsOf) -> dict[str, float]:
    """Points by signal in a study of the moment, as a run writes them; empty where no advice is possible."""
    if is_empty(desk):
        return {}
    try:
        decision = _decided(desk, view, held_position(desk, view.moment, is_study=True), is_live=True, is_study=True)
    except NoAdvice:
        return {}
    return rounded({name: decision.contributions.get(name, 0.0) for name in decision.answers})


def _decided(desk: Desk, view: AsOf, position: HeldPosition, *, is_live: bool, is_study: bool) -> Decision:
    """The decision; of live data prices are demanded, since the packaged sample has none and is never recorded."""
    settings = desk.settings
    if is_live:
        demand_prices(view, settings.portfolio)
    return decide(
        view,
        position.weight,
        settings.judgement,
        settings.regime,
        step_from=position.step_from,
        cache=FolderCache(desk.home / "cache"),
        complete=is_live and not is_study,
    )


def _challengers(desk: Desk, view: AsOf, *, is_study: bool) -> tuple[Statement, ...]:
    """What the registered rules state beside the method; a study compares nothing."""
    if is_study:
        return ()
    made = challengers.statements(desk.ledger, view, desk.settings, cache=FolderCache(desk.home / "cache"))
    return tuple(fill(Statement, statement) for statement in made)


def change_since(desk: Desk, moment: dt.datetime, now: Run) -> Change:
    """What changed since the run before, exact to the total; ``since`` is null on the first run."""
    earlier = [entry for entry in desk.ledger.entries("run", until=moment, last=2) if entry.day < day_of(moment)]
    if not earlier:
        return Change()
    changed = changes(read_run(earlier[-1].payload), now, anchor="run")
    lines = tuple(Line(line=shift.line, points=shift.points) for shift in changed.shifts)
    return Change(since=changed.since, total_points=changed.total, lines=lines, reasons=changed.reasons)
