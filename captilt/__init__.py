"""captilt: how much more or less than policy to hold in US small caps, and why.

``import captilt as ct``; ``ct.sample()`` or ``ct.open(home)`` gives a desk, ``desk.as_of(day)`` a view, and every
question is asked of a view. The names below are all there is to rely on (docs/LIBRARY.md).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from captilt.contract.run import Run
    from captilt.library import Desk, View, backtest, evidence, open, sample  # noqa: A004 - ct.open
    from regime.estimators import PhaseClassifier, WalkForward, training_frame

    __version__: str

__all__ = [
    "Desk",
    "PhaseClassifier",
    "Run",
    "View",
    "WalkForward",
    "__version__",
    "backtest",
    "evidence",
    "open",
    "sample",
    "training_frame",
]

_HOMES = {
    "Run": "captilt.contract.run",
    "PhaseClassifier": "regime.estimators",
    "WalkForward": "regime.estimators",
    "training_frame": "regime.estimators",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that the command line starts at once."""
    if name == "__version__":
        from importlib.metadata import version

        return version("captilt")
    if name not in __all__:
        raise AttributeError(f"module 'captilt' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES.get(name, "captilt.library")), name)


def __dir__() -> list[str]:
    return __all__
