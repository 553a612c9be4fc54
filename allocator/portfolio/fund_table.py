"""Which funds are US small caps: symbol, share class, index or active, expense ratio; shared by book and vehicle.

Expense ratios carry their month and source; `not verified` is one for which no dated source was read
yet. The table is not complete, and says nothing of a symbol
that it does not list: such a symbol is asked about, never taken for something else.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast

Asset = Literal["small", "large", "other"]
Management = Literal["index", "rules", "active", ""]
PASSIVE: Management = "index"


@dataclass(frozen=True, slots=True)
class Fund:
    """One listed fund, or a company large enough to be no small cap.

    Attributes
    ----------
    symbol, name : str
    asset : str
        small and large are US equity funds of that size; other is anything else that is known.
    style : str
        blend, value, growth or micro; for other, what it is.
    management : str
        index (a capitalisation-weighted benchmark), rules (another index) or active; empty for other.
    share_class, benchmark : str
    expense_ratio_percent : float or None
        Per year; None where not stated.
    as_of : str
        Month of the expense ratio, YYYY-MM.
    source : str
    """

    symbol: str
    name: str
    asset: Asset
    style: str
    management: Management
    share_class: str
    benchmark: str
    expense_ratio_percent: float | None
    as_of: str
    source: str

    @property
    def described(self) -> str:
        """The fund in a few words."""
        if self.asset == "other":
            return self.style
        kind = {"index": "index fund", "rules": "rules-based fund", "active": "active fund"}[self.management]
        return f"US {self.asset}-cap {kind}"


@cache
def fund_table() -> Mapping[str, Fund]:
    """Every listed fund by symbol."""
    text = (resources.files("allocator.portfolio") / "funds.csv").read_text(encoding="utf-8")
    return {row["symbol"]: _fund(row) for row in csv.DictReader(io.StringIO(text))}


def _fund(row: Mapping[str, str]) -> Fund:
    expense = row["expense_ratio_percent"]
    return Fund(
        symbol=row["symbol"],
        name=row["name"],
        asset=cast("Asset", row["asset"]),
        style=row["style"],
        management=cast("Management", row["management"]),
        share_class=row["share_class"],
        benchmark=row["benchmark"],
        expense_ratio_percent=float(expense) if expense else None,
        as_of=row["as_of"],
        source=row["source"],
    )


def small_cap_funds() -> tuple[Fund, ...]:
    """US small-cap funds, in the order of the table."""
    return tuple(fund for fund in fund_table().values() if fund.asset == "small")
