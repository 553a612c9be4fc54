"""What a change of the policy rate does to the interest bill, in percent of EBITDA, small less large."""

from dataclasses import dataclass

import numpy as np

Z95 = 1.96
BP_IN_POINT = 100.0


@dataclass(frozen=True, slots=True)
class Funding:
    """What the interest bill of a group depends on.

    Attributes
    ----------
    debt_ebitda, debt_ebitda_error : float
        Median debt over EBITDA, and its standard error.
    pass_through, pass_through_error : float
        Share of a move of the policy rate that reaches interest, and its standard error.
    delay_quarters : int
    """

    debt_ebitda: float
    debt_ebitda_error: float
    pass_through: float
    pass_through_error: float
    delay_quarters: int


@dataclass(frozen=True, slots=True)
class Saving:
    """Interest saved in a year.

    Attributes
    ----------
    percent_of_ebitda : float
        Positive where less is paid.
    standard_error : float
    delay_quarters : int
        When most of it has arrived.
    """

    percent_of_ebitda: float
    standard_error: float
    delay_quarters: int

    def band(self) -> tuple[float, float]:
        """95 % interval."""
        return (
            self.percent_of_ebitda - Z95 * self.standard_error,
            self.percent_of_ebitda + Z95 * self.standard_error,
        )


def interest_saved(funding: Funding, policy_bp: float) -> Saving:
    """Interest saved in a year after the policy rate moves by `policy_bp`, in percent of EBITDA.

    saving = -move x pass-through x debt / EBITDA, its error by the delta method, the two being independent.

    Examples
    --------
    >>> interest_saved(Funding(4.0, 0.0, 0.5, 0.0, 2), -100.0).percent_of_ebitda
    2.0
    """
    points = -policy_bp / BP_IN_POINT
    saving = points * funding.pass_through * funding.debt_ebitda
    error = abs(points) * np.hypot(
        funding.pass_through_error * funding.debt_ebitda, funding.pass_through * funding.debt_ebitda_error
    )
    return Saving(float(saving), float(error), funding.delay_quarters)


def small_less_large(small: Saving, large: Saving) -> Saving:
    """The difference of two savings, taken as independent; the later delay counts."""
    return Saving(
        small.percent_of_ebitda - large.percent_of_ebitda,
        float(np.hypot(small.standard_error, large.standard_error)),
        max(small.delay_quarters, large.delay_quarters),
    )
