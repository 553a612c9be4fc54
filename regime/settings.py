"""Settings of the regime call: plain values, checked where they are made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegimeSettings:
    """How the phase is called.

    Attributes
    ----------
    model : str
        Name in the registry of `regime.models`.
    false_switch_cost : float
        Cost of announcing a change that has to be taken back, in units of the daily cost of staying in a
        phase that has ended; the hysteresis follows from it. At least 0.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by the settings library

    model: str = "structural_hazard_bound"
    false_switch_cost: float = 3.0

    def __post_init__(self) -> None:
        if self.false_switch_cost < 0:
            raise ValueError("false_switch_cost must be at least 0")
