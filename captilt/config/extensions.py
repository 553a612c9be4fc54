"""Signals, sources and channels of the user's own, without a fork (docs/EXTENDING.md).

They come from two places that the settings name: the files of a folder (`[own] folder`) and the entry points of
installed packages (`[own] packages`). A Python file names one or more of ``SIGNAL``, ``SOURCE`` and ``CHANNEL``; a TOML
file declares a signal. Nothing is discovered that the settings do not name, and nothing is registered by importing.

A signal is used only where it keeps the contract of `signals.look_ahead`; otherwise the settings do not hold.
"""

import hashlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType
from typing import Any

from captilt.channels.registry import CHANNELS, ChannelKind
from signals.catalog import BY_NAME
from signals.declared import declared_signal
from signals.errors import UsageError
from signals.look_ahead import broken_promises
from signals.signal import Signal
from signals.sources.registry import REGISTRY, SourceKind

KINDS: dict[str, type] = {"SIGNAL": Signal, "SOURCE": SourceKind, "CHANNEL": ChannelKind}
GROUPS = {"captilt.signals": Signal, "captilt.sources": SourceKind, "captilt.channels": ChannelKind}
SETTING = "[own]"
DIGEST = 12  # characters of the digest of a file's content


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the settings add to the shipped registries."""

    signals: tuple[Signal, ...] = ()
    sources: tuple[SourceKind, ...] = ()
    channels: tuple[ChannelKind, ...] = ()


NO_EXTENSIONS = Extensions()


def load_extensions(folder: Path | None, packages: tuple[str, ...]) -> Extensions:
    """Everything in the folder and the packages, each signal tried against the contract.

    Raises
    ------
    UsageError
        For a folder, package or file that cannot be used, a name that is taken, and a signal that breaks the contract.
    """
    items: list[Any] = []
    if folder is not None:
        if not folder.is_dir():
            raise _refused(f"{folder} is no folder", f"Mend {SETTING} folder, or leave it empty.")
        for file in sorted([*folder.glob("*.py"), *folder.glob("*.toml")]):
            items += in_file(file)
    for package in packages:
        items += _in_package(package)
    signals = tuple(item for item in items if isinstance(item, Signal))
    sources = tuple(item for item in items if isinstance(item, SourceKind))
    channels = tuple(item for item in items if isinstance(item, ChannelKind))
    _demand_new(signals, set(BY_NAME), "signal")
    _demand_new(sources, {*REGISTRY, "mode", "filings", "probe_seconds", "kinds"}, "source")
    _demand_new(channels, {kind.name for kind in CHANNELS}, "channel")
    for signal in signals:
        demand_contract(signal)
    return Extensions(signals, sources, channels)


def in_file(file: Path) -> tuple[Any, ...]:
    """The signals, sources and channels of one file, marked as the user's own; nothing is tried yet.

    Raises
    ------
    UsageError
        Where it cannot be read or names none of them.
    """
    try:
        content = file.read_bytes()
    except OSError as fault:
        raise _refused(f"{file} cannot be read: {fault.strerror}") from None
    origin = f"{file.name} {hashlib.sha256(content).hexdigest()[:DIGEST]}"
    if file.suffix == ".toml":
        return (declared_signal(content.decode(errors="replace"), name=file.stem, origin=origin),)
    module = _module(file, content.decode(errors="replace"))
    items = tuple(_marked(item, origin, module) for item in _named(module, file))
    if not items:
        raise _refused(f"{file} names none of {', '.join(KINDS)}", "Name one, or move the file out of the folder.")
    return items


@cache
def contract_faults(signal: Signal) -> tuple[str, ...]:
    """What a signal breaks of the contract, tried once a process."""
    return broken_promises(signal)


def demand_contract(signal: Signal) -> None:
    """Raise `UsageError` with the first thing that `signal` breaks."""
    if faults := contract_faults(signal):
        raise _refused(
            f"the signal {signal.name} of {signal.origin} is refused: {faults[0].rstrip('.')}",
            "`captilt signals check FILE` tries it again; mend the file, or take it out.",
        )


def _in_package(package: str) -> Iterator[Any]:
    try:
        installed = distribution(package)
    except (PackageNotFoundError, ValueError):
        raise _refused(
            f"the package {package!r} is not installed", f"Install it, or mend {SETTING} packages."
        ) from None
    points = [point for point in installed.entry_points if point.group in GROUPS]
    if not points:
        raise _refused(f"the package {package} has no entry point of {', '.join(GROUPS)}")
    for point in points:
        item = _loaded(point, package)
        yield _marked(item, f"{package} {installed.version} {_code_of(point)}", sys.modules[point.module])


def _loaded(point: EntryPoint, package: str) -> Any:
    try:
        item = point.load()
    except Exception as fault:  # noqa: BLE001 - somebody else's code may fail in any way
        raise _refused(f"{package}: {point.value} cannot be loaded: {type(fault).__name__}: {fault}") from None
    if not isinstance(item, GROUPS[point.group]):
        raise _refused(f"{package}: {point.value} is no {GROUPS[point.group].__name__}")
    return item


def _code_of(point: EntryPoint) -> str:
    """Hash of the module behind an entry point, or of every module of its package: what is kept depends on all."""
    top = sys.modules[point.module.partition(".")[0]]
    folders = [Path(folder) for folder in getattr(top, "__path__", ())]
    file = inspect.getsourcefile(top) if not folders else None
    files = [*([Path(file)] if file else []), *(own for folder in folders for own in sorted(folder.rglob("*.py")))]
    return hashlib.sha256(b"".join(own.read_bytes() for own in files)).hexdigest()[:DIGEST] if files else ""


def _module(file: Path, text: str) -> ModuleType:
    name = f"captilt_own_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None:
        raise _refused(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        exec(compile(text, str(file), "exec"), module.__dict__)  # noqa: S102 - the user's own file, named in the settings
    except Exception as fault:  # noqa: BLE001 - somebody else's code may fail in any way
        raise _refused(f"{file} cannot be loaded: {type(fault).__name__}: {fault}") from None
    return module


def _named(module: ModuleType, file: Path) -> Iterator[Any]:
    for name, kind in KINDS.items():
        item = getattr(module, name, None)
        if item is not None and not isinstance(item, kind):
            raise _refused(f"{name} in {file} is no {kind.__name__}")
        if item is not None:
            yield item


def _marked(item: Any, origin: str, module: ModuleType) -> Any:
    """A signal under the family "own", with where it comes from and the argument at the head of its file."""
    if not isinstance(item, Signal):
        return item
    return replace(item, family="own", origin=origin, argument=item.argument or (module.__doc__ or "").strip())


def _demand_new(items: tuple[Any, ...], taken: set[str], what: str) -> None:
    for item in items:
        if item.name in taken:
            raise _refused(f"there is a {what} called {item.name} already", "Give it another name.")
        taken.add(item.name)


def _refused(reason: str, remedy: str = "Mend it, or take it out of the settings.") -> UsageError:
    return UsageError(f"{SETTING}: {' '.join(reason.split())}.", remedy=remedy, code="bad_extension")
