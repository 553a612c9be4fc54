"""FRED's API through `fredapi`, with a transport that waits, retries, pages and never leaks the key.

`fredapi` asks without a time limit, stops at 100,000 rows without a word, and cannot read a series with
more than 2,000 vintages. `Api` keeps its interface and replaces its one network method.

1. A series that is never revised is read as it stands and stored as ``fred:ID``, known by its rule.
2. A revised series is read as vintages too, known on the day FRED showed each, and stored as ``alfred:ID``;
   ``fred:ID`` is its latest revision, which the dictionary marks not point in time. Requests are windows
   over true vintage dates; a window clamps `realtime_start` to its own first day, so a row that merely
   continues the value before it is dropped.
3. A series whose whole history is re-estimated every week (NFCI) has first releases for vintages.
"""

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
from fredapi import Fred

from signals.asof import History
from signals.calendars import day_of, instants
from signals.errors import SourceError
from signals.series.dictionary import Series, describe
from signals.sources.csv_sheet import Sheet
from signals.sources.http import Wire
from signals.sources.provider import Arrival, Delivery, Remark, StoredFacts
from signals.sources.validation.series import checked
from signals.sources.watchlist import FRED
from signals.sources.wire_errors import UnknownForm

CHICAGO = ZoneInfo("America/Chicago")  # FRED's days end there
PAGE = 100_000  # most rows of one answer
WINDOW = 1_900  # vintages of one request; 2,000 are allowed, and today's counts too
OVERLAP_DAYS = 400  # read again each time, so that a changed past is noticed
SHOWN_BY = dt.time(18, 0)  # FRED tells the day of a vintage, not its hour; the daily cut is late enough
PERIODS = {"D": "D", "W": "W", "BW": "W", "M": "M", "Q": "Q"}  # FRED's short frequencies


class Api(Fred):
    """`fredapi.Fred` with our line instead of `urlopen`.

    Parameters
    ----------
    key : str
    url : str
        Root of the API.
    wire : Wire
    """

    def __init__(self, key: str, url: str, wire: Wire) -> None:
        # not calling the parent: it would install a process-wide proxy opener
        self.api_key, self.root_url, self.proxies = key, url.rstrip("/"), None
        self._wire = wire

    def _Fred__fetch_data(self, url: str) -> ET.Element:  # noqa: N802 - the parent's private name, its only seam
        parts = urlsplit(url)
        params = {**dict(parse_qsl(parts.query)), "api_key": self.api_key}
        return self._wire.read(parts._replace(query="").geturl(), params, _tree)

    def info(self, series: str) -> Mapping[str, str]:
        """The attributes of a series; raises `SourceError` if FRED speaks of another one."""
        attributes = self.get_series_info(series)
        if attributes.get("id") != series:
            raise SourceError(
                f"FRED was asked for {series} and answered with {str(attributes.get('id'))[:40]!r}."
                " Nothing of it was stored.",
                remedy="Try again later; if it stays so, the series was renamed and this version needs an update.",
                code="source_echo",
            )
        return {str(key): str(value) for key, value in attributes.items()}

    def observations(self, series: str, **params: str) -> list[dict[str, str]]:
        """Every observation, however many pages that takes, as FRED's attributes."""
        rows: list[dict[str, str]] = []
        while True:
            query_fields = {"limit": str(PAGE), "offset": str(len(rows)), **params}
            query = "&".join(f"{key}={value}" for key, value in query_fields.items())
            root = self._Fred__fetch_data(f"{self.root_url}/series/observations?series_id={series}&{query}")
            page = [dict(child.attrib) for child in root if child.tag == "observation"]
            rows += page
            total = int(root.get("count") or len(rows))
            if len(rows) >= total:
                return rows
            if not page:
                raise UnknownForm("FRED", f"announced {total} rows of {series} and sent {len(rows)}")

    def vintages(self, series: str) -> list[str]:
        """Every day on which the series changed, as FRED has them."""
        days: list[str] = []
        while True:
            url = f"{self.root_url}/series/vintagedates?series_id={series}&limit=10000&offset={len(days)}"
            root = self._Fred__fetch_data(url)
            page = [(child.text or "").strip() for child in root]
            days += page
            if len(days) >= int(root.get("count") or len(days)):
                return sorted(days)
            if not page:
                raise UnknownForm("FRED", f"sent fewer vintage dates of {series} than it announced")


def _tree(body: bytes) -> ET.Element:
    try:
        root = ET.fromstring(body)  # noqa: S314 - size is bounded and expat refuses entity bombs
    except ET.ParseError as fault:
        raise ValueError(f"not XML: {fault}") from None
    if root.tag not in {"observations", "seriess", "vintage_dates"}:
        raise ValueError(f"an answer of the kind {root.tag[:20]!r}")
    return root


class FredSource:
    """FRED with a key.

    Parameters
    ----------
    key : str
    url : str
    timeout, budget, per_second : float
        Seconds of one request, of a whole fetch, and the pace.
    """

    name = "fred"

    def __init__(self, key: str, url: str, *, timeout: float, budget: float, per_second: float) -> None:
        self._wire = Wire("FRED", timeout=timeout, budget=budget, per_second=per_second, hide=key)
        self._api = Api(key, url, self._wire)

    def offers(self) -> tuple[str, ...]:
        """See `signals.sources.watchlist`."""
        return tuple(f"fred:{series}" for series in FRED)

    def stored(self, series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """The series itself."""
        return (series,)

    def reach(self, seconds: float) -> None:
        """Ask for a small thing with the key."""
        address = f"{self._api.root_url}/series"
        self._wire.once(address, {"series_id": "DFF", "api_key": self._api.api_key}, _tree, seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """Observations or vintages of ``fred:ID``, checked against the contract and against what is held."""
        described, code = describe(series), series.partition(":")[2]
        remarks = _oddities(described, self._api.info(code), now)
        present = self._observations(described, code, stored, now)
        if described.habit != "latest":
            return replace(present, remarks=(*remarks, *present.remarks))
        shown = self._vintages(described, code, stored, now)
        return Delivery(
            (*shown.arrivals, *present.arrivals),
            (*shown.refused, *present.refused),
            (*remarks, *shown.remarks, *present.remarks),
        )

    def _observations(self, described: Series, code: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        before = stored(described.id)
        since = {"observation_start": str(before.period[-1] - OVERLAP_DAYS)} if before.period.size else {}
        return checked(described, _sheet(described.id, self._api.observations(code, **since)), before, now, name="FRED")

    def _vintages(self, described: Series, code: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        archived = replace(
            describe(f"alfred:{code}"),
            low=described.low,
            high=described.high,
            stamp=described.stamp,
            frequency=described.frequency,
        )
        before = stored(archived.id)
        today = now.astimezone(CHICAGO).date()
        if "re-estimated" in described.revised:
            rows = self._api.observations(code, output_type="4", realtime_start="1776-07-04", realtime_end=str(today))
        else:
            newest = str(before.known_at.max().astype("datetime64[D]")) if before.period.size else ""
            dates = [day for day in self._api.vintages(code) if newest <= day <= str(today)]
            rows = [
                row
                for first, last in _windows(dates)
                for row in self._api.observations(code, realtime_start=first, realtime_end=last)
            ]
        sheet = _sheet(archived.id, rows)
        delivery = checked(archived, sheet, before, now, name="FRED", learned=_shown(rows))
        log = continued(before, delivery.arrivals[0].facts)
        return replace(delivery, arrivals=(Arrival(archived, log, revisions=True),))


def _windows(dates: list[str]) -> list[tuple[str, str]]:
    """Windows of at most `WINDOW` vintages that cover every date; none is split, none is missed."""
    return [(part[0], part[-1]) for start in range(0, len(dates), WINDOW) if (part := dates[start : start + WINDOW])]


def _sheet(series: str, rows: list[dict[str, str]]) -> Sheet:
    columns = {"date": [row.get("date", "") for row in rows], "value": [row.get("value", "") for row in rows]}
    return Sheet(series, ("date", "value"), columns, np.arange(1, len(rows) + 1))


def _shown(rows: list[dict[str, str]]) -> np.ndarray:
    """When FRED showed each row: the evening of its `realtime_start`."""
    try:
        days = np.array([row["realtime_start"] for row in rows], dtype="datetime64[D]")
    except (KeyError, ValueError):
        raise UnknownForm("FRED", "sent vintages without readable dates") from None
    return instants(days, SHOWN_BY) if days.size else np.empty(0, dtype="datetime64[us]")


def continued(stored: History, log: History) -> History:
    """A log without rows that only repeat the value in force, as at the edge of a window."""
    both = History.of(
        np.append(stored.period, log.period),
        np.append(stored.known_at, log.known_at),
        np.append(stored.value, log.value),
    )
    same = (both.period[1:] == both.period[:-1]) & (
        (both.value[1:] == both.value[:-1]) | (np.isnan(both.value[1:]) & np.isnan(both.value[:-1]))
    )
    keep = np.append(True, ~same)[: both.period.size]
    changes = History(both.period[keep], both.known_at[keep], both.value[keep])
    if not stored.period.size:
        return changes
    old = set(zip(stored.period.tolist(), stored.known_at.tolist(), strict=True))
    fresh = np.array(
        [pair not in old for pair in zip(changes.period.tolist(), changes.known_at.tolist(), strict=True)], dtype=bool
    )
    return History(changes.period[fresh], changes.known_at[fresh], changes.value[fresh])


def _oddities(described: Series, info: Mapping[str, Any], now: dt.datetime) -> tuple[Remark, ...]:
    """What the series' own description says that a person should know."""
    from signals.calendars import session_count

    remarks = []
    frequency = PERIODS.get(info.get("frequency_short", ""), info.get("frequency_short", ""))
    if frequency and described.frequency in PERIODS.values() and frequency != described.frequency:
        raise SourceError(
            f"FRED now calls {described.id} a series of frequency {frequency[:8]}, it was {described.frequency}."
            " Nothing of it was stored.",
            remedy="This version needs an update of its data dictionary.",
            code="source_frequency",
        )
    if "DISCONTINUED" in info.get("title", "").upper() and described.ended is None:
        remarks.append(Remark(described.id, "series.discontinued", f"FRED calls {described.id} discontinued"))
    try:
        newest = dt.date.fromisoformat(info.get("observation_end", ""))
    except ValueError:
        return tuple(remarks)
    age = session_count(newest, day_of(now)) if newest < day_of(now) else 0
    if described.allowed_age is not None and age > described.allowed_age and described.ended is None:
        remarks.append(
            Remark(
                described.id, "series.stale", f"FRED's newest {described.id} is of {newest}, {age} sessions ago", age
            )
        )
    return tuple(remarks)
