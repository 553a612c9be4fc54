"""EDGAR's form indexes: how many filings of each kind a day, from 1994 on.

1. The days since the last one held come from the daily indexes, one small file a day.
2. A quarter that is not held comes whole from the full index, newest first, a few quarters at each fetch, so
   that a first fetch is bounded and the history is complete after some days.
3. Only days that are over are counted; a day on which EDGAR took filings but none of a form counts as zero.

A line of an index has five columns: form type, company, CIK, date filed, file name. Their widths have changed
over the years and no longer follow the heading, so a line is read from its right end. A filing carries the
date of the day on which it was accepted up to 17:30 New York time; later ones carry the next business day's.
So the count of a day is complete, and known, at 17:30 of that day. The SEC asks for a declared user agent and
for at most ten requests a second.
"""

import datetime as dt
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np

from signals.asof import History
from signals.calendars import NEW_YORK, day_of, holidays
from signals.derived.filing_counts import series
from signals.errors import SourceError
from signals.series.dictionary import describe
from signals.sources.http import Wire
from signals.sources.provider import Arrival, Delivery, Remark, StoredFacts
from signals.sources.validation.rules import breaches
from signals.sources.wire_errors import WireError
from signals.store.store import Refusal

FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "S-1": ("S-1",),
        "S-1/A": ("S-1/A",),
        "RW": ("RW",),
        "424B4": ("424B4",),
        "D": ("D",),
        "D/A": ("D/A",),
        "10-12B": ("10-12B",),
        "25": ("25", "25-NSE"),
        "15": ("15-12B", "15-12G", "15-15D"),
        "DEFM14A": ("DEFM14A",),
        "PREM14A": ("PREM14A",),
        "SC TO-T": ("SC TO-T",),
        "S-4": ("S-4",),
    }
)  # series, and the form types it counts
FILERS, ANNUAL_REPORTS = "10-K filers", ("10-K", "10-K405", "10-KSB")  # companies and not filings
COUNTED = (*FORMS, FILERS)
ALL = "edgar:FORMS"  # the one thing on offer: every form comes from the same files
FIRST_YEAR = 2001  # five years of seasons before the first fund of new issues; the index reaches back to 1994
QUARTERS_A_FETCH = 6  # at five megabytes each
DAILY_REACH = 15  # business days; a wider hole is filled from the quarter's file
POSTED = dt.time(22, 0)  # New York; by then the daily index is out
LARGEST_TEXT = 256 * 1024 * 1024  # unpacked; the largest quarter has 60 MB
ABSENT = frozenset({403, 404})  # how the archive says that a day has no index; a page with 403 is a refusal
ODD_SHARE = 0.02  # of the lines: a few form types fill their column and touch the company's name
ENDING = b".txt"  # of every line, so that an index cut short is noticed
HEADING = ("Form Type", "Date Filed")
_LINE = re.compile(
    rb"^(?P<form>\S+(?: \S+)*?)\s{2,}.*\s(?P<cik>\d{1,10})\s+(?P<day>\d{4}-?\d{2}-?\d{2})\s+"
    rb"edgar/\S*?(?P<accession>[^/\s]+)\s*$"
)


def series_of(form: str) -> str:
    """The series of a form's daily counts: ``SC TO-T`` is ``edgar:SC_TO-T``, ``S-1/A`` is ``edgar:S-1_A``."""
    return series((form,))[0]


class EdgarSource:
    """The form indexes.

    Parameters
    ----------
    url : str
        The archive, ``.../Archives/edgar``.
    user_agent : str
        A name and an address, as the SEC asks; never empty.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    per_second : float
        At most ten.
    """

    name = "edgar"

    def __init__(self, url: str, user_agent: str, *, timeout: float, budget: float, per_second: float) -> None:
        self._url = url.rstrip("/")
        headers = {"User-Agent": user_agent}
        self._wire = Wire("EDGAR", timeout=timeout, budget=budget, per_second=per_second, headers=headers)

    def offers(self) -> tuple[str, ...]:
        """All forms at once."""
        return (ALL,)

    def stored(self, _series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """Nothing: holes of older quarters are filled step by step."""
        return ()

    def reach(self, seconds: float) -> None:
        """Any answer of the archive will do."""
        self._wire.knock(f"{self._url}/full-index/", seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """Counts of every form for the days that are not held yet, as far as the budget reaches."""
        over = _last_day_over(now)
        known = _days_stored(stored)
        counts_of_day: dict[np.datetime64, Counter[str]] = {}
        remarks: list[Remark] = []
        try:
            for counts in self._indexes(known, over):
                counts_of_day |= counts
        except WireError as fault:
            if not counts_of_day:
                raise
            remarks.append(Remark(series, "series.partial", f"the fetch of {series} broke off: {fault.message}"))
        counts_of_day = {day: counts for day, counts in counts_of_day.items() if day <= over}
        if not counts_of_day and not known.size:
            raise SourceError(
                "EDGAR has no filings of these forms. Nothing was stored.",
                remedy="Try again later.",
                code="source_empty",
            )
        return _delivered(counts_of_day, now, remarks)

    def _indexes(self, known: np.ndarray, over: np.datetime64) -> Iterable[dict[np.datetime64, Counter[str]]]:
        """Counts from daily files where the hole is small, then from whole quarters, newest first."""
        missing = _business_days(known[-1] + 1, over) if known.size else np.empty(0, "datetime64[D]")
        small = missing.size <= DAILY_REACH
        for day in missing if small else ():
            yield self._day(day)
        wanted = [
            quarter
            for quarter in _quarters(over)
            if not _covered(quarter, known) or (not small and _last_day(quarter) >= missing[0])
        ]
        for quarter in wanted[:QUARTERS_A_FETCH]:
            yield self._quarter(quarter)

    def _day(self, day: np.datetime64) -> dict[np.datetime64, Counter[str]]:
        date = day.astype(dt.date)
        quarter = f"{date.year}/QTR{(date.month + 2) // 3}"
        try:
            return self._wire.read(f"{self._url}/daily-index/{quarter}/form.{date:%Y%m%d}.idx", {}, counted)
        except WireError as fault:
            if fault.status in ABSENT and not fault.page:
                return {}
            raise

    def _quarter(self, quarter: tuple[int, int]) -> dict[np.datetime64, Counter[str]]:
        year, number = quarter
        return self._wire.read(f"{self._url}/full-index/{year}/QTR{number}/form.gz", {}, counted)


def _days_stored(stored: StoredFacts) -> np.ndarray:
    """Days of which every count is held."""
    known = stored(series_of(COUNTED[0])).latest().period
    for form in COUNTED[1:]:
        known = np.intersect1d(known, stored(series_of(form)).latest().period)
    return known


def counted(body: bytes) -> dict[np.datetime64, "Counter[str]"]:
    """Filings by day and form, and companies with an annual report; ValueError where the bytes are no form index.

    A filing of several companies has a line for each: it is one accession number and counts once.
    """
    lines = _text(body).splitlines()
    head = next((row for row, line in enumerate(lines[:50]) if all(word.encode() in line for word in HEADING)), None)
    if head is None:
        raise ValueError("no heading of a form index")
    counts: dict[np.datetime64, Counter[str]] = {}
    days: dict[bytes, np.datetime64] = {}
    counted_keys: set[tuple[np.datetime64, str, bytes]] = set()
    odd = 0
    for line in lines[head + 1 :]:
        if not (parts := _LINE.match(line)):
            odd += bool(line.strip(b"- \t"))
            continue
        text = parts["day"]
        if text not in days:
            plain = text.replace(b"-", b"").decode()
            days[text] = np.datetime64(f"{plain[:4]}-{plain[4:6]}-{plain[6:]}", "D")
        form = parts["form"].decode("latin-1")
        keys = [(days[text], form, parts["accession"])]
        if form in ANNUAL_REPORTS:
            keys.append((days[text], FILERS, parts["cik"]))
        for key in keys:
            if key not in counted_keys:
                counted_keys.add(key)
                counts.setdefault(key[0], Counter())[key[1]] += 1
    if not counts or odd > ODD_SHARE * len(lines):
        raise ValueError(f"{odd} lines that are no filings")
    if not lines[-1].rstrip().endswith(ENDING):
        raise ValueError("an index that was cut off")
    return counts


def _text(body: bytes) -> bytes:
    if body[:2] != b"\x1f\x8b":
        return body
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            text = packed.read(LARGEST_TEXT + 1)
    except (OSError, EOFError) as fault:
        raise ValueError(f"no gzip file ({type(fault).__name__})") from None
    if len(text) > LARGEST_TEXT:
        raise ValueError("an index that unpacks without end")
    return text


def _last_day_over(now: dt.datetime) -> np.datetime64:
    local = now.astimezone(NEW_YORK)
    today = np.datetime64(day_of(now), "D")
    return today if local.time() >= POSTED else today - 1


def _business_days(first: np.datetime64, last: np.datetime64) -> np.ndarray:
    days = np.arange(first, last + 1)
    return days[np.is_busday(days, holidays=holidays())]


def _quarters(over: np.datetime64) -> list[tuple[int, int]]:
    last = over.astype(dt.date)
    every = [(year, number) for year in range(FIRST_YEAR, last.year + 1) for number in (1, 2, 3, 4)]
    return [quarter for quarter in reversed(every) if quarter <= (last.year, (last.month + 2) // 3)]


def _first_month(quarter: tuple[int, int]) -> np.datetime64:
    return np.datetime64(f"{quarter[0]}-{3 * quarter[1] - 2:02d}", "M")


def _last_day(quarter: tuple[int, int]) -> np.datetime64:
    return (_first_month(quarter) + 3).astype("datetime64[D]") - 1


def _covered(quarter: tuple[int, int], known: np.ndarray) -> bool:
    """True where days of the quarter are held: they came from its file, or are followed day by day."""
    return bool(((known >= _first_month(quarter).astype("datetime64[D]")) & (known <= _last_day(quarter))).any())


def _delivered(
    counts_of_day: Mapping[np.datetime64, Mapping[str, int]], now: dt.datetime, remarks: list[Remark]
) -> Delivery:
    """One arrival for each form; a day in the index without the form counts zero."""
    days = np.array(sorted(counts_of_day), dtype="datetime64[D]")
    arrivals, refused = [], []
    for name in COUNTED:
        described = describe(series_of(name))
        types = FORMS.get(name, (name,))
        values = np.array([sum(counts_of_day[day].get(form, 0) for form in types) for day in days], dtype=np.float64)
        keep = np.ones(days.size, dtype=bool)
        for breach in breaches(described, days, values, day_of(now)):
            keep[breach.rows] = False
            refused += [
                Refusal(described.id, f"EDGAR:{days[row]}", f"{values[row]:g}", breach.rule, breach.reason)
                for row in breach.rows
            ]
        arrivals.append(Arrival(described, History.of(days[keep], described.known(days[keep]), values[keep])))
    return Delivery(tuple(arrivals), tuple(refused), tuple(remarks))
