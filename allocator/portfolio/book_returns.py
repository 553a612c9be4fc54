"""The return of a real book by month, at today's weights, as known at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from allocator.returns import growth_of, month_ends, monthly
from allocator.settings import PortfolioSettings
from signals.asof import AsOf

PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class BookReturns:
    """Monthly returns of a book beside those of the pair.

    Attributes
    ----------
    month : ndarray of datetime64[M], shape (n,)
    book, difference : ndarray, shape (n,)
        Percent per month; NaN where unknown.
    used : mapping of str to float
        Share of the book by symbol, 0 to 1, cash included.
    left_out : tuple of str
        Symbols without any price; their share is spread over the rest.
    """

    month: np.ndarray
    book: np.ndarray
    difference: np.ndarray
    used: Mapping[str, float]
    left_out: tuple[str, ...]


def book_returns(view: AsOf, values: Mapping[str, float], pair: PortfolioSettings, *, cash: float = 0.0) -> BookReturns:
    """Monthly return of holdings worth `values` (money by symbol) with `cash` that earns nothing.

    Weights are today's, held constant; a month counts where every priced symbol has one.
    """
    ends, month = month_ends(view.moment)
    levels = {symbol: growth_of(view, symbol).at(ends) for symbol in values}
    priced = {symbol: level for symbol, level in levels.items() if np.isfinite(level).any()}
    left_out = tuple(sorted(set(values) - set(priced)))
    total = sum(values[symbol] for symbol in priced) + cash
    shares = {symbol: values[symbol] / total for symbol in priced} if total > 0 else {}
    book = np.full(month.size, np.nan)
    if shares:
        returns = [share * (priced[symbol][1:] / priced[symbol][:-1] - 1) for symbol, share in shares.items()]
        book = PERCENT * np.sum(returns, axis=0)
    known = monthly(view, pair)
    return BookReturns(month, book, known.percent, shares | ({"cash": cash / total} if cash else {}), left_out)


def policy_mix(pair: PortfolioSettings) -> dict[str, float]:
    """The policy portfolio as a book of one unit of money: small at its weight, large for the rest."""
    return {pair.small: pair.policy_weight, pair.large: 1 - pair.policy_weight}
