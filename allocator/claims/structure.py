"""Claims about what small companies are: leverage, floating debt, the shrinking universe, own risk, index money.

References
----------
Doidge, Karolyi and Stulz (2017), "The U.S. Listing Gap", JFE 123(3).
Campbell, Lettau, Malkiel and Xu (2001), "Have Individual Stocks Become More Volatile?", JF 56(1).
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from allocator.claims.claim import Claim, Finding, Measure, Question
from allocator.claims.financing import pass_through_gap, times
from allocator.claims.inference import FEWEST, episodes
from allocator.claims.samples import PERCENT
from signals.asof import AsOf, History
from signals.calendars import day_of
from signals.derived.filing_counts import series as series_of
from signals.derived.filing_counts import weekly
from signals.scoring.points import combine
from signals.series.dated_facts import known as facts_known
from signals.signal import Gap

TWICE, TOLERANCE = 2.0, 0.5  # times; half a point either way is what a speaker would still call twice
YEARS = 20  # of the universe
LEAST_SESSIONS = 200  # of a year that counts
LEAST_WEEKS = 50  # of a year of filings that counts
DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("FUNDAMENTALS", "by total assets, 0.2 to 5 against over 10 bn dollars of 2019"),
    ("BY_REVENUE", "rank 501 to 2000 by revenue against the first 500"),
    ("BY_CAP", "by market value, 0.1 to 5 against over 10 bn dollars"),
)
MEASURED: tuple[tuple[str, str, bool], ...] = (
    ("net_debt_ebitda", "net debt to EBITDA of all together", True),
    ("debt_to_assets", "debt to assets of all together", False),
)


def _yearly(
    question: Question, yearly: History, *, name: str, supports: Callable[[Finding], bool] | None = None
) -> Finding | Gap:
    """Mean over the years known with Student's interval; `supports` replaces the rule of the claimed side."""
    finding = episodes(question, yearly.value, yearly.period.astype("datetime64[M]"))
    if finding is None:
        reason = f"{question.definition}: {yearly.period.size} years are known, {FEWEST} are needed"
        return Gap(name, reason, "short", question.sources[0])
    return finding if supports is None else replace(finding, supported=supports(finding), t=None, p=None)


def _times(definition: str, words: str, column: str, measured: str, *, decides: bool) -> Measure:
    small, large = (f"simfin:{size}_{definition}:{column}" for size in ("SMALL", "LARGE"))

    def measure(view: AsOf) -> Finding | Gap:
        ratio = combine(_ratio, view.latest(small), view.latest(large))
        ratio = History(*(part[np.isfinite(ratio.value)] for part in (ratio.period, ratio.known_at, ratio.value)))
        question = Question(
            f"{measured}, small over large, {words}",
            "times",
            sign=+1,
            sources=(small, large),
            decides=decides,
            counted="years",
            value=TWICE,
        )
        return _yearly(
            question, ratio, name="leverage", supports=lambda finding: abs(finding.estimate - TWICE) <= TOLERANCE
        )

    return measure


def _ratio(small: np.ndarray, large: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(large > 0, small / large, np.nan)


LEVERAGE = Claim(
    name="leverage",
    says="Small companies carry twice the debt of large ones",
    test="mean over the years known of the ratio of small to large within half of two; consecutive years are alike, "
    "so the intervals are too narrow",
    measures=(
        *(
            _times(definition, words, column, measured, decides=decides)
            for column, measured, decides in MEASURED
            for definition, words in DEFINITIONS
        ),
        times("net_debt_ebitda", "net debt to EBITDA, median, from filings", least=TWICE - TOLERANCE),
        times("total_debt_ebitda", "debt to EBITDA of all together, from filings", least=TWICE - TOLERANCE),
    ),
)


def _untested(name: str, why: str, quoted: tuple[str, ...]) -> Measure:
    """A claim that no free series answers, with the single figures published by the view's day."""

    def measure(view: AsOf) -> Gap:
        known = [fact for fact in facts_known(day_of(view.moment)) if fact.name in quoted]
        quotes = "; ".join(
            f"{fact.value:g} {fact.unit}, {fact.says} ({fact.source}, {fact.observed})" for fact in known
        )
        return Gap(name, f"cannot be tested, because {why}{': single figures only: ' + quotes if quotes else ''}")

    return measure


def _measured_or(measure: Measure, otherwise: Measure) -> Measure:
    """What is measured; while it is not, what is published instead."""

    def test(view: AsOf) -> Finding | Gap:
        finding = measure(view)
        return finding if isinstance(finding, Finding) else otherwise(view)

    return test


FLOATING = Claim(
    name="floating_debt",
    says="Small companies owe more at floating rates",
    test="share of a move of the policy rate that reaches interest paid, small less large, above zero",
    measures=(
        _measured_or(
            pass_through_gap,
            _untested(
                "floating_debt",
                "no free series separates fixed from floating debt by size and no company filings are here yet "
                "(`captilt filings fetch`)",
                (
                    "floating_rate_share_small",
                    "floating_rate_share_small_2024",
                    "floating_or_short_debt_small",
                    "floating_rate_share_large",
                ),
            ),
        ),
    ),
)
PASSIVE = Claim(
    name="passive_share",
    says="Half of the money in small-cap funds follows an index",
    test="share of small-cap fund assets in index funds, near one half",
    measures=(_untested("passive_share", "no free series separates small-cap funds", ("passive_share",)),),
)


def _fewer(series: str, words: str, per_year: int, *, years: int = YEARS, decides: bool = True) -> Measure:
    def measure(view: AsOf) -> Finding | Gap:
        count = view.latest(series)
        level = _yearly_levels(count, per_year, years)
        change = History(level.period[1:], level.known_at[1:], PERCENT * np.diff(np.log(level.value)))
        question = Question(
            f"change of the number of {words}, last {years} years known",
            "log % per year",
            sign=-1,
            sources=(series,),
            decides=decides,
            counted="years",
        )
        return _yearly(question, change, name="universe", supports=lambda finding: finding.estimate < 0)

    return measure


def _yearly_levels(count: History, per_year: int, years: int) -> History:
    """The newest count and those of whole years before it, oldest first."""
    chosen = np.arange(count.period.size - 1, -1, -per_year)[: years + 1][::-1]
    return History(count.period[chosen], count.known_at[chosen], count.value[chosen])


def _private_creep(view: AsOf) -> Finding | Gap:
    """Change a year of private offerings (Form D) for each registration of a public one (Form S-1)."""
    private, public = (_by_year(weekly(view, (form,))) for form in ("D", "S-1"))
    ratio = combine(_log_ratio, private, public)
    following = np.diff(ratio.period.astype("datetime64[Y]")) == np.timedelta64(1, "Y")
    change = History(
        ratio.period[1:][following], ratio.known_at[1:][following], PERCENT * np.diff(ratio.value)[following]
    )
    question = Question(
        "change of private offerings (Form D) for each public one (Form S-1), by calendar year",
        "log % per year",
        sign=+1,
        sources=series_of(("D", "S-1")),
        decides=False,
        counted="years",
    )
    return _yearly(question, change, name="private_creep", supports=lambda finding: finding.estimate > 0)


def _log_ratio(private: np.ndarray, public: np.ndarray) -> np.ndarray:
    return np.log1p(private) - np.log1p(public)


def _by_year(weeks: History) -> History:
    """Sums of the calendar years of which all weeks but two are held."""
    years = weeks.period.astype("datetime64[Y]")
    first = np.flatnonzero(np.append(True, years[1:] != years[:-1])) if years.size else np.empty(0, dtype=np.intp)
    whole = np.diff(np.append(first, years.size)) >= LEAST_WEEKS
    return History(
        years[first][whole].astype("datetime64[D]"),
        np.maximum.reduceat(weeks.known_at, first)[whole] if first.size else weeks.known_at,
        np.add.reduceat(weeks.value, first)[whole] if first.size else weeks.value,
    )


UNIVERSE = Claim(
    name="universe",
    says="The universe of listed companies is shrinking",
    test="fewer listed companies than twenty years before: a count and no sample, so its sign decides; the interval "
    "shows how much the years differ",
    measures=(
        _fewer("worldbank:USA_LISTED", "domestic companies on American exchanges (World Bank)", 1),
        _fewer("french:FF_NFIRMS", "companies in Ken French's portfolios", 12),
        _fewer("french:FF_ME_FIRMS:Lo30", "companies below the thirtieth percentile of size (Ken French)", 12),
        _fewer("french:FF_NFIRMS", "companies in Ken French's portfolios", 12, years=10, decides=False),
        _measured_or(
            _private_creep,
            _untested(
                "private_creep",
                "six whole years of private offerings (Form D) and registrations (S-1) are not counted here; EDGAR is "
                "asked once `captilt config` knows a user agent",
                (),
            ),
        ),
    ),
)


def _own_risk(small: str, large: str) -> Measure:
    market, cash = "french:FF3_DAILY:Mkt-RF", "french:FF3_DAILY:RF"

    def measure(view: AsOf) -> Finding | Gap:
        question = Question(
            f"risk that the market does not explain, {small.rsplit(':', 1)[-1]} over {large.rsplit(':', 1)[-1]}, "
            "log of the ratio, year by year",
            "log ratio",
            sign=+1,
            sources=(small, large, market),
            counted="years",
        )
        parts = [view.latest(name) for name in (small, large, market, cash)]
        if not all(part.period.size for part in parts):
            return Gap("own_risk", f"{question.definition}: no daily returns are known", "missing", small)
        return _yearly(question, _log_ratio_by_year(parts), name="own_risk")

    return measure


def _log_ratio_by_year(parts: list[History]) -> History:
    """Log of the residual sd of the first on the market over that of the second, by calendar year since 1963."""
    shared = parts[0].period
    for part in parts[1:]:
        shared = np.intersect1d(shared, part.period, assume_unique=True)
    shared = shared[shared >= np.datetime64("1963-07-01")]
    small, large, excess, cash = (part.value[np.isin(part.period, shared)] for part in parts)
    years = shared.astype("datetime64[Y]")
    ratios = [
        (year, np.log(_residual(small[here], market[here]) / _residual(large[here], market[here])))
        for year in np.unique(years)
        if (here := years == year).sum() >= LEAST_SESSIONS
        for market in (excess + cash,)
    ]
    period = np.array([year for year, _ in ratios], dtype="datetime64[Y]").astype("datetime64[D]")
    known = parts[0].known_at[-1:].repeat(period.size)
    return History(period, known, np.array([ratio for _, ratio in ratios], dtype=np.float64))


def _residual(returns: np.ndarray, market: np.ndarray) -> float:
    design = np.column_stack([np.ones_like(market), market])
    return float((returns - design @ np.linalg.lstsq(design, returns, rcond=None)[0]).std())


OWN_RISK = Claim(
    name="own_risk",
    says="Small companies carry more risk of their own",
    test="yearly log ratio of the residual risk of size portfolios above zero, Student's t over the years; the risk of "
    "single companies cannot be tested, because returns by company are not free",
    measures=(
        _own_risk("french:FF_ME_VW_DAILY:Lo30", "french:FF_ME_VW_DAILY:Hi30"),
        _own_risk("french:FF_ME_VW_DAILY:D1", "french:FF_ME_VW_DAILY:D9"),
    ),
)
