"""Claims about how small companies are financed, judged on what their own filings say (`signals.filings`).

Groups are those of the newest month-end known; leverage and the floating share carry the standard errors of their
series, taken as independent between the groups. Nothing here is quoted: without filings the claims cannot be tested.

References
----------
Ippolito, Ozdagli and Perez-Orive (2018), "The Transmission of Monetary Policy Through Bank Lending", JME 95.
"""

from dataclasses import replace

import numpy as np

from allocator.claims.claim import Claim, Finding, Measure, Question
from allocator.evidence import hac_covariance
from allocator.interest_bill import bills
from signals.asof import AsOf
from signals.derived.financing_gap import WAITS
from signals.derived.policy_rate import target_path
from signals.filings.pass_through import PolicyRate
from signals.filings.size_groups import LARGE, PASS_THROUGH, SMALL, series_of
from signals.scoring.points import combine
from signals.signal import Gap

Z95 = 1.959963984540054
CUT_BP = -100.0
YEAR_MONTHS = 12
LEAST_MONTHS = 60
OVERLAP_LAGS = 23  # months: growth and change of the rate each look back over twelve months of twelve-month sums


def _newest(view: AsOf, measure: str, group: str) -> tuple[float, float, int, np.datetime64] | None:
    """(value, standard error, companies, month-end) of a series; None where nothing is known."""
    value = view.latest(series_of(measure, group))
    error = view.latest(series_of(measure, group, "error"))
    companies = view.latest(series_of(measure, group, "companies"))
    if not (value.period.size and error.period.size and companies.period.size):
        return None
    return float(value.value[-1]), float(error.value[-1]), int(companies.value[-1]), value.period[-1]


def times(measure: str, words: str, *, least: float) -> Measure:
    """Small over large companies at the newest month-end; supports from `least` on."""

    def test(view: AsOf) -> Finding | Gap:
        small, large = (_newest(view, measure, group) for group in (SMALL, LARGE))
        sources = tuple(series_of(measure, group) for group in (SMALL, LARGE))
        if small is None or large is None:
            return Gap("leverage", f"{words}: {WAITS}", "missing", sources[0])
        if large[0] <= 0:
            return Gap("leverage", f"{words}: large companies owe nothing on balance", "model", sources[1])
        ratio = small[0] / large[0]
        error = float(np.hypot(small[1], ratio * large[1])) / large[0]
        question = Question(words, "times", sign=+1, sources=sources, counted="companies", value=least)
        finding = _finding(question, ratio, error, small[2] + large[2], small[3])
        return replace(finding, supported=ratio >= least)

    return test


def pass_through_gap(view: AsOf) -> Finding | Gap:
    """Share of a move of the policy rate that reaches interest, small less large."""
    small, large = (_newest(view, PASS_THROUGH, group) for group in (SMALL, LARGE))
    sources = tuple(series_of(PASS_THROUGH, group) for group in (SMALL, LARGE))
    words = "share of a move of the policy rate that reaches interest paid, small less large, from filings"
    if small is None or large is None:
        return Gap("floating_debt", f"{words}: {WAITS}", "missing", sources[0])
    question = Question(words, "share of a move", sign=+1, sources=sources, counted="companies")
    return _finding(question, small[0] - large[0], float(np.hypot(small[1], large[1])), small[2] + large[2], small[3])


def _finding(question: Question, estimate: float, error: float, count: int, month: np.datetime64) -> Finding:
    reach = Z95 * error
    last = month.astype("datetime64[M]")
    return Finding(
        question=question,
        first=(last - YEAR_MONTHS).astype("datetime64[D]").item(),
        last=last.astype("datetime64[D]").item(),
        n=count,
        estimate=estimate,
        interval=(estimate - reach, estimate + reach),
        supported=question.sign * estimate - reach > 0,
    )


def _interest_saved(view: AsOf) -> Finding | Gap:
    """Interest saved after a cut, small less large."""
    saved = bills(view, CUT_BP)
    if isinstance(saved, Gap):
        return saved
    sources = tuple(series_of(name, group) for name in ("pass_through", "debt_ebitda") for group in (SMALL, LARGE))
    words = "interest saved in a year after a cut of a percentage point, small less large"
    question = Question(words, "% of EBITDA", sign=+1, sources=sources, counted="companies")
    return _finding(question, saved.gap.percent_of_ebitda, saved.gap.standard_error, saved.companies, saved.month)


def _growth_after_cuts(view: AsOf) -> Finding | Gap:
    """Slope of the gap of earnings growth on the fall of the policy rate over the same year."""
    small, large = (view.latest(series_of("earnings_growth", group)) for group in (SMALL, LARGE))
    gap = combine(np.subtract, small, large)
    if gap.period.size < LEAST_MONTHS:
        return Gap(
            "financing",
            WAITS if not gap.period.size else "fewer than five years",
            "short",
            series_of("earnings_growth", SMALL),
        )
    fall = -PolicyRate(*target_path(view)).change(gap.period)
    design = np.column_stack([np.ones(gap.period.size), fall])
    beta = np.linalg.lstsq(design, gap.value, rcond=None)[0]
    error = float(hac_covariance(design, gap.value - design @ beta, lags=OVERLAP_LAGS)[1, 1] ** 0.5)
    question = Question(
        "growth of earnings, small less large, on the fall of the policy rate over the same year",
        "% for each percentage point",
        sign=+1,
        sources=(*(series_of("earnings_growth", group) for group in (SMALL, LARGE)), "fomc:target"),
    )
    reach = Z95 * error
    return Finding(
        question=question,
        first=gap.period[0].item(),
        last=gap.period[-1].item(),
        n=int(gap.period.size),
        estimate=float(beta[1]),
        interval=(float(beta[1]) - reach, float(beta[1]) + reach),
        supported=float(beta[1]) > reach,
        t=float(beta[1]) / error if error else None,
    )


CUTS_HELP = Claim(
    name="cuts_help",
    says="The earnings of small companies gain when the Fed cuts",
    test="interest saved after a cut, and growth of earnings as the rate falls, both small less large and above zero",
    measures=(_interest_saved, _growth_after_cuts),
)
