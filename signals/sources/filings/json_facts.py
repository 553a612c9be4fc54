"""The SEC's JSON interfaces: one company's facts, and one fact of every company.

``companyfacts`` holds every number a company filed, each with its accession number; ``frames`` the fact last filed for
a calendar quarter. Both change with every filing, so their numbers count from the acceptance of the filing they name
(frames), or from their arrival here (the running quarter), whichever is known.
"""

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from signals.filings.concepts import CONCEPTS, LARGEST

DAYS_IN_QUARTER = 91.31
LONGEST_QUARTERS = 4
MIDDLE_OF_MONTH = 15


@dataclass(frozen=True, slots=True)
class FloatRow:
    """A public float.

    Attributes
    ----------
    adsh : str
        Accession number of the filing that states it.
    month : int
        Of its date, counted from 1970-01.
    value : float
        Dollars.
    """

    adsh: str
    month: int
    value: float


def read_frame(body: bytes) -> tuple[FloatRow, ...]:
    """Public floats of a frame.

    Raises
    ------
    ValueError
        Where the bytes are no frame of `EntityPublicFloat` in dollars.
    """
    frame = _object(body)
    if (frame.get("tag"), frame.get("uom")) != ("EntityPublicFloat", "USD"):
        raise ValueError(f"a frame of {frame.get('tag')!s:.40} in {frame.get('uom')!s:.10}")
    rows = frame.get("data")
    if not isinstance(rows, list):
        raise ValueError("a frame without data")  # noqa: TRY004 - the caller retries on ValueError
    try:
        return tuple(
            FloatRow(_accession(row["accn"]), month_of(dt.date.fromisoformat(row["end"])), _number(row["val"]))
            for row in rows
        )
    except (KeyError, TypeError) as fault:
        raise ValueError(f"a row without {fault}") from None


def read_company(
    body: bytes, cik: int, accessions: Iterable[str]
) -> dict[str, dict[tuple[int, int], dict[str, float]]]:
    """Numbers of some filings of one company.

    Parameters
    ----------
    body : bytes
        The answer.
    cik : int
        Whose facts were asked for.
    accessions : iterable of str
        The filings that are wanted.

    Returns
    -------
    dict
        accession -> (month, quarters) -> concept -> dollars; quarters is 0 for a balance.

    Raises
    ------
    ValueError
        Where the bytes are not that company's facts.
    """
    company = _object(body)
    if company.get("cik") is None or int(company["cik"]) != cik:
        raise ValueError(f"facts of company {company.get('cik')!s:.12} instead of {cik}")
    facts = company.get("facts")
    if not isinstance(facts, Mapping):
        raise ValueError("a company without facts")  # noqa: TRY004 - the caller retries on ValueError
    wanted = frozenset(accessions)
    numbers_of_filing: dict[str, dict[tuple[int, int], dict[str, float]]] = {}
    for concept in CONCEPTS:
        for tag in concept.tags:
            for row in _dollars(facts, tag):
                if row.get("accn") in wanted:
                    slot = _slot(row)
                    if slot is not None:
                        numbers = numbers_of_filing.setdefault(row["accn"], {}).setdefault(slot, {})
                        numbers.setdefault(concept.name, _number(row["val"]))
    return numbers_of_filing


def _dollars(facts: Mapping[str, Any], tag: str) -> list[Mapping[str, Any]]:
    for taxonomy in ("us-gaap", "dei"):
        units = facts.get(taxonomy, {}).get(tag, {}).get("units", {})
        if "USD" in units:
            return units["USD"]
    return []


def _slot(row: Mapping[str, Any]) -> tuple[int, int] | None:
    """(month, quarters) of a fact; None where its length is not a number of quarters up to four."""
    end = dt.date.fromisoformat(row["end"])
    if "start" not in row:
        return month_of(end), 0
    quarters = round(((end - dt.date.fromisoformat(row["start"])).days + 1) / DAYS_IN_QUARTER)
    return (month_of(end), quarters) if 1 <= quarters <= LONGEST_QUARTERS else None


def month_of(day: dt.date) -> int:
    """The month whose end is nearest, counted from 1970-01, as the data sets round dates."""
    number = 12 * (day.year - 1970) + day.month - 1
    return number if day.day > MIDDLE_OF_MONTH else number - 1


def _object(body: bytes) -> Mapping[str, Any]:
    if body.lstrip()[:1] == b"<":
        raise ValueError("a web page instead of numbers")
    answer = json.loads(body)
    if not isinstance(answer, Mapping):
        raise ValueError("no JSON object")  # noqa: TRY004 - the caller retries on ValueError
    return answer


def _accession(text: Any) -> str:
    if not isinstance(text, str) or len(text) != 20:  # noqa: PLR2004 - 0001234567-24-000001
        raise ValueError("an accession number of another form")
    return text


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST * 10:
        raise ValueError(f"{value!s:.20} is no number of dollars")
    return float(value)


def read_index(body: bytes) -> tuple[tuple[int, str, str, dt.date], ...]:
    """(CIK, form, accession number, day) of every line of ``xbrl.idx``.

    Raises
    ------
    ValueError
        Where the text is no such index, or ends in the middle of a line.
    """
    lines = body.decode("latin-1").splitlines()
    start = next((at for at, line in enumerate(lines[:30]) if line.startswith("CIK|Company Name|Form Type|")), None)
    if start is None:
        raise ValueError("no heading of an XBRL index")
    filings = []
    for line in lines[start + 1 :]:
        if not line.strip("- \t"):
            continue
        cells = line.split("|")
        if len(cells) != 5 or not cells[0].isdigit() or not cells[4].endswith(".txt"):  # noqa: PLR2004 - columns
            raise ValueError(f"a line of another form: {line[:60]!r}")
        accession = cells[4].rsplit("/", 1)[-1].removesuffix(".txt")
        filings.append((int(cells[0]), cells[2], accession, dt.date.fromisoformat(cells[3])))
    return tuple(filings)
