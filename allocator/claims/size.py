"""The claims about small caps as such: how far they lagged, and whether managers beat the index there."""

import numpy as np

from allocator.claims.claim import Claim, Finding, Measure, Question
from allocator.claims.samples import FUNDS, day, levels
from allocator.evidence import bootstrap_interval
from signals.asof import AsOf
from signals.signal import Gap

CLAIMED = -1.1  # % per year
TOLERANCE = 0.5  # % per year either way: what two readers would still call the same number
YEARS, MONTHS = 20, 12
SHORTEST_YEARS = 10  # less is another claim
PAIRS: tuple[tuple[str, str, str], ...] = (
    (*FUNDS, "total return of the funds"),
    ("IJR", "SPY", "total return of the funds"),
    ("RUT", "GSPC", "price indices, dividends left out"),
    ("french:FF_ME_VW_DAILY:Lo30", "french:FF_ME_VW_DAILY:Hi30", "smallest and largest 30 % of listed firms"),
)


def annual_gap(pairs: np.ndarray) -> np.ndarray:
    """Difference of compound annual returns, percent; `pairs` holds log returns, shape (..., months, 2)."""
    yearly = 100 * np.expm1(MONTHS * pairs.mean(axis=-2))
    return yearly[..., 0] - yearly[..., 1]


def _lag(small: str, large: str, what: str) -> Measure:
    def measure(view: AsOf) -> Finding | Gap:
        mine, month = levels(view, small)
        other, _ = levels(view, large)
        both = np.log1p(np.column_stack([mine, other]) / 100)
        held = np.isfinite(both).all(axis=1)
        both, month = both[held][-YEARS * MONTHS :], month[held][-YEARS * MONTHS :]
        if month.size < SHORTEST_YEARS * MONTHS:
            reason = f"{small} and {large} share {month.size} months, ten years are needed"
            return Gap("small_lagged", reason, "short", small)
        gap = float(annual_gap(both))
        words = f"{short(small)} minus {short(large)}, {what}, last {month.size / MONTHS:.0f} years known"
        return Finding(
            question=Question(words, "% per year", sign=-1, sources=(small, large), value=CLAIMED),
            first=day(month[0]),
            last=day(month[-1]),
            n=int(month.size),
            estimate=gap,
            interval=bootstrap_interval(both, annual_gap, repetitions=2_000),
            supported=abs(gap - CLAIMED) <= TOLERANCE,
        )

    return measure


def short(leg: str) -> str:
    """Name of a leg as people say it."""
    return leg.rsplit(":", 1)[-1]


LAGGED = Claim(
    name="small_lagged",
    says="Small caps lagged large caps by 1.1 % a year over two decades",
    test="compound annual difference over the last twenty years within half a point of -1.1",
    measures=tuple(_lag(*pair) for pair in PAIRS),
)


def _managers(_: AsOf) -> Gap:
    reason = (
        "no series of small-cap managers' results net of fees is free and complete; single published quotes are not a "
        "sample. `captilt vehicle` works out what a manager's record would have to show"
    )
    return Gap("managers", reason, "missing")


MANAGERS = Claim(
    name="managers",
    says="Managers beat the index in small caps",
    test="share of small-cap funds ahead of their index after fees above one half",
    measures=(_managers,),
)
