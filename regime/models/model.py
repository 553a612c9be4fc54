"""What a model of the rate cycle is: something that learns from the past and answers with four probabilities."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from regime.features import Rows
from regime.maturity import Labels


class Degenerate(ValueError):
    """The past does not identify the model's parameters, or its answer is not a probability."""


class Fitted(Protocol):
    """A model with its parameters."""

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Probability of each phase in `PHASES` order, shape (n, 4), rows summing to 1."""
        ...


@dataclass(frozen=True, slots=True)
class FailedFit:
    """A model that could not be fitted to the past of one moment, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Expert:
    """Another model as it stood at the same moment.

    Attributes
    ----------
    fitted : Fitted
    forecasts : ndarray, shape (n, 4)
        What it said at each month-end of the past when that was the present; NaN before its first fit.
    """

    fitted: Fitted
    forecasts: np.ndarray


def nobody(name: str) -> Expert:
    """No other model is at hand."""
    raise Degenerate(f"no forecasts of {name} are at hand")


@dataclass(frozen=True, slots=True)
class Past:
    """All that may be learned from at one moment.

    Attributes
    ----------
    rows : Rows
        Features at every month-end cut so far, each as it was then; shape (n,).
    labels : Labels
        Dating of those month-ends by the decisions known now. Only mature ones may be used.
    next_move : ndarray of float, shape (n,)
        Sign of the first material move before the next month-end; 0 for none, NaN where that month is not over.
    expert : callable
        From the name of another model to that model as it stood then, for pools and calibration.
    """

    rows: Rows
    labels: Labels
    next_move: np.ndarray
    expert: Callable[[str], Expert] = nobody

    def mature(self) -> tuple[Rows, np.ndarray]:
        """Rows whose labels are final, and those labels as indices into `PHASES`."""
        return self.rows.take(self.labels.mature), self.labels.code[self.labels.mature]


@dataclass(frozen=True, slots=True)
class Model:
    """A model and how it learns.

    Attributes
    ----------
    name : str
        Key in the registry and in the settings.
    says : str
        One sentence for the league table.
    fit : callable
        From a `Past` to a `Fitted`. It may fail on degenerate data; the walk then keeps older parameters.
    market : bool
        True where market yields go in; without them the model falls back to the policy path and the call says so.
    package : str
        An optional package it cannot do without; empty for none.
    slow : bool
        True where a walk forward takes seconds; such a model gets a process of its own in the league.
    """

    name: str
    says: str
    fit: Callable[[Past], Fitted]
    market: bool = False
    package: str = ""
    slow: bool = False
