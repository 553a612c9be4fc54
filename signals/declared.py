"""A signal without code: a series, a transform, a sign and a window, in a TOML file.

```toml
asks = "Have two-year yields fallen?"   # one question
series = "fred:DGS2"                    # what is read
minus = ""                              # another series, taken off before the transform
transform = "change"                    # level | change | percent_change
months = 12                             # over which a change is taken
sign = -1                               # 1 where a high value favours small caps, -1 where a low one does
window_months = 120                     # the past against which it is scored, at least half of it known
prior = "negative: dearer short credit hurts small companies"
```

The value at a month is what was known at its end, also that of the months before, so a change never looks ahead.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import numpy as np

from signals.asof import AsOf
from signals.errors import UsageError
from signals.scoring.points import Points, known, months_before
from signals.scoring.zscore import MONTHS, Trailing
from signals.series.dictionary import describe
from signals.signal import Signal

NEEDED = ("asks", "series", "sign", "prior")
OPTIONAL = ("minus", "transform", "months", "window_months", "max_age_days", "unit")
SERIES = re.compile(r"[a-z][a-z0-9_]*:\S+")
TRANSFORMS = ("level", "change", "percent_change")
MAX_AGE_DAYS = {"D": 20, "W": 30, "M": 75, "Q": 200}  # calendar days from the period to the moment
SHORTEST, LONGEST = 24, 600  # months of a window


def declared_signal(text: str, *, name: str, origin: str) -> Signal:
    """The signal that `text` declares.

    Raises
    ------
    UsageError
        Naming the first key that is wrong.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise _wrong(origin, f"cannot be read as TOML: {fault}") from None
    _check(table, origin)
    series, minus = table["series"], table.get("minus") or ""
    transform, months = table.get("transform", "level"), table.get("months", 12)
    window = table.get("window_months", MONTHS)
    inputs = (series, minus) if minus else (series,)
    max_age = table.get("max_age_days") or max(
        MAX_AGE_DAYS.get(describe(source_series).frequency, 200) for source_series in inputs
    )

    def level(view: AsOf, moments: np.ndarray) -> Points:
        first = known(view, series, moments)
        both = first.minus(known(view, minus, moments)) if minus else first
        return both.fresh(moments, max_age_days=max_age)

    def raw(view: AsOf, moments: np.ndarray) -> Points:
        now = level(view, moments)
        if transform == "level":
            return now
        before = level(view, months_before(moments, months)).value
        if transform == "change":
            return Points(now.value - before, now.period, now.known_at)
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = np.where(before > 0, 100 * (now.value / before - 1), np.nan)
        return Points(percent, now.period, now.known_at)

    score = Trailing(name, raw, sign=table["sign"], source=series, window=window, least=max(SHORTEST, window // 2))
    return Signal(
        name=name,
        family="own",
        asks=table["asks"],
        inputs=inputs,
        unit=table.get("unit") or _unit(series, transform, months),
        prior=table["prior"],
        answer=score.answer,
        scores_at=score.scores_at,
        origin=origin,
        argument=f"{'The ' + transform.replace('_', ' ')} of {' minus '.join(inputs)}"
        + ("" if transform == "level" else f" over {months} months")
        + f", scored against its own {window} months.",
    )


def _unit(series: str, transform: str, months: int) -> str:
    unit = describe(series).unit or "as in its source"
    return {
        "level": unit,
        "change": f"{unit} over {months} months",
        "percent_change": f"percent over {months} months",
    }[transform]


def _check(table: Mapping[str, Any], origin: str) -> None:
    if missing := [key for key in NEEDED if key not in table]:
        raise _wrong(origin, f"has no {', '.join(missing)}")
    if unknown := [key for key in table if key not in (*NEEDED, *OPTIONAL)]:
        raise _wrong(origin, f"has a key that is unknown: {unknown[0]}")
    _check_texts(table, origin)
    if isinstance(table["sign"], bool) or table["sign"] not in (1, -1):
        raise _wrong(origin, f"sign is {table['sign']!r}, neither 1 nor -1")
    if table.get("transform", "level") not in TRANSFORMS:
        raise _wrong(origin, f"transform is {table['transform']!r}, none of {', '.join(TRANSFORMS)}")
    limits = {"months": (1, 120), "window_months": (SHORTEST, LONGEST), "max_age_days": (1, 800)}
    for key, (low, high) in limits.items():
        value = table.get(key, low)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _wrong(origin, f"{key} is {value!r}; it must be a whole number from {low} to {high}")


def _check_texts(table: Mapping[str, Any], origin: str) -> None:
    for key in ("asks", "series", "prior", "minus", "unit"):
        if not isinstance(table.get(key, ""), str):
            raise _wrong(origin, f"{key} is no text")
    for key in ("series", "minus"):
        if table.get(key) and not SERIES.fullmatch(table[key]):
            raise _wrong(origin, f"{key} is {table[key]!r}, which is not written like fred:DGS2")


def _wrong(origin: str, reason: str) -> UsageError:
    return UsageError(
        f"the declared signal of {origin} {reason}.",
        remedy=f"Keys are {', '.join((*NEEDED, *OPTIONAL))}; docs/EXTENDING.md has an example.",
        code="bad_extension",
    )
