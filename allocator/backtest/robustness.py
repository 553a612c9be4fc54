"""The same record looked at in every declared way: the edge of a rule should not hang on one of its choices.

Each row gives the net information ratio with its bootstrap interval, so that nobody reads a difference
that the data cannot tell. Nothing here is chosen from; the declared specification stays what it is.
"""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from allocator import returns
from allocator.backtest.declared_family import Family, Step, walk
from allocator.backtest.performance import trailing_beta
from allocator.evidence import bootstrap_interval, information_ratio
from allocator.settings import Judgement, PortfolioSettings
from allocator.track_record import FIRST_DECISION
from regime.dating import date_cycle
from regime.settings import RegimeSettings
from signals.asof import AsOf
from signals.derived.policy_rate import target_path

COST_MULTIPLES = (1, 2, 4)
EARLIEST = dt.date(1968, 12, 1)  # five years of scores and of returns before the first decision
CYCLE = np.datetime64("1982-01-01", "D")
MODERN = np.datetime64("2000-01-01", "D")
SHORTEST = 60  # months: fewer make no row
REPETITIONS = 2_000  # of the interval of one row: its edges to about .02
SMB_PAIR = PortfolioSettings(small=returns.SMB, large=returns.NONE)
FUND_PAIR = PortfolioSettings(small="IJR", large="SPY")
LEGS = (SMB_PAIR.small, FUND_PAIR.small, FUND_PAIR.large)


@dataclass(frozen=True, slots=True)
class Check:
    """One way of looking at the record.

    Attributes
    ----------
    group, name : str
    first, last : datetime.date
        Decisions.
    months : int
    ir : float
        Annual, net of cost.
    interval : (low, high)
        95 %, stationary bootstrap.
    active_return_bp : float
        Per year, net of cost.
    """

    group: str
    name: str
    first: dt.date
    last: dt.date
    months: int
    ir: float
    interval: tuple[float, float]
    active_return_bp: float


@dataclass(frozen=True, slots=True)
class Track:
    """What one rule decided and earned, the open period left out.

    Attributes
    ----------
    decided : ndarray of datetime64[D], shape (n,)
    points, net, gross : ndarray, shape (n,)
        Points; percent over the holding period.
    small_minus_large, market : ndarray, shape (n,)
        Percent over the holding period.
    """

    decided: np.ndarray
    points: np.ndarray
    net: np.ndarray
    gross: np.ndarray
    small_minus_large: np.ndarray
    market: np.ndarray


def track(view: AsOf, family: Family, member: int, pair: PortfolioSettings) -> Track:
    """The record of one member of a family with what it was earned on."""
    closes = returns.execution_days(family.decided.astype(dt.date).tolist())
    difference = returns.between(view, pair, closes)
    market = returns.market_between(view, pair, closes)
    done = np.isfinite(family.net[:-1, member])
    points = family.points[:-1, member][done]
    gross = points / 100 * difference[done]
    return Track(
        family.decided[:-1][done], points, family.net[:-1, member][done], gross, difference[done], market[done]
    )


def check(group: str, name: str, decided: np.ndarray, net: np.ndarray) -> Check | None:
    """One row; None where under five years of months are known."""
    if net.size < SHORTEST:
        return None
    return Check(
        group=group,
        name=name,
        first=decided[0].astype(dt.date),
        last=decided[-1].astype(dt.date),
        months=int(net.size),
        ir=information_ratio(net),
        interval=bootstrap_interval(net, repetitions=REPETITIONS),
        active_return_bp=float(1200 * net.mean()),
    )


def samples(track: Track) -> tuple[Check | None, ...]:
    """Before and after 2000."""
    early = track.decided < MODERN
    return (
        check("sample", "before 2000", track.decided[early], track.net[early]),
        check("sample", "since 2000", track.decided[~early], track.net[~early]),
    )


def costs(track: Track) -> tuple[Check | None, ...]:
    """The same decisions at one, two and four times the cost."""
    paid = track.gross - track.net
    return tuple(check("cost", f"cost x{k}", track.decided, track.gross - k * paid) for k in COST_MULTIPLES)


def delayed(track: Track) -> Check | None:
    """Every decision carried out one month late."""
    late = np.append(0.0, track.points[:-1]) / 100 * track.small_minus_large
    paid = np.append(0.0, (track.gross - track.net)[:-1])
    return check("timing", "one month late", track.decided, late - paid)


def beta_neutral(track: Track) -> Check | None:
    """The tilt hedged with the market, at the trailing beta known before each decision."""
    return check("beta", "hedged for beta", track.decided, neutral_returns(track))


def neutral_returns(track: Track) -> np.ndarray:
    """Net return of the tilt on small minus large less its trailing beta times the market, percent."""
    beta = trailing_beta(track.small_minus_large, track.market)
    return track.net - track.points / 100 * beta * track.market


def leave_one_leg_out(view: AsOf, track: Track) -> tuple[Check | None, ...]:
    """The record without the months of each leg of the cycle and the hold after it: its worst and its best."""
    starts = np.array([row.first_move for row in date_cycle(*target_path(view)).phases], dtype="datetime64[D]")
    leg = np.searchsorted(starts, track.decided, side="right") - 1
    legs = np.unique(leg)
    without = {number: information_ratio(track.net[leg != number]) for number in legs}
    if not without:
        return ()
    ordered = sorted(without, key=without.__getitem__)
    ends = (("worst", ordered[0]), ("best", ordered[-1]))
    return tuple(
        check(
            "leg",
            f"without the leg from {starts[number] if number >= 0 else 'the start'} ({word} of {legs.size})",
            track.decided[leg != number],
            track.net[leg != number],
        )
        for word, number in ends
    )


def parts(judgement: Judgement) -> tuple[tuple[str, Judgement], ...]:
    """The rule as set, the other way about the regime, the regime alone, and each signal alone."""
    forecast = judgement.forecast
    ways = {True: "with the regime", False: "without the regime"}
    named = [
        (f"as set, {ways[forecast.regime]}", forecast),
        (ways[not forecast.regime], replace(forecast, regime=not forecast.regime)),
        ("the regime alone", replace(forecast, regime=True, signals=())),
        *((f"{name} alone", replace(forecast, regime=False, signals=(name,))) for name in forecast.signals),
    ]
    return tuple((name, replace(judgement, forecast=changed)) for name, changed in named)


def other_pairs(
    view: AsOf, judgement: Judgement, regime: RegimeSettings, *, step: Step | None = None
) -> tuple[Check | None, ...]:
    """The declared rule on SMB alone, before and after 1982, and on the S&P 600 fund."""
    smb, fund = (
        replace(judgement, portfolio=replace(judgement.portfolio, small=pair.small, large=pair.large))
        for pair in (SMB_PAIR, FUND_PAIR)
    )
    long = track(view, walk(view, (smb,), regime, first=EARLIEST, step=step), 0, smb.portfolio)
    ijr = track(view, walk(view, (fund,), regime, step=step), 0, fund.portfolio)
    early, modern = long.decided < CYCLE, ijr.decided >= MODERN
    since = long.decided >= np.datetime64(FIRST_DECISION)
    return (
        check("pair", "SMB before 1982", long.decided[early], long.net[early]),
        check("pair", "SMB since 1982", long.decided[~early], long.net[~early]),
        check("pair", "SMB since 1985", long.decided[since], long.net[since]),
        check("pair", f"{FUND_PAIR.small} minus {FUND_PAIR.large} since 2000", ijr.decided[modern], ijr.net[modern]),
    )
