"""New York wall time and UTC, for whole arrays, without pandas.

1. The changes of the offset from UTC between 1900 and 2040 are found once in the machine's time zone data.
2. UTC to wall time is a search among them.
3. Wall time to UTC is a search among their wall times. A wall time that exists twice is the later of the two
   (standard time); one that does not exist moves on to the change.
"""

import datetime as dt
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

NEW_YORK = ZoneInfo("America/New_York")
FIRST_YEAR, LAST_YEAR = 1900, 2040
PROBE = 28 * 86_400  # seconds: no two changes have ever come within four weeks


def instant(moment: dt.datetime) -> np.datetime64:
    """An aware instant as UTC datetime64[us], the clock of every history."""
    return np.datetime64(moment.astimezone(dt.UTC).replace(tzinfo=None), "us")


@cache
def _changes() -> tuple[np.ndarray, np.ndarray]:
    """Instants (UTC seconds since 1970) at which the offset changes, and the offsets before, between and after."""
    probes = range(_epoch(FIRST_YEAR), _epoch(LAST_YEAR), PROBE)
    offsets = [_offset(second) for second in probes]
    pairs = zip(probes, pairwise(offsets), strict=False)
    changes = [_change_after(start, before) for start, (before, after) in pairs if before != after]
    return np.array(changes, dtype=np.int64), np.array([offsets[0], *map(_offset, changes)], dtype=np.int64)


def _epoch(year: int) -> int:
    return int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp())


def _offset(second: int) -> int:
    moment = dt.datetime.fromtimestamp(second, tz=NEW_YORK)
    offset = moment.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _change_after(start: int, before: int) -> int:
    """First second in the four weeks after `start` with another offset than `before`."""
    low, high = start, start + PROBE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle) == before else (low, middle)
    return high


def wall_time(moments: np.ndarray) -> np.ndarray:
    """New York wall time of UTC instants.

    Parameters
    ----------
    moments : ndarray of datetime64[us]
        UTC.

    Returns
    -------
    ndarray of datetime64[us], same shape
    """
    changes, offsets = _changes()
    seconds = moments.astype("datetime64[us]").astype("datetime64[s]").astype(np.int64)
    shift = offsets[np.searchsorted(changes, seconds, side="right")]
    return moments.astype("datetime64[us]") + shift.astype("timedelta64[s]")


def days(moments: np.ndarray) -> np.ndarray:
    """New York day, datetime64[D], of UTC instants (datetime64[us]); NaT stays NaT."""
    return wall_time(moments).astype("datetime64[D]")


def to_utc(local: np.ndarray) -> np.ndarray:
    """UTC instants of New York wall times.

    Parameters
    ----------
    local : ndarray of datetime64[us]
        Wall times without a zone.

    Returns
    -------
    ndarray of datetime64[us], same shape

    Examples
    --------
    >>> to_utc(np.array(["2024-07-01T18:00"], dtype="datetime64[us]")).astype(str).tolist()
    ['2024-07-01T22:00:00.000000']
    """
    changes, offsets = _changes()
    local = local.astype("datetime64[us]")
    begins = changes + np.minimum(offsets[:-1], offsets[1:])  # wall time from which the new offset is in force
    seconds = local.astype("datetime64[s]").astype(np.int64)
    era = np.searchsorted(begins, seconds, side="right")
    utc = local - offsets[era].astype("timedelta64[s]")
    changed = changes[np.maximum(era - 1, 0)].astype("datetime64[s]").astype("datetime64[us]")
    return np.where(era > 0, np.maximum(utc, changed), utc)
