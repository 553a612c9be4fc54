"""The challengers of the contract: rules registered beside the method, compared on later days only."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from allocator.evidence.forward_test import SUPPORTED_AT, years_to_support
from captilt.contract.record import Answer, fill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from allocator.challengers import Compared, Statement

TRUE_IR = 0.4  # the ratio for which the date is worked out by which half of all such rules would have spoken
DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardMonth:
    """One month of a registered rule: net active return in percent, and the wealth of the test after it."""

    month: str
    net_percent: float
    wealth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengerRow:
    """A registered rule since its day (see `allocator.challengers`).

    Attributes
    ----------
    view_points, active_weight_points : float or None
        Of its newest statement; None before the first.
    months : tuple of ForwardMonth
        Decisions whose outcome is known.
    wealth, p : float
        Of the e-process, valid on any day; `supported` at 20.
    broken : bool
        A month was worse than the test allows for.
    could_speak_by : datetime.date or None
        When half of all rules with a true information ratio of 0.4 would have reached support.
    """

    name: str
    registered: dt.date
    why: str
    view_points: float | None
    active_weight_points: float | None
    net_percent: float
    ir: float | None
    wealth: float
    p: float
    supported: bool
    broken: bool
    could_speak_by: dt.date | None
    months: tuple[ForwardMonth, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengersAnswer(Answer):
    """What `captilt challengers` answers."""

    as_of: dt.date
    supported_at: float
    rows: tuple[ChallengerRow, ...]


def challengers_answer(day: dt.date, compared: "Sequence[tuple[Compared, Statement | None]]") -> ChallengersAnswer:
    """Every registered rule with its newest statement."""
    return ChallengersAnswer(
        as_of=day, supported_at=SUPPORTED_AT, rows=tuple(_row(rule, newest) for rule, newest in compared)
    )


def _row(rule: "Compared", newest: "Statement | None") -> ChallengerRow:
    wealth = rule.test.wealth
    return fill(
        ChallengerRow,
        rule.challenger,
        view_points=newest and newest.view_points,
        active_weight_points=newest and newest.active_weight_points,
        net_percent=float(rule.net.sum()),
        ir=rule.ir,
        wealth=float(wealth[-1]) if wealth.size else 1.0,
        p=rule.test.p_value,
        supported=rule.test.supported,
        broken=bool(rule.test.broken.any()),
        could_speak_by=rule.challenger.registered + dt.timedelta(days=round(DAYS_A_YEAR * years_to_support(TRUE_IR))),
        months=tuple(
            ForwardMonth(month=str(month), net_percent=float(net), wealth=float(after))
            for month, net, after in zip(rule.months, rule.net, wealth, strict=True)
        ),
    )
