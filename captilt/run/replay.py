"""A recorded day computed again from its archived inputs, and compared with the ledger.

1. Under the recorded method everything is computed again. Under the recorded versions and kernels the two are equal
   byte for byte; on another processor numbers may move in their last digits, and up to 1e-9 the day holds. Another
   version may say the same in other words: sentences that differ are counted, and the day holds.
2. A day recorded under an earlier method is computed again along that method's own path (`allocator.method_1`), and
   what the method governs is compared: advice, evidence, the rate cycle, the health of the data. The rest of the page
   (signals outside the forecast, sentences) belongs to the version that wrote it.
"""

import datetime as dt
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from allocator.ledger.hash_chain import canonical
from allocator.ledger.input_archive import unpack
from allocator.settings import METHOD
from captilt.formats import counted
from captilt.run.provenance import own_signal, settings_of, versions
from signals.errors import DateError

if TYPE_CHECKING:
    from allocator.ledger.ledger import Entry
    from captilt.config.settings import Settings
    from captilt.context import Desk

MAY_DIFFER = frozenset(
    {"run_id", "recorded_at", "timings", "inputs", "replaces"}
)  # inputs: the name of the archive itself
SENTENCES = frozenset({"because", "despite", "reasons", "analogues", "ambiguity"})  # words, not numbers
SHIPPED = "process_power"  # of the evidence: a table that comes with the version and is computed from nothing archived
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Replay:
    """The outcome of a replay.

    Attributes
    ----------
    day : datetime.date
    identical : bool
        Byte for byte.
    versions : tuple of (name, recorded, now)
        Those that differ, kernels included.
    differences : tuple of (field, recorded, now)
        Numbers apart by more than 1e-9, and everything else that is not equal.
    method, in_force : int
        Under which the day was recorded, and the one in force now.
    """

    day: dt.date
    identical: bool
    versions: tuple[tuple[str, str, str], ...]
    differences: tuple[tuple[str, Any, Any], ...]
    method: int = METHOD
    in_force: int = METHOD

    @property
    def holds(self) -> bool:
        """True where the day comes out as recorded: identical, or no number apart by more than 1e-9.

        Words may differ under another version; under the recorded one nothing may.
        """
        return self.identical or len(self.differences) == self.reworded

    @property
    def reworded(self) -> int:
        """Sentences that another version words differently; none under the recorded versions."""
        return sum(_is_sentence(was) and _is_sentence(now) for _, was, now in self.differences) if self.versions else 0


def replay(desk: "Desk", day: dt.date) -> Replay:
    """Compute `day` again; nothing is read but the book.

    Raises
    ------
    DateError
        Where the ledger holds no run of that day.
    CheckFailed
        Where archived inputs are damaged, or this version asks for inputs that were never looked at.
    """
    entry = desk.ledger.run_of(day)
    if entry is None:
        days = sorted(desk.ledger.run_days())
        what_is_there = f"It holds {counted(len(days), 'run')}, {days[0]} to {days[-1]}." if days else "It holds none."
        raise DateError(f"the ledger holds no run of {day}.", remedy=what_is_there)
    manifest = json.loads(desk.ledger.block(entry.payload["inputs"]))
    method = int(entry.payload.get("method", METHOD))
    changed = _changed(desk, manifest["note"]["versions"])
    if method != METHOD:
        before = _governed_part(entry.payload)
        now = _fields_of(before, _governed(desk, entry, manifest, method))
        return Replay(
            day, identical=False, versions=changed, differences=tuple(differences(before, now)), method=method
        )
    before, now = _bare(entry.payload), _bare(_computed(desk, entry, manifest))
    if changed:  # another version may have added fields; what it added was not recorded, so it cannot differ
        before, now = _without_shipped(before), _without_shipped(_fields_of(before, now))
    return Replay(day, canonical(before) == canonical(now), changed, tuple(differences(before, now)))


def _settings(desk: "Desk", note: dict[str, Any]) -> "Settings":
    """The settings of the recorded day, with those of the user's own signals that it had read."""
    from captilt.config.extensions import Extensions
    from captilt.config.settings import settings_with

    own = (one for one in desk.settings.extensions.signals if own_signal(one.name) in note["versions"])
    return settings_of(note["settings"], settings_with(Extensions(signals=tuple(own))))


def _governed(desk: "Desk", entry: "Entry", manifest: dict[str, Any], method: int) -> dict[str, Any]:
    """What an earlier method governs, computed along its own path from the archived inputs."""
    from allocator.decide import decide
    from allocator.track_record import named_signals
    from captilt.context import Desk
    from captilt.contract.run import governed_json, read_run
    from captilt.run.position import held_position, recorded_position

    settings = _settings(desk, manifest["note"])
    judgement = settings.judgement_under(method)
    view = unpack(desk.ledger.block(entry.payload["inputs"]), desk.ledger.block, unknown_is_empty=True)
    with tempfile.TemporaryDirectory() as folder:
        then = Desk(settings, Path(folder), clock=lambda: entry.recorded_at)
        then.__dict__["ledger"] = desk.ledger
        position = recorded_position(read_run(entry.payload)) or held_position(then, view.moment)
    decision = decide(
        view,
        position.weight,
        judgement,
        settings.regime,
        step_from=position.step_from,
        catalogue=named_signals(judgement),
    )
    return _governed_part(json.loads(canonical(governed_json(decision))))


def _governed_part(payload: dict[str, Any]) -> dict[str, Any]:
    """Advice, evidence, rate cycle and health of a run, without their sentences."""
    parts = {
        name: {field: value for field, value in payload[name].items() if field not in {*SENTENCES, SHIPPED}}
        for name in ("recommendation", "evidence", "regime")
    }
    return {**parts, "data": {name: payload["data"][name] for name in ("status", "confidence")}}


def _computed(desk: "Desk", entry: "Entry", manifest: dict[str, Any]) -> dict[str, Any]:
    from captilt.context import Desk
    from captilt.contract.run import read_run, run_json
    from captilt.run.evaluate import Fetched, compute
    from captilt.run.position import held_position, recorded_position

    view = unpack(desk.ledger.block(entry.payload["inputs"]), desk.ledger.block)
    with tempfile.TemporaryDirectory() as folder:  # an empty cache: everything is computed anew
        then = Desk(_settings(desk, manifest["note"]), Path(folder), clock=lambda: entry.recorded_at)
        then.__dict__["ledger"] = desk.ledger
        fetched = Fetched(entry.payload["data"]["mode"], tuple(entry.payload.get("notices", ())))
        position = recorded_position(read_run(entry.payload)) or held_position(then, view.moment)
        return json.loads(canonical(run_json(compute(then, view, fetched, position))))


def _fields_of(before: Any, now: Any) -> Any:
    """`now` with the fields of `before` only."""
    if isinstance(before, dict) and isinstance(now, dict):
        return {name: _fields_of(value, now[name]) for name, value in before.items() if name in now}
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [_fields_of(a, b) for a, b in zip(before, now, strict=True)]
    return now


def differences(before: Any, now: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Every field that differs; numbers only where they are more than 1e-9 apart."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = sorted({*before, *now})
        return [
            difference
            for name in names
            for difference in differences(before.get(name), now.get(name), f"{path}.{name}".lstrip("."))
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = enumerate(zip(before, now, strict=True))
        return [difference for n, (a, b) in pairs for difference in differences(a, b, f"{path}[{n}]")]
    if _is_number(before) and _is_number(now):
        return [(path, before, now)] if abs(float(before) - float(now)) > TOLERANCE else []
    return [] if before == now else [(path, before, now)]


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_sentence(value: Any) -> bool:
    """Whether it is words for a person, not a name, a code or a day."""
    return isinstance(value, str) and " " in value


def _bare(payload: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in MAY_DIFFER}


def _without_shipped(payload: dict[str, Any]) -> dict[str, Any]:
    return {**payload, "evidence": {name: value for name, value in payload["evidence"].items() if name != SHIPPED}}


def _changed(desk: "Desk", recorded: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    now = versions(desk.settings)
    return tuple((name, recorded.get(name, "absent"), now[name]) for name in now if recorded.get(name) != now[name])
