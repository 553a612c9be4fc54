"""Numbers that cannot be right, by hand."""

import numpy as np
import pytest

from signals.filings.faults import refuse_faults
from signals.filings.quarters import company_quarters
from tests.support.statements import Book, value


def reports(factors: list[float]) -> Book:
    """Quarterly reports that each repeat the balance sheet of the report before; each on its own scale."""
    book = Book()
    ends = ["2015-03", "2015-06", "2015-09", "2015-12", "2016-03", "2016-06"]
    for number, factor in enumerate(factors):
        month, before = ends[number + 1], ends[number]
        numbers = {
            (month, 0): {"assets": (1000.0 + number) * 1e3 * factor, "cash": (50.0 + number) * 1e3 * factor},
            (before, 0): {"assets": (999.0 + number) * 1e3 * factor, "cash": (49.0 + number) * 1e3 * factor},
            (month, 1): {"net_income": (10.0 + number) * 1e3 * factor},
        }
        book.file(f"{month}-28", month, numbers)
    return book


def rules(book: Book) -> list[tuple[int, str]]:
    _, refused = refuse_faults(*book.tables())
    return [(fault.filing, fault.rule) for fault in refused]


@pytest.mark.parametrize("factor", [1e-3, 1e3, 1e-6, 1e6])
def test_a_report_on_another_scale_is_refused(factor):
    assert rules(reports([1.0, 1.0, factor, 1.0])) == [(2, "scale")]


def test_a_new_scale_that_the_next_report_repeats_stands():
    assert rules(reports([1e-3, 1.0, 1.0, 1.0])) == [(1, "scale")]


def test_a_restatement_is_no_slip():
    assert rules(reports([1.0, 1.0, 1.3, 1.0])) == []


def test_the_refused_report_leaves_the_one_before_in_force():
    filings, statements = reports([1.0, 1.0, 1e3]).tables()

    clean, _ = refuse_faults(filings, statements)

    assert np.isnan(company_quarters(filings, clean).values["assets"][-1])
    assert value(company_quarters(filings, clean), "assets", 1) == 1001e3


@pytest.mark.parametrize("number", [np.inf, -np.inf, 1e300, 2e13])
def test_an_absurd_number_is_refused(number):
    book = Book().file("2016-05-01", "2016-03", {("2016-03", 0): {"cash": number, "assets": 100.0}})

    filings, statements = book.tables()
    clean, refused = refuse_faults(filings, statements)

    assert [fault.rule for fault in refused] == ["absurd"]
    assert np.isnan(clean.values["cash"]).all()
    assert clean.values["assets"].tolist() == [100.0]


def floats(*sizes: float, assets: float = 1e9) -> Book:
    book = Book()
    for number, size in enumerate(sizes):
        year = 2010 + number
        rows = {
            (f"{year}-06", 0): {"public_float": size},
            (f"{year}-12", 0): {"assets": assets},
        }
        book.file(f"{year + 1}-02-20", f"{year}-12", rows)
    return book


@pytest.mark.parametrize(
    ("sizes", "wrong"),
    [
        ((5e8, 5e11, 5e8), [1]),
        ((5e8, 5e5, 6e8), [1]),
        ((-5e8,), [0]),
        ((5e8, 0.0, 5e8), []),
        ((5e8, 1e9, 2e9), []),
        ((5e5, 5e8, 5e8), []),  # the first was in thousands: the second fits the company's assets
    ],
)
def test_floats_on_another_scale_are_refused(sizes, wrong):
    assert rules(floats(*sizes)) == [(number, "float") for number in wrong]


def test_a_float_of_a_shell_that_became_a_company_stands_when_it_is_repeated():
    assert rules(floats(1e6, 5e9, 5e9, assets=1e6)) == [(1, "float")]
