"""Active or passive: whether a manager's past beats the fee, once luck is taken out.

A gross alpha seen over T years with tracking error TE has standard error TE/sqrt(T). The belief before
looking is N(0, 1 %/y): most managers have no alpha before fees. Active is worth its fee only if the
belief after looking clears the hurdle on average *and* the chance of clearing the extra fee is 60 %.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from signals.errors import UsageError

PRIOR_SD = 1.0  # percent per year, of gross alpha
NEEDED = 0.60  # probability that alpha beats the extra fee


@dataclass(frozen=True, slots=True)
class Verdict:
    """Active or passive, with the arithmetic; percent per year unless said.

    Attributes
    ----------
    choice : str
    posterior_mean, posterior_sd : float
        Belief about gross alpha after the record.
    probability : float
        That alpha is larger than the extra fee, 0 to 1.
    break_even_mean, break_even : float
        Observed alpha needed by the first rule alone, and by both.
    standard_error : float
    """

    choice: Literal["active", "passive"]
    posterior_mean: float
    posterior_sd: float
    probability: float
    break_even_mean: float
    break_even: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Track:
    """A manager's record and price; percent per year.

    Attributes
    ----------
    alpha, tracking_error : float
        Gross of fees, against the benchmark named beside it.
    years : float
    extra_fee, cost : float
        Fee above the index fund's, and other extra costs (turnover, taxes).
    """

    alpha: float
    tracking_error: float
    years: float
    extra_fee: float
    cost: float = 0.0

    def __post_init__(self) -> None:
        for name, least in (("tracking_error", 0.0), ("years", 0.0)):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) > least):
                raise UsageError(
                    f"{name} is {getattr(self, name)}; it must be above 0.", remedy="Give a positive number."
                )
        for name in ("extra_fee", "cost"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) >= 0):
                raise UsageError(f"{name} is {getattr(self, name)}; it cannot be negative.", remedy="Give 0 or more.")
        if not math.isfinite(self.alpha):
            raise UsageError(f"alpha is {self.alpha}.", remedy="Give a number in percent per year.")


def weigh_record(track: Track, *, prior_sd: float = PRIOR_SD, needed: float = NEEDED) -> Verdict:
    """Weigh a record against its fee.

    Examples
    --------
    >>> verdict = weigh_record(Track(alpha=1.5, tracking_error=5.0, years=10.0, extra_fee=0.60))
    >>> verdict.choice, round(verdict.posterior_mean, 4), round(verdict.probability, 3)
    ('passive', 0.4286, 0.42)
    """
    variance = track.tracking_error**2 / track.years
    keep = prior_sd**2 / (prior_sd**2 + variance)
    mean, sd = keep * track.alpha, math.sqrt(keep * variance)
    probability = NormalDist(mean, sd).cdf(math.inf) - NormalDist(mean, sd).cdf(track.extra_fee)
    hurdle = track.extra_fee + track.cost
    sure = track.extra_fee + sd * NormalDist().inv_cdf(needed)
    active = mean > hurdle and probability >= needed
    return Verdict(
        choice="active" if active else "passive",
        posterior_mean=mean,
        posterior_sd=sd,
        probability=probability,
        break_even_mean=hurdle / keep,
        break_even=max(hurdle, sure) / keep,
        standard_error=math.sqrt(variance),
    )
