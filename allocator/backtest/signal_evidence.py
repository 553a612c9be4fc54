"""What each signal has been worth: its test on the data that are held, said beside its score.

A score of a month-end, as it was known then, faces small minus large in the months after. Scores are signed
so that positive favours small caps: a positive number here means that the signal has pointed the right way.
No signal is dropped for looking bad; it is shown as weak.

1. Three samples: SMB since 1963, SMB since 1984, the pair's own funds since they exist (those of a declared size pair,
   else IWM and SPY). For each the rank correlation (information coefficient) and the HAC t of the slope.
2. Stability: in how many stretches of five years the slope had the right sign.
3. Decay: the information coefficient with the return of the first, second, third, sixth and twelfth month.
4. Correlation with every other signal.
5. Walk-forward: the information ratio of a rule that follows this signal alone, and what the signal adds to
   (or, for one already in it, what it adds within) the declared ones.

References
----------
Grinold and Kahn (1999), "Active Portfolio Management", for the information coefficient.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.backtest.declared_family import Step, walk
from allocator.claims.claim import Finding, Question
from allocator.claims.inference import slope
from allocator.claims.samples import MODERN_FROM, Sample, ahead, funds, size_premium
from allocator.evidence import information_ratio
from allocator.settings import Judgement, PortfolioSettings
from allocator.size_pairs import is_size_pair
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.signal import Signal, scores

LAGS = (1, 2, 3, 6, 12)  # months ahead
BLOCK_MONTHS = 60  # five years: a stretch in which a rate cycle turns at least once
SHORTEST = 60  # months: fewer say nothing
SAMPLES = 3  # on which each signal is tested
SIGNIFICANT = 0.05
TIED = 1e-12  # spread below which there is no rank to correlate


@dataclass(frozen=True, slots=True)
class InSample:
    """A signal on one sample.

    Attributes
    ----------
    ic : float
        Spearman rank correlation of the score with next month's small minus large.
    finding : Finding
        Slope in percent per month per unit of score, with HAC t and interval.
    """

    ic: float
    finding: Finding


@dataclass(frozen=True, slots=True)
class Decay:
    """Rank correlation with the return of the `lag`-th month ahead, over `n` months."""

    lag: int
    ic: float
    n: int


@dataclass(frozen=True, slots=True)
class WalkForward:
    """What the signal was worth when nothing was known in advance; annual, net of cost.

    Attributes
    ----------
    months : int
    ir_alone : float
    ir_with, ir_without : float
        Of the declared signals (regime left out) with this one among them, and without it.
    """

    months: int
    ir_alone: float
    ir_with: float
    ir_without: float


@dataclass(frozen=True, slots=True)
class SignalEvidence:
    """Everything that is said of a signal's worth.

    Attributes
    ----------
    name : str
    samples : tuple of InSample
        Those for which five years of scores and returns are known.
    blocks, blocks_right : int
        Stretches of five years of SMB, counted back from the newest month, and those with the right sign.
    decay : tuple of Decay
    correlations : tuple of (name, correlation, months)
        With every other signal, strongest first.
    walk_forward : WalkForward or None
        None where the signal may not enter a forecast or has no record.
    tests : int
        How many the whole catalogue makes, the user's own signals included.
    """

    name: str
    samples: tuple[InSample, ...]
    blocks: int
    blocks_right: int
    decay: tuple[Decay, ...]
    correlations: tuple[tuple[str, float, int], ...]
    walk_forward: WalkForward | None
    tests: int

    @property
    def p_adjusted(self) -> float | None:
        """Smallest p of its samples, times the number of tests that the whole catalogue makes (Bonferroni)."""
        tested = [sample.finding.p for sample in self.samples if sample.finding.p is not None]
        return min(1.0, min(tested) * self.tests) if tested else None

    @property
    def verdict(self) -> str:
        """``supported`` where every sample known has the right sign and one is significant after all tests made.

        ``weak`` otherwise, and ``not evaluated`` where no sample has five years. Every signal of the catalogue is
        tested on three samples, so one p in twenty means nothing: the adjusted p must be at most 0.05.
        """
        if not self.samples or self.p_adjusted is None:
            return "not evaluated"
        right = all(sample.finding.estimate > 0 for sample in self.samples)
        return "supported" if right and self.p_adjusted <= SIGNIFICANT else "weak"


def signal_evidence(
    view: AsOf,
    names: Sequence[str],
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    step: Step | None = None,
) -> tuple[SignalEvidence, ...]:
    """The evidence of the named signals, from the facts known at the view's moment.

    All of them are walked forward together, so asking for many costs little more than asking for one.
    """
    walked = _walked(view, names, judgement, regime, step=step)
    return tuple(_one(view, judgement.signal(name), judgement, walked.get(name)) for name in names)


def _one(view: AsOf, signal: Signal, judgement: Judgement, walked: WalkForward | None) -> SignalEvidence:
    smb, pair, catalogue = size_premium(view), judgement.portfolio, judgement.catalogue
    samples = (
        ("since 1963", smb),
        ("since 1984", smb.since(MODERN_FROM)),
        ("since the funds exist", own_funds(view, pair)),
    )
    tested = (_in_sample(view, signal, sample, words) for words, sample in samples)
    blocks, right = _stability(view, signal, smb)
    return SignalEvidence(
        name=signal.name,
        samples=tuple(in_sample for in_sample in tested if in_sample is not None),
        blocks=blocks,
        blocks_right=right,
        decay=_decay(view, signal, smb),
        correlations=_correlations(view, signal, catalogue, smb),
        walk_forward=walked,
        tests=SAMPLES * sum(not other.report_only for other in catalogue),
    )


def own_funds(view: AsOf, pair: PortfolioSettings) -> Sample:
    """The funds on which a signal is tested: those of a declared size pair, else IWM and SPY."""
    return funds(view, pair.small, pair.large) if is_size_pair(pair.small, pair.large) else funds(view)


def read_at(view: AsOf, signal: Signal, month: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores at the month-end before each of `month` (NaN for a gap), and the places of those months.

    The panel is remembered, for the same months are asked for many times.
    """
    moments, rows = ahead(view, month)
    if not moments.size:
        return np.zeros(0), rows
    key = ("signal panel", signal.name, signal.origin, moments[0], moments[-1])
    return view.remember(key, lambda: scores(signal, view, moments)), rows


def _in_sample(view: AsOf, signal: Signal, sample: Sample, words: str) -> InSample | None:
    read, rows = read_at(view, signal, sample.month)
    unit = "% per month per unit of score"
    question = Question(f"{sample.name} {words}", unit, sign=+1, sources=sample.sources)
    finding = slope(question, sample, rows, read) if _spread(read) > TIED else None
    return None if finding is None else InSample(rank_correlation(read, sample.percent[rows])[0], finding)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> tuple[float, int]:
    """Spearman correlation over the pairs that are both finite, and their number; NaN where a side is flat."""
    from scipy.stats import rankdata

    both = np.isfinite(first) & np.isfinite(second)
    n = int(both.sum())
    if n < SHORTEST:
        return float("nan"), n
    ranks = rankdata(first[both]), rankdata(second[both])
    if min(_spread(side) for side in ranks) < TIED:
        return float("nan"), n
    return float(np.corrcoef(*ranks)[0, 1]), n


def _spread(values: np.ndarray) -> float:
    """Largest minus smallest finite value; 0 where there is none."""
    finite = values[np.isfinite(values)]
    return float(np.ptp(finite)) if finite.size else 0.0


def _stability(view: AsOf, signal: Signal, sample: Sample) -> tuple[int, int]:
    """Whole five-year stretches, counted back from the newest month, and those in which the slope is positive."""
    read, rows = read_at(view, signal, sample.month)
    known = np.isfinite(read)
    read, outcome = read[known], sample.percent[rows[known]]
    ends = range(read.size, BLOCK_MONTHS - 1, -BLOCK_MONTHS)
    stretches = [slice(end - BLOCK_MONTHS, end) for end in ends]
    slopes = [np.cov(read[part], outcome[part])[0, 1] for part in stretches if _spread(read[part]) > TIED]
    return len(slopes), sum(1 for value in slopes if value > 0)


def _decay(view: AsOf, signal: Signal, sample: Sample) -> tuple[Decay, ...]:
    decays = []
    read, rows = read_at(view, signal, sample.month)
    for lag in LAGS:
        later = rows + lag - 1
        inside = later < sample.percent.size
        decays.append(Decay(lag, *rank_correlation(read[inside], sample.percent[later[inside]])))
    return tuple(decays)


def _correlations(
    view: AsOf, signal: Signal, catalogue: Sequence[Signal], sample: Sample
) -> tuple[tuple[str, float, int], ...]:
    mine, _ = read_at(view, signal, sample.month)
    rows = []
    for other in catalogue:
        if other.name == signal.name:
            continue
        theirs, _ = read_at(view, other, sample.month)
        both = np.isfinite(mine) & np.isfinite(theirs)
        if both.sum() >= SHORTEST and min(_spread(mine[both]), _spread(theirs[both])) > TIED:
            rows.append((other.name, float(np.corrcoef(mine[both], theirs[both])[0, 1]), int(both.sum())))
    return tuple(sorted(rows, key=lambda row: (-round(abs(row[1]), 9), row[0])))


def _walked(
    view: AsOf, names: Sequence[str], judgement: Judgement, regime: RegimeSettings, *, step: Step | None
) -> dict[str, WalkForward]:
    """Three rules per signal, all in one walk: alone, among the declared ones, and those without it."""
    able = [name for name in names if not judgement.signal(name).report_only]
    if not able:
        return {}
    declared = judgement.forecast.signals
    rules: list[tuple[str, ...]] = []
    for name in able:
        rest = tuple(other for other in declared if other != name)
        rules += [(name,), declared if name in declared else (*declared, name), rest]
    distinct = tuple(dict.fromkeys(rules))
    forecasts = (replace(judgement.forecast, signals=rule, regime=False) for rule in distinct)
    family = walk(view, tuple(replace(judgement, forecast=settings) for settings in forecasts), regime, step=step)
    net = family.known()
    if len(net) < SHORTEST:
        return {}
    ratio = {rule: information_ratio(net[:, column]) for column, rule in enumerate(distinct)}
    return {
        name: WalkForward(len(net), *(ratio[rule] for rule in rules[3 * at : 3 * at + 3]))
        for at, name in enumerate(able)
    }
