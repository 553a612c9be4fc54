"""What the verdict itself can see: the ratio it needs, how often it would find a real edge, and how often none.

A deflated Sharpe ratio of 0.95 asks a record to beat the luckiest of N worthless rules by 1.64 standard errors.
In normal, independent months the bar is ``(E[max of N] + 1.645) / sqrt(years)`` per year, whatever was measured.
"""

import math
from dataclasses import dataclass

from allocator.evidence.normal import normal_cdf, normal_quantile
from allocator.evidence.sharpe import expected_maximum

PLANNED_IRS = (0.3, 0.4, 0.5)  # what a good tilt might have
POWER = 0.8
DSR_AT_LEAST = 0.95
IMPORTANT_T = 3.0  # Harvey, Liu and Zhu (2016): a t statistic below 3 is no discovery after decades of search


@dataclass(frozen=True, slots=True)
class Power:
    """The test's own power.

    Attributes
    ----------
    years : float
        Length of the record.
    trials : float
        N of the deflated Sharpe ratio.
    needed_ir : float
        Annual information ratio from which the record would pass.
    chance : tuple of (ir, chance)
        That a true ratio would have passed by now.
    years_to_power : tuple of (ir, years)
        Record after which a true ratio passes with 80 %.
    false_alarm : float
        Chance that the best of N worthless rules passes.
    """

    years: float
    trials: float
    needed_ir: float
    chance: tuple[tuple[float, float], ...]
    years_to_power: tuple[tuple[float, float], ...]
    false_alarm: float


def power_of_dsr(years: float, trials: float) -> Power:
    """The power of a deflated Sharpe ratio over a record of `years` after `trials` effective tries.

    Parameters
    ----------
    years : float
        Positive.
    trials : float
        At least 1.

    Examples
    --------
    >>> found = power_of_dsr(40, 11.9)
    >>> [round(chance, 2) for _, chance in found.chance], [round(years) for _, years in found.years_to_power]
    ([0.08, 0.22, 0.44], [191, 107, 69])
    """
    bar = expected_maximum(trials) + normal_quantile(DSR_AT_LEAST)
    root = math.sqrt(years)
    return Power(
        years=years,
        trials=trials,
        needed_ir=bar / root,
        chance=tuple((ir, normal_cdf(ir * root - bar)) for ir in PLANNED_IRS),
        years_to_power=tuple((ir, ((bar + normal_quantile(POWER)) / ir) ** 2) for ir in PLANNED_IRS),
        false_alarm=1 - normal_cdf(bar) ** trials,
    )


def haircut_t(t: float, trials: float) -> float:
    """The t statistic that is left after `trials` tries, by the Benjamini-Yekutieli correction.

    The two-sided p-value of the best of N dependent tests is multiplied by ``N sum_{i<=N} 1/i`` (Harvey and Liu
    2015, "Backtesting", JPM 42(1), the method that allows any dependence) and turned back into a t statistic.

    Returns
    -------
    float
        With the sign of `t`; 0 where nothing is left.

    Examples
    --------
    >>> haircut_t(2.43, 1) == 2.43, round(haircut_t(2.43, 12), 2)
    (True, 0.58)
    """
    if trials <= 1:
        return t
    whole = int(trials)
    harmonic = sum(1 / i for i in range(1, whole + 1)) + (trials - whole) / (whole + 1)
    p = min(1.0, 2 * normal_cdf(-abs(t)) * trials * harmonic)
    return math.copysign(max(0.0, -normal_quantile(p / 2)), t)
