"""Temperature calibration on past out-of-sample forecasts only.

The four probabilities are raised to 1/T and renormalised. T maximises the log score of forecasts that were made
before their outcome was known and whose labels are mature now, with a prior that holds log T near zero.
"""

import math
from dataclasses import dataclass

import numpy as np

from regime.features import Rows
from regime.models.model import Fitted, Model, Past
from regime.models.structural_hazard import WITH_BOUND

LEAST = 60  # scored forecasts before the temperature may leave 1
GRID = np.exp(np.linspace(math.log(0.5), math.log(2.0), 121))  # doubling or halving the log-odds at most
PRIOR_SD = 0.25  # of log T: forecasts within a leg are nearly one observation, so the data count for little


@dataclass(frozen=True, slots=True)
class Tempered:
    """A fitted model and its temperature."""

    fitted: Fitted
    temperature: float

    def probabilities(self, rows: Rows) -> np.ndarray:
        """Model's probabilities at this temperature, shape (n, 4)."""
        return tempered(self.fitted.probabilities(rows), self.temperature)


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities to the power 1/T, renormalised; T > 1 is less sure, T < 1 surer."""
    raised = np.power(np.maximum(probabilities, 1e-12), 1 / temperature)
    return raised / raised.sum(axis=1, keepdims=True)


def temperature(forecasts: np.ndarray, code: np.ndarray) -> float:
    """Temperature that past forecasts, shape (n, 4), and their outcomes, shape (n,), ask for."""
    if code.size < LEAST:
        return 1.0
    row = np.arange(code.size)
    scores = [np.log(tempered(forecasts, one)[row, code]).sum() - 0.5 * (math.log(one) / PRIOR_SD) ** 2 for one in GRID]
    return float(GRID[int(np.argmax(scores))])


def calibrated(model: Model) -> Model:
    """`model` with its temperature learned walk-forward."""

    def fit(past: Past) -> Fitted:
        expert = past.expert(model.name)
        scored = past.labels.mature & np.isfinite(expert.forecasts[:, 0])
        fitted_temperature = temperature(expert.forecasts[scored], past.labels.code[scored])
        return Tempered(expert.fitted, fitted_temperature)

    return Model(f"{model.name}_calibrated", f"{model.name}, temperature calibrated", fit, model.market, model.package)


MODEL = calibrated(WITH_BOUND)
