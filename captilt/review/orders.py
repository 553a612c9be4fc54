"""A real book on the review page: holdings read, valued with recorded prices, and rebalanced."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allocator.portfolio.holdings import Holdings, read_holdings
from allocator.portfolio.rebalance import Rebalance, Terms, rebalance
from signals.calendars import cut
from signals.errors import InputError

if TYPE_CHECKING:
    from captilt.config.settings import Settings
    from captilt.context import Desk
    from captilt.contract.run import Run

CLOSE = "yahoo:{}:close"


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A book and what the advice asks of it.

    Attributes
    ----------
    holdings : Holdings
    result : Rebalance
    """

    holdings: Holdings
    result: Rebalance


def holdings_of(desk: "Desk", run: "Run", raw: bytes | str) -> Holdings:
    """Read a holdings file; a quantity without a price takes the last close known at the cut of the advice."""
    pair = run.portfolio
    return read_holdings(raw, small=pair.small, large=pair.large, prices=_Closes(desk, run))


def work_out(run: "Run", holdings: Holdings, settings: "Settings") -> WorkedOut:
    """The trade that brings `holdings` to the advised weight."""
    advice, pair = run.recommendation, run.portfolio
    if holdings.total <= 0:
        raise InputError("the holdings are worth nothing.", remedy="Give at least one position with a value.")
    terms = Terms(
        small=pair.small,
        large=pair.large,
        policy_weight=advice.policy_weight,
        target_weight=advice.target_weight,
        cost_bp=settings.tilt.cost_bp,
        sigma_percent=run.risk.sigma_annual_percent,
        relative_beta=run.risk.relative_beta,
        forecast_annual_percent=advice.forecast_annual_percent,
        small_price=run.prices.get(pair.small),
        large_price=run.prices.get(pair.large),
    )
    return WorkedOut(holdings, rebalance(holdings, terms))


class _Closes(dict[str, float]):
    """Prices by symbol: those recorded with the advice, else the last close in the store at its cut."""

    def __init__(self, desk: "Desk", run: "Run") -> None:
        super().__init__(run.prices)
        self._desk, self._run = desk, run

    def get(self, symbol: str, default: Any = None) -> Any:
        """Price of `symbol`, `default` where none is known."""
        if symbol not in self:
            self[symbol] = self._stored(symbol) or 0.0
        return self[symbol] or default

    def _stored(self, symbol: str) -> float | None:
        moment = cut(self._run.as_of)
        seen = self._desk.store.as_of(moment).latest(CLOSE.format(symbol))
        return float(seen.value[-1]) if len(seen.value) else None
