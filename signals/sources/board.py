"""The Federal Reserve Board: FOMC decisions from the press-release feed, minutes after the announcement.

1. The feed ``press_monetary.xml`` lists the last press releases on monetary policy with their time stamps.
2. Each statement that is not held yet is opened, and the target range is read from its text
   (`signals.sources.fomc_statement`). Minutes, projections and speeches are left alone.
3. The range is stored as ``board:FOMC:lower`` and ``board:FOMC:upper``: the period is the day of the decision
   in New York, and it is known from the feed's own time stamp. A decision that changes nothing is stored too,
   because it proves that the meeting left the target where it was.

A statement that names no target, two of them, or one that cannot follow the last one is not stored.
"""

import datetime as dt
import email.utils
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np

from signals.asof import History
from signals.calendars import day_of
from signals.series.dictionary import describe
from signals.sources.fomc_statement import TargetRange, target_range
from signals.sources.http import Wire
from signals.sources.provider import Arrival, Delivery, Remark, StoredFacts
from signals.sources.wire_errors import Redirected, UnknownForm, WireError
from signals.store.store import Refusal

FOMC = "board:FOMC"
LOWER, UPPER = f"{FOMC}:lower", f"{FOMC}:upper"
LARGEST_STEP = 1.25  # percentage points at one meeting; the largest since 1994 were 1.00 (2020-03-15) and 0.75
CLOCK_SLACK = dt.timedelta(minutes=10)  # a release may be stamped so far ahead of our clock
_STATEMENT = re.compile(r"\bstatement\b", re.IGNORECASE)
_OTHER = re.compile(r"\bminutes\b|\bprojections\b|\blonger[- ]run goals\b|\btestimony\b", re.IGNORECASE)
_ADDRESS_DAY = re.compile(r"monetary(\d{8})[a-z]")


@dataclass(frozen=True, slots=True)
class Release:
    """A press release of the feed.

    Attributes
    ----------
    title, address : str
    published : datetime.datetime
        Aware; the feed's own time stamp.
    """

    title: str
    address: str
    published: dt.datetime

    @property
    def day(self) -> dt.date:
        """The day of the release in New York."""
        return day_of(self.published)


class BoardSource:
    """The Board's press releases on monetary policy.

    Parameters
    ----------
    url : str
        Address of the feed; statements are only opened on the same host.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    """

    name = "board"

    def __init__(self, url: str, *, timeout: float, budget: float) -> None:
        self._url = url
        self._wire = Wire("the Federal Reserve Board", timeout=timeout, budget=budget, per_second=2.0)

    def offers(self) -> tuple[str, ...]:
        """The decisions of the FOMC."""
        return (FOMC,)

    def stored(self, _series: str, _now: dt.datetime, /) -> tuple[str, ...]:
        """Nothing: a statement may come out at any time."""
        return ()

    def reach(self, seconds: float) -> None:
        """Ask for the feed."""
        self._wire.once(self._url, {}, releases, seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """The target ranges of all statements in the feed that are not held yet."""
        known = set(stored(UPPER).latest().period.astype(dt.date).tolist())
        ranges: dict[Release, TargetRange] = {}
        refused: list[Refusal] = []
        remarks: list[Remark] = []
        for release in statements(self._wire.read(self._url, {}, releases), now):
            if release.day in known:
                continue
            try:
                target = _range_of(self._wire.read(self._same_host(release), {}, bytes))
            except WireError as fault:
                remarks.append(Remark(series, "statement.unread", f"the statement of {release.day}: {fault.message}"))
                continue
            except ValueError as fault:
                refused.append(Refusal(UPPER, f"Board:{release.day}", release.title, "statement.target", str(fault)))
                continue
            if target is None:
                sentence = f"the Board's statement of {release.day} names no target for the federal funds rate"
                remarks.append(Remark(series, "statement.no_target", sentence))
            else:
                ranges[release] = target
        accepted, odd = _believable(ranges, stored(UPPER).latest())
        return Delivery(_arrivals(accepted), (*refused, *odd), tuple(remarks))

    def _same_host(self, release: Release) -> str:
        feed, page = urlsplit(self._url), urlsplit(release.address)
        if page.netloc and page.netloc.removeprefix("www.") != feed.netloc.removeprefix("www."):
            raise Redirected("the Federal Reserve Board", f"links to another host ({page.netloc[:60]})")
        return page._replace(scheme=feed.scheme, netloc=feed.netloc).geturl()


def releases(body: bytes) -> tuple[Release, ...]:
    """The dated entries of a feed; ValueError where the bytes are no feed."""
    try:
        root = ET.fromstring(body.lstrip(b"\xef\xbb\xbf \r\n\t"))  # noqa: S314 - size is bounded, expat refuses bombs
    except ET.ParseError as fault:
        raise ValueError(f"not an RSS feed: {fault}") from None
    if root.tag != "rss":
        raise ValueError(f"a document of the kind {root.tag[:20]!r} instead of an RSS feed")
    entries = [_release(item) for item in root.iter("item")]
    if not any(entries):
        raise ValueError("a feed without a dated entry")
    return tuple(entry for entry in entries if entry is not None)


def _release(item: ET.Element) -> Release | None:
    title, address, stamp = ((item.findtext(tag) or "").strip() for tag in ("title", "link", "pubDate"))
    try:
        published = email.utils.parsedate_to_datetime(stamp)
    except ValueError:
        return None
    if published.tzinfo is None or not address:
        return None
    return Release(title, address, published.astimezone(dt.UTC))


def statements(entries: tuple[Release, ...], now: dt.datetime) -> tuple[Release, ...]:
    """The releases that may announce a decision, oldest first; none from the future, none with a foreign date."""

    def dated_rightly(entry: Release) -> bool:
        match = _ADDRESS_DAY.search(entry.address)
        return match is None or match[1] == f"{entry.day:%Y%m%d}"

    announced = [
        entry
        for entry in entries
        if _STATEMENT.search(entry.title)
        and not _OTHER.search(entry.title)
        and entry.published <= now + CLOCK_SLACK
        and dated_rightly(entry)
    ]
    return tuple(sorted(announced, key=lambda entry: entry.published))


def _range_of(body: bytes) -> TargetRange | None:
    text = body.decode("utf-8", "replace")
    if "committee" not in text.lower():
        raise UnknownForm("the Federal Reserve Board", "sent a page that is no statement")
    return target_range(text)


def _believable(
    ranges: dict[Release, TargetRange], before: History
) -> tuple[dict[Release, TargetRange], tuple[Refusal, ...]]:
    """Without days whose documents disagree, and without steps that no meeting ever took."""
    accepted: dict[Release, TargetRange] = {}
    refused: list[Refusal] = []
    earlier = list(zip(before.period.astype(dt.date).tolist(), before.value.tolist(), strict=True))
    for release, target in ranges.items():
        others = {other for release_, other in ranges.items() if release_.day == release.day}
        last = next((value for day, value in reversed(earlier) if day < release.day), None)
        reason = ""
        if len(others) > 1:
            reason = "two documents of one day name different targets"
        elif last is not None and abs(target.high - last) > LARGEST_STEP:
            reason = f"a step from {last:g} to {target.high:g} percent at one meeting"
        if reason:
            content = f"{target.low:g} to {target.high:g}"
            refused.append(Refusal(UPPER, f"Board:{release.day}", content, "statement.target", reason))
            continue
        if not any(other_release.day == release.day for other_release in accepted):
            accepted[release] = target
            earlier = sorted([*earlier, (release.day, target.high)])
    return accepted, tuple(refused)


def _arrivals(ranges: dict[Release, TargetRange]) -> tuple[Arrival, ...]:
    days = np.array([release.day for release in ranges], dtype="datetime64[D]")
    stamps = [release.published.replace(tzinfo=None) for release in ranges]
    known = np.array(stamps, dtype="datetime64[us]")
    low, high = [target.low for target in ranges.values()], [target.high for target in ranges.values()]
    columns = ((LOWER, low), (UPPER, high))
    return tuple(Arrival(describe(name), History.of(days, known, values), revisions=True) for name, values in columns)
