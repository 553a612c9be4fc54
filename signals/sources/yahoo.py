"""Yahoo's chart data through `yfinance`: raw close, volume, dividends and splits of one share at a time.

Yahoo divides every past close by later splits, and its adjusted close by later dividends too, so both
change after the fact. What is stored is what was paid on the day:

    raw close = close * product of the split ratios after the day        (dividends likewise)

which nothing later changes. The adjusted close is read only to notice a dividend that is missing.

`yfinance` keeps answers, failures included, in a cache for the life of the process, hides exceptions and
drops doubtful rows without a word. So the cache is cleared before every attempt, exceptions are shown,
and our session keeps the raw answer, which is checked before the frame is believed.
"""

import datetime as dt
import json
import math
import tempfile
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from signals.asof import History
from signals.calendars import NEW_YORK, day_of
from signals.errors import SourceError
from signals.sources.http import Wire, WireError
from signals.sources.provider import Delivery, Held
from signals.sources.validation.price_bars import Bars, judge
from signals.sources.watchlist import STRIP_MONTHS, YAHOO

SYMBOLS = {"RUT": "^RUT", "GSPC": "^GSPC"}  # indices: our id, Yahoo's symbol
MONTH_CODES = "FGHJKMNQUVXZ"  # January to December, as exchanges write them
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
    """

    name = "yahoo"

    def __init__(self, url: str, *, timeout: float, budget: float) -> None:
        self._url = url.rstrip("/")
        self._wire = Wire("Yahoo", timeout=timeout, budget=budget, per_second=4.0)
        self._session: Any = None

    def offers(self) -> tuple[str, ...]:
        """Funds, shares and indices of `signals.sources.watchlist`, then the Fed funds futures."""
        return (*(f"yahoo:{ticker}" for ticker in YAHOO), "cme:ZQ")

    def reach(self, seconds: float) -> None:
        """Any answer of the server will do."""
        self._wire.knock(f"{self._url}/v8/finance/chart/SPY", seconds)

    def fetch(self, series: str, held: Held, now: dt.datetime) -> Delivery:
        """Bars of ``yahoo:TICKER``, or the strip of contracts for ``cme:ZQ``."""
        if series == "cme:ZQ":
            return self._strip(held, now)
        ticker = series.split(":")[1]
        bars = self._bars(SYMBOLS.get(ticker, ticker), _since(held(f"yahoo:{ticker}:close")), now)
        return judge(f"yahoo:{ticker}", bars, held, now)

    def _strip(self, held: Held, now: dt.datetime) -> Delivery:
        """The next contracts, each kept for ever: expired ones vanish from the source."""
        parts, silent = [], []
        for contract in contracts(day_of(now)):
            parent = f"cme:ZQ:{contract}"
            try:
                bars = self._bars(symbol(contract), _since(held(f"{parent}:close")), now)
            except WireError:
                raise
            except SourceError:
                silent.append(contract)  # far months are often not quoted
                continue
            parts.append(judge(parent, bars, held, now))
        if not parts:
            raise SourceError(
                "Yahoo has no Fed funds futures. Nothing of them was stored.",
                remedy="Try again later.",
                code="source_empty",
            )
        return Delivery(
            tuple(each for part in parts for each in part.arrivals),
            tuple(each for part in parts for each in part.refused),
            tuple(each for part in parts for each in part.remarks),
        )

    def _bars(self, symbol_: str, since: dt.date, now: dt.datetime) -> Bars:
        return self._wire.persist(lambda seconds: self._once(symbol_, since, now, seconds))

    def _once(self, symbol_: str, since: dt.date, now: dt.datetime, seconds: float) -> Bars:
        import yfinance
        from yfinance.exceptions import YFException, YFRateLimitError

        session = self._ready(yfinance)
        session.answer, session.status = None, 0
        end = day_of(now) + dt.timedelta(days=1)  # exclusive
        try:
            frame = yfinance.Ticker(symbol_, session=session).history(
                start=since.isoformat(),
                end=end.isoformat(),
                auto_adjust=False,
                actions=True,
                keepna=True,
                timeout=seconds,
            )
        except YFRateLimitError:
            raise WireError("Yahoo", "limited", "asked us to slow down (429)") from None
        except YFException as fault:
            raise self._refusal(symbol_, session, type(fault).__name__) from None
        except Exception as fault:  # noqa: BLE001 - yfinance lets whatever its transport and parser raise through
            raise self._fault(symbol_, session, fault) from None
        return bars_of(symbol_, frame, session.answer)

    def _refusal(self, symbol_: str, session: Any, kind: str) -> SourceError:
        if session.status >= 500:  # noqa: PLR2004 - the server's fault
            return WireError("Yahoo", "server", f"failed by its own account ({session.status})")
        return SourceError(
            f"Yahoo has no prices of {symbol_} ({kind}). Nothing of it was stored.",
            remedy="If it stays so, the share was renamed or delisted.",
            code="source_empty",
        )

    def _fault(self, symbol_: str, session: Any, fault: Exception) -> WireError:
        name = type(fault).__name__
        if session.status == 0:
            kind = "slow" if "Timeout" in name else "unreachable"
            return WireError("Yahoo", kind, f"cannot be reached ({name})")
        if session.status >= 500:  # noqa: PLR2004 - the server's fault
            return WireError("Yahoo", "server", f"failed by its own account ({session.status})")
        return WireError("Yahoo", "form", f"sent {symbol_} in a form this version does not know ({name})")

    def _ready(self, yfinance: Any) -> Any:
        """Our session, with every cache of the library empty."""
        from yfinance.data import YfData

        yfinance.config.debug.hide_exceptions = False
        if self._session is None:
            yfinance.set_tz_cache_location(tempfile.mkdtemp(prefix="captilt-yahoo-"))
            self._session = _session(self._url)
        YfData(session=self._session).cache_get.cache_clear()
        return self._session


def _session(url: str) -> Any:
    """A session that sends every request to `url` and keeps the last chart it was sent.

    Yahoo's own address is left to `yfinance`, which knows several hosts of it; any other takes them all.
    """
    from curl_cffi import requests

    home = urlsplit(url)
    elsewhere = not home.netloc.endswith("yahoo.com")

    class Rerouted(requests.Session):
        answer: Mapping[str, Any] | None = None
        status: int = 0

        def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            parts = urlsplit(str(url))
            chart = "/chart/" in parts.path
            if elsewhere:
                url = parts._replace(scheme=home.scheme, netloc=home.netloc, path=home.path + parts.path).geturl()
            if chart:
                kwargs["allow_redirects"] = False
            answer = super().request(method, url, *args, **kwargs)
            if chart:
                self.status = answer.status_code
                self.answer = _json(answer.content)
            return answer

    return Rerouted(impersonate="chrome")


def _json(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _since(held: History) -> dt.date:
    return held.period[-1].astype(dt.date) - dt.timedelta(days=OVERLAP_DAYS) if held.period.size else BEGINNING


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
    said = str(meta.get("symbol", "")).upper()
    if said != symbol_.upper():
        raise SourceError(
            f"Yahoo was asked for {symbol_} and answered with {said[:20]!r}. Nothing of it was stored.",
            remedy="Try again later; if it stays so, the share was renamed.",
            code="source_echo",
        )
    if missing := sorted({"Close", "Volume", "Dividends", "Stock Splits"} - set(frame.columns)):
        raise WireError("Yahoo", "form", f"sent {symbol_} without the columns {', '.join(missing)}")
    if not len(frame):
        raise SourceError(
            f"Yahoo sent no bars of {symbol_}. Nothing of it was stored.",
            remedy="Try again later.",
            code="source_empty",
        )
    periods = np.array([stamp.date() for stamp in frame.index], dtype="datetime64[D]")
    columns = {
        name: frame[name].to_numpy(dtype=np.float64) for name in ("Close", "Volume", "Dividends", "Stock Splits")
    }
    adjusted = (
        frame["Adj Close"].to_numpy(dtype=np.float64) if "Adj Close" in frame.columns else np.full(periods.size, np.nan)
    )
    return Bars(
        periods, columns["Close"], adjusted, columns["Volume"], columns["Dividends"], columns["Stock Splits"],
        twice=_twice(stamps), currency=str(meta.get("currency", "")),
    )  # fmt: skip


def _chart(answer: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], list[Any]]:
    try:
        result = answer["chart"]["result"][0]  # type: ignore[index]
        return result["meta"], result.get("timestamp") or []
    except (KeyError, TypeError, IndexError):
        raise WireError("Yahoo", "form", "sent no chart") from None


def _twice(stamps: list[Any]) -> tuple[dt.date, ...]:
    """Days that the raw answer has more than once."""
    days = [
        dt.datetime.fromtimestamp(stamp, dt.UTC).astimezone(NEW_YORK).date()
        for stamp in stamps
        if isinstance(stamp, int) and not isinstance(stamp, bool) and math.isfinite(stamp)
    ]
    return tuple(sorted(day for day, count in Counter(days).items() if count > 1))
