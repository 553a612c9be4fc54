"""What the catalogue says at a moment, as plain data: the table of all signals, and one of them in full."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np

from signals.asof import AsOf
from signals.calendars import CUT, NEW_YORK, day_of, instants, month_end_sessions, session_count
from signals.catalog import SIGNALS
from signals.health.health import health
from signals.scoring.points import instant, months_before, one
from signals.series.dated_facts import DatedFact, known
from signals.series.dictionary import describe, fault
from signals.signal import Gap, Reading, Signal, read, scores

CONTRACTS = "cme:"  # hundreds of futures contracts: the signal's own detail speaks of them
SPARK_MONTHS = 24
FIRST_SHOWN = dt.date(1990, 1, 1)
NOTABLE = 0.1  # change of a score over a month, in standard deviations, that earns an arrow


def board(view: AsOf, contributions: Mapping[str, float]) -> dict[str, Any]:
    """Every signal in one row, and the health of the data that the advice stands on.

    Parameters
    ----------
    contributions : mapping of str to float
        Points of the portfolio by signal, where a recorded run tells them.
    """
    state = health(view)
    return {
        "as_of": day_of(view.moment),
        "cut": view.moment.astimezone(NEW_YORK),
        "data": {"status": state.status, "confidence": state.confidence, "reason_codes": list(state.reason_codes)},
        "rows": [row(view, signal, contributions) for signal in SIGNALS],
        "dated_facts": [_dated(fact, day_of(view.moment)) for fact in known(day_of(view.moment))],
    }


def _dated(fact: DatedFact, day: dt.date) -> dict[str, Any]:
    return {
        "name": fact.name,
        "value": fact.value,
        "unit": fact.unit,
        "says": fact.says,
        "source": fact.source,
        "observed": fact.observed,
        "expires": fact.expires,
        "warning": fact.warning(day),
    }


def row(view: AsOf, signal: Signal, contributions: Mapping[str, float]) -> dict[str, Any]:
    """One line of the table; score and raw are null where the signal is silent."""
    answer = read(signal, view)
    core = {
        "name": signal.name,
        "family": signal.family,
        "asks": signal.asks,
        "unit": signal.unit,
        "contribution_points": contributions.get(signal.name),
        "history": [value for _, value in recent(view, signal)],
    }
    if isinstance(answer, Gap):
        silent = dict.fromkeys(("score", "change", "raw", "period", "known_at", "age_sessions"))
        return {**core, **silent, "status": answer.code, "note": answer.reason}
    return {
        **core,
        "score": answer.score,
        "change": _change(view, signal, answer),
        "raw": answer.raw,
        "period": answer.period,
        "known_at": answer.known_at.astimezone(NEW_YORK),
        "age_sessions": session_count(day_of(answer.known_at), day_of(view.moment)),
        "status": "ok",
        "note": answer.note,
    }


def recent(view: AsOf, signal: Signal, *, months: int = SPARK_MONTHS) -> list[tuple[dt.date, float]]:
    """Scores at the last month-ends up to the moment; NaN for a gap."""
    return _history(view, signal, month_end_sessions(dt.date(1963, 1, 1), day_of(view.moment))[-months:])


def _history(view: AsOf, signal: Signal, ends: tuple[dt.date, ...]) -> list[tuple[dt.date, float]]:
    cuts = instants(np.array(ends, dtype="datetime64[D]"), CUT)
    cuts = cuts[cuts <= instant(view.moment)]
    told = scores(signal, view, cuts)
    return list(zip(ends, told.tolist(), strict=False))


def _change(view: AsOf, signal: Signal, now: Reading) -> float | None:
    """Change of the score over a month; None where there was none then."""
    before = scores(signal, view, months_before(one(view.moment), 1))[0]
    return None if np.isnan(before) else now.score - float(before)


def close_up(view: AsOf, signal: Signal, contributions: Mapping[str, float]) -> dict[str, Any]:
    """Everything about one signal but its evidence."""
    narrowed = view.only(signal.inputs)
    ends = month_end_sessions(FIRST_SHOWN, day_of(view.moment))
    return {
        "as_of": day_of(view.moment),
        "cut": view.moment.astimezone(NEW_YORK),
        **row(view, signal, contributions),
        "prior": signal.prior,
        "report_only": signal.report_only,
        "definition": _definition(signal),
        "detail": list(signal.detail(narrowed)) if signal.detail else [],
        "inputs": [_input(narrowed, name) for name in signal.inputs if not name.startswith(CONTRACTS)],
        "history": [{"date": day, "score": value} for day, value in _history(view, signal, ends)],
    }


def _definition(signal: Signal) -> str:
    """The economic argument at the head of the signal's own file."""
    import importlib

    return (importlib.import_module(f"signals.catalog.{signal.name}").__doc__ or "").strip()


def _input(view: AsOf, name: str) -> dict[str, Any]:
    """One series behind a signal: how old, how revised, what is wrong with it."""
    told, seen = describe(name), view.history(name)
    wrong = fault(view, name)
    revised = _last_revision(view, name)
    newest = seen.latest().period
    return {
        "series": name,
        "unit": told.unit,
        "newest": newest[-1].astype(dt.date) if newest.size else None,
        "age_sessions": session_count(newest[-1].astype(dt.date), day_of(view.moment)) if newest.size else None,
        "allowed_sessions": told.allowed_age,
        "revision": revised,
        "status": wrong.code if wrong else "ok",
        "reason": wrong.reason if wrong else "",
    }


def _last_revision(view: AsOf, name: str) -> dict[str, Any] | None:
    """The newest revision of a series and its size, in the unit of the series."""
    seen = view.history(name)
    again = np.flatnonzero(seen.period[1:] == seen.period[:-1]) + 1
    if not again.size:
        return None
    last = int(again[np.argmax(seen.known_at[again])])
    return {
        "period": seen.period[last].astype(dt.date),
        "known_at": _aware(seen.known_at[last]).astimezone(NEW_YORK),
        "size": float(seen.value[last] - seen.value[last - 1]),
    }


def _aware(known_at: np.datetime64) -> dt.datetime:
    return known_at.astype(dt.datetime).replace(tzinfo=dt.UTC)
