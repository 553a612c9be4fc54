"""Numbers, days and instants for people, written one way on every screen, page, mail and report.

A minus sign is a true one, a percent sign stands off its number, a missing value is a dash, a day reads
like 29 Dec 2023. JSON and CSV are for machines and do not pass through here.
"""

import datetime as dt
import math
import re
from collections.abc import Sequence
from functools import lru_cache

from signals.calendars import NEW_YORK

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
HALF_PERCENT = 0.005
SMALLEST_P = 0.005  # a p-value prints as zero below
TINY_POINTS = 0.05  # below this a number of points prints as zero
DAY = "%-d %b %Y"
MONTH = "%b %Y"
_ISO_DAY = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_TIED_DAY = re.compile(r"\b(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})\b")
_TIED_UNIT = re.compile(r"(?<=\d) (?=(?:%|bp|points?|months?|years?)(?:\W|$))")
_ISO_MONTH = re.compile(r"(?<![\w-])(\d{4}-(?:0[1-9]|1[0-2]))(?![\w-]| \(ZQ)")  # a contract month is a name
_PERCENT = re.compile(r"(\d)%")
_HYPHEN = re.compile(r"(?<![\w.\N{MINUS SIGN}])-(?=\d)")


def number(value: float | None, decimals: int = 2) -> str:
    """A number with thousands separated; a dash where there is none.

    >>> number(1234.5, 1)
    '1,234.5'
    """
    if value is None or not math.isfinite(value):
        return DASH
    return f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", MINUS)


def signed(value: float | None, decimals: int = 1) -> str:
    """A number with its sign; zero has none.

    >>> signed(-0.04), signed(1.26)
    ('0.0', '+1.3')
    """
    if value is None or not math.isfinite(value):
        return DASH
    rounded = round(value, decimals) + 0.0
    return f"{rounded:+,.{decimals}f}".replace("-", MINUS) if rounded else f"{0:.{decimals}f}"


def points(value: float | None) -> str:
    """Signed percentage points of the portfolio, one decimal."""
    return signed(value, 1)


def counted(number: int, noun: str) -> str:
    """How many of something.

    >>> counted(1, "alert"), counted(2, "alert"), counted(2, "copy"), counted(2, "stretch"), counted(2, "day")
    ('1 alert', '2 alerts', '2 copies', '2 stretches', '2 days')
    """
    return f"{number:,} {noun if number == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    if noun.endswith(("ch", "sh", "s", "x")):
        return f"{noun}es"
    return re.sub(r"(?<=[^aeiou])y$", "ie", noun) + "s"


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of 0 to 1 in percent.

    >>> percent(0.184)
    '18.4 %'
    """
    return DASH if share is None or not math.isfinite(share) else f"{number(100 * share, decimals)} %"


def chance(probability: float | None) -> str:
    """A probability in whole percent; never a certainty that is none.

    >>> chance(0.997), chance(0.002), chance(1.0)
    ('over 99 %', 'under 1 %', '100 %')
    """
    if probability is None or not math.isfinite(probability):
        return DASH
    if 0 < probability < HALF_PERCENT:
        return "under 1 %"
    return "over 99 %" if 1 - HALF_PERCENT <= probability < 1 else percent(probability, 0)


def p_value(p: float | None) -> str:
    """A p-value as it is read in a sentence.

    >>> p_value(0.0004), p_value(0.349)
    ('p under 0.01', 'p 0.35')
    """
    return f"p {p_number(p)}"


def p_number(p: float | None) -> str:
    """A p-value under a heading of its own: never zero."""
    if p is None or not math.isfinite(p):
        return "unknown"
    return number(p) if p >= SMALLEST_P else "under 0.01"


@lru_cache(maxsize=4096)
def day(value: dt.date | str | None, form: str = DAY) -> str:
    """A day: 29 Dec 2023."""
    if not value:
        return DASH
    return (value if isinstance(value, dt.date) else dt.date.fromisoformat(value[:10])).strftime(form)


def month(value: dt.date | str | None) -> str:
    """A month: Dec 2023."""
    return day(value, MONTH)


def instant(value: dt.datetime | str | None) -> str:
    """An instant in New York time."""
    if not value:
        return DASH
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    return moment.astimezone(NEW_YORK).strftime(f"{DAY}, %H:%M New York")


def rate_range(lower_bp: float, upper_bp: float) -> str:
    """A target range in percent from its bounds in basis points; one number where they are equal.

    >>> rate_range(525, 525)
    '5.25'
    """
    low, high = number(lower_bp / 100), number(upper_bp / 100)
    return low if low == high else f"{low}{DASH}{high}"


def in_prose(sentence: str) -> str:
    """A sentence of the engine with its days, percent and minus signs as everywhere else.

    >>> in_prose("hike at 99% since 2022-03-16, easing to 2020-03")
    'hike at 99 % since 16 Mar 2022, easing to Mar 2020'
    """
    plain = _ISO_DAY.sub(lambda match: day(match.group(1)), sentence)
    plain = _ISO_MONTH.sub(lambda match: day(f"{match.group(1)}-01", MONTH), plain)
    return _HYPHEN.sub(MINUS, _PERCENT.sub(r"\1 %", plain))


def tied(text: str, space: str = NO_BREAK_SPACE) -> str:
    """`text`, as long as before, with numbers tied to their units and the parts of a day to each other.

    >>> tied("2 % by 20 Sep 2023", "_")
    '2_% by 20_Sep_2023'
    """
    return _TIED_DAY.sub(rf"\1{space}\2{space}\3", _TIED_UNIT.sub(space, text))


def unbroken(text: str) -> str:
    """`text` with numbers tied to their units, so that no line ends between them."""
    return text.replace(" %", f"{NO_BREAK_SPACE}%").replace(" points", f"{NO_BREAK_SPACE}points")


def rounded_to_sum(values: Sequence[float], decimals: int = 1) -> tuple[float, ...]:
    """`values` rounded so that they add up to their rounded sum: the largest remainders give way.

    >>> rounded_to_sum([0.24, 0.24, 0.24])
    (0.3, 0.2, 0.2)
    """
    unit = 10.0**-decimals
    rounded = [round(value / unit) for value in values]
    missing = round(math.fsum(values) / unit) - sum(rounded)
    by_remainder = sorted(
        range(len(values)), key=lambda n: (values[n] / unit - rounded[n]) * (-1 if missing > 0 else 1)
    )
    for n in by_remainder[: abs(missing)]:
        rounded[n] += 1 if missing > 0 else -1
    return tuple(round(count * unit, decimals) + 0.0 for count in rounded)
