"""The daily fetch: find out what answers, ask it for what is wanted, store each provider's batch whole.

1. Every allowed provider is knocked at, all at once, within `probe_seconds`.
2. Of FRED with and without a key the better one that answers is used.
3. Providers work side by side; one that fails costs its own series and a notice, never the rest.
4. Each provider's facts, refusals and notes become one transaction, when it is done.
"""

import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signals.errors import SourceError
from signals.series.fetch_notes import note_series
from signals.sources.http import WireError
from signals.sources.notes import notes
from signals.sources.provider import Delivery, Remark, Source
from signals.sources.registry import RATES, Secret, from_environment, providers
from signals.sources.validation.revisions import merge
from signals.store.store import Refusal, Store

if TYPE_CHECKING:
    from signals.asof import History

GIVE_UP = 2  # series in a row that fail for the line's sake: the provider is down
LINE_FAULTS = frozenset({"unreachable", "slow", "server", "limited", "budget"})
DISPUTES = frozenset({"value.disputed"})


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
    secret: Secret = from_environment,
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
        Only these series (``yahoo:IWM`` for a price); everything on offer otherwise.
    secret : callable
        From ``env:NAME`` to the secret.
    """
    allowed = providers(sources, secret)
    silent = _probe(allowed, sources.probe_seconds)
    answering = _best([each for each in allowed if each.name not in silent])
    hauls = tuple(_haul(store, answering, now, wanted))
    reports = [_put(store, haul, now) for haul in hauls]
    downs = {("down", name): 1.0 for each in allowed if each.name in silent for name in _asked(each, wanted)}
    covered = {name for haul in hauls for name, _ in haul.deliveries}
    _note(store, {key: size for key, size in downs.items() if key[1] not in covered}, now)
    failed = (
        *(silent[each.name] for each in allowed if each.name in silent),
        *(f for haul in hauls for f in haul.failed),
    )
    used = tuple(haul.source for haul in hauls if haul.deliveries)
    return FetchReport(
        mode="api" if "fred" in used else "keyless" if used else "offline",
        used=used,
        failed=failed,
        stored=sum(report.stored for report in reports),
        refused=sum(report.refused for report in reports),
        contradicted=sum(len(report.contradictions) for report in reports),
        remarks=tuple(remark for haul in hauls for _, delivery in haul.deliveries for remark in delivery.remarks),
        notices=tuple(_notices(allowed, used, failed, sources)),
    )


def _probe(allowed: Sequence[Source], seconds: float) -> dict[str, Failure]:
    """Who does not answer within `seconds`, and why.

    The threads are daemons: looking up a name without a network may hang long after we stopped caring.
    """
    found: dict[str, Failure | None] = {}

    def knock(each: Source) -> None:
        found[each.name] = _silence(each, seconds)

    threads = [threading.Thread(target=knock, args=(each,), daemon=True) for each in allowed]
    ends = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    late = {
        each.name: Failure(each.name, "", f"{each.name} did not answer within {seconds:.0f} s", "source_slow")
        for each in allowed
    }
    return {each.name: fault for each in allowed if (fault := found.get(each.name, late[each.name]))}


def _silence(each: Source, seconds: float) -> Failure | None:
    try:
        each.reach(seconds)
    except SourceError as fault:
        return Failure(each.name, "", fault.message, fault.code)
    except Exception as fault:  # noqa: BLE001 - a provider must not be able to stop the day
        return Failure(each.name, "", f"{each.name} failed ({type(fault).__name__})", "source_form")
    return None


def _best(answering: list[Source]) -> tuple[Source, ...]:
    """Without the lesser of two providers of the same rates."""
    rates = next((each.name for each in answering if each.name in RATES), None)
    return tuple(each for each in answering if each.name not in RATES or each.name == rates)


def _asked(source: Source, wanted: Sequence[str]) -> tuple[str, ...]:
    offered = source.offers()
    if not wanted:
        return offered
    prefixes = {name.split(":")[0] for name in offered}
    return tuple(name for name in wanted if name in offered or name.split(":")[0] in prefixes)


def _haul(store: Store, answering: Sequence[Source], now: dt.datetime, wanted: Sequence[str]) -> Iterable[_Haul]:
    if not answering:
        return
    with ThreadPoolExecutor(max_workers=len(answering), thread_name_prefix="fetch") as pool:
        work = [pool.submit(_gather, source, _asked(source, wanted), store, now) for source in answering]
        for done in as_completed(work):
            yield done.result()


def _gather(source: Source, asked: Sequence[str], store: Store, now: dt.datetime) -> _Haul:
    """All that one provider delivers; it is given up where its line fails twice running."""
    got: list[tuple[str, Delivery]] = []
    failed: list[Failure] = []
    running = 0
    for place, series in enumerate(asked):
        try:
            got.append((series, source.fetch(series, store.history, now)))
            running = 0
        except SourceError as fault:
            failed.append(Failure(source.name, series, fault.message, fault.code))
            running = running + 1 if isinstance(fault, WireError) and fault.kind in LINE_FAULTS else 0
        except Exception as fault:  # noqa: BLE001 - a provider must not be able to stop the day
            reason = f"{series} could not be read ({type(fault).__name__}: {str(fault)[:80]})"
            failed.append(Failure(source.name, series, reason, "source_bug"))
        if running >= GIVE_UP:
            failed += [
                Failure(source.name, name, f"not asked: {source.name} is down", "source_down")
                for name in asked[place + 1 :]
            ]
            break
    return _Haul(source.name, tuple(got), tuple(failed))


def _put(store: Store, haul: _Haul, now: dt.datetime) -> Any:
    """One provider's batch: facts, refusals and notes in one transaction."""
    facts: dict[str, History] = {}
    refused: list[Refusal] = []
    for _, delivery in haul.deliveries:
        for arrival in delivery.arrivals:
            name = arrival.told.id
            facts[name] = (
                arrival.facts if arrival.revisions else merge(arrival.told, store.history(name), arrival.facts, now)
            )
        refused += delivery.refused
    facts |= notes(_sizes(store, haul), now)
    return store.write(facts, source=haul.source, at=now, refused=refused)


def _sizes(store: Store, haul: _Haul) -> dict[tuple[str, str], float]:
    """What is worth a note: new troubles, and the end of old ones."""
    found: dict[tuple[str, str], float] = {}
    for series, delivery in haul.deliveries:
        found[("down", series)] = 0.0
        for arrival in delivery.arrivals:
            found |= {(kind, arrival.told.id): 0.0 for kind in ("refused", "disputed", "contradicted")}
        found |= {
            ("refused", name): float(count) for name, count in Counter(each.series for each in delivery.refused).items()
        }
        for remark in delivery.remarks:
            if remark.rule.startswith(("value.", "series.changed")):
                found[("disputed" if remark.rule in DISPUTES else "contradicted", remark.series)] = remark.size
    found |= {("down", fault.series): 1.0 for fault in haul.failed}
    return _changed(store, found)


def _changed(store: Store, found: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float]:
    """Notes that say something new: a clean bill only where there was trouble before."""

    def before(key: tuple[str, str]) -> float:
        last = store.history(note_series(*key)).latest()
        return float(last.value[-1]) if last.period.size else 0.0

    return {key: size for key, size in found.items() if size or before(key)}


def _note(store: Store, found: Mapping[tuple[str, str], float], now: dt.datetime) -> None:
    if found:
        store.write(notes(_changed(store, found), now), source="notes", at=now)


def _notices(allowed: Sequence[Source], used: Sequence[str], failed: Sequence[Failure], sources: Any) -> Iterable[str]:
    if not allowed:
        return
    if not used:
        names = ", ".join(each.name for each in allowed)
        yield f"no provider answered within {sources.probe_seconds:.0f} s ({names}); using what is held"
        return
    yield "used " + ", ".join(used)
    if "fredgraph" in used:
        yield "FRED without a key: revised series are not point in time"
    for name in dict.fromkeys(fault.source for fault in failed):
        if name in RATES and any(other in used for other in RATES if other != name):
            continue
        ours = [fault for fault in failed if fault.source == name]
        lost = [fault.series for fault in ours if fault.series]
        what = f"{len(lost)} series ({', '.join(lost[:3])}{', ...' if len(lost) > 3 else ''})" if lost else "everything"  # noqa: PLR2004 - three names are enough for a line
        yield f"{name} did not deliver {what}: {ours[0].reason}"
