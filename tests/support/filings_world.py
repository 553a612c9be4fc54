"""Invented companies that file as real ones do: archives in the layout of the SEC's Financial Statement Data Sets.

Every figure follows from a few numbers of each company, so the right answer of every series is known: interest is
``debt x (floating share x policy rate + the rest x a fixed rate)``, and the share that floats is what has to come out.
"""

import calendar
import datetime as dt
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

SUB = [
    "adsh",
    "cik",
    "name",
    "sic",
    "countryba",
    "stprba",
    "cityba",
    "zipba",
    "bas1",
    "bas2",
    "baph",
    "countryma",
    "stprma",
    "cityma",
    "zipma",
    "mas1",
    "mas2",
    "countryinc",
    "stprinc",
    "ein",
    "former",
    "changed",
    "afs",
    "wksi",
    "fye",
    "form",
    "period",
    "fy",
    "fp",
    "filed",
    "accepted",
    "prevrpt",
    "detail",
    "instance",
    "nciks",
    "aciks",
]
NUM = ["adsh", "tag", "version", "ddate", "qtrs", "uom", "segments", "coreg", "value", "footnote"]
TAG = ["tag", "version", "custom", "abstract", "datatype", "iord", "crdr", "tlabel", "doc"]
PRE = ["adsh", "report", "line", "stmt", "inpth", "rfile", "tag", "version", "plabel", "negating"]
TAXONOMY = "us-gaap/2016"
Row = tuple[str, str, int, int, float]  # tag, version, month, quarters, value


def month(year: int, number: int) -> int:
    """Months from 1970-01."""
    return 12 * (year - 1970) + number - 1


def last_day(number: int) -> dt.date:
    """Last day of a month counted from 1970-01."""
    year, at = 1970 + number // 12, number % 12 + 1
    return dt.date(year, at, calendar.monthrange(year, at)[1])


@dataclass(frozen=True)
class Company:
    """What a company's statements follow from; dollars."""

    cik: int
    public_float: float
    ebitda: float = 100e6  # a year
    depreciation: float = 30e6  # a year
    debt: float = 300e6
    due: float = 30e6
    cash: float = 50e6
    floating: float = 0.3
    fixed_rate: float = 5.0  # percent
    sic: int = 3570
    year_end: int = 12  # month
    name: str = ""


def no_change(_: Company, __: int, rows: list[Row]) -> list[Row]:
    """The rows as they are."""
    return rows


@dataclass(frozen=True)
class World:
    """Companies and the policy rate they live under.

    `policy` gives percent by month; `edit` may change the rows of any filing.
    """

    companies: tuple[Company, ...]
    policy: Callable[[int], float] = lambda _: 2.0
    edit: Callable[[Company, int, list[Row]], list[Row]] = no_change
    taxonomy: str = TAXONOMY
    extra: Mapping[str, Iterable[tuple[dict[str, str], list[Row]]]] = field(default_factory=dict)

    def quarter_flows(self, company: Company, number: int) -> dict[str, float]:
        """One quarter's flows by tag."""
        rate = sum(self.policy(number - lag) for lag in range(3)) / 3
        interest = company.debt * (company.floating * rate + (1 - company.floating) * company.fixed_rate) / 400
        ebit = (company.ebitda - company.depreciation) / 4
        return {
            "Revenues": 2 * company.ebitda / 4,
            "OperatingIncomeLoss": ebit,
            "InterestExpense": interest,
            "NetIncomeLoss": ebit - interest,
            "DepreciationDepletionAndAmortization": company.depreciation / 4,
        }

    def rows(self, company: Company, number: int) -> list[Row]:
        """Numbers of the report for the quarter that ends in month `number`."""
        length = (number - company.year_end + 1) % 12 // 3 or 4
        rows: list[Row] = []
        for end in (number, number - 12):
            totals: dict[str, float] = {}
            for lag in range(length):
                for tag, value in self.quarter_flows(company, end - 3 * lag).items():
                    totals[tag] = totals.get(tag, 0.0) + value
            rows += [(tag, self.taxonomy, end, length, value) for tag, value in totals.items()]
            if 1 < length < 4:
                single = self.quarter_flows(company, end)
                rows += [(tag, self.taxonomy, end, 1, value) for tag, value in single.items() if "Deprec" not in tag]
        for end in (number, number - 3 * length):
            balance = {
                "Assets": 3 * company.debt + company.cash + company.ebitda,
                "CashAndCashEquivalentsAtCarryingValue": company.cash,
                "LongTermDebtNoncurrent": company.debt - company.due,
                "LongTermDebtCurrent": company.due,
            }
            rows += [(tag, self.taxonomy, end, 0, value) for tag, value in balance.items()]
        if length == 4:
            rows.append(("EntityPublicFloat", "dei/2014", number - 6, 0, company.public_float))
        return self.edit(company, number, rows)

    def filings(self, year: int, quarter: int) -> list[tuple[dict[str, str], list[Row]]]:
        """Submissions and numbers filed in one calendar quarter."""
        found: list[tuple[dict[str, str], list[Row]]] = []
        for company in self.companies:
            for number in range(month(year, 3 * quarter) - 6, month(year, 3 * quarter) + 1):
                if (number - company.year_end + 1) % 3:
                    continue
                line = submission(company, number)
                filed = dt.date.fromisoformat(line["filed"])
                if (filed.year, (filed.month + 2) // 3) == (year, quarter):
                    found.append((line, self.rows(company, number)))
        return [*found, *self.extra.get(f"{year}q{quarter}", ())]

    def write(self, folder: Path, year: int, quarter: int) -> Path:
        """The archive of one calendar quarter."""
        return write_archive(folder / f"{year}q{quarter}.zip", self.filings(year, quarter))


def submission(company: Company, number: int, *, form: str = "", days: int = 0, serial: int = 0) -> dict[str, str]:
    """The line of ``sub.txt`` for the report on the quarter that ends in month `number`."""
    length = (number - company.year_end + 1) % 12 // 3 or 4
    period = last_day(number)
    accepted = dt.datetime.combine(period, dt.time(16, 5)) + dt.timedelta(days=days or (70 if length == 4 else 38))
    while accepted.weekday() > 4:
        accepted += dt.timedelta(days=1)
    return {
        "adsh": f"{company.cik:010d}-{accepted:%y}-{accepted.month:02d}{accepted.day:02d}{serial:02d}",
        "cik": str(company.cik),
        "name": company.name or f"COMPANY {company.cik} INC",
        "sic": str(company.sic),
        "fye": f"{company.year_end:02d}{calendar.monthrange(2015, company.year_end)[1]}",
        "form": form or ("10-K" if length == 4 else "10-Q"),
        "period": f"{period:%Y%m%d}",
        "fy": str(period.year),
        "fp": "FY" if length == 4 else f"Q{length}",
        "filed": f"{accepted:%Y%m%d}",
        "accepted": f"{accepted:%Y-%m-%d %H:%M:%S}.0",
        "instance": f"c{company.cik}-{period:%Y%m%d}.xml",
        "nciks": "1",
    }


def write_archive(path: Path, filings: Iterable[tuple[dict[str, str], list[Row]]], **members: str | None) -> Path:
    """An archive as the SEC packs it; a member given as text replaces the made one, None leaves it out."""
    sub, num, tags = ["\t".join(SUB)], ["\t".join(NUM)], {}
    for line, rows in filings:
        sub.append("\t".join(line.get(column, "") for column in SUB))
        for tag, version, number, quarters, value in rows:
            tags[tag, version] = quarters
            day = f"{last_day(number):%Y%m%d}"
            num.append("\t".join((line["adsh"], tag, version, day, str(quarters), "USD", "", "", f"{value:.4f}", "")))
        first = rows[0] if rows else None
        if first:  # a part of the company and a guarantor report the same tag: neither is the company
            day = f"{last_day(first[2]):%Y%m%d}"
            part = (
                line["adsh"],
                first[0],
                first[1],
                day,
                str(first[3]),
                "USD",
                "BusinessSegments=Other;",
                "",
                "1.0000",
                "",
            )
            guarantor = (*part[:6], "", "ParentCompany", "2.0000", "")
            invented = (line["adsh"], "OperatingIncomeLoss", line["adsh"], day, "1", "USD", "", "", "3.0000", "")
            num += ["\t".join(row) for row in (part, guarantor, invented)]
    tag = ["\t".join(TAG)] + [
        f"{t}\t{v}\t0\t0\tmonetary\t{'D' if q else 'I'}\tD\t{t}\t" for (t, v), q in sorted(tags.items())
    ]
    pre = ["\t".join(PRE)]
    texts: dict[str, str | None] = {
        "sub.txt": "\n".join(sub) + "\n",
        "num.txt": "\n".join(num) + "\n",
        "tag.txt": "\n".join(tag) + "\n",
        "pre.txt": "\n".join(pre) + "\n",
        "readme.htm": "<html>Financial Statement Data Sets</html>",
        **{name.replace("_", "."): text for name, text in members.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            if text is not None:
                archive.writestr(name, text)
    return path


def two_sizes(*, large: int = 40, small: int = 60, **changes: float) -> tuple[Company, ...]:
    """Large companies with little floating debt, small ones with twice the leverage and much of it floating."""
    big = tuple(
        Company(
            1000 + at,
            public_float=50e9 - 1e9 * at,
            ebitda=2e9,
            depreciation=5e8,
            debt=3e9,
            due=2e8,
            cash=5e8,
            floating=0.1,
        )
        for at in range(large)
    )
    little = tuple(
        Company(5000 + at, public_float=500e6 - 1e6 * at, floating=0.5, debt=350e6 + 1e6 * at) for at in range(small)
    )
    return (*big, *(replace(company, **changes) for company in little))
