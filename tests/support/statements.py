"""Filed numbers written down by hand, as the pure formulas take them."""

import datetime as dt

import numpy as np

from signals.filings.concepts import CONCEPTS
from signals.filings.quarters import CompanyQuarters, Filings, Statements, company_quarters

Numbers = dict[str, float]


def at(text: str) -> int:
    """Months from 1970-01: ``2016-03``."""
    return int(np.datetime64(text, "M").astype(int))


class Book:
    """Filings of companies, added in any order."""

    def __init__(self) -> None:
        self._filings: list[tuple[int, np.datetime64, int, int, list[tuple[int, int, Numbers]]]] = []

    def file(
        self, known_at: str, period: str, rows: dict[tuple[str, int], Numbers], *, cik: int = 1, sic: int = 3570
    ) -> "Book":
        """A filing known on a day, for a period (``2016-03``); rows by (month, quarters)."""
        numbers = [(at(month), quarters, values) for (month, quarters), values in rows.items()]
        self._filings.append((cik, np.datetime64(f"{known_at}T12:00", "us"), at(period), sic, numbers))
        return self

    def tables(self) -> tuple[Filings, Statements]:
        filings = sorted(self._filings, key=lambda filing: filing[:2])
        rows = [(number, *row) for number, filing in enumerate(filings) for row in filing[4]]
        return (
            Filings(
                np.array([filing[0] for filing in filings], np.int64),
                np.array([filing[1] for filing in filings], "datetime64[us]"),
                np.array([filing[2] for filing in filings], np.int64),
                np.array([filing[3] for filing in filings], np.int64),
            ),
            Statements(
                np.array([row[0] for row in rows], np.int64),
                np.array([row[1] for row in rows], np.int64),
                np.array([row[2] for row in rows], np.int64),
                {concept.name: np.array([row[3].get(concept.name, np.nan) for row in rows]) for concept in CONCEPTS},
            ),
        )

    def quarters(self) -> CompanyQuarters:
        return company_quarters(*self.tables())


def value(table: CompanyQuarters, name: str, row: int = -1) -> float:
    """One cell; the last filing's unless another row is named."""
    return float(table.values[name][row])


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)
