"""Tiingo's prices from a server in its layout: the key stays in a header, prices are those of the day."""

import datetime as dt
import json
from typing import Any

import pytest

from signals.asof import EMPTY, History
from signals.calendars import NEW_YORK, sessions_between
from signals.errors import SourceError
from signals.sources.provider import Delivery
from signals.sources.tiingo import TiingoSource
from tests.support.servers.http import Answer, serving

NOW = dt.datetime(2024, 1, 31, 18, 0, tzinfo=NEW_YORK)
KEY = "canary0123456789"


pytestmark = pytest.mark.attempts(2)


def days(split_on: str = "", dividend_on: str = "") -> list[dict[str, Any]]:
    """January 2024: 200 dollars a share, halved by a split, with one dollar paid."""
    rows, level = [], 200.0
    for day in sessions_between(dt.date(2024, 1, 2), dt.date(2024, 1, 31)).astype(str).tolist():
        ratio, paid = (2.0 if day == split_on else 1.0), (1.0 if day == dividend_on else 0.0)
        level = level / ratio - paid
        rows.append(
            {
                "date": f"{day}T00:00:00.000Z",
                "close": level,
                "high": level,
                "low": level,
                "open": level,
                "volume": 1000,
                "adjClose": level,
                "adjHigh": level,
                "adjLow": level,
                "adjOpen": level,
                "adjVolume": 1000,
                "divCash": paid,
                "splitFactor": ratio,
            }
        )
    return rows


def fetch(answer: Answer, held: dict[str, History] | None = None) -> tuple[Delivery, list[tuple[str, dict[str, str]]]]:
    with serving(lambda _path, _query: answer) as line:
        source = TiingoSource(KEY, line.url, ("IWM",), timeout=2.0, budget=5.0)
        return source.fetch("tiingo:IWM", lambda name: (held or {}).get(name, EMPTY), NOW), line.asked


def body(rows: Any) -> Answer:
    return Answer(json.dumps(rows).encode(), 200, {"Content-Type": "application/json"})


def values(delivery: Delivery, column: str) -> dict[str, float]:
    facts = next(arrival.facts for arrival in delivery.arrivals if arrival.series.id == f"tiingo:IWM:{column}")
    return dict(zip(facts.period.astype(str).tolist(), facts.value.tolist(), strict=True))


def test_closes_stay_as_they_were_on_the_day() -> None:
    delivery, asked = fetch(body(days(split_on="2024-01-16", dividend_on="2024-01-23")))

    close = values(delivery, "close")
    assert (close["2024-01-12"], close["2024-01-16"], close["2024-01-23"]) == (200.0, 100.0, 99.0)
    assert values(delivery, "split") == {"2024-01-16": 2.0}
    assert values(delivery, "dividend") == {"2024-01-23": 1.0}
    assert KEY not in str(asked)


BROKEN = {
    "an unknown share": Answer(b'{"detail":"Not found."}', 404),
    "no days": body([]),
    "a bad key": Answer(b'{"detail":"Invalid token."}', 401),
    "a limit": Answer(b'{"detail":"Error: You have run over your hourly request allocation"}', 429),
    "a page": Answer(b"<html>maintenance</html>"),
    "another list": body([{"close": 1.0}]),
    "a missing column": body([{name: row[name] for name in row if name != "divCash"} for row in days()]),
    "words for numbers": body([row | {"close": "high"} for row in days()]),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_an_answer_without_prices_is_an_error_that_does_not_name_the_key(kind: str) -> None:
    with pytest.raises(SourceError) as caught:
        fetch(BROKEN[kind])

    assert KEY not in str(caught.value)


def test_a_second_fetch_asks_from_the_overlap_on() -> None:
    delivery, _ = fetch(body(days()))

    _, asked = fetch(body(days()), {arrival.series.id: arrival.facts for arrival in delivery.arrivals})

    assert asked[0][1]["startDate"] == "2023-12-22"
