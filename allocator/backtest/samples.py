"""The samples of the back-test, and METHOD's reference figures for two of them."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from allocator.returns import NONE, SMB
from allocator.settings import PortfolioSettings

Schedule = Literal["month", "quarter", "week", "day"]


@dataclass(frozen=True, slots=True)
class Sample:
    """What is back-tested.

    Attributes
    ----------
    name : str
    small, large : str
        Legs of the pair (see `allocator.returns`).
    first : datetime.date
        First month whose outcome counts (its first day).
    last : datetime.date or None
        No later month counts; None for all that is known.
    schedule : str
        Decisions at the last session of every month, quarter or week, or every session.
    """

    name: str
    small: str
    large: str
    first: dt.date
    last: dt.date | None = None
    schedule: Schedule = "month"


@dataclass(frozen=True, slots=True)
class Reference:
    """Figures of METHOD 5 for the recommended tilt, net of cost, with no smallest trade."""

    ir: float
    active_return_bp: float
    tracking_error_percent: float
    mean_abs_tilt_points: float
    max_active_drawdown_bp: float


PAIR_FROM = dt.date(1985, 1, 1)  # the record starts here (METHOD 5); a pair is taken from where it is priced
EARLIEST = dt.date(1969, 1, 1)  # five years of scores and of returns are known before it
SAMPLES = {
    "smb-1969": Sample("smb-1969", SMB, NONE, EARLIEST),
    "smb-1985": Sample("smb-1985", SMB, NONE, dt.date(1985, 1, 1)),
    "smb-2000": Sample("smb-2000", SMB, NONE, dt.date(2000, 1, 1)),
    "iwm-2000": Sample("iwm-2000", "IWM", "SPY", dt.date(2000, 7, 1)),
    "ijr-2000": Sample("ijr-2000", "IJR", "SPY", dt.date(2000, 7, 1)),
}
REFERENCES = {
    "smb-1985": Reference(0.393, 15.9, 0.403, 2.73, -85.0),
    "iwm-2000": Reference(0.387, 16.0, 0.414, 2.49, -79.0),
}


def sample_of(pair: PortfolioSettings) -> Sample:
    """The sample of a pair: a declared one, else from where the pair or its stand-in is priced."""
    same = (known for known in SAMPLES.values() if (known.small, known.large) == (pair.small, pair.large))
    return next(same, Sample("pair", pair.small, pair.large, PAIR_FROM))
