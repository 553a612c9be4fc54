"""One fund has no panel: what a panel would show is left out, and what is known of the one is said."""

import io

import pytest
from rich.console import Console

from allocator.portfolio.funds import compare_funds
from captilt.contract.vehicle import funds_answer
from captilt.terminal.vehicle import funds_screen
from tests.unit.allocator.portfolio.test_funds import invented_funds


@pytest.fixture(scope="module")
def view():
    return invented_funds()


def printed(view, *symbols):
    page = io.StringIO()
    panel = compare_funds(view, symbols)
    answer = funds_answer(panel, view.moment.date(), extra_fee=None, cost=0.0)
    Console(file=page, width=400).print(funds_screen(answer))
    return answer, page.getvalue()


def test_one_fund_prints_no_statistics_of_a_panel(view):
    answer, text = printed(view, "AVUV")

    assert answer.luck is None
    assert answer.net_alpha_percentiles_percent is None
    assert "one fund is no panel" in text or "Passive: AVUV" in text
    assert "AVUV by luck" in text
    assert not any(words in text for words in ("1 funds", "sd 0.00", "these funds"))


def test_two_funds_are_a_panel(view):
    answer, text = printed(view, "AVUV", "SVAL")

    assert answer.luck.funds == ("AVUV", "SVAL")
    assert "Net alpha over the 2 funds" in text
