"""The claims about small caps as such: how far they lagged, and whether managers beat the index there."""

from dataclasses import replace

import numpy as np

from allocator.claims.claim import Claim, Finding, Measure, Question
from allocator.claims.inference import NORMAL_95, episodes, mean
from allocator.claims.samples import FUNDS, RUSSELL, Sample, day, funds, indices, levels, size_premium
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
    (*RUSSELL, "total return of the indices"),
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
        known = np.isfinite(both).all(axis=1)
        both, month = both[known][-YEARS * MONTHS :], month[known][-YEARS * MONTHS :]
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


SMALL_FUNDS = ("other:SPIVA_SMALLCAP_QUOTES:1y", "other:SPIVA_SMALLCAP_QUOTES_MORE:1y")  # percent behind the S&P 600
ALL_FUNDS = "spiva:DOMESTIC_VS_SP1500"  # percent of funds of all sizes behind the S&P Composite 1500, yearly
HALF = 50.0  # percent of the funds
FEWEST_REPORTS = 3


def _managers(view: AsOf) -> Finding | Gap:
    reports = [view.latest(name) for name in SMALL_FUNDS]
    day, behind = (np.concatenate([getattr(part, what) for part in reports]) for what in ("period", "value"))
    order = np.argsort(day)
    words = (
        "share of small-cap funds ahead of the S&P 600 over one year, published reports that are known, less one half"
    )
    return _ahead(day[order], behind[order], words, SMALL_FUNDS, counted="reports", decides=True)


def _managers_of_all_sizes(view: AsOf) -> Finding | Gap:
    yearly = view.latest(ALL_FUNDS)
    words = "share of domestic funds of all sizes ahead of the S&P 1500, calendar years, less one half"
    return _ahead(yearly.period, yearly.value, words, (ALL_FUNDS,), counted="years", decides=False)


def _ahead(
    day: np.ndarray, behind: np.ndarray, words: str, sources: tuple[str, ...], *, counted: str, decides: bool
) -> Finding | Gap:
    question = Question(words, "points", sign=+1, sources=sources, decides=decides, counted=counted)
    finding = episodes(question, HALF - behind, day.astype("datetime64[M]"), fewest=FEWEST_REPORTS)
    return finding or Gap(
        "managers", f"{words}: {behind.size} are known, {FEWEST_REPORTS} are needed", "short", sources[0]
    )


MANAGERS = Claim(
    name="managers",
    says="Managers beat the index in small caps",
    test="share of funds ahead of their index after fees above one half, Student's t over the reports; few reports of "
    "small-cap funds are free, and `captilt vehicle` works out what a manager's record would have to show",
    measures=(_managers, _managers_of_all_sizes),
)


def _same_mean(view: AsOf) -> Finding | Gap:
    difference = _index_less_factor(view)
    question = Question(
        "Russell 2000 minus Russell 1000, less SMB",
        "% per month",
        sign=0,
        sources=difference.sources,
        value=0.0,
    )
    finding = mean(question, difference, np.ones(difference.month.size, dtype=bool))
    if finding is None or finding.interval is None:
        return Gap("smb", "the Russell indices and SMB share too few months", "missing", RUSSELL[0])
    low, high = finding.interval
    return replace(finding, supported=low <= 0 <= high)


def _together(view: AsOf) -> Finding | Gap:
    """Correlation with Fisher's interval: context."""
    index, factor = _shared(view)
    if index.month.size < SHORTEST_YEARS * MONTHS:
        return Gap("smb", "the Russell indices and SMB share too few months", "missing", RUSSELL[0])
    correlation = float(np.corrcoef(index.percent, factor.percent)[0, 1])
    reach = NORMAL_95 / (index.month.size - 3) ** 0.5
    low, high = np.tanh(np.arctanh(correlation) + np.array([-reach, reach])).tolist()
    return Finding(
        question=Question(
            "correlation of Russell 2000 minus Russell 1000 with SMB",
            "correlation",
            sign=+1,
            sources=(*index.sources, *factor.sources),
            decides=False,
        ),
        first=day(index.month[0]),
        last=day(index.month[-1]),
        n=int(index.month.size),
        estimate=correlation,
        interval=(low, high),
        supported=low > 0,
    )


def _shared(view: AsOf) -> tuple[Sample, Sample]:
    index, factor = indices(view), size_premium(view)
    months = np.intersect1d(index.month, factor.month, assume_unique=True)
    return index.only(months), factor.only(months)


def _index_less_factor(view: AsOf) -> Sample:
    index, factor = _shared(view)
    sources = (*index.sources, *factor.sources)
    return Sample("Russell less SMB", index.month, index.percent - factor.percent, sources)


def _funds_less_indices(view: AsOf) -> Finding | Gap:
    index, pair = indices(view), funds(view)
    months = np.intersect1d(index.month, pair.month, assume_unique=True)
    difference = Sample("", months, pair.only(months).percent - index.only(months).percent, (*pair.sources, *RUSSELL))
    question = Question(
        "the funds less the indices", "% per month", sign=0, sources=difference.sources, decides=False, value=0.0
    )
    finding = mean(question, difference, np.ones(months.size, dtype=bool))
    return finding or Gap("smb", "the funds and the Russell indices share too few months", "missing", RUSSELL[0])


FACTOR = Claim(
    name="factor_and_index",
    says="SMB pays what an index investor gets",
    test="mean of Russell 2000 minus Russell 1000, less SMB, not distinguishable from zero, Newey-West with 3 lags",
    measures=(_same_mean, _together, _funds_less_indices),
)
