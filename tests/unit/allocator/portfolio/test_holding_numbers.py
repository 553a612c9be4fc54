"""Numbers in the dialects of offices and brokers: read right, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.portfolio.brokers.numbers import NotANumber, decimal_mark, read_number
from signals.errors import InputError


@pytest.mark.parametrize(
    ("cell", "mark", "number"),
    [
        ("1234.5", ".", 1234.5),
        ("$1,234.50", ".", 1234.5),
        ("1,200", ".", 1200.0),
        ("4.447", ".", 4.447),
        ("-$3,478.00", ".", -3478.0),
        ("($9,310.00)", ".", -9310.0),
        ("+$136.75", ".", 136.75),
        ("1.234,50", ",", 1234.5),
        ("1.200", ",", 1200.0),
        ("187,05 €", ",", 187.05),
        ("1'234'567.8", ".", 1_234_567.8),
        ("1 234,5", ",", 1234.5),
        ("12.5%", ".", 12.5),
        ("\u22125", ".", -5.0),
        ("100-", ".", -100.0),
        (".5", ".", 0.5),
        ("1e6", ".", 1e6),
        ("--", ".", None),
        ("", ".", None),
        ("n/a", ".", None),
        ("Incomplete", ".", None),
    ],
)
def test_a_number_is_read_as_its_writer_meant_it(cell, mark, number):
    assert read_number(cell, mark) == number


@pytest.mark.parametrize(
    ("cell", "mark", "reason"),
    [
        ("ten", ".", "is not a number"),
        ("nan", ".", "is not a number"),
        ("inf", ".", "is not a number"),
        ("1e308", ".", "is not a number"),
        ("1e99", ".", "beyond"),
        ("=1+1", ".", "formula"),
        ("@SUM(A1)", ".", "formula"),
        ("1,23", ".", "decimal mark"),
        ("1.23", ",", "decimal mark"),
        ("1,234,56", ".", "decimal mark"),
        ("1.200", "?", "1,200 or 1.2"),
        (".", ".", "is not a number"),
    ],
)
def test_what_is_no_number_is_named_and_never_guessed(cell, mark, reason):
    answer = read_number(cell, mark)

    assert isinstance(answer, NotANumber)
    assert reason in answer.reason


def test_the_files_own_numbers_tell_its_decimal_mark():
    assert decimal_mark(["1.200", "187,05"], separator=";") == ","
    assert decimal_mark(["1,200", "187.05"], separator=";") == "."
    assert decimal_mark(["1.234.567"], separator=";") == ","
    assert decimal_mark(["1.200", "900"], separator=";") == "?"
    assert decimal_mark(["4.447", "900"], separator=",") == "."


def test_two_numbers_that_disagree_refuse_the_file():
    with pytest.raises(InputError, match=r"'200.25' and '1,5'"):
        decimal_mark(["1,5", "200.25"], separator=";")


@given(st.floats(-1e9, 1e9).map(lambda number: round(number, 2)), st.sampled_from([".", ","]))
def test_what_an_office_writes_is_read_back(number, mark):
    written = f"{number:,.2f}"
    if mark == ",":
        written = written.translate(str.maketrans(",.", ".,"))

    assert decimal_mark([written], separator=";") == mark
    assert read_number(written, mark) == pytest.approx(number)
