"""Yahoo's chart data through `yfinance`: raw close, volume, dividends and splits of one share at a time.

Yahoo divides every past close by later splits, and its adjusted close by later dividends too, so both
change after the fact. What is stored is what was paid on the day:

    raw close = close * product of the split ratios after the day        (dividends likewise)

which nothing later changes. The adjusted close is read only to notice a dividend that is missing.

`yfinance` keeps answers, failures included, in a cache for the life of the process, hides exceptions and
drops doubtful rows without a word. So the cache is cleared before every attempt, exceptions are shown,
and our session keeps the raw answer, which is checked before the frame is believed.
"""

import atexit
import datetime as dt
import json
import logging
import math
import re
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import numpy as np

from signals.asof import History
from signals.calendars import NEW_YORK, day_of
from signals.errors import SourceError
from signals.sources.http import Wire, certificate_fault
from signals.sources.provider import Delivery, Remark, StoredFacts
from signals.sources.validation.price_bars import Bars, facts_of_bars
from signals.sources.watchlist import STRIP_MONTHS, YAHOO
from signals.sources.wire_errors import (
    RateLimited,
    RequestRefused,
    ServerFault,
    TooSlow,
    UnknownForm,
    Unreachable,
    UntrustedCertificate,
    WireError,
)

GIVE_UP = 2  # contracts in a row that fail for the line's sake
FUTURES, CHICAGO = ".CBT", "America/Chicago"
_SHARE_CLASS = re.compile(r"^([A-Z]{1,4})\.([ABCK])$")  # BRK.B; .L, .V and the like are exchanges abroad
SYMBOLS = {"RUT": "^RUT", "GSPC": "^GSPC"}  # indices: our id, Yahoo's symbol
MONTH_CODES = "FGHJKMNQUVXZ"  # January to December, as exchanges write them
PER_SECOND = 4.0  # requests, the library's own included
OVERLAP_DAYS = 40  # read again each time: about 27 sessions to compare with what is held
BEGINNING = dt.date(1985, 1, 1)


class YahooSource:
    """Yahoo.

    Parameters
    ----------
    url : str
        Where the chart data are; every request of `yfinance` is sent there.
    timeout, budget : float
        Seconds of one request, and of a whole fetch.
    tickers : tuple of str
        Funds and shares beyond the watch list, asked for first.
    cache : pathlib.Path, optional
        Where session cookies and time zones are kept between runs; a folder of this process otherwise.
    """

    name = "yahoo"

    def __init__(
        self, url: str, *, timeout: float, budget: float, tickers: tuple[str, ...] = (), cache: Path | None = None
    ) -> None:
        self._url = url.rstrip("/")
        self._wire = Wire("Yahoo", timeout=timeout, budget=budget, per_second=PER_SECOND)
        self._session: Any = None
        self._tickers = tuple(dict.fromkeys((*tickers, *YAHOO)))
        self._cache = cache

    def offers(self) -> tuple[str, ...]:
        """Funds, shares and indices of `signals.sources.watchlist`, then the Fed funds futures."""
        return (*(f"yahoo:{ticker}" for ticker in self._tickers), "cme:ZQ")

    def stored(self, series: str, now: dt.datetime, /) -> tuple[str, ...]:
        """The closes; of the strip those of the two months in front."""
        return (
            tuple(f"{series}:{contract}:close" for contract in contracts(day_of(now))[:2])
            if series == "cme:ZQ"
            else (f"{series}:close",)
        )

    def reach(self, seconds: float) -> None:
        """Any answer of the server will do."""
        self._wire.knock(f"{self._url}/v8/finance/chart/SPY", seconds)

    def fetch(self, series: str, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """Bars of ``yahoo:TICKER``, or the strip of contracts for ``cme:ZQ``."""
        if series == "cme:ZQ":
            return self._strip(stored, now)
        ticker = series.split(":")[1]
        bars = self._bars(yahoo_symbol(ticker), _since(stored(f"yahoo:{ticker}:close")), now)
        return facts_of_bars(f"yahoo:{ticker}", bars, stored, now)

    def _strip(self, stored: StoredFacts, now: dt.datetime) -> Delivery:
        """The next contracts, each kept for ever: expired ones vanish from the source.

        A contract that is not quoted, or comes in an odd form, costs itself; a line that fails twice running ends
        the strip with what it has.
        """
        parts: list[Delivery] = []
        remarks: list[Remark] = []
        running = 0
        for contract in contracts(day_of(now)):
            parent = f"cme:ZQ:{contract}"
            try:
                bars = self._bars(symbol(contract), _since(stored(f"{parent}:close")), now)
                parts.append(facts_of_bars(parent, bars, stored, now))
                running = 0
            except WireError as fault:
                remarks.append(Remark(f"{parent}:close", "contract.unread", f"{parent}: {fault.message}"))
                running += not isinstance(fault, UnknownForm)
                if running >= GIVE_UP and not parts:
                    raise
                if running >= GIVE_UP:
                    break
            except SourceError as fault:
                if fault.code != "source_empty":  # far months are often not quoted
                    remarks.append(Remark(f"{parent}:close", "contract.unread", f"{parent}: {fault.message}"))
        if not parts:
            raise SourceError(
                "Yahoo has no Fed funds futures. Nothing of them was stored.",
                remedy="Try again later.",
                code="source_empty",
            )
        return Delivery(
            tuple(item for part in parts for item in part.arrivals),
            tuple(item for part in parts for item in part.refused),
            (*remarks, *(item for part in parts for item in part.remarks)),
        )

    def _bars(self, symbol_: str, since: dt.date, now: dt.datetime) -> Bars:
        return self._wire.persist(lambda seconds: self._once(symbol_, since, now, seconds))

    def _once(self, symbol_: str, since: dt.date, now: dt.datetime, seconds: float) -> Bars:
        import yfinance
        from yfinance.exceptions import YFException, YFRateLimitError

        session = self._ready(yfinance, symbol_)
        session.answer, session.status = None, 0
        end = day_of(now) + dt.timedelta(days=1)  # exclusive
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # yfinance sets off several of pandas' at each frame
                frame = yfinance.Ticker(symbol_, session=session).history(
                    start=since.isoformat(),
                    end=end.isoformat(),
                    auto_adjust=False,
                    actions=True,
                    keepna=True,
                    timeout=seconds,
                )
        except YFRateLimitError:
            raise RateLimited("Yahoo", "asked us to slow down (429)") from None
        except YFException as fault:
            raise self._refusal(symbol_, session, type(fault).__name__) from None
        except Exception as fault:  # noqa: BLE001 - yfinance lets whatever its transport and parser raise through
            raise self._fault(symbol_, session, fault) from None
        return bars_of(symbol_, frame, session.answer)

    def _refusal(self, symbol_: str, session: Any, kind: str) -> SourceError:
        if session.status >= 500:  # noqa: PLR2004 - the server's fault
            return ServerFault("Yahoo", f"failed by its own account ({session.status})")
        return SourceError(
            f"Yahoo has no prices of {symbol_} ({kind}). Nothing of it was stored.",
            remedy="If it stays so, the share was renamed or delisted.",
            code="source_empty",
        )

    def _fault(self, symbol_: str, session: Any, fault: Exception) -> WireError:
        name = type(fault).__name__
        if session.status == 0:
            if reason := certificate_fault(fault):
                return UntrustedCertificate("Yahoo", f"cannot be reached: {reason}")
            error = TooSlow if "Timeout" in name else Unreachable
            return error("Yahoo", f"cannot be reached ({name})")
        if session.status >= 500:  # noqa: PLR2004 - the server's fault
            return ServerFault("Yahoo", f"failed by its own account ({session.status})")
        if 400 <= session.status < 500 and session.status != 404:  # noqa: PLR2004 - 404 is an unknown share
            return RequestRefused("Yahoo", f"refused the request ({session.status})", status=session.status)
        return UnknownForm("Yahoo", f"sent {symbol_} in a form this version does not know ({name})")

    def _ready(self, yfinance: Any, symbol_: str) -> Any:
        """Our session, with the library's cache of answers empty and the share's time zone known to it."""
        from yfinance.cache import get_tz_cache
        from yfinance.data import YfData

        yfinance.config.debug.hide_exceptions = False
        if self._session is None:
            logging.getLogger("yfinance").setLevel(logging.CRITICAL)  # what it says there is raised to us too
            folder = self._cache / "yahoo" if self._cache else _folder_of_process()
            folder.mkdir(parents=True, exist_ok=True)
            yfinance.set_tz_cache_location(str(folder))
            self._session = _session(self._url, self._wire.wait_turn)
        zones: Any = get_tz_cache()
        if zones.lookup(symbol_) is None:
            zones.store(symbol_, CHICAGO if symbol_.endswith(FUTURES) else NEW_YORK.key)
        YfData(session=self._session).cache_get.cache_clear()
        return self._session


def _folder_of_process() -> Path:
    """A folder that goes when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="captilt-yahoo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def yahoo_symbol(ticker: str) -> str:
    """Yahoo's name of a fund, share or index: BRK.B is BRK-B.

    >>> [yahoo_symbol(ticker) for ticker in ("IWM", "brk.b", "RUT", "VOD.L")]
    ['IWM', 'BRK-B', '^RUT', 'VOD.L']
    """
    name = ticker.upper()
    return SYMBOLS.get(name) or _SHARE_CLASS.sub(r"\1-\2", name)


def _session(url: str, wait_turn: Callable[[], None]) -> Any:
    """A session that sends every request to `url` at its pace and keeps the last chart it was sent.

    Yahoo's own address is left to `yfinance`, which knows several hosts of it; any other takes them all. Charts need
    no cookie, so whatever else the library asks for (cookies, crumbs) is asked once and answered from memory.
    """
    from curl_cffi import requests

    home = urlsplit(url)
    elsewhere = not home.netloc.endswith("yahoo.com")

    class Rerouted(requests.Session):
        answer: Mapping[str, Any] | None = None
        status: int = 0
        other: ClassVar[dict[str, Any]] = {}

        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            parts = urlsplit(str(url))
            chart = "/chart/" in parts.path
            if not chart and (cached := self.other.get(parts.netloc + parts.path)) is not None:
                return cached
            if elsewhere:
                url = parts._replace(scheme=home.scheme, netloc=home.netloc, path=home.path + parts.path).geturl()
            if chart:
                kwargs["allow_redirects"] = False
            wait_turn()
            answer = super().request(method, url, *args, **kwargs)
            if chart:
                self.status = answer.status_code
                self.answer = _json(answer.content)
            else:
                self.other[parts.netloc + parts.path] = answer
            return answer

    Rerouted.other = {}
    return Rerouted(impersonate="chrome")


def _json(body: bytes) -> Mapping[str, Any] | None:
    try:
        chart = json.loads(body)
    except ValueError:
        return None
    return chart if isinstance(chart, dict) else None


def _since(stored: History) -> dt.date:
    return stored.period[-1].astype(dt.date) - dt.timedelta(days=OVERLAP_DAYS) if stored.period.size else BEGINNING


def contracts(today: dt.date) -> tuple[str, ...]:
    """The contract months of the strip, this one first, as YYYY-MM."""
    first = np.datetime64(today, "M")
    return tuple(str(first + step) for step in range(STRIP_MONTHS))


def symbol(contract: str) -> str:
    """Yahoo's symbol of a Fed funds contract: 2026-12 is ZQZ26.CBT."""
    return f"ZQ{MONTH_CODES[int(contract[5:]) - 1]}{contract[2:4]}.CBT"


def bars_of(symbol_: str, frame: Any, answer: Mapping[str, Any] | None) -> Bars:
    """The frame as arrays, after a look at the raw answer for what `yfinance` would have hidden."""
    meta, stamps = _chart(answer)
    symbol_sent = str(meta.get("symbol", "")).upper()
    if symbol_sent != symbol_.upper():
        raise SourceError(
            f"Yahoo was asked for {symbol_} and answered with {symbol_sent[:20]!r}. Nothing of it was stored.",
            remedy="Try again later; if it stays so, the share was renamed.",
            code="source_echo",
        )
    if missing := sorted({"Close", "Volume", "Dividends", "Stock Splits"} - set(frame.columns)):
        raise UnknownForm("Yahoo", f"sent {symbol_} without the columns {', '.join(missing)}")
    if not len(frame):
        raise SourceError(
            f"Yahoo sent no bars of {symbol_}. Nothing of it was stored.",
            remedy="Try again later.",
            code="source_empty",
        )
    periods = np.array([stamp.date() for stamp in frame.index], dtype="datetime64[D]")
    columns = {
        name: frame[name].to_numpy(dtype=np.float64, copy=True)
        for name in ("Close", "Volume", "Dividends", "Stock Splits")
    }
    if (session_row := _evening_row(answer, stamps)) is not None and periods[-1] == session_row.day:
        columns["Close"][-1], columns["Volume"][-1] = session_row.close, session_row.volume
    adjusted = (
        frame["Adj Close"].to_numpy(dtype=np.float64) if "Adj Close" in frame.columns else np.full(periods.size, np.nan)
    )
    return Bars(
        periods, columns["Close"], adjusted, columns["Volume"], columns["Dividends"], columns["Stock Splits"],
        twice=_twice(stamps, evening=session_row), currency=str(meta.get("currency", "")),
    )  # fmt: skip


def _chart(answer: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], list[Any]]:
    try:
        result = answer["chart"]["result"][0]  # type: ignore[index]
        return result["meta"], result.get("timestamp") or []
    except (KeyError, TypeError, IndexError):
        raise UnknownForm("Yahoo", "sent no chart") from None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """The row of the last session where the answer ends with a second row of the same day."""

    day: np.datetime64
    close: float
    volume: float


def _evening_row(answer: Mapping[str, Any] | None, stamps: list[Any]) -> SessionRow | None:
    """The session's own row where a live quote follows it: the close again, or in futures a trade of the next session.

    yfinance writes the quote over the session's close, so the close is read from the raw answer.
    """
    days = [_day_of_stamp(stamp) for stamp in stamps[-2:]]
    if len(days) < 2 or days[0] is None or days[0] != days[1]:  # noqa: PLR2004 - two rows of one day
        return None
    try:
        quote = answer["chart"]["result"][0]["indicators"]["quote"][0]  # type: ignore[index]
        close, volume = quote["close"][-2], quote["volume"][-2]
    except (KeyError, TypeError, IndexError):
        return None
    if close is None:
        return None
    return SessionRow(np.datetime64(days[0], "D"), float(close), float(volume or 0))


def _day_of_stamp(stamp: Any) -> dt.date | None:
    if not isinstance(stamp, int) or isinstance(stamp, bool) or not math.isfinite(stamp):
        return None
    return dt.datetime.fromtimestamp(stamp, dt.UTC).astimezone(NEW_YORK).date()


def _twice(stamps: list[Any], *, evening: SessionRow | None) -> tuple[dt.date, ...]:
    """Days that the raw answer has more than once, but for the live quote at its end."""
    days = [day for stamp in (stamps[:-1] if evening else stamps) if (day := _day_of_stamp(stamp)) is not None]
    return tuple(sorted(day for day, count in Counter(days).items() if count > 1))
