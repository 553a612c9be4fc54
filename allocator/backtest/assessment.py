"""Is the edge real? Every number that leads to the verdict, from the facts known at the last month-end.

1. The closed forms over the walk-forward record of the recommended tilt: PSR, DSR with its power, t after the haircut.
2. `heavy` walks the declared family and resamples: PBO over distinct rules, SPA, the interval. It is the same all
   month, so it is cached under a key of data and specification.
3. The twelve-month sentence is judged as what it says, over the first and the second half of its record.
4. `assess` puts all of it together with the robustness rows, and applies the rule.
"""

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass, replace

import numpy as np

from allocator import track_record
from allocator.backtest import robustness
from allocator.backtest.declared_family import Step, declared, walk
from allocator.backtest.robustness import Check, Track
from allocator.decide import weigh_evidence
from allocator.evidence import (
    Moments,
    Multiplier,
    Overfitting,
    SharpeTest,
    Superiority,
    Trials,
    Verdict,
    YearAhead,
    block_length,
    bootstrap_interval,
    effective_rules,
    luckiest,
    min_trl,
    pbo_of_distinct,
    specification,
    superiority,
    trials_at,
    verdict,
    year_ahead,
)
from allocator.evidence.multiplier import HORIZON
from allocator.evidence.sharpe import MONTHS
from allocator.returns import leg_inputs
from allocator.settings import Judgement
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.calendars import cut
from signals.growing import code_of

SPA_REPETITIONS = 2_000  # a p-value of 0.05 to half a point
WALKED, CHECKED, WHOLE = 450, 650, 1_000  # shares of the time, for the progress bar


@dataclass(frozen=True, slots=True)
class Heavy:
    """What takes resampling.

    Attributes
    ----------
    overfitting : Overfitting or None
        Over the distinct rules of the declared family; None where the record is under 60 months.
    family_effective : float or None
        Independent tries that the declared family amounts to.
    superiority : Superiority or None
    ir_interval : (low, high) or None
        Of the declared rule's net information ratio, annual.
    block_months : float or None
        Mean block of that interval.
    checks : tuple of Check
        Robustness.
    """

    overfitting: Overfitting | None
    family_effective: float | None
    superiority: Superiority | None
    ir_interval: tuple[float, float] | None
    block_months: float | None
    checks: tuple[Check, ...]

    def packed(self) -> bytes:
        """As bytes, for the desk to keep."""
        return json.dumps(asdict(self), default=str).encode()

    @classmethod
    def unpacked(cls, body: bytes) -> "Heavy":
        """From `packed`."""
        parsed = json.loads(body)
        checks = (
            Check(
                **{
                    **row,
                    "first": dt.date.fromisoformat(row["first"]),
                    "last": dt.date.fromisoformat(row["last"]),
                    "interval": tuple(row["interval"]),
                }
            )
            for row in parsed["checks"]
        )
        return cls(
            overfitting=Overfitting(**parsed["overfitting"]) if parsed["overfitting"] else None,
            family_effective=parsed["family_effective"],
            superiority=Superiority(**parsed["superiority"]) if parsed["superiority"] else None,
            ir_interval=tuple(parsed["ir_interval"]) if parsed["ir_interval"] else None,
            block_months=parsed["block_months"],
            checks=tuple(checks),
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdict with every number that led to it.

    Attributes
    ----------
    as_of : datetime.date
        The month-end whose knowledge went in.
    first, last : datetime.date or None
        Decisions of the record.
    moments : Moments
        Of the monthly net record of the recommended tilt.
    luckiest_ir : float
        Annual IR that the best of the counted tries would show by luck.
    trials : Trials
        Both registers.
    years_to_psr, years_to_dsr : float
        Record at which PSR against 0, and against the luckiest try, would reach 95 %.
    sharpe : SharpeTest
        The deflated Sharpe ratio with its power.
    multiplier, heavy, verdict
        See their types.
    sentence : tuple of YearAhead
        The twelve-month sentence over all of its record, and over each half.
    method, specification : int, str
        The pre-registered specification and its hash.
    """

    as_of: dt.date
    first: dt.date | None
    last: dt.date | None
    moments: Moments
    luckiest_ir: float
    trials: Trials
    years_to_psr: float
    years_to_dsr: float
    sharpe: SharpeTest
    multiplier: Multiplier
    heavy: Heavy
    sentence: tuple[YearAhead, ...]
    verdict: Verdict
    method: int
    specification: str


def heavy(view: AsOf, judgement: Judgement, regime: RegimeSettings, *, step: Step | None = None) -> Heavy:
    """Resample the record and the declared family known at the view's moment (a month-end cut).

    Parameters
    ----------
    step : callable, optional
        Called with (done, of) while it works; never changes the answer.
    """
    named = robustness.parts(judgement)
    members = (*(member for _, member in named), *declared(judgement))
    family = walk(view, members, regime, step=_part(step, 0, WALKED))
    net = family.known()
    if len(net) < robustness.SHORTEST:
        return Heavy(None, None, None, None, None, ())
    tracks = tuple(robustness.track(view, family, column, judgement.portfolio) for column in range(len(named)))
    rows = _checks(view, judgement, regime, tracks, step=_part(step, WALKED, CHECKED))
    settings = judgement.evidence
    own, rest = net[:, 0], net[:, len(named) :]
    block = block_length(own)
    interval = bootstrap_interval(own, repetitions=settings.bootstrap, seed=settings.seed, block=block)
    done = Heavy(
        overfitting=pbo_of_distinct(rest),
        family_effective=effective_rules(rest),
        superiority=superiority(rest, repetitions=min(settings.bootstrap, SPA_REPETITIONS), seed=settings.seed),
        ir_interval=interval,
        block_months=block,
        checks=(replace(rows[0], interval=interval), *rows[1:]),  # one record, one interval
    )
    if step is not None:
        step(WHOLE, WHOLE)
    return done


def _part(step: Step | None, start: int, end: int) -> Step | None:
    """Progress of one part of the work as its share of the whole."""
    if step is None:
        return None
    return lambda done, of: step(start + (end - start) * done // of, WHOLE)


def _checks(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, tracks: tuple[Track, ...], *, step: Step | None
) -> tuple[Check, ...]:
    own = tracks[0]
    names = [name for name, _ in robustness.parts(judgement)]
    rows = (
        *(robustness.check("part", name, track.decided, track.net) for name, track in zip(names, tracks, strict=True)),
        *robustness.samples(own),
        *robustness.other_pairs(view, judgement, regime, step=step),
        *robustness.costs(own)[1:],
        robustness.delayed(own),
        robustness.beta_neutral(own),
        *robustness.leave_one_leg_out(view, own),
    )
    return tuple(row for row in rows if row is not None)


def key(view: AsOf, judgement: Judgement, regime: RegimeSettings) -> str:
    """Name of the heavy part: the facts known, the settings, the specification and the code."""
    inputs = {name for leg in robustness.LEGS for name in leg_inputs(leg)}
    inputs |= {name for member in (judgement, *declared(judgement)) for name in track_record.inputs(member)}
    settings = repr((judgement.portfolio.small, judgement.portfolio.large, judgement.portfolio.policy_weight))
    settings += repr((judgement.forecast, judgement.tilt, judgement.evidence, regime, specification().sha256))
    settings += judgement.own_code + code_of("signals", "regime", "allocator")
    return hashlib.sha256(f"evidence {view.fingerprint(inputs)} {settings}".encode()).hexdigest()


def assess(
    view: AsOf,
    judgement: Judgement,
    regime: RegimeSettings,
    *,
    cache: track_record.Cache | None = None,
    step: Step | None = None,
) -> Assessment:
    """The verdict at the view's moment.

    Parameters
    ----------
    cache : mapping of str to bytes, optional
        Keeps panels, records and the heavy part between processes; never changes the answer.
    """
    _, record, as_of = track_record.known_record(view, judgement, regime, cache)
    evidence = weigh_evidence(record, view.moment, as_of, judgement)
    resampled = _heavy_once(view.at(cut(as_of)), judgement, regime, cache=cache, step=step)
    net = record.evidence(as_of, judgement.method).net
    counted = trials_at(view.moment, listed=judgement.forecast.signals)
    done = record.decided[np.isfinite(record.net)]
    moments = Moments.of(net)
    best = luckiest(counted.count, max(counted.variance, 1 / max(moments.n - 1, 1)))
    return Assessment(
        as_of=as_of,
        first=done[0].astype(dt.date) if done.size else None,
        last=done[-1].astype(dt.date) if done.size else None,
        moments=moments,
        luckiest_ir=best * MONTHS**0.5,
        trials=counted,
        years_to_psr=min_trl(moments) / MONTHS,
        years_to_dsr=min_trl(moments, best) / MONTHS,
        sharpe=evidence.sharpe,
        multiplier=evidence.multiplier,
        heavy=resampled,
        sentence=sentences_judged(record),
        verdict=verdict(
            months=evidence.sharpe.months,
            dsr=evidence.sharpe.dsr,
            spa_p=resampled.superiority.consistent if resampled.superiority else None,
            pbo=resampled.overfitting.probability if resampled.overfitting else None,
            ir_interval=resampled.ir_interval,
            unfit=evidence.sharpe.unfit,
        ),
        method=specification().method,
        specification=specification().sha256,
    )


def sentences_judged(record: track_record.Record) -> tuple[YearAhead, ...]:
    """The twelve-month sentence over its whole record, then over the first and the second half of it."""
    matured = int(np.isfinite(record.following).sum()) - HORIZON + 1
    middle = max(matured, 0) // 2
    spans = (("all", 0, record.decided.size), ("first half", 0, middle), ("second half", middle, record.decided.size))
    sentences = (
        year_ahead(
            name,
            record.decided[start:end],
            record.forecast[start:end],
            record.probability[start:end],
            record.following[start : end + HORIZON - 1],
        )
        for name, start, end in spans
    )
    return tuple(sentence for sentence in sentences if sentence is not None)


def _heavy_once(
    then: AsOf, judgement: Judgement, regime: RegimeSettings, *, cache: track_record.Cache | None, step: Step | None
) -> Heavy:
    """The heavy part of a month-end, from the cache where it holds it."""
    if cache is None:
        return heavy(then, judgement, regime, step=step)
    name = key(then, judgement, regime)
    if (stored := cache.get(name)) is not None:
        return Heavy.unpacked(stored)
    made = heavy(then, judgement, regime, step=step)
    cache[name] = made.packed()
    return made
