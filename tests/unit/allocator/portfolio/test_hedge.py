"""Hedge: the slope, its interval, and what a crisis is."""

import datetime as dt
import io

import numpy as np
import pytest
import statsmodels.api as sm
from rich.console import Console

from allocator.portfolio.book_returns import BookReturns
from allocator.portfolio.hedge import crisis_months, hedge, rolling, slope
from allocator.portfolio.holdings import read_holdings
from captilt.contract.hedge import hedge_answer
from captilt.terminal.hedge import hedge_screen
from signals.errors import NoAdvice


def returns(n: int = 240, beta: float = 0.18) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(8)
    book = 0.6 + 4.2 * random.standard_normal(n)
    month = np.datetime64("2003-01", "M") + np.arange(n)
    return month, beta * book + 2.5 * random.standard_normal(n), book


def test_the_slope_and_its_interval_are_those_of_statsmodels():
    _, difference, book = returns()
    fitted = sm.OLS(difference, sm.add_constant(book)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": False}
    )

    found = slope(difference, book, sample="")

    assert found.beta == pytest.approx(fitted.params[1])
    assert found.interval == pytest.approx(tuple(fitted.conf_int()[1]), rel=1e-6)
    assert found.correlation == pytest.approx(np.corrcoef(difference, book)[0, 1])


def test_ten_points_add_a_tenth_of_the_recent_slope():
    month, difference, book = returns()

    found = hedge(month, difference, book, tilt_points=-5.0)

    assert found.added_by_ten[0] == pytest.approx(found.recent.beta / 10)
    assert found.added_beta == pytest.approx(-0.05 * found.recent.beta) == found.hedge_share


def test_the_hedge_takes_the_beta_of_the_tilt_out():
    month, difference, book = returns()
    recent = slice(-36, None)

    found = hedge(month, difference, book, tilt_points=10.0)

    left = 0.10 * difference[recent] - found.hedge_share * book[recent]
    assert np.cov(left, book[recent])[0, 1] == pytest.approx(0.0, abs=1e-12)


def test_rolling_slopes_are_slopes_of_windows():
    _, difference, book = returns(60)

    found = rolling(difference, book)

    assert found.size == 25
    assert found[7] == pytest.approx(slope(difference[7:43], book[7:43], sample="").beta)


def test_a_crisis_is_a_fall_of_more_than_15_percent_from_the_peak_to_the_trough():
    book = np.array([5.0, -6, -6, -6, 2, 30, -10, 20, -3])

    assert crisis_months(book) == [(1, 3)]


def test_a_crisis_that_is_not_over_counts():
    assert crisis_months(np.array([1.0, -10, -10])) == [(1, 2)]


def test_too_short_a_common_history_is_refused():
    month, difference, book = returns(20)

    with pytest.raises(NoAdvice, match="20 months in common; 24 are needed"):
        hedge(month, difference, book, tilt_points=1.0)


def test_a_book_of_weights_has_no_dollars():
    holdings = read_holdings("symbol,weight\nIWM,20\nSPY,80\n", small="IWM", large="SPY")
    month, difference, book = returns()
    worked = hedge(month, difference, book, tilt_points=5.0)
    series = BookReturns(month, book, difference, {"IWM": 0.2, "SPY": 0.8}, ())

    answer = hedge_answer(worked, series, day=dt.date(2022, 12, 30), holdings=holdings, old_prices=("Old.",))
    page = io.StringIO()
    Console(file=page, width=200).print(hedge_screen(answer, ("IWM", "SPY")))

    assert (answer.hedge_money, answer.book.total) == (None, None)
    assert "dollars" not in page.getvalue()
    assert "% of it in SPY" in page.getvalue()
    assert "Old." in page.getvalue()
