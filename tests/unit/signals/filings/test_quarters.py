"""Company-quarters by hand: each known trap of filed numbers has its case."""

import numpy as np
import pytest

from tests.support.statements import Book, value


def test_the_fourth_quarter_is_the_year_less_nine_months():
    book = Book()
    book.file("2015-11-05", "2015-09", {("2015-09", 3): {"net_income": 75.0}, ("2015-09", 1): {"net_income": 25.0}})
    book.file("2016-02-20", "2015-12", {("2015-12", 4): {"net_income": 90.0}})

    table = book.quarters()

    assert value(table, "quarter_net_income") == 15.0
    assert value(table, "net_income") == 90.0


def test_a_quarter_filed_only_as_a_total_is_the_difference():
    book = Book()
    book.file("2016-05-01", "2016-03", {("2016-03", 1): {"depreciation_amortization": 3.0, "operating_income": 10.0}})
    book.file(
        "2016-08-01",
        "2016-06",
        {("2016-06", 2): {"depreciation_amortization": 7.0}, ("2016-06", 1): {"operating_income": 12.0}},
    )

    assert value(book.quarters(), "quarter_ebitda") == 16.0


def year_of_quarters(book: Book) -> Book:
    """2015 with quarters of 10, 20, 30 and 40, and the first quarter of 2016 with 50."""
    book.file("2015-05-01", "2015-03", {("2015-03", 1): {"net_income": 10.0}})
    book.file("2015-08-01", "2015-06", {("2015-06", 1): {"net_income": 20.0}, ("2015-06", 2): {"net_income": 30.0}})
    book.file("2015-11-01", "2015-09", {("2015-09", 1): {"net_income": 30.0}, ("2015-09", 3): {"net_income": 60.0}})
    book.file("2016-02-20", "2015-12", {("2015-12", 4): {"net_income": 100.0}})
    return book.file(
        "2016-05-01", "2016-03", {("2016-03", 1): {"net_income": 50.0}, ("2015-03", 1): {"net_income": 10.0}}
    )


def test_four_quarters_make_the_year_to_date_of_the_report():
    assert value(year_of_quarters(Book()).quarters(), "net_income") == 20 + 30 + 40 + 50


def test_a_missing_quarter_is_bridged_by_the_same_part_of_last_year():
    book = Book()
    book.file("2016-02-20", "2015-12", {("2015-12", 4): {"net_income": 100.0}})
    book.file("2016-05-01", "2016-03", {("2016-03", 1): {"net_income": 50.0}, ("2015-03", 1): {"net_income": 10.0}})

    assert value(book.quarters(), "net_income") == 50 + 100 - 10


def test_a_restatement_is_a_revision_and_leaves_the_past_as_it_was():
    book = year_of_quarters(Book())
    before = book.quarters()
    book.file("2016-09-01", "2015-12", {("2015-12", 4): {"net_income": 70.0}})

    table = book.quarters()

    rows = before.cik.size
    assert np.array_equal(table.values["net_income"][:rows], before.values["net_income"], equal_nan=True)
    assert value(table, "net_income") == 20 + 30 + 10 + 50  # the fourth quarter is 10 now
    assert table.period[-1] == np.datetime64("2016-03-31")  # an amendment of an older report keeps the newest period


def test_a_restated_year_before_changes_growth_from_its_filing_on():
    book = year_of_quarters(Book())
    book.file("2017-02-20", "2016-12", {("2016-12", 4): {"net_income": 120.0}, ("2015-12", 4): {"net_income": 80.0}})

    assert value(book.quarters(), "net_income_year_ago") == 80.0


@pytest.mark.parametrize("end", ["2016-01", "2016-06", "2016-09"])
def test_a_fiscal_year_may_end_in_any_month(end):
    months = [str(np.datetime64(end, "M") - lag) for lag in (9, 6, 3, 0)]
    book = Book()
    for number, (month, total) in enumerate(zip(months, (10, 30, 60, 100), strict=True), start=1):
        known = str((np.datetime64(month, "M") + 2).astype("datetime64[D]"))
        book.file(known, month, {(month, number): {"net_income": float(total)}})

    table = book.quarters()

    assert table.values["quarter_net_income"].tolist() == [10, 20, 30, 40]
    assert value(table, "net_income") == 100


def test_a_moved_fiscal_year_gives_no_year_until_four_quarters_are_known():
    book = Book()
    book.file("2016-02-20", "2015-12", {("2015-12", 4): {"net_income": 100.0}})
    book.file("2016-05-20", "2016-03", {("2016-03", 1): {"net_income": 9.0}})  # a transition period of one quarter
    book.file("2016-08-05", "2016-06", {("2016-06", 1): {"net_income": 8.0}})  # first quarter of the new year

    table = book.quarters()

    assert np.isnan(value(table, "net_income"))
    assert value(table, "quarter_net_income") == 8.0


def test_twelve_months_in_a_quarterly_report_are_taken_as_filed():
    book = Book()
    book.file(
        "2016-08-01",
        "2016-06",
        {
            ("2016-06", 1): {"net_income": 9.0},
            ("2016-06", 2): {"net_income": 20.0},
            ("2016-06", 4): {"net_income": 41.0},
        },
    )

    assert value(book.quarters(), "net_income") == 41.0


def test_what_is_filed_later_is_not_known_earlier():
    book = year_of_quarters(Book())
    whole = book.quarters()
    book.file("2016-08-01", "2016-06", {("2016-06", 1): {"net_income": 1e6}, ("2016-03", 1): {"net_income": -1e6}})

    later = book.quarters()

    for name, column in whole.values.items():
        assert np.array_equal(column, later.values[name][: column.size], equal_nan=True), name


def balance(**numbers: float) -> dict[tuple[str, int], dict[str, float]]:
    return {("2016-03", 0): {"assets": 1000.0, **numbers}}


@pytest.mark.parametrize(
    ("numbers", "debt", "due"),
    [
        ({"debt_current": 20.0, "long_debt_current": 15.0, "long_debt": 80.0}, 100.0, 20.0),
        ({"long_debt_current": 15.0, "short_debt": 5.0, "long_debt": 80.0}, 100.0, 20.0),
        ({"long_debt": 80.0}, 80.0, 0.0),
        ({"long_debt_total": 95.0, "short_debt": 5.0}, 100.0, 5.0),
        ({"debt_total": 90.0, "long_debt": 80.0, "debt_current": 20.0}, 90.0, 20.0),
        ({}, 0.0, 0.0),
    ],
)
def test_debt_from_the_lines_of_a_balance_sheet(numbers, debt, due):
    table = Book().file("2016-05-01", "2016-03", balance(**numbers)).quarters()

    assert (value(table, "debt"), value(table, "due_within_year")) == (debt, due)


def test_debt_is_not_known_where_interest_is_paid_and_no_debt_is_shown():
    rows = {**balance(), ("2016-03", 1): {"interest": 5.0}}

    table = Book().file("2016-05-01", "2016-03", rows).quarters()

    assert np.isnan(value(table, "debt"))


def interest_of_two_years(**last: float) -> Book:
    book = Book()
    for year, interest, debt in ((2013, 6.0, 100.0), (2014, 6.0, 100.0), (2015, 9.0, 200.0)):
        rows = {
            (f"{year}-12", 4): {"interest": interest},
            (f"{year}-12", 0): {"assets": 1000.0, "long_debt": debt, **(last if year == 2015 else {})},
        }
        book.file(f"{year + 1}-02-20", f"{year}-12", rows)
    return book


def test_the_effective_rate_is_interest_over_average_debt():
    table = interest_of_two_years().quarters()

    assert value(table, "average_debt") == 150.0
    assert value(table, "effective_rate") == pytest.approx(0.06)
    assert value(table, "effective_rate_year_ago") == pytest.approx(0.06)


def test_a_rate_on_next_to_no_debt_is_no_rate():
    assert np.isnan(value(interest_of_two_years(assets=1e6).quarters(), "effective_rate"))


def test_the_float_is_the_newest_known_and_ages():
    book = Book()
    book.file("2015-02-20", "2014-12", {("2014-06", 0): {"public_float": 500.0}, ("2014-12", 4): {"net_income": 1.0}})
    book.file("2015-05-05", "2015-03", {("2015-03", 1): {"net_income": 1.0}})
    book.file("2016-02-20", "2015-12", {("2015-06", 0): {"public_float": 700.0}, ("2015-12", 4): {"net_income": 1.0}})

    table = book.quarters()

    assert table.values["public_float"].tolist() == [500.0, 500.0, 700.0]
    assert table.values["float_age_months"].tolist() == [6, 9, 6]


def test_companies_do_not_mix():
    book = year_of_quarters(Book())
    book.file("2016-05-02", "2016-03", {("2016-03", 1): {"net_income": 7.0}}, cik=2)

    assert np.isnan(value(book.quarters(), "net_income"))
