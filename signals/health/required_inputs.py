"""The inputs that the default advice stands on, and how late or unbelievable each of them is.

A block is what one question needs: the policy rate, the credit spread, the curve, the prices of the pair. Each
names the series that carry it at a date (a fund cannot be asked for before it traded), and the step from one
observation to the next beyond which a number is not believed.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from signals.asof import AsOf
from signals.derived.policy_rate import TARGET, undecided_meetings
from signals.new_york import instant
from signals.series.dictionary import describe
from signals.series.release_dates import releases_promised

RECENT = 21  # observations that are looked at for steps: an older slip has been mended or believed


@dataclass(frozen=True, slots=True)
class Carrier:
    """A series that a block needs from a date on.

    Attributes
    ----------
    names : tuple of str
        Alternatives: the one with the newest period counts.
    since, until : datetime.date
        When the block needs it.
    step : float
        Largest believable step between observations: in the unit, or a ratio less one where `relative`.
    relative : bool
    """

    names: tuple[str, ...]
    since: dt.date = dt.date.min
    until: dt.date = dt.date.max
    step: float = np.inf
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One leg of the advice.

    Attributes
    ----------
    name : str
    carriers : tuple of Carrier
        All that apply at a date are needed.
    witness : tuple of str
        Three series (total, plus, minus) where the first must equal the second less the third.
    """

    name: str
    carriers: tuple[Carrier, ...]
    witness: tuple[str, str, str] | None = None


def _fund(ticker: str) -> Carrier:
    """The prices of a fund, from where it trades and the French file has caught up with it."""
    names = (f"yahoo:{ticker}:adj_close", f"yahoo:{ticker}:close")
    begins = max(FUNDS_FROM, describe(f"yahoo:{ticker}").since or FUNDS_FROM)
    return Carrier(names, since=begins, step=FUND_STEP, relative=True)


FUNDS_FROM = dt.date(2000, 9, 1)  # IWM trades and the French file has caught up
FUND_STEP = 0.3  # the worst session of the funds was 14 %; a two-for-one split left in is 50 %
SPREAD_STEP = 1.5  # points; the widest daily step since 1986 is 0.6, month to month 1.6 in 2008
YIELD_STEP = 2.0  # points; the widest daily step since 1962 is 1.7
BAA_STEP = 3.0  # points from month to month; 2.6 in 1932
TAIL = 60  # newest observations in which the newest shared day is looked for first
WITNESS_SLACK = 0.05  # points: rounding of three published yields
DAILY_SPREAD_FROM = dt.date(1986, 2, 1)
DAILY_BILL_FROM = dt.date(1982, 2, 1)
TARGET_FROM = dt.date(1982, 9, 28)
BLOCKS = {
    "policy_change": Block(
        "policy",
        (Carrier((TARGET,), since=TARGET_FROM), Carrier(("fred:DFF",), until=TARGET_FROM)),
    ),
    "credit_level": Block(
        "credit",
        (
            Carrier(("fred:BAA10Y",), since=DAILY_SPREAD_FROM, step=SPREAD_STEP),
            Carrier(("fred:BAA",), until=DAILY_SPREAD_FROM, step=BAA_STEP),
        ),
    ),
    "curve_slope": Block(
        "slope",
        (
            Carrier(("fred:DGS10",), step=YIELD_STEP),
            Carrier(("fred:DGS3MO",), since=DAILY_BILL_FROM, step=YIELD_STEP),
            Carrier(("fred:TB3MS",), until=DAILY_BILL_FROM),
        ),
        witness=("fred:T10Y3M", "fred:DGS10", "fred:DGS3MO"),
    ),
}


FACTOR = Carrier(("french:FF3_DAILY:SMB",))


RECORD = Block(  # what the model is fitted on and the record is kept from, beyond the inputs of today
    "record",
    (
        Carrier(("french:FF3_DAILY:SMB", "french:FF3_MONTHLY:SMB")),
        Carrier(("fred:DFF",)),
        Carrier(("fred:TB3MS",)),
        Carrier(("fred:BAA",)),
    ),
)


def never_held(view: AsOf, block: Block, day: dt.date) -> tuple[str, ...]:
    """The carriers of `block` on `day` of which nothing is known at all."""
    return tuple(part.names[0] for part in carriers(block, day) if newest(view, part) is None)


def prices(small: str = "IWM", large: str = "SPY") -> Block:
    """The block of the pair's prices; before both traded, the factor stands for them.

    A pair of research portfolios (``french:...``, or a difference with no large leg) rests on the factor's
    file at all times.
    """
    if ":" in small or ":" in large:
        return Block("prices", (FACTOR,))
    funds = _fund(small), _fund(large)
    begins = max(fund.since for fund in funds)
    return Block("prices", (*funds, Carrier(("french:FF3_DAILY:SMB",), until=begins)))


def carriers(block: Block, day: dt.date) -> tuple[Carrier, ...]:
    """What `block` needs on `day`."""
    return tuple(part for part in block.carriers if part.since <= day < part.until)


def newest(view: AsOf, carrier: Carrier) -> tuple[str, dt.date] | None:
    """The alternative with the newest period, and that period; None where nothing is known."""
    known = [(history.period[-1], name) for name in carrier.names if (history := view.latest(name)).period.size]
    if not known:
        return None
    period, name = max(known)
    return name, period.astype(dt.date)


def missed(view: AsOf, name: str, period: dt.date) -> int:
    """Releases of `name` after `period` that its known-at rule has promised by the view's moment."""
    if name == TARGET:
        return len(undecided_meetings(view))
    return releases_promised(name, period, instant(view.moment))


def unbelievable(view: AsOf, name: str, carrier: Carrier) -> str:
    """What cannot be believed about the recent numbers of `name`, in words; empty if nothing."""
    history, series = view.latest(name), describe(name)
    values = history.value[-RECENT - 1 :]
    low, high = (0.0, np.inf) if carrier.relative else (series.low, series.high)
    if ((values <= low) if carrier.relative else (values < low) | (values > high)).any():
        return f"{name} is outside {low:g} to {high:g}"
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.abs(values[1:] / values[:-1] - 1 if carrier.relative else np.diff(values))
    if (steps > carrier.step).any():
        return f"{name} steps by {steps.max():.2g} within {RECENT} observations"
    return ""


def _shared(periods: list[np.ndarray]) -> np.ndarray:
    """Days that all have, ascending."""
    shared = periods[0]
    for other in periods[1:]:
        shared = np.intersect1d(shared, other, assume_unique=True)
    return shared


def disagreement(view: AsOf, block: Block) -> str:
    """Where the witness of a block contradicts it on the newest day they share; empty if nowhere."""
    if block.witness is None:
        return ""
    parts = [view.latest(name) for name in block.witness]
    shared = _shared([part.period[-TAIL:] for part in parts])
    if not shared.size:  # the newest shared day is in every tail as soon as any shared day is
        shared = _shared([part.period for part in parts])
    if not shared.size:
        return ""
    total, plus, minus = (part.value[np.searchsorted(part.period, shared[-1])] for part in parts)
    apart = abs(total - (plus - minus))
    return f"{block.witness[0]} differs from its parts by {apart:.2f} on {shared[-1]}" if apart > WITNESS_SLACK else ""
