"""Who is small, and what a group's numbers are worth."""

import numpy as np
import pytest

from signals.filings.groups import Register
from signals.filings.measures import MEASURES, median, ratio_of_sums, share
from signals.filings.quarters import COLUMNS, CompanyQuarters
from signals.filings.size_groups import SizeCut

NOON = np.datetime64("2016-06-30T12:00", "us")


def table(
    floats: list[float],
    *,
    known_at: list[str] | None = None,
    period: str = "2016-03-31",
    sic: list[int] | None = None,
    cik: list[int] | None = None,
    **values: list[float],
) -> CompanyQuarters:
    count = len(floats)
    columns = {name: np.full(count, np.nan) for name in COLUMNS}
    columns |= {"public_float": np.array(floats), "float_age_months": np.full(count, 9.0)}
    columns |= {name: np.array(column, float) for name, column in values.items()}
    return CompanyQuarters(
        np.array(cik or range(1, count + 1), np.int64),
        np.array(sic or [3570] * count, np.int64),
        np.full(count, np.datetime64(period)),
        np.array(known_at or ["2016-05-05"] * count, "datetime64[us]"),
        columns,
    )


def groups(rows: CompanyQuarters, moment: np.datetime64 = NOON, **cut: int) -> dict[str, list[int]]:
    ranks = SizeCut(**{"large_first": 1, "large_last": 2, "small_first": 3, "small_last": 4, **cut})
    return {name: group.cik.tolist() for name, group in Register(rows).groups(moment, ranks).items()}


def test_companies_are_ranked_by_their_float():
    assert groups(table([1.0, 5.0, 3.0, 4.0, 2.0])) == {"large": [2, 4], "small": [3, 5]}


def test_a_float_that_is_filed_later_changes_no_earlier_rank():
    rows = table([1.0, 5.0, 9.0], cik=[1, 2, 1], known_at=["2016-05-05", "2016-05-05", "2016-07-02"])

    assert groups(rows)["large"] == [2, 1]
    assert groups(rows, np.datetime64("2016-07-31", "us"))["large"] == [1, 2]


@pytest.mark.parametrize("size", [0.0, np.nan, -1.0])
def test_companies_without_a_float_are_not_ranked(size):
    assert groups(table([size, 5.0]))["large"] == [2]


def test_blank_check_companies_are_not_ranked():
    assert groups(table([9.0, 5.0], sic=[6770, 3570]))["large"] == [2]


def test_an_old_float_does_not_count():
    rows = table([9.0, 5.0], float_age_months=[25.0, 9.0])

    assert groups(rows)["large"] == [2]
    assert groups(rows, float_months=36)["large"] == [1, 2]


def test_a_company_that_stopped_reporting_leaves():
    assert groups(table([9.0], period="2015-06-30"))["large"] == []


def test_a_name_or_ticker_is_no_company_the_cik_is():
    rows = table([5.0, 6.0], cik=[7, 7], known_at=["2016-02-05", "2016-05-05"])  # renamed between the two

    assert groups(rows)["large"] == [7]


def test_ranks_that_overlap_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        SizeCut(large_last=2000)


def test_financials_are_left_out_of_leverage_and_stay_in_earnings():
    rows = table([1.0] * 80, sic=[6022] * 40 + [3570] * 40, debt=[900.0] * 40 + [30.0] * 40, liquid=[0.0] * 80,
                 ebitda=[10.0] * 80, net_income=[-1.0] * 40 + [1.0] * 40)  # fmt: skip
    group = Register(rows).groups(NOON, SizeCut(1, 80, 81, 90))["large"]
    measures = {measure.name: measure.of(group) for measure in MEASURES}

    assert measures["net_debt_ebitda"].value == 3.0
    assert measures["net_debt_ebitda"].companies == 40
    assert measures["loss_makers"].value == 50.0
    assert measures["loss_makers"].companies == 80


def test_a_loss_has_no_leverage_and_costs_coverage():
    rows = table([1.0] * 80, debt=[30.0] * 80, liquid=[10.0] * 80, ebitda=[10.0] * 60 + [-10.0] * 20)
    group = Register(rows).groups(NOON, SizeCut(1, 80, 81, 90))["large"]

    found = next(measure for measure in MEASURES if measure.name == "net_debt_ebitda").of(group)

    assert (found.value, found.companies, found.coverage) == (2.0, 60, 0.75)


def test_few_companies_give_no_number():
    rows = table([1.0] * 20, net_income=[1.0] * 20)
    group = Register(rows).groups(NOON, SizeCut(1, 20, 21, 30))["large"]

    assert all(np.isnan(measure.of(group).value) for measure in MEASURES)


def test_the_error_of_a_median_is_that_of_repeated_samples():
    made = np.random.default_rng(1)
    samples = made.lognormal(0.0, 1.0, (400, 300))

    told = np.mean([median(sample).standard_error for sample in samples])

    assert told == pytest.approx(np.median(samples, axis=1).std(), rel=0.1)


def test_the_errors_of_a_share_and_of_a_ratio_are_those_of_repeated_samples():
    made = np.random.default_rng(2)
    bottom = made.lognormal(0.0, 0.5, (400, 300))
    top = 0.3 * bottom + made.normal(0.0, 0.2, bottom.shape)
    ratios = [ratio_of_sums(*pair) for pair in zip(top, bottom, strict=True)]
    below = [share(sample < 0, np.full(sample.size, fill_value=True)) for sample in top]

    assert np.mean([r.standard_error for r in ratios]) == pytest.approx(np.std([r.value for r in ratios]), rel=0.1)
    assert np.mean([b.standard_error for b in below]) == pytest.approx(np.std([b.value for b in below]), rel=0.15)
