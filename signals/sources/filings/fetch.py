"""Fetch company filings: the quarters that are missing, public floats, the running quarter.

1. Every quarter since 2009 that is over and not held is fetched, checked, written and listed, one after another; a
   kill or a fault costs the quarter at hand, and the next fetch goes on from there.
2. An archive that cannot be trusted is refused with its reason, deleted and fetched again next time.
3. Public floats come from ``frames``, because the data sets leave out most covers of annual reports. A float counts
   from the acceptance of the filing it names.
4. Filings of the running quarter come from the index of XBRL filings and ``companyfacts``. They count from their
   arrival here, until the quarter's archive brings the instants at which they were accepted.
"""

import datetime as dt
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from signals.calendars import day_of
from signals.errors import CaptiltError, UsageError
from signals.filings.concepts import CONCEPTS, FORMS
from signals.new_york import instant
from signals.sources.filings.archive import ArchiveFault, Quarter, unpack
from signals.sources.filings.download import download
from signals.sources.filings.ingest import ingest
from signals.sources.filings.json_facts import month_of, read_company, read_frame, read_index
from signals.sources.filings.reduction import Built, rebuild
from signals.sources.filings.tables import FilingsFolder, Manifest, Refusal, database, quoted, sha256_of, write_table
from signals.sources.http import Pace, Wire
from signals.sources.wire_errors import RequestRefused, WireError

FIRST = Quarter(2009, 1)
ALWAYS_AGAIN = 6  # quarters back for which floats are asked for again: annual reports come late
GIVE_UP = 2  # files in a row that fail for the line's sake
UNPACKED_INDEX = 128 * 1024 * 1024
Step = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class FilingsSettings:
    """Where filings come from.

    Attributes
    ----------
    archives_url, api_url, index_url : str
        The quarterly archives, the JSON interfaces, the indexes of EDGAR.
    user_agent : str
        A name and an e-mail address, as the SEC asks.
    requests_per_second : float
        At most ten.
    timeout_seconds, budget_seconds : float
        Of one request, and of one file with all its retries.
    first : Quarter
        Older archives are not fetched.
    """

    archives_url: str = "https://www.sec.gov/files/dera/data/financial-statement-data-sets"
    api_url: str = "https://data.sec.gov/api/xbrl"
    index_url: str = "https://www.sec.gov/Archives/edgar"
    user_agent: str = ""
    requests_per_second: float = 8.0
    timeout_seconds: float = 300.0
    budget_seconds: float = 1200.0
    first: Quarter = FIRST


@dataclass
class FetchedFilings:
    """What a fetch did.

    Attributes
    ----------
    quarters : list of str
        Archives that came.
    floats : list of str
        Calendar quarters whose public floats came.
    running : int
        Filings of the running quarter that came.
    refusals : list of Refusal
    failures : list of str
        One sentence for each file that did not come.
    built : Built or None
    """

    quarters: list[str] = field(default_factory=list)
    floats: list[str] = field(default_factory=list)
    running: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    built: Built | None = None


def fetch_filings(
    folder: FilingsFolder,
    settings: FilingsSettings,
    now: dt.datetime,
    *,
    only: Sequence[Quarter] = (),
    step: Step | None = None,
) -> FetchedFilings:
    """Bring the folder up to date and rebuild the table of company-quarters.

    Parameters
    ----------
    folder : FilingsFolder
    settings : FilingsSettings
    now : datetime.datetime
        Aware; the moment of arrival.
    only : sequence of Quarter, optional
        These archives and nothing else.
    step : callable, optional
        Called with (what, done, of).

    Raises
    ------
    UsageError
        Without a user agent.
    StorageError
        Where the disk takes no more.
    """
    if not settings.user_agent.strip():
        raise UsageError(
            "the SEC refuses requests without a declared user agent, so nothing was fetched.",
            remedy='Set user_agent = "Your Name you@example.com" in [sources.filings].',
            code="no_user_agent",
        )
    report = FetchedFilings()
    with folder.writing():
        manifest = folder.manifest()
        _forget_damaged(folder, manifest)
        fetch = _Fetch(folder, manifest, settings, now, report, step or _silent)
        fetch.archives(only)
        if not only:
            fetch.floats()
            fetch.running_quarter()
        report.built = rebuild(folder, manifest, step=step)
    report.refusals += report.built.refusals
    return report


def _silent(*_: object) -> None:
    """No progress is shown."""


def _forget_damaged(folder: FilingsFolder, manifest: Manifest) -> None:
    """What differs from its checksum is fetched or made again."""
    for name in folder.damaged(manifest):
        del manifest.files[name]
        quarter = name.split("/")[-1]
        for kind in ("numbers", "submissions", "statements"):
            if name.startswith(("numbers/", "submissions/")):
                manifest.files.pop(f"{kind}/{quarter}", None)


def over(now: dt.datetime) -> Quarter:
    """The last quarter that is over."""
    day = day_of(now)
    return Quarter(day.year - 1, 4) if day.month <= 3 else Quarter(day.year, (day.month - 1) // 3)  # noqa: PLR2004


def quarters_between(first: Quarter, last: Quarter) -> list[Quarter]:
    """Every quarter from `first` to `last`."""
    quarters = []
    while (first.year, first.number) <= (last.year, last.number):
        quarters.append(first)
        first = first.next()
    return quarters


class _Fetch:
    """One fetch."""

    def __init__(
        self,
        folder: FilingsFolder,
        manifest: Manifest,
        settings: FilingsSettings,
        now: dt.datetime,
        report: FetchedFilings,
        step: Step,
    ) -> None:
        self.folder, self.manifest, self.settings, self.now, self.report = folder, manifest, settings, now, report
        self.step = step
        self.headers = {"User-Agent": settings.user_agent}
        self.pace = Pace(settings.requests_per_second)  # shared by every line of this fetch
        self.down = False

    def wire(self) -> Wire:
        """A line with the budget of one file."""
        return Wire(
            "the SEC",
            timeout=self.settings.timeout_seconds,
            budget=self.settings.budget_seconds,
            per_second=self.settings.requests_per_second,
            headers=self.headers,
        )

    def _guarded(self, names: Iterable[str], work: Callable[[str], None]) -> None:
        """Do `work` for each name until the line fails twice running, or the SEC refuses us."""
        failed = 0
        for name in names:
            if self.down:
                return
            self.pace.wait()
            try:
                work(name)
                failed = 0
            except WireError as fault:
                self.report.failures.append(f"{name}: {fault.message} {fault.remedy}".strip())
                failed += 1
                self.down = isinstance(fault, RequestRefused) or failed >= GIVE_UP
            except CaptiltError as fault:
                self.report.failures.append(f"{name}: {fault.message}")

    def archives(self, only: Sequence[Quarter]) -> None:
        """Every quarter that is over and not held."""
        wanted = list(only) or quarters_between(self.settings.first, over(self.now))
        absent = [str(quarter) for quarter in wanted if only or f"numbers/{quarter}" not in self.manifest.files]
        by_name = {str(quarter): quarter for quarter in wanted}

        def work(name: str) -> None:
            self.step("archive", absent.index(name), len(absent))
            self._archive(by_name[name])

        self._guarded(absent, work)

    def _archive(self, quarter: Quarter) -> None:
        name = str(quarter)
        path = self.folder.staging / f"{name}.zip"
        if not path.exists() and not download(
            self.wire(), f"{self.settings.archives_url}/{name}.zip", path, self.headers
        ):
            self.report.failures.append(f"{name}: the SEC has not published this quarter yet.")
            return
        try:
            tables = unpack(path, self.folder.staging)
            entries, refusals = ingest(self.folder, tables, quarter, now=self.now, source=sha256_of(path))
        except ArchiveFault as fault:
            refusal = Refusal(f"{name}.zip", "", "", fault.rule, fault.reason)
            self.manifest.refusals[name] = [refusal]
            self.folder.save(self.manifest)
            self.report.refusals.append(refusal)
            self.report.failures.append(
                f"{name}: {fault.reason}. Nothing of it was stored; it is fetched again next time."
            )
            path.unlink()
            return
        path.unlink()
        self.manifest.files |= entries
        self.manifest.refusals[name] = refusals
        self.folder.save(self.manifest)
        self.report.quarters.append(name)
        self.report.refusals += refusals

    def floats(self) -> None:
        """Public floats by calendar quarter; recent quarters again."""
        quarters = quarters_between(self.settings.first, over(self.now))
        again = {str(quarter) for quarter in quarters[-ALWAYS_AGAIN:]}
        wanted = [str(q) for q in quarters if str(q) in again or f"floats/{q}" not in self.manifest.files]

        def work(name: str) -> None:
            self.step("floats", wanted.index(name), len(wanted))
            frame = f"CY{name.replace('q', 'Q')}I"
            address = f"{self.settings.api_url}/frames/dei/EntityPublicFloat/USD/{frame}.json"
            try:
                rows = self.wire().read(address, {}, read_frame)
            except WireError as fault:
                if fault.status == 404:  # noqa: PLR2004 - no company has a float of that quarter
                    return
                raise
            self._store("floats", name, _float_columns(rows))
            self.report.floats.append(name)

        self._guarded(wanted, work)

    def _store(self, kind: str, name: str, columns: dict[str, np.ndarray]) -> None:
        part = self.folder.staging / f"{kind}-{name}.part"
        rows = write_table(part, columns)
        self.manifest.files[f"{kind}/{name}"] = self.folder.adopt(kind, name, part, rows=rows, at=self.now.isoformat())
        self.folder.save(self.manifest)

    def running_quarter(self) -> None:
        """Filings since the last archive that are not held yet, company by company."""
        quarter = over(self.now).next()
        address = f"{self.settings.index_url}/full-index/{quarter.year}/QTR{quarter.number}/xbrl.gz"
        index: list[tuple[int, str, str, dt.date]] = []
        self._guarded([f"index of {quarter}"], lambda _: index.extend(self.wire().read(address, {}, _unpacked_index)))
        known = self._known_accessions()
        wanted: dict[int, dict[str, tuple[str, dt.date]]] = {}
        for cik, form, accession, day in index:
            if form in FORMS and not form.startswith("8-K") and accession not in known:
                wanted.setdefault(cik, {})[accession] = (form, day)
        industry = self._industries()
        rows: list[dict[str, Any]] = []
        names = [str(cik) for cik in wanted]

        def work(name: str) -> None:
            cik = int(name)
            self.step("running quarter", names.index(name), len(names))
            address = f"{self.settings.api_url}/companyfacts/CIK{cik:010d}.json"
            filings = wanted[cik]
            facts = self.wire().read(address, {}, lambda body: read_company(body, cik, filings))
            for accession, slots in facts.items():
                day = filings[accession][1]
                rows.extend(_running_rows(cik, accession, day, slots, industry.get(cik, 0), self.now))
            self.report.running += len(facts)

        self._guarded(names, work)
        if rows:
            self._store("running", f"{quarter}-{self.now:%Y%m%d%H%M%S}", _running_columns(rows))

    def _known_accessions(self) -> set[str]:
        kinds = ("submissions", "running")
        paths = [self.folder.path(kind, name) for kind in kinds for name in self.folder.names(kind, self.manifest)]
        return {str(row[0]) for row in self._rows("SELECT DISTINCT adsh FROM {}", paths)}

    def _industries(self) -> dict[int, int]:
        """The last SIC code of each company."""
        paths = [self.folder.path("submissions", name) for name in self.folder.names("submissions", self.manifest)]
        rows = self._rows("SELECT cik, max_by(sic, known_at) FROM {} GROUP BY cik", paths)
        return {int(cik): int(sic) for cik, sic in rows}

    def _rows(self, query: str, paths: Sequence[Path]) -> list[tuple[Any, ...]]:
        if not paths:
            return []
        with database(self.folder.staging) as base:
            return base.execute(query.format(f"read_parquet({quoted(paths)}, union_by_name=true)")).fetchall()


def _unpacked_index(body: bytes) -> tuple[tuple[int, str, str, dt.date], ...]:
    if body[:2] == b"\x1f\x8b":
        try:
            unpacker = zlib.decompressobj(wbits=31)
            body = unpacker.decompress(body, UNPACKED_INDEX)
        except zlib.error:
            raise ValueError("no gzip file") from None
        if not unpacker.eof:
            raise ValueError("an index that was cut off")
    return read_index(body)


def _float_columns(rows: Iterable[Any]) -> dict[str, np.ndarray]:
    rows = list(rows)
    return {
        "adsh": np.array([row.adsh for row in rows], dtype=object),
        "month": np.array([row.month for row in rows], dtype=np.int32),
        "value": np.array([row.value for row in rows], dtype=np.float64),
    }


def _running_rows(
    cik: int,
    accession: str,
    day: dt.date,
    slots: dict[tuple[int, int], dict[str, float]],
    sic: int,
    now: dt.datetime,
) -> Iterable[dict[str, Any]]:
    period = max((month for month, _ in slots if month <= month_of(day)), default=month_of(day))
    known_at = instant(now)
    for (month, quarters), numbers in slots.items():
        yield {
            "cik": cik,
            "adsh": accession,
            "sic": sic,
            "known_at": known_at,
            "period": period,
            "month": month,
            "quarters": quarters,
            **{concept.name: numbers.get(concept.name, np.nan) for concept in CONCEPTS},
        }


def _running_columns(rows: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    kinds = {
        "cik": np.int64,
        "adsh": object,
        "sic": np.int64,
        "known_at": "datetime64[us]",
        "period": np.int32,
        "month": np.int32,
        "quarters": np.int16,
    }
    return {name: np.array([row[name] for row in rows], dtype=kinds.get(name, np.float64)) for name in rows[0]}
