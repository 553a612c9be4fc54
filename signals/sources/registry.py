"""Every provider there is: to add one, write its file and add one line here."""

import os
from collections.abc import Callable
from typing import Any

from signals.sources.provider import Source

Secret = Callable[[str], Any]  # from the setting ``env:NAME`` to the secret (or None)
Maker = Callable[[Any, Secret], "Source | None"]


def from_environment(named: str) -> str | None:
    """The value of ``env:NAME`` in the environment."""
    return os.environ.get(named.removeprefix("env:")) or None


def _plain(found: Any) -> str | None:
    return found.get_secret_value() if hasattr(found, "get_secret_value") else found


def _fred(sources: Any, secret: Secret) -> Source | None:
    from signals.sources.fred import FredSource

    key, told = _plain(secret(sources.fred.key)), sources.fred
    if not key:
        return None
    return FredSource(
        key, told.url, timeout=told.timeout_seconds, budget=told.budget_seconds, per_second=told.requests_per_second
    )


def _fredgraph(sources: Any, _: Secret) -> Source:
    from signals.sources.fredgraph import FredGraphSource

    told = sources.fredgraph
    return FredGraphSource(told.url, timeout=told.timeout_seconds, budget=told.budget_seconds)


def _yahoo(sources: Any, _: Secret) -> Source:
    from signals.sources.yahoo import YahooSource

    told = sources.yahoo
    return YahooSource(told.url, timeout=told.timeout_seconds, budget=told.budget_seconds)


def _french(sources: Any, _: Secret) -> Source:
    from signals.sources.french import FrenchSource

    told = sources.french
    return FrenchSource(told.url, timeout=told.timeout_seconds, budget=told.budget_seconds)


def _edgar(sources: Any, _: Secret) -> Source | None:
    from signals.sources.edgar import EdgarSource

    told = sources.edgar
    if not told.user_agent:
        return None
    return EdgarSource(
        told.url,
        told.user_agent,
        timeout=told.timeout_seconds,
        budget=told.budget_seconds,
        per_second=told.requests_per_second,
    )


REGISTRY: dict[str, Maker] = {
    "fred": _fred,
    "fredgraph": _fredgraph,
    "yahoo": _yahoo,
    "french": _french,
    "edgar": _edgar,
}
MODES = {
    "auto": ("fred", "fredgraph", "yahoo", "french", "edgar"),
    "api": ("fred", "yahoo", "french", "edgar"),
    "keyless": ("fredgraph", "yahoo", "french", "edgar"),
    "offline": (),
    "sample": (),
}
RATES = ("fred", "fredgraph")  # the first of these that answers is used, the other is not asked


def providers(sources: Any, secret: Secret) -> tuple[Source, ...]:
    """The providers that the mode and the settings allow, rates first; EDGAR only with a declared user agent."""
    made = (
        REGISTRY[name](sources, secret)
        for name in MODES[sources.mode]
        if name in REGISTRY and getattr(sources, name).enabled
    )
    return tuple(each for each in made if each is not None)
