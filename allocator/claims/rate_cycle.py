"""Claims about the rate cycle: easing favours small caps, and so does the first cut.

The phase of a month is the hindsight one of DATE-4 on its last business day. A lagged label is that of the
month before: the most that anyone could have traded on.

References
----------
Jensen, Johnson and Mercer (1998), "The Inconsistency of Small-Firm and Value Stock Premiums", JPM 24(2).
"""

import numpy as np

from allocator.claims.claim import Claim, Finding, Question
from allocator.claims.inference import episodes, equality, mean
from allocator.claims.samples import CYCLE_FROM, Sample, funds, indices, phases, size_premium
from regime.dating import date_cycle
from regime.phase import PHASES, Phase
from signals.asof import AsOf
from signals.derived.policy_rate import TARGET, target_path
from signals.signal import Gap

AFTER_MONTHS = 12
SHOWN = {
    Phase.HIKE: "months of hiking",
    Phase.HOLD_AFTER_HIKE: "months on hold after hikes",
    Phase.EASE: "months of easing",
    Phase.HOLD_AFTER_EASE: "months on hold after cuts",
}


def _in_phase(view: AsOf, sample: Sample, phase: Phase, *, lag: int, decides: bool) -> Finding | Gap:
    labels = phases(view, sample.month - lag)
    known = labels >= 0
    sample = Sample(sample.name, sample.month[known], sample.percent[known], sample.sources)
    when = "label of the month before" if lag else "label of the same month"
    words = f"{sample.name}, {SHOWN[phase]}, {when}"
    question = Question(words, "% per month", sign=+1, sources=(*sample.sources, TARGET), decides=decides)
    finding = mean(question, sample, labels[known] == PHASES.index(phase))
    return finding or Gap("easing", f"{words}: fewer than five such months are known", "short", TARGET)


def _same_month(view: AsOf) -> Finding | Gap:
    return _in_phase(view, size_premium(view).since(CYCLE_FROM), Phase.EASE, lag=0, decides=True)


def _lagged(view: AsOf) -> Finding | Gap:
    return _in_phase(view, size_premium(view).since(CYCLE_FROM + 1), Phase.EASE, lag=1, decides=True)


def _funds(view: AsOf) -> Finding | Gap:
    return _in_phase(view, funds(view), Phase.EASE, lag=1, decides=True)


def _of_pair(view: AsOf, pair: Sample) -> Finding | Gap:
    return _in_phase(view, pair, Phase.EASE, lag=1, decides=False)


def _indices(view: AsOf) -> Finding | Gap:
    return _in_phase(view, indices(view).since(CYCLE_FROM + 1), Phase.EASE, lag=1, decides=False)


def _hikes(view: AsOf) -> Finding | Gap:
    return _in_phase(view, size_premium(view).since(CYCLE_FROM), Phase.HIKE, lag=0, decides=False)


def _hold_after_cuts(view: AsOf) -> Finding | Gap:
    return _in_phase(view, size_premium(view).since(CYCLE_FROM), Phase.HOLD_AFTER_EASE, lag=0, decides=False)


def _hold_after_hikes(view: AsOf) -> Finding | Gap:
    return _in_phase(view, size_premium(view).since(CYCLE_FROM), Phase.HOLD_AFTER_HIKE, lag=0, decides=False)


def _hold_after_hikes_lagged(view: AsOf) -> Finding | Gap:
    return _in_phase(view, size_premium(view).since(CYCLE_FROM + 1), Phase.HOLD_AFTER_HIKE, lag=1, decides=False)


def _any_difference(view: AsOf) -> Finding | Gap:
    sample = size_premium(view).since(CYCLE_FROM)
    words = "SMB, do the four phases differ at all (label of the same month)"
    unit = f"Wald chi2({len(PHASES) - 1})"
    question = Question(words, unit, sign=0, sources=(*sample.sources, TARGET), decides=False)
    finding = equality(question, sample, phases(view, sample.month), len(PHASES))
    return finding or Gap("easing", f"{words}: a phase has fewer than five months", "short", TARGET)


EASING = Claim(
    name="easing",
    says="Small caps outperform in an easing cycle",
    test="mean of small minus large in months of easing above zero, Newey-West with 3 lags",
    measures=(
        _same_month,
        _lagged,
        _funds,
        _indices,
        _hikes,
        _hold_after_cuts,
        _hold_after_hikes,
        _hold_after_hikes_lagged,
        _any_difference,
    ),
    of_pair=(_of_pair,),
)


def _first_cuts(view: AsOf) -> tuple[Sample, np.ndarray, np.ndarray]:
    """Sample, the months of first cuts whose following year is known, and that year's compounded gap."""
    sample = size_premium(view)
    chronology = date_cycle(*target_path(view))
    cuts = [np.datetime64(row.first_move, "M") for row in chronology.phases if row.phase is Phase.EASE]
    rows = np.searchsorted(sample.month, np.array(cuts, dtype="datetime64[M]"))
    rows = rows[rows + AFTER_MONTHS < sample.month.size]
    years = np.array([np.prod(1 + sample.percent[p + 1 : p + 1 + AFTER_MONTHS] / 100) - 1 for p in rows]) * 100
    return sample, sample.month[rows], years


def _after_first_cut(view: AsOf) -> Finding | Gap:
    return _episodes(view, "SMB over the twelve months after the month of a first cut", dropped=0)


def _without_best(view: AsOf) -> Finding | Gap:
    return _episodes(view, "the same without its two best episodes", dropped=2)


def _episodes(view: AsOf, words: str, *, dropped: int) -> Finding | Gap:
    sample, months, years = _first_cuts(view)
    chosen = np.sort(np.argsort(years)[: years.size - dropped]) if dropped else np.arange(years.size)
    question = Question(
        f"{words} ({int((years[chosen] > 0).sum())} of {chosen.size} positive)",
        "% over 12 months",
        sign=+1,
        sources=(*sample.sources, TARGET),
        counted="first cuts",
    )
    finding = episodes(question, years[chosen], months[chosen])
    return finding or Gap("first_cut", f"{words}: fewer than five first cuts are known", "short", TARGET)


FIRST_CUT = Claim(
    name="first_cut",
    says="The first cut helps small caps",
    test="mean of the compounded year after each first cut above zero, Student's t over the episodes",
    measures=(_after_first_cut, _without_best),
)
