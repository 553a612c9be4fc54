"""The evidence of the contract: the verdict with everything that led to it, and the claims."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from captilt.contract.process_power import ProcessPower, table_for
from captilt.contract.record import Answer, fill
from captilt.contract.run import Power, multiplier_fields, power_record, tries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allocator.backtest.assessment import Assessment
    from allocator.claims import Examined
    from allocator.claims import Finding as Tested
    from allocator.settings import Judgement
    from regime.settings import RegimeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A fifth of the months: the mean probability given, and the share that came true."""

    given: float
    came_true: float
    months: int


@dataclass(frozen=True, slots=True, kw_only=True)
class YearAhead:
    """The twelve-month sentence judged over one span (see `allocator.evidence.year_ahead`)."""

    name: str
    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]
    months: int
    slope: float | None
    t: float | None
    r2_against_zero: float
    hit_rate: float
    separate_years: int
    log_score: float
    log_score_minus_coin: float
    reliability: tuple[Reliability, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Superiority:
    """p-values of the superiority test and of the reality check."""

    lower: float
    consistent: float
    upper: float
    reality_check: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """The information ratio looked at in one declared way."""

    group: str
    name: str
    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]
    n: int
    ir: float
    ir_interval: tuple[float, float]
    active_return_bp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceAnswer(Answer):
    """What `captilt evidence` answers (see `allocator.backtest.assessment`).

    Attributes
    ----------
    power, process_power : records or None
        How often the verdict would see an edge: by a formula, and by resampling the whole process.
    no_process_power : str
        Why the shipped table of the latter says nothing of this verdict; empty where it stands here.
    """

    as_of: dt.date
    first: Annotated[dt.date | None, Field(alias="from")]
    last: Annotated[dt.date | None, Field(alias="to")]
    n: int
    small: str
    large: str
    method: int
    specification: str
    verdict: str
    reasons: tuple[str, ...]
    multiplier: float
    multiplier_not_evaluated: bool = False
    share_come_true: float | None = None
    share_se: float | None = None
    share_months: int | None = None
    data_weight: float | None = None
    ir: float | None
    ir_interval: tuple[float, float] | None
    block_months: float | None
    skew: float | None
    kurtosis: float | None
    psr: float | None
    dsr: float | None
    t: float | None = None
    haircut_t: float | None = None
    unfit: str | None = None
    trials: float
    trials_on_returns: int
    trials_on_log_score: int = 0
    power: Power | None = None
    process_power: ProcessPower | None = None
    no_process_power: str = ""
    luckiest_ir: float | None
    years_to_psr: float | None
    years_to_dsr: float | None
    pbo: float | None
    pbo_settings: int | None
    pbo_splits: int | None
    loss_out_of_sample: float | None
    family_effective: float | None = None
    spa_p: float | None
    spa: Superiority | None
    sentence: tuple[YearAhead, ...] = ()
    rows: tuple[Check, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One test of a claim.

    Attributes
    ----------
    decides : bool
        Counts towards the verdict; the others are context.
    counted : str
        What `n` counts.
    supported : bool or None
        None for context.
    """

    definition: str
    decides: bool
    claimed_sign: int | None
    claimed_number: float | None
    first: Annotated[dt.date, Field(alias="from")]
    last: Annotated[dt.date, Field(alias="to")]
    n: int
    counted: str
    number: float | None
    unit: str
    interval: tuple[float, float] | None
    t: float | None
    p: float | None
    supported: bool | None
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimGap:
    """Why part of a claim could not be tested."""

    reason: str
    series: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim of the folklore with its tests and its verdict."""

    claim: str
    says: str
    test: str
    verdict: str
    findings: tuple[Finding, ...]
    gaps: tuple[ClaimGap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsAnswer(Answer):
    """What `captilt evidence claims` answers."""

    as_of: dt.date
    rows: tuple[Claim, ...]


def evidence_answer(
    assessment: "Assessment", judgement: "Judgement", regime: "RegimeSettings", *, on: dt.date
) -> EvidenceAnswer:
    """The evidence on the record that was known on a day, under the settings that it was assessed with."""
    heavy, test = assessment.heavy, assessment.sharpe
    simulated, why_not = table_for(judgement, regime, trials=assessment.trials.count, on=on)
    overfitting, superiority = heavy.overfitting, heavy.superiority
    return fill(
        EvidenceAnswer,
        assessment,
        n=assessment.moments.n,
        small=judgement.portfolio.small,
        large=judgement.portfolio.large,
        verdict=assessment.verdict.answer,
        reasons=tuple(assessment.verdict.reasons),
        **multiplier_fields(assessment.multiplier),
        **tries(assessment.trials),
        ir=test.ir,
        t=test.t,
        haircut_t=test.haircut_t,
        unfit=test.unfit,
        power=power_record(test.power),
        process_power=simulated,
        no_process_power=why_not,
        family_effective=heavy.family_effective,
        sentence=tuple(
            fill(YearAhead, span, reliability=tuple(fill(Reliability, part) for part in span.reliability))
            for span in assessment.sentence
        ),
        ir_interval=heavy.ir_interval,
        block_months=heavy.block_months,
        skew=assessment.moments.skew,
        kurtosis=assessment.moments.kurtosis,
        psr=test.psr,
        dsr=test.dsr,
        pbo=overfitting and overfitting.probability,
        pbo_settings=overfitting and overfitting.settings,
        pbo_splits=overfitting and overfitting.splits,
        loss_out_of_sample=overfitting and overfitting.loss,
        spa_p=superiority and superiority.consistent,
        spa=superiority and fill(Superiority, superiority),
        rows=tuple(fill(Check, row, n=row.months, ir_interval=row.interval) for row in heavy.checks),
    )


def claims_answer(examined: "Sequence[Examined]", day: dt.date) -> ClaimsAnswer:
    """Every claim with its tests."""
    return ClaimsAnswer(as_of=day, rows=tuple(_claim(claim) for claim in examined))


def _claim(examined: "Examined") -> Claim:
    return Claim(
        claim=examined.claim.name,
        says=examined.claim.says,
        test=examined.claim.test,
        verdict=examined.outcome,
        findings=tuple(_finding(finding) for finding in examined.findings),
        gaps=tuple(fill(ClaimGap, gap) for gap in examined.gaps),
    )


def _finding(tested: "Tested") -> Finding:
    question = tested.question
    return fill(
        Finding,
        tested,
        definition=question.definition,
        decides=question.decides,
        claimed_sign=question.sign,
        claimed_number=question.value,
        counted=question.counted,
        number=tested.estimate,
        unit=question.unit,
        supported=tested.supported if question.decides else None,
        sources=tuple(question.sources),
    )
