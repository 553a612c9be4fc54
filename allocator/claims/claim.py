"""A claim as a registered hypothesis: what it says, how each definition of it is tested, and the rule.

The rule: a definition supports its claim where the 95 % interval lies wholly on the claimed side of zero (a
claim about one realised number: where that number is within its tolerance, or on the claimed side). A claim is
``supported`` when every registered definition supports it, ``not supported`` when none does, and ``depends on
definition`` otherwise. Rows that do not decide stand beside the test for context; so does a pair of the user's own,
which was not registered.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from signals.asof import AsOf
from signals.signal import Gap

if TYPE_CHECKING:
    from allocator.claims.samples import Sample

Outcome = Literal["supported", "not supported", "depends on definition", "cannot be tested"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is measured, declared before it is looked at.

    Attributes
    ----------
    definition : str
        What is measured, on what, in words.
    unit : str
    sign : int
        The claimed side of zero; 0 where none is claimed.
    sources : tuple of str
        Series behind the number.
    decides : bool
        False for context beside the test.
    counted : str
        What an observation is: months, years, first cuts.
    value : float or None
        The claimed number, where a claim names one.
    """

    definition: str
    unit: str
    sign: int
    sources: tuple[str, ...]
    decides: bool = True
    counted: str = "months"
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One number with everything needed to disbelieve it.

    Attributes
    ----------
    question : Question
    first, last : datetime.date
        First and last month (its first day) that went in.
    n : int
        Observations, of the kind that the question counts.
    estimate : float
        In the question's unit.
    interval : (low, high) or None
        95 %.
    supported : bool
        See the module's rule.
    t, p : float or None
        t statistic (HAC for months) and two-sided p where there are any.
    """

    question: Question
    first: dt.date
    last: dt.date
    n: int
    estimate: float
    interval: tuple[float, float] | None
    supported: bool
    t: float | None = None
    p: float | None = None


Measure = Callable[[AsOf], Finding | Gap]
PairMeasure = Callable[[AsOf, "Sample"], Finding | Gap]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that people say, registered before it is tested.

    Attributes
    ----------
    name : str
        Key in JSON.
    says : str
        The claim in the words of those who make it.
    test : str
        How it is tested, in one sentence.
    measures : tuple of callable
        One per registered definition, and context.
    of_pair : tuple of callable
        The same on another pair of funds, never deciding; empty for a claim that is not about small minus large.
    """

    name: str
    says: str
    test: str
    measures: tuple[Measure, ...]
    of_pair: tuple[PairMeasure, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """A claim after looking.

    Attributes
    ----------
    claim : Claim
    outcome : str
    findings : tuple of Finding
    gaps : tuple of Gap
        Definitions that the data known at the moment cannot answer.
    """

    claim: Claim
    outcome: Outcome
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]


def verdict_of(findings: tuple[Finding, ...]) -> Outcome:
    """Apply the module's rule to the findings that decide."""
    votes = {finding.supported for finding in findings if finding.question.decides}
    if not votes:
        return "cannot be tested"
    if len(votes) > 1:
        return "depends on definition"
    return "supported" if votes.pop() else "not supported"


def examine(claim: Claim, view: AsOf, pair: "Sample | None" = None) -> Examined:
    """Recompute every number of `claim` from the facts known at the view's moment; those of `pair` beside them."""
    answers = [measure(view) for measure in claim.measures]
    if pair is not None:
        answers += [measure(view, pair) for measure in claim.of_pair]
    findings = tuple(answer for answer in answers if isinstance(answer, Finding))
    gaps = tuple(answer for answer in answers if isinstance(answer, Gap))
    return Examined(claim, verdict_of(findings), findings, gaps)
