"""The daily fetch: find out what answers, ask it for what can have changed, store each provider's batch whole.

1. Every allowed provider is tried at once, within `probe_seconds`.
2. Of FRED with and without a key the better one that answers is used; the other is asked for what it fails on.
3. A series whose next number is not due yet is left alone, unless it was named or failed at the last fetch.
4. Providers work side by side. What the call and the tilt need comes first, then what failed at the last fetch,
   then the rest in an order that changes daily, so that a budget that runs out does not always cost the same.
   A provider that fails costs its own series and a notice, never the rest.
5. Each provider's facts, refusals and notes become one transaction, when it is done.
6. Where another source of the same number is newer it fills in; where both are held they are compared.
"""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.errors import SourceError
from signals.new_york import instant
from signals.series.fetch_notes import note_series
from signals.series.release_dates import releases_promised
from signals.sources import stand_ins
from signals.sources.notes import notes
from signals.sources.provider import Delivery, Remark, Source
from signals.sources.registry import RATES, Secret, Wanted, from_environment, providers
from signals.sources.validation.revisions import merge
from signals.sources.watchlist import ESSENTIAL
from signals.sources.wire_errors import BudgetSpent, LineError, WireError
from signals.store.store import Refusal, Store

if TYPE_CHECKING:
    from signals.asof import History

Progress = Callable[[int, int], None]  # series done, series to ask for
GIVE_UP = 2  # series in a row that fail for the line's sake: the provider is down
DISPUTES = frozenset({"value.disputed"})
NAMED = 3  # series named in a notice before "..."
GET_A_KEY = "set FRED_API_KEY (free, two minutes, fredaccount.stlouisfed.org/apikeys) and run again"
LABELS = {
    "fred": "FRED", "fredgraph": "FRED without a key", "yahoo": "Yahoo", "french": "Ken French's library",
    "edgar": "EDGAR", "board": "the Board's press releases", "h15": "the Board's H.15", "treasury": "the Treasury",
    "nyfed": "the New York Fed", "tiingo": "Tiingo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """What a provider did not deliver.

    Attributes
    ----------
    source, series, reason, code : str
        `series` is empty where the provider as a whole did not answer.
    """

    source: str
    series: str
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch did.

    Attributes
    ----------
    mode : str
        api | keyless | offline.
    used : tuple of str
        Providers that delivered something.
    failed : tuple of Failure
    stored, refused, contradicted : int
        New facts, new rows in quarantine, new contradictions.
    filled : tuple of (str, str)
        Series whose newest days came from another source, with that source's series.
    remarks : tuple of Remark
    notices : tuple of str
        Sentences for the first lines of every face.
    """

    mode: str
    used: tuple[str, ...]
    failed: tuple[Failure, ...]
    stored: int
    refused: int
    contradicted: int
    remarks: tuple[Remark, ...]
    notices: tuple[str, ...]
    filled: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Haul:
    """Everything one provider brought."""

    source: str
    deliveries: tuple[tuple[str, Delivery], ...]
    failed: tuple[Failure, ...]


def refresh(
    store: Store,
    sources: Any,
    now: dt.datetime,
    *,
    wanted: Sequence[str] = (),
    also: Sequence[str] = (),
    secret: Secret = from_environment,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> FetchReport:
    """Fetch what is wanted from whatever answers, and store it.

    Parameters
    ----------
    store : Store
    sources : settings
        The section ``[sources]``: mode, probe_seconds and one table per provider.
    now : datetime.datetime
        Aware; the moment of arrival.
    wanted : sequence of str, optional
        Only these series (``yahoo:IWM`` for a price); everything on offer that can have changed otherwise.
    also : sequence of str, optional
        What the settings name beyond the watch list, for example ``yahoo:SCHA``.
    secret : callable
        From ``env:NAME`` to the secret.
    cache : pathlib.Path, optional
        A folder in which providers keep what outlives a process (session cookies, time zones).
    progress : callable, optional
        Called with the number of series done and the number to ask for.
    """
    allowed = providers(sources, secret, Wanted(also, cache))
    requested = {source.name: _requested(store, source, wanted, now) for source in allowed}
    allowed = tuple(source for source in allowed if requested[source.name] or not source.offers())
    silent = _probe(allowed, sources.probe_seconds)
    answering = [source for source in allowed if source.name not in silent]
    tick = _Tick(progress, sum(len(requested[source.name]) for source in _best(answering)))
    hauls = list(_hauls(store, _best(answering), requested, now, tick))
    hauls += _second_try(store, answering, hauls, now)
    reports = [_put(store, haul, now) for haul in hauls]
    filled, differing = _from_stand_ins(store, now)
    _note(store, _downs(silent, requested, hauls, filled) | differing, now)
    failed = (*silent.values(), *_unanswered(hauls))
    used = tuple(dict.fromkeys(haul.source for haul in hauls if haul.deliveries))
    return FetchReport(
        mode="api" if "fred" in used else "keyless" if used else "offline",
        used=used,
        failed=failed,
        stored=sum(report.stored for report in reports) + sum(part.facts.period.size for part in filled),
        refused=sum(report.refused for report in reports),
        contradicted=sum(len(report.contradictions) for report in reports),
        remarks=tuple(remark for haul in hauls for _, delivery in haul.deliveries for remark in delivery.remarks),
        notices=tuple(_notices(requested, silent, used, failed, filled)),
        filled=tuple((part.series, part.stand_in) for part in filled),
    )


class _Tick:
    """Counts series done across the threads of the providers."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self._done += 1
            if self._progress:
                self._progress(self._done, self._total)


def _requested(store: Store, source: Source, wanted: Sequence[str], now: dt.datetime) -> tuple[str, ...]:
    """What to ask `source` for, in order: essential, failed at the last fetch, the rest turned by the day."""
    offered = source.offers()
    if wanted:
        prefixes = {name.split(":")[0] for name in offered}
        return tuple(name for name in wanted if name in offered or name.split(":")[0] in prefixes)
    due = [name for name in offered if _is_due(store, source, name, now)]
    first = [name for name in due if name in ESSENTIAL]
    failed = [name for name in due if name not in first and _last_note(store, ("down", name))]
    rest = [name for name in due if name not in first and name not in failed]
    turn = now.toordinal() % len(rest) if rest else 0
    return (*first, *failed, *rest[turn:], *rest[:turn])


def _is_due(store: Store, source: Source, series: str, now: dt.datetime) -> bool:
    """False where everything that can be out by now is held, and arrived at the last fetch."""
    stored = source.stored(series, now)
    if not stored or _last_note(store, ("down", series)):
        return True
    now_utc = instant(now)
    for name in stored:
        ended, latest = store.describe(name).ended, store.history(name).latest()
        if not latest.period.size:
            return True
        newest = latest.period[-1].astype(dt.date)
        if not (ended and newest >= ended) and releases_promised(name, newest, now_utc):
            return True
    return False


def _probe(allowed: Sequence[Source], seconds: float) -> dict[str, Failure]:
    """Who does not answer within `seconds`, and why.

    The threads are daemons: looking up a name without a network may hang long after we stopped caring.
    """
    outcomes: dict[str, Failure | None] = {}

    def reach(source: Source) -> None:
        outcomes[source.name] = _silence(source, seconds)

    threads = [threading.Thread(target=reach, args=(source,), daemon=True) for source in allowed]
    ends = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    late = {
        source.name: Failure(source.name, "", f"no answer within {seconds:.0f} s", "source_slow") for source in allowed
    }
    return {
        source.name: fault for source in allowed if (fault := outcomes.get(source.name, late[source.name])) is not None
    }


def _silence(source: Source, seconds: float) -> Failure | None:
    try:
        source.reach(seconds)
    except SourceError as fault:
        return Failure(source.name, "", fault.message.removesuffix(" Nothing of it was stored."), fault.code)
    except Exception as fault:  # noqa: BLE001 - a provider must not be able to stop the day
        return Failure(source.name, "", f"{source.name} failed ({type(fault).__name__})", "source_form")
    return None


def _best(answering: Sequence[Source]) -> tuple[Source, ...]:
    """Without the lesser of two providers of the same rates."""
    rates = next((source.name for source in answering if source.name in RATES), None)
    return tuple(source for source in answering if source.name not in RATES or source.name == rates)


def _hauls(
    store: Store, answering: Sequence[Source], requested: Mapping[str, Sequence[str]], now: dt.datetime, tick: _Tick
) -> Iterable[_Haul]:
    if not answering:
        return
    with ThreadPoolExecutor(max_workers=len(answering), thread_name_prefix="fetch") as pool:
        work = [pool.submit(_gather, source, requested[source.name], store, now, tick) for source in answering]
        for done in as_completed(work):
            yield done.result()


def _second_try(store: Store, answering: Sequence[Source], hauls: Sequence[_Haul], now: dt.datetime) -> list[_Haul]:
    """FRED's graph files, for what the API answered badly (a series that does not exist is not asked for again)."""
    first = next((haul for haul in hauls if haul.source == RATES[0]), None)
    other = next((source for source in answering if source.name == RATES[1]), None)
    if first is None or other is None:
        return []
    left = [fault.series for fault in first.failed if fault.code not in {"source_refused", "source_changed"}]
    return [_gather(other, left, store, now, _Tick(None, 0))] if left else []


def _gather(source: Source, requested: Sequence[str], store: Store, now: dt.datetime, tick: _Tick) -> _Haul:
    """All that one provider delivers; it is given up where its line fails twice running, or its time is spent."""
    got: list[tuple[str, Delivery]] = []
    failed: list[Failure] = []
    running = 0
    for number, series in enumerate(requested):
        why = ""
        try:
            got.append((series, source.fetch(series, store.history, now)))
            running = 0
        except WireError as fault:
            failed.append(Failure(source.name, series, fault.message, fault.code))
            running = running + 1 if isinstance(fault, LineError) else 0
            why = fault.message if isinstance(fault, BudgetSpent) or running >= GIVE_UP else ""
        except SourceError as fault:
            failed.append(Failure(source.name, series, fault.message, fault.code))
            running = 0
        except Exception as fault:  # noqa: BLE001 - a provider must not be able to stop the day
            reason = f"{series} could not be read ({type(fault).__name__}: {str(fault)[:80]})"
            failed.append(Failure(source.name, series, reason, "source_bug"))
        tick()
        if why:
            failed += [
                Failure(source.name, name, f"not asked: {why}", "source_down") for name in requested[number + 1 :]
            ]
            break
    return _Haul(source.name, tuple(got), tuple(failed))


def _unanswered(hauls: Sequence[_Haul]) -> tuple[Failure, ...]:
    """What no provider of the same rates delivered."""
    delivered = {name for haul in hauls for name, _ in haul.deliveries}
    return tuple(fault for haul in hauls for fault in haul.failed if fault.series not in delivered)


def _put(store: Store, haul: _Haul, now: dt.datetime) -> Any:
    """One provider's batch: facts, refusals and notes in one transaction."""
    facts: dict[str, History] = {}
    refused: list[Refusal] = []
    for _, delivery in haul.deliveries:
        for arrival in delivery.arrivals:
            name = arrival.series.id
            facts[name] = (
                arrival.facts if arrival.revisions else merge(arrival.series, store.history(name), arrival.facts, now)
            )
        refused += delivery.refused
    facts |= notes(_sizes(store, haul), now)
    return store.write(facts, source=haul.source, at=now, refused=refused)


def _sizes(store: Store, haul: _Haul) -> dict[tuple[str, str], float]:
    """What is worth a note: new troubles, and the end of old ones."""
    sizes: dict[tuple[str, str], float] = {}
    for series, delivery in haul.deliveries:
        sizes[("down", series)] = 0.0
        for arrival in delivery.arrivals:
            sizes |= {(kind, arrival.series.id): 0.0 for kind in ("refused", "disputed", "contradicted")}
        sizes |= {
            ("refused", name): float(count) for name, count in Counter(row.series for row in delivery.refused).items()
        }
        for remark in delivery.remarks:
            if remark.rule.startswith(("value.", "series.changed")) and remark.rule != "value.corrected":
                sizes[("disputed" if remark.rule in DISPUTES else "contradicted", remark.series)] = remark.size
    sizes |= {("down", fault.series): 1.0 for fault in haul.failed}
    return _changed(store, sizes)


def _changed(store: Store, sizes: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Notes that say something new: a clean bill only where there was trouble before."""
    return {key: size for key, size in sizes.items() if size or _last_note(store, key)}


def _last_note(store: Store, key: tuple[str, str]) -> float:
    last = store.history(note_series(*key)).latest()
    return float(last.value[-1]) if last.period.size else 0.0


def _note(store: Store, sizes: Mapping[tuple[str, str], float], now: dt.datetime) -> None:
    if sizes:
        store.write(notes(_changed(store, sizes), now), source="notes", at=now)


def _from_stand_ins(store: Store, now: dt.datetime) -> tuple[list[stand_ins.Filled], dict[tuple[str, str], float]]:
    """Newer days from other sources of the same number, stored; and by how much two sources differ."""
    listed = stand_ins.pairs(store.names())
    differing = stand_ins.disagreements(store.history, listed)
    filled = stand_ins.fill(store.history, listed, now)
    for part in filled:
        store.write({part.series: part.facts}, source=part.stand_in, at=now, note=f"{part.stand_in} stands in")
    return filled, {("disputed", series): size for series, size in differing.items()}


def _downs(
    silent: Mapping[str, Failure],
    requested: Mapping[str, Sequence[str]],
    hauls: Sequence[_Haul],
    filled: Sequence[stand_ins.Filled],
) -> dict[tuple[str, str], float]:
    """Notes on what a silent provider would have been asked for, unless another source brought it."""
    lost = {name for provider in silent for name in requested[provider]}
    lost |= {fault.series for haul in hauls for fault in haul.failed}
    delivered = {name for haul in hauls for name, _ in haul.deliveries}
    replaced = {part.series for part in filled} | {":".join(part.series.split(":")[:2]) for part in filled}
    sizes = {("down", name): 1.0 for name in lost - delivered - replaced}
    return sizes | {("down", name): 0.0 for name in (lost & (delivered | replaced))}


def _reasons(silent: Mapping[str, Failure]) -> str:
    """Why nobody answered: those that cannot be reached together, the others each with its reason."""
    label = {name: LABELS.get(name, name) for name in silent}
    away = [label[name] for name, fault in silent.items() if "cannot be reached (" in fault.reason]
    others = {name: fault.reason for name, fault in silent.items() if label[name] not in away}
    parts = [f"{', '.join(away)} cannot be reached"] if away else []
    return "; ".join((*parts, *(f"{label[name]}: {reason.removesuffix('.')}" for name, reason in others.items())))


def _notices(
    requested: Mapping[str, Sequence[str]],
    silent: Mapping[str, Failure],
    used: Sequence[str],
    failed: Sequence[Failure],
    filled: Sequence[stand_ins.Filled],
) -> Iterable[str]:
    if not used and not silent:
        return
    if not used:
        yield f"no provider answered ({_reasons(silent)}); using what is stored"
    else:
        yield "used " + ", ".join(used)
    if "fredgraph" in used:
        yield "FRED without a key: revised series are not point in time"
    if (key := silent.get("fred")) is not None and key.code in {"source_key", "source_refused"}:
        yield f"the key of FRED is not usable: {key.reason}"
    for name in dict.fromkeys(fault.source for fault in failed):
        if used and not (name in silent and name in RATES and any(other in used for other in RATES if other != name)):
            yield _lost(name, [fault for fault in failed if fault.source == name], requested.get(name, ()))
    if filled:
        sources = ", ".join(sorted({LABELS.get(part.stand_in.split(":")[0], part.stand_in) for part in filled}))
        yield f"{_some([part.series for part in filled])} from {sources}"
    if "fred" not in requested and any(fault.source == "fredgraph" for fault in failed):
        yield GET_A_KEY


def _lost(name: str, faults: Sequence[Failure], requested: Sequence[str]) -> str:
    """What one provider did not deliver, and why, in one line."""
    label = LABELS.get(name, name)
    failing = [fault for fault in faults if fault.series and fault.code != "source_down"]
    unasked = [fault.series for fault in faults if fault.code == "source_down"]
    reason = (failing[-1] if unasked and failing else faults[0]).reason.removesuffix(" Nothing of it was stored.")
    parts = [f"{label} did not deliver {_some([fault.series for fault in failing])}"] if failing else []
    if unasked:
        parts.append(f"{len(unasked)} of {len(requested)} series not asked ({_listed(unasked)})")
    return f"{' and '.join(parts) or f'{label} delivered nothing'}: {reason}"


def _some(series: Sequence[str]) -> str:
    return f"{len(series)} series ({_listed(series)})"


def _listed(series: Sequence[str]) -> str:
    return f"{', '.join(series[:NAMED])}{', ...' if len(series) > NAMED else ''}"
