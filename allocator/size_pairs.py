"""The declared universe of US size pairs: small funds against large ones, with what stands in before they traded.

Ken French's SMB factor stands in for a pair of this universe before its funds existed, month by month. It is no
stand-in for anything else: another pair (another country, another asset) works on its own returns alone and goes
by its own name.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SizeFund:
    """A fund of the universe.

    Attributes
    ----------
    name : str
        What it holds, as sentences call it.
    since : datetime.date
        Its first session; before it the stand-in's returns are used.
    """

    name: str
    since: dt.date


STAND_IN = "french:FF3_DAILY:SMB"  # percent per session, small minus big
SMALL: Mapping[str, SizeFund] = {
    "IWM": SizeFund("US small caps", dt.date(2000, 5, 26)),
    "IJR": SizeFund("US small caps", dt.date(2000, 5, 26)),
    "VB": SizeFund("US small caps", dt.date(2004, 1, 30)),
    "SCHA": SizeFund("US small caps", dt.date(2009, 11, 3)),
    "VTWO": SizeFund("US small caps", dt.date(2010, 9, 22)),
    "SPSM": SizeFund("US small caps", dt.date(2013, 7, 9)),
    "IWC": SizeFund("US micro caps", dt.date(2005, 8, 16)),
    "IJH": SizeFund("US mid caps", dt.date(2000, 5, 26)),
    "MDY": SizeFund("US mid caps", dt.date(1995, 5, 4)),
    "IWN": SizeFund("US small-cap value", dt.date(2000, 7, 28)),
    "IWO": SizeFund("US small-cap growth", dt.date(2000, 7, 28)),
    "IJS": SizeFund("US small-cap value", dt.date(2000, 7, 28)),
    "AVUV": SizeFund("US small-cap value", dt.date(2019, 9, 26)),
}
LARGE: Mapping[str, SizeFund] = {
    "SPY": SizeFund("US large caps", dt.date(1993, 1, 29)),
    "IVV": SizeFund("US large caps", dt.date(2000, 5, 19)),
    "VOO": SizeFund("US large caps", dt.date(2010, 9, 9)),
    "IWB": SizeFund("US large caps", dt.date(2000, 5, 19)),
    "VTI": SizeFund("all US shares", dt.date(2001, 6, 15)),
    "VV": SizeFund("US large caps", dt.date(2004, 1, 30)),
}


def is_size_pair(small: str, large: str) -> bool:
    """True for a pair of the universe, for which SMB stands in before the funds traded."""
    return small in SMALL and large in LARGE


def small_leg_name(small: str, large: str) -> str:
    """What sentences call the small leg: its asset for a declared pair, else its own symbol.

    >>> small_leg_name("IWM", "SPY"), small_leg_name("SCZ", "EFA"), small_leg_name("french:FF3_DAILY:SMB", "none")
    ('US small caps', 'SCZ', 'US small caps')
    """
    if small.startswith("french:"):
        return "US small caps"
    return SMALL[small].name if is_size_pair(small, large) else small


def trades_by(leg: str, day: dt.date) -> bool:
    """True where a fund must have prices of its own on `day`; a leg outside the universe always must."""
    fund = SMALL.get(leg) or LARGE.get(leg)
    return fund is None or day > fund.since
