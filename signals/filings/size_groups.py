"""The groups of companies by size, and the names of the series that are made of them.

Kept apart from the panel of filings, so that whoever only reads the series loads nothing else.
"""

from dataclasses import dataclass

SMALL, LARGE = "small", "large"
GROUPS = (SMALL, LARGE)
PASS_THROUGH, DELAY = "pass_through", "pass_through_delay"
STATISTICS = ("value", "error", "companies", "coverage")


@dataclass(frozen=True, slots=True)
class SizeCut:
    """Where the groups begin and end.

    Attributes
    ----------
    large_first, large_last, small_first, small_last : int
        Ranks by public float, the largest company is 1.
    float_months : int
        Older floats do not count; two annual reports and the time to file.
    report_months : int
        A company whose newest quarter is older has stopped reporting.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - read by the settings library

    large_first: int = 1
    large_last: int = 500
    small_first: int = 1001
    small_last: int = 3000
    float_months: int = 27
    report_months: int = 9

    def __post_init__(self) -> None:
        ranks = (self.large_first, self.large_last, self.small_first, self.small_last)
        if not 1 <= self.large_first <= self.large_last < self.small_first <= self.small_last:
            raise ValueError(f"ranks {ranks[0]} to {ranks[1]} and {ranks[2]} to {ranks[3]} overlap or run backwards")
        if min(self.float_months, self.report_months) < 1:
            raise ValueError("float_months and report_months are at least 1")


def series_of(measure: str, group: str, statistic: str = "value") -> str:
    """The id of a series in the store: ``filings:effective_rate:small``, its error ``...:small:error``."""
    name = f"filings:{measure}:{group}"
    return name if statistic == "value" else f"{name}:{statistic}"
