"""The degradation ladder: how far the data behind today's advice can be trusted.

    OK -> DEGRADED (a reason, confidence under 1) -> STALE (the last good date) -> HOLD (no new advice)

1. Each signal of the forecast, and the prices of the pair, is a block with a confidence from 0 to 1.
2. A block loses confidence with every release that its carriers have missed, never more than half at once.
3. A number that cannot be believed, or a signal that cannot answer, leaves the least that ageing leaves; a
   carrier that is not held leaves half of that. So removing, ageing or corrupting never raises anything.
4. The confidence is the mean of the blocks: the tilt is multiplied by it, on its way to the policy weight.
5. HOLD below a tenth or without any policy rate, and for live advice where an input was never held; STALE at a
   fifth or when half the blocks are; else DEGRADED as soon as anything is less than whole.

Signals outside the forecast answer with their own gaps and leave the confidence alone: they move no weight.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from signals.asof import AsOf
from signals.calendars import day_of
from signals.catalog import BY_NAME, DEFAULT
from signals.derived.policy_rate import POLICY_INPUTS, TARGET, decision_doubts
from signals.health.required_inputs import (
    BLOCKS,
    RECORD,
    Block,
    Carrier,
    carriers,
    disagreement,
    missed,
    never_held,
    newest,
    prices,
    unbelievable,
)
from signals.series.dictionary import describe
from signals.series.fetch_notes import notes_on, troubles
from signals.signal import Gap, Signal, read

Status = Literal["OK", "DEGRADED", "STALE", "HOLD"]
BY_MISSED = (1.0, 0.9, 0.75, 0.5, 0.3, 0.2)  # confidence after so many missed releases
LEAST = 0.1  # after more: old numbers still say more than none
NOT_HELD = LEAST / 2
DISPUTED = 0.5  # factor where a second source disagrees
TROUBLED = 0.9  # factor for each thing the last fetches say against a series (`signals.series.fetch_notes`)
STALE_AT, HOLD_BELOW = 0.2, 0.1
STALE_SHARE = 0.5  # of the blocks


@dataclass(frozen=True, slots=True)
class BlockHealth:
    """The state of one block.

    Attributes
    ----------
    name : str
    confidence : float
        0 to 1.
    codes : tuple of str
        For example ``CREDIT_LATE``.
    gaps : tuple of Gap
    stale : bool
        More releases missed than its confidence scale knows, or nothing to read.
    newest : datetime.date or None
        Last period of its oldest carrier.
    """

    name: str
    confidence: float
    codes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    stale: bool = False
    newest: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The rung of the ladder and the confidence that goes with it.

    Attributes
    ----------
    status : str
    confidence : float
        0 to 1; the tilt is multiplied by it.
    reason_codes : tuple of str
        Sorted; empty on OK.
    gaps : tuple of Gap
        One for each thing that is wrong with a block.
    blocks : tuple of BlockHealth
    last_good : datetime.date or None
        The oldest newest period among the blocks: up to that day everything is known.
    """

    status: Status
    confidence: float
    reason_codes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    blocks: tuple[BlockHealth, ...] = ()
    last_good: dt.date | None = None


def health(
    view: AsOf,
    names: Sequence[str] = DEFAULT,
    *,
    small: str = "IWM",
    large: str = "SPY",
    complete: bool = False,
    own: Sequence[Signal] = (),
) -> Health:
    """The health of the blocks behind the signals `names` and behind the pair's prices, at the view's moment.

    With `complete` an input that was never held, of today or of the record behind the model, means HOLD: it is
    missing and not late, and what could be said without it would be another model's.
    """
    parts = (*(_signal_block(view, name, own) for name in names), _block(view, prices(small, large)))
    confidence = sum(part.confidence for part in parts) / len(parts)
    ages = [part.newest for part in parts if part.newest]
    missing = _record_gaps(view) if complete else ()
    never = complete and (missing or any(code.endswith("_MISSING") for part in parts for code in part.codes))
    codes = {code for part in parts for code in part.codes} | ({"RECORD_MISSING"} if missing else set())
    return Health(
        status="HOLD" if never else _status(parts, confidence),
        confidence=min(confidence, NOT_HELD) if missing else confidence,
        reason_codes=tuple(sorted(codes)),
        gaps=(*(gap for part in parts for gap in part.gaps), *missing),
        blocks=parts,
        last_good=min(ages) if ages else None,
    )


def health_inputs(names: Sequence[str], *, small: str, large: str, own: Sequence[Signal] = ()) -> tuple[str, ...]:
    """Every series that `health` may read for these signals and this pair (unless `complete`), in order of name."""
    signals = [_signal(name, own) for name in names]
    blocks = [*(_block_of(signal) for signal in signals), prices(small, large)]
    carried = {series for block in blocks for part in block.carriers for series in part.names}
    witnesses = {series for block in blocks for series in block.witness or ()}
    notes = {note for series in carried for note in notes_on(series)}
    asked = {series for signal in signals for series in signal.inputs}
    return tuple(sorted({*carried, *witnesses, *notes, *asked, *POLICY_INPUTS}))


def _record_gaps(view: AsOf) -> tuple[Gap, ...]:
    return tuple(
        Gap("record", f"nothing is stored of {name}, on which the record behind the model rests", "missing", name)
        for name in never_held(view, RECORD, day_of(view.moment))
    )


def _status(parts: Sequence[BlockHealth], confidence: float) -> Status:
    no_policy = any(part.name == "policy" and part.confidence <= NOT_HELD for part in parts)
    if confidence < HOLD_BELOW or no_policy:
        return "HOLD"
    if confidence <= STALE_AT or sum(part.stale for part in parts) >= STALE_SHARE * len(parts):
        return "STALE"
    return "OK" if all(part.confidence == 1.0 for part in parts) else "DEGRADED"


def _signal_block(view: AsOf, name: str, own: Sequence[Signal]) -> BlockHealth:
    """The block of a signal, brought down to the least where the signal itself is silent."""
    signal = _signal(name, own)
    part = _block(view, _block_of(signal))
    answer = read(signal, view)
    if not isinstance(answer, Gap):
        return part
    code = f"{part.name.upper()}_{answer.code.upper()}"
    return BlockHealth(
        part.name,
        min(part.confidence, LEAST),
        (*part.codes, code),
        (*part.gaps, answer),
        stale=True,
        newest=part.newest,
    )


def _signal(name: str, own: Sequence[Signal]) -> Signal:
    return BY_NAME.get(name) or next(signal for signal in own if signal.name == name)


def _block_of(signal: Signal) -> Block:
    """A signal without a block of its own stands on its first input, from where that begins."""
    if signal.name in BLOCKS:
        return BLOCKS[signal.name]
    series = signal.inputs[0]
    return Block(signal.name, (Carrier((series,), since=describe(series).since or dt.date.min),))


def _block(view: AsOf, block: Block) -> BlockHealth:
    states = [_carrier(view, block, part) for part in carriers(block, day_of(view.moment))]
    disputed = disagreement(view, block)
    if disputed and block.witness:
        gap = Gap(block.name, disputed, "contradiction", block.witness[0])
        states.append(BlockHealth(block.name, 1.0, (f"{block.name.upper()}_DISPUTED",), (gap,)))
    confidence = min((state.confidence for state in states), default=NOT_HELD)
    ages = [state.newest for state in states if state.newest]
    return BlockHealth(
        block.name,
        max(NOT_HELD, confidence * DISPUTED) if disputed else confidence,
        tuple(code for state in states for code in state.codes),
        tuple(gap for state in states for gap in state.gaps),
        stale=any(state.stale for state in states),
        newest=min(ages) if ages else None,
    )


def _carrier(view: AsOf, block: Block, carrier: Carrier) -> BlockHealth:
    """One carrier's confidence, with the reason where it is less than whole."""
    upper, preferred = block.name.upper(), carrier.names[0]
    source = newest(view, carrier)
    if source is None:
        gap = Gap(block.name, f"nothing is stored of {preferred}", "missing", preferred)
        return BlockHealth(block.name, NOT_HELD, (f"{upper}_MISSING",), (gap,), stale=True)
    name, period = source
    count = missed(view, name, period)
    codes: list[str] = []
    gaps: list[Gap] = []
    confidence = BY_MISSED[count] if count < len(BY_MISSED) else LEAST
    stale = count >= len(BY_MISSED) - 1
    if count:
        codes.append(f"{upper}_{'STALE' if stale else 'LATE'}")
        gaps.append(Gap(block.name, _missed_reason(view, name, period, count), "stale", name))
    if doubt := unbelievable(view, name, carrier):
        codes.append(f"{upper}_UNBELIEVABLE")
        gaps.append(Gap(block.name, doubt, "contradiction", name))
        confidence = min(confidence, LEAST)
    for trouble in troubles(view, name):
        codes.append(f"{upper}_{'NOT_DELIVERED' if trouble.code == 'missing' else 'CONTRADICTED'}")
        gaps.append(trouble)
        confidence = max(NOT_HELD, TROUBLED * confidence)
    if name == TARGET and (disputes := [doubt for doubt in decision_doubts(view) if doubt.code == "contradiction"]):
        codes.append(f"{upper}_DISPUTED")
        gaps += [Gap(block.name, doubt.reason, doubt.code, name) for doubt in disputes]
        confidence = max(NOT_HELD, DISPUTED * confidence)
    good = day_of(view.moment) if name == TARGET and not count else period  # a target holds until the next decision
    return BlockHealth(block.name, confidence, tuple(codes), tuple(gaps), stale=stale, newest=good)


def _missed_reason(view: AsOf, name: str, period: dt.date, count: int) -> str:
    """Which releases of a series, or which decisions of the FOMC, are missing."""
    if name == TARGET:
        late = [doubt.reason for doubt in decision_doubts(view) if doubt.code == "late"]
        return late[-1] if count == 1 else f"{late[-1]}, nor {count - 1} before it"
    releases = "one release" if count == 1 else f"{count} releases"
    return f"{name} ends with {period}: {releases} missed"
