"""Every provider there is: to add one, write its file and add one line here."""

import datetime as dt
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signals.errors import SourceError
from signals.sources.provider import Delivery, Source, StoredFacts

Secret = Callable[[str], Any]  # from the setting ``env:NAME`` to the secret (or None)
Maker = Callable[[Any, Secret, "Wanted"], "Source | None"]
FRED_KEY = re.compile(r"[0-9a-z]{32}")
HARMLESS = " \t\r\n\"'\u00a0\ufeff"  # what a key picks up on its way through a clipboard or a file


class Wanted:
    """What the settings name beyond the watch list, and where a provider may keep a cache.

    Parameters
    ----------
    series : sequence of str
        For example ``yahoo:SCHA`` for the small leg of the pair; asked for before the rest.
    cache : pathlib.Path, optional
        A folder that outlives the process.
    """

    def __init__(self, series: Sequence[str] = (), cache: Path | None = None) -> None:
        self.series = tuple(dict.fromkeys(series))
        self.cache = cache

    def tickers(self) -> tuple[str, ...]:
        """Funds and shares that the settings name, in their order."""
        return tuple(name.split(":")[1] for name in self.series if name.startswith("yahoo:"))


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A source of the user's own.

    Attributes
    ----------
    name : str
        Of the table ``[sources.NAME]``, and the provider of its series: ``NAME:SERIES``.
    settings : type
        A `captilt.section.Section` with at least ``enabled``, every field with a default.
    open : callable
        (settings, secret, wanted) -> Source, or None where it cannot be asked.
    """

    name: str
    settings: type
    open: Callable[[Any, Secret, Wanted], "Source | None"]


class UnusableKey:
    """Stands in for a provider whose key cannot be one, so that the reason is reported and nothing is asked."""

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        self.name = name
        self._fault = SourceError(reason, remedy=remedy, code="source_key")

    def offers(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def stored(self, _series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def reach(self, seconds: float) -> None:
        """Raises the reason."""
        del seconds
        raise self._fault

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """Raises the reason."""
        del series, stored, now
        raise self._fault


def from_environment(named: str) -> str | None:
    """The value of ``env:NAME`` in the environment."""
    return os.environ.get(named.removeprefix("env:")) or None


def plain_key(secret: Any) -> str:
    """A key without the blanks, quotes and line ends around it; empty where there is none.

    >>> plain_key(' "abc" ')
    'abc'
    """
    text = secret.get_secret_value() if hasattr(secret, "get_secret_value") else secret
    return (text or "").strip(HARMLESS)


def key_fault(key: str) -> str:
    """Why `key` cannot be a key of FRED, in words that do not show it; empty where it can.

    >>> key_fault("***")
    'FRED_API_KEY has 3 characters; a key of FRED is 32 lower-case letters and digits'
    """
    if FRED_KEY.fullmatch(key):
        return ""
    size = f"{len(key)} characters" if len(key) != 32 else "other characters"  # noqa: PLR2004 - FRED's own length
    return f"FRED_API_KEY has {size}; a key of FRED is 32 lower-case letters and digits"


def _fred(sources: Any, secret: Secret, _: Wanted) -> Source | None:
    from signals.sources.fred import FredSource

    key, settings = plain_key(secret(sources.fred.key)), sources.fred
    if not key:
        return None
    if fault := key_fault(key):
        return UnusableKey("fred", fault, "Copy it again from fredaccount.stlouisfed.org/apikeys.")
    return FredSource(
        key,
        settings.url,
        timeout=settings.timeout_seconds,
        budget=settings.budget_seconds,
        per_second=settings.requests_per_second,
    )


def _at_its_address(source: Callable[..., Source], settings: Any) -> Source:
    """A source that needs nothing but its address, its timeout and its budget."""
    return source(settings.url, timeout=settings.timeout_seconds, budget=settings.budget_seconds)


def _fredgraph(sources: Any, _: Secret, __: Wanted) -> Source:
    from signals.sources.fredgraph import FredGraphSource

    return _at_its_address(FredGraphSource, sources.fredgraph)


def _board(sources: Any, _: Secret, __: Wanted) -> Source:
    from signals.sources.board import BoardSource

    return _at_its_address(BoardSource, sources.board)


def _h15(sources: Any, _: Secret, __: Wanted) -> Source:
    from signals.sources.h15 import H15Source

    return _at_its_address(H15Source, sources.h15)


def _treasury(sources: Any, _: Secret, __: Wanted) -> Source:
    from signals.sources.treasury import TreasurySource

    return _at_its_address(TreasurySource, sources.treasury)


def _nyfed(sources: Any, _: Secret, __: Wanted) -> Source:
    from signals.sources.nyfed import NewYorkFedSource

    return _at_its_address(NewYorkFedSource, sources.nyfed)


def _yahoo(sources: Any, _: Secret, wanted: Wanted) -> Source:
    from signals.sources.yahoo import YahooSource

    settings = sources.yahoo
    return YahooSource(
        settings.url,
        timeout=settings.timeout_seconds,
        budget=settings.budget_seconds,
        tickers=wanted.tickers(),
        cache=wanted.cache,
    )


def _tiingo(sources: Any, secret: Secret, wanted: Wanted) -> Source | None:
    from signals.sources.tiingo import TiingoSource
    from signals.sources.watchlist import YAHOO

    key, settings = plain_key(secret(sources.tiingo.key)), sources.tiingo
    if not key:
        return None
    shares = tuple(dict.fromkeys((*wanted.tickers(), *YAHOO)))
    return TiingoSource(key, settings.url, shares, timeout=settings.timeout_seconds, budget=settings.budget_seconds)


def _french(sources: Any, _: Secret, __: Wanted) -> Source:
    from signals.sources.french import FrenchSource

    settings = sources.french
    return FrenchSource(settings.url, timeout=settings.timeout_seconds, budget=settings.budget_seconds)


def _edgar(sources: Any, _: Secret, __: Wanted) -> Source | None:
    from signals.sources.edgar import EdgarSource

    settings = sources.edgar
    if not settings.user_agent:
        return None
    return EdgarSource(
        settings.url,
        settings.user_agent,
        timeout=settings.timeout_seconds,
        budget=settings.budget_seconds,
        per_second=settings.requests_per_second,
    )


REGISTRY: dict[str, Maker] = {
    "board": _board,
    "fred": _fred,
    "fredgraph": _fredgraph,
    "h15": _h15,
    "treasury": _treasury,
    "nyfed": _nyfed,
    "yahoo": _yahoo,
    "tiingo": _tiingo,
    "french": _french,
    "edgar": _edgar,
}
KEYED = frozenset({"fred"})  # asked in every mode but keyless
MODES = {
    "auto": tuple(REGISTRY),
    "api": tuple(name for name in REGISTRY if name != "fredgraph"),
    "keyless": tuple(name for name in REGISTRY if name not in KEYED),
    "offline": (),
    "sample": (),
}
RATES = ("fred", "fredgraph")  # the first of these that answers is used; the other only where that one fails


def providers(sources: Any, secret: Secret, wanted: Wanted | None = None) -> tuple[Source, ...]:
    """The providers that the mode and the settings allow, rates first; EDGAR only with a declared user agent."""
    wanted = wanted or Wanted()
    made = [REGISTRY[name](sources, secret, wanted) for name in MODES[sources.mode] if getattr(sources, name).enabled]
    own = sources.kinds if MODES[sources.mode] else ()
    tables = [(kind, getattr(sources, kind.name)) for kind in own]
    made += [kind.open(table, secret, wanted) for kind, table in tables if table.enabled]
    return tuple(source for source in made if source is not None)
