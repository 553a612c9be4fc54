"""Weekdays without a trading session, and those on which banks alone are shut, 1926 to 2036.

They come from libraries (exchange-calendars, and the federal rules of pandas) that take half a second to load and
compute, and from ``facts/exchange_holidays.csv`` (holidays of the New York Stock Exchange, 1926 to 1969), because
exchange-calendars knows no regular holiday before 1970. The result is shipped in ``facts/closures.csv`` with the
version of exchange-calendars that it was made with; where another version is installed, the libraries are asked again.
To renew the file: ``python -m signals.closures > closures.csv``, then move it to ``signals/facts``.
"""

import sys
from dataclasses import dataclass
from functools import cache
from importlib import resources, util
from pathlib import Path

import numpy as np

FIRST_YEAR, LAST_YEAR = 1926, 2036
EXCHANGE, BANKS = "exchange", "banks"


@dataclass(frozen=True, slots=True)
class Closures:
    """Closed weekdays.

    Attributes
    ----------
    version : str
        Of exchange-calendars.
    exchange : ndarray of datetime64[D]
        Weekdays without a session, ascending.
    banks : ndarray of datetime64[D]
        Weekdays with a session on which banks are shut, ascending.
    """

    version: str
    exchange: np.ndarray
    banks: np.ndarray

    def sessions(self) -> np.ndarray:
        """Every session, datetime64[D], ascending."""
        every = np.arange(f"{FIRST_YEAR}-01-01", f"{LAST_YEAR + 1}-01-01", dtype="datetime64[D]")
        return every[np.is_busday(every, holidays=self.exchange)]


@cache
def closures() -> Closures:
    """The closures by the installed version of exchange-calendars."""
    return closures_by(installed_version())


def closures_by(version: str) -> Closures:
    """The shipped table where `version` made it, else computed."""
    shipped = _shipped()
    return shipped if version in ("", shipped.version) else computed()


def installed_version() -> str:
    """Version of exchange-calendars, read from the name of its folder: importing anything takes longer."""
    spec = util.find_spec("exchange_calendars")
    if spec is None or spec.origin is None:
        return ""
    names = [path.name for path in Path(spec.origin).parents[1].glob("exchange_calendars-*.dist-info")]
    return names[0].removeprefix("exchange_calendars-").removesuffix(".dist-info") if names else ""


def _shipped() -> Closures:
    version, *rows = _lines("closures.csv")[1:]
    exchange = [row.partition(",")[0] for row in rows if row.endswith(EXCHANGE)]
    banks = [row.partition(",")[0] for row in rows if row.endswith(BANKS)]
    return Closures(version.partition(",")[2], np.array(exchange, "datetime64[D]"), np.array(banks, "datetime64[D]"))


def _lines(name: str) -> list[str]:
    return resources.files("signals").joinpath("facts", name).read_text(encoding="ascii").split()


def computed() -> Closures:
    """What the installed libraries say."""
    import exchange_calendars
    from pandas.tseries.holiday import USFederalHolidayCalendar

    start, end = f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31"
    calendar = exchange_calendars.get_calendar("XNYS", start=start, end=end)
    sessions = calendar.sessions.to_numpy().astype("datetime64[D]")
    federal = USFederalHolidayCalendar().holidays(start, end).to_numpy().astype("datetime64[D]")
    every = np.arange(start, f"{LAST_YEAR + 1}-01-01", dtype="datetime64[D]")
    early = np.array(_lines("exchange_holidays.csv")[1:], dtype="datetime64[D]")
    exchange = np.setdiff1d(every[np.is_busday(every)], np.setdiff1d(sessions, early))
    return Closures(installed_version(), exchange, np.setdiff1d(federal[np.is_busday(federal)], exchange))


def as_csv(table: Closures) -> str:
    """The text of ``facts/closures.csv``."""
    rows = [f"{day},{EXCHANGE}" for day in table.exchange] + [f"{day},{BANKS}" for day in table.banks]
    return "\n".join(["day,closed", f"version,{table.version}", *sorted(rows), ""])


if __name__ == "__main__":
    sys.stdout.write(as_csv(computed()))
