"""Settings of the judgement: plain values with units, checked where they are made."""

from dataclasses import dataclass
from typing import Literal

from signals.catalog import BY_NAME, SIGNALS
from signals.signal import Signal

METHOD = 2  # in force; its registration is allocator/specification.toml
METHODS = (1, METHOD)  # those that a recorded day can be computed again under


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} is {value}; it must lie in {low} to {high}")


@dataclass(frozen=True, slots=True)
class PortfolioSettings:
    """What is held and measured: the benchmark pair and the policy weight (0 to 1)."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by the settings library

    small: str = "IWM"
    large: str = "SPY"
    policy_weight: float = 0.20
    held_weight: float | None = None  # None: the last accepted weight, else policy
    holdings: str = ""  # a holdings file, or a book of the settings, whose weight is held; read by the shell

    def __post_init__(self) -> None:
        _within("policy_weight", self.policy_weight, 0, 1)
        if self.held_weight is not None:
            _within("held_weight", self.held_weight, 0, 1)
        for leg in ("small", "large"):  # funds and shares are held under upper-case names: iwm is IWM
            name = getattr(self, leg)
            if ":" not in name and name != "none":
                object.__setattr__(self, leg, name.strip().upper())
        if self.small == self.large:
            raise ValueError("small and large must be two different instruments")


@dataclass(frozen=True, slots=True)
class ForecastSettings:
    """How phase and signals become an expected return (METHOD 4)."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by the settings library

    signals: tuple[str, ...] = ("policy_change", "credit_level")
    regime: bool = True
    regime_prior_sd: float = 0.15  # percent per month
    slope_prior_sd: float = 0.10  # percent per month, per sd of the signal
    pooled: bool = False  # one slope for all signals together

    def __post_init__(self) -> None:
        _within("regime_prior_sd", self.regime_prior_sd, 1e-6, 10)
        _within("slope_prior_sd", self.slope_prior_sd, 1e-6, 10)


@dataclass(frozen=True, slots=True)
class TiltSettings:
    """How a forecast becomes a weight (METHOD 4)."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by the settings library

    tracking_error_percent: float = 1.5  # budget, per year
    ir_reference: float = 0.5  # the IR at which the budget is used up
    max_active_points: float = 15.0
    max_step_points: float = 5.0  # from the weight held at the previous month's last session
    sigma_half_life_months: float = 36.0
    sigma_floor_percent: float = 6.0  # per year
    cost_bp: float = 20.0  # a round trip over both legs
    horizon_years: float = 1.0  # mean life of one sign of the wish
    smallest_trade_points: float = 0.5  # a smaller trade is not made
    stance_min_points: float = 1.0

    def __post_init__(self) -> None:
        _within("tracking_error_percent", self.tracking_error_percent, 0.01, 20)
        _within("ir_reference", self.ir_reference, 0.01, 5)
        _within("max_active_points", self.max_active_points, 0, 100)
        _within("max_step_points", self.max_step_points, 0.01, 100)
        _within("sigma_half_life_months", self.sigma_half_life_months, 1, 600)
        _within("sigma_floor_percent", self.sigma_floor_percent, 0.1, 50)
        _within("cost_bp", self.cost_bp, 0, 500)
        _within("horizon_years", self.horizon_years, 0.01, 10)
        _within("smallest_trade_points", self.smallest_trade_points, 0, 50)
        _within("stance_min_points", self.stance_min_points, 0, 50)


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """How far the forecast is followed, and how its record is tested (METHOD 4 and 5).

    Attributes
    ----------
    multiplier : {"posterior", "none", "dsr"}
        ``posterior``: a declared half, moved slightly by the record. ``none``: all of it. ``dsr`` belongs to method
        1 alone, for days recorded under it.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by the settings library

    multiplier: Literal["posterior", "none", "dsr"] = "posterior"
    bootstrap: int = 10_000
    seed: int = 20261122

    def __post_init__(self) -> None:
        _within("bootstrap", self.bootstrap, 100, 1_000_000)


@dataclass(frozen=True, slots=True)
class ScenarioSettings:
    """One supposed future: where inputs stand after so many months; basis points of change from today."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by the settings library

    months: int = 6
    target_bp: float = 0.0  # policy rate, in steps of 25 at the scheduled meetings
    spread_bp: float = 0.0  # Baa less ten-year Treasury
    slope_bp: float = 0.0  # ten-year yield, beyond what the policy rate moves it
    stale: bool = False  # nothing new is learned at all

    def __post_init__(self) -> None:
        _within("months", self.months, 1, 24)
        for name in ("target_bp", "spread_bp", "slope_bp"):
            _within(name, getattr(self, name), -1000, 1000)
        if self.target_bp % 25:
            raise ValueError(f"target_bp is {self.target_bp:g}; the policy rate moves in steps of 25")
        if self.stale and (self.target_bp or self.spread_bp or self.slope_bp):
            raise ValueError("stale means that nothing new is learned; leave the moves out")


@dataclass(frozen=True, slots=True)
class Judgement:
    """All settings that the pure judgement reads, and the method under which it reads them.

    Attributes
    ----------
    portfolio, forecast, tilt, evidence
        As above.
    method : int
    own : tuple of Signal
        Signals of the user's own, which keep the contract of `signals.look_ahead`.

    Raises
    ------
    ValueError
        Where the deflated Sharpe ratio is to scale the tilt under a later method than the first.
    """

    portfolio: PortfolioSettings = PortfolioSettings()
    forecast: ForecastSettings = ForecastSettings()
    tilt: TiltSettings = TiltSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    method: int = METHOD
    own: tuple[Signal, ...] = ()

    @property
    def catalogue(self) -> tuple[Signal, ...]:
        """Every signal that is read: the shipped ones, then the user's own."""
        return (*SIGNALS, *self.own)

    def signal(self, name: str) -> Signal:
        """The signal called `name`; KeyError where there is none."""
        return BY_NAME.get(name) or {signal.name: signal for signal in self.own}[name]

    @property
    def own_code(self) -> str:
        """Which code of the user's own stands behind the forecast; empty where none does."""
        chosen = [signal for signal in self.own if signal.name in self.forecast.signals]
        return repr([(signal.name, signal.origin) for signal in chosen]) if chosen else ""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method is {self.method}; this version knows {', '.join(map(str, METHODS))}")
        if self.evidence.multiplier == "dsr" and self.method > 1:
            raise ValueError('the deflated Sharpe ratio is a test and scales nothing; set multiplier to "posterior"')
