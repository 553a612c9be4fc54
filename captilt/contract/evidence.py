"""The evidence of the contract: the verdict with everything that led to it, and the claims."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from captilt.contract.record import fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allocator.backtest.assessment import Assessment
    from allocator.claims import Examined
    from allocator.claims import Finding as Tested


@dataclass(frozen=True, slots=True, kw_only=True)
class YearsForPower:
    """Years of record that a true information ratio needs to be told from zero."""

    ir: float
    years: float | None


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
class EvidenceAnswer:
    """What `captilt evidence` answers (see `allocator.backtest.assessment`)."""

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
    ir: float | None
    ir_interval: tuple[float, float] | None
    block_months: float | None
    skew: float | None
    kurtosis: float | None
    psr: float | None
    dsr: float | None
    trials: int
    trials_on_returns: int
    dsr_on_returns: float | None
    luckiest_ir: float | None
    years_to_psr: float | None
    years_to_dsr: float | None
    years_for_power: tuple[YearsForPower, ...]
    pbo: float | None
    pbo_settings: int | None
    pbo_splits: int | None
    loss_out_of_sample: float | None
    spa_p: float | None
    spa: Superiority | None
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
class ClaimsAnswer:
    """What `captilt evidence claims` answers."""

    as_of: dt.date
    rows: tuple[Claim, ...]


def evidence_answer(assessment: "Assessment", pair: tuple[str, str]) -> EvidenceAnswer:
    """The evidence on the record of a pair (small, large)."""
    heavy, factor = assessment.heavy, assessment.multiplier
    overfitting, superiority = heavy.overfitting, heavy.superiority
    return fill(
        EvidenceAnswer,
        assessment,
        n=assessment.moments.n,
        small=pair[0],
        large=pair[1],
        verdict=assessment.verdict.answer,
        reasons=tuple(assessment.verdict.reasons),
        multiplier=factor.value,
        ir=factor.ir,
        ir_interval=heavy.ir_interval,
        block_months=heavy.block_months,
        skew=assessment.moments.skew,
        kurtosis=assessment.moments.kurtosis,
        psr=factor.psr,
        dsr=factor.dsr,
        trials=factor.trials,
        years_for_power=tuple(YearsForPower(ir=ir, years=years) for ir, years in assessment.years_for_power),
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
