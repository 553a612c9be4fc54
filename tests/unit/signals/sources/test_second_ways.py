"""Yields and rates without a key, from the Board's H.15, the Treasury and the New York Fed, in their real layouts."""

import datetime as dt
import json
from typing import Any

import numpy as np
import pytest

from signals.asof import EMPTY, History
from signals.calendars import NEW_YORK
from signals.errors import SourceError
from signals.sources.h15 import H15Source
from signals.sources.nyfed import NewYorkFedSource
from signals.sources.provider import Delivery
from signals.sources.treasury import TreasurySource
from tests.support.servers.http import Answer, serving

NOW = dt.datetime(2026, 9, 9, 18, 0, tzinfo=NEW_YORK)
CODES = ("RIFLGFCM01_N.B", "RIFLGFCM03_N.B", "RIFLGFCM06_N.B", "RIFLGFCY01_N.B", "RIFLGFCY02_N.B", "RIFLGFCY10_N.B")
H15 = "\r\n".join(
    [
        '"Series Description",' + ",".join('"Market yield on U.S. Treasury securities, quoted on investment basis"' for _ in CODES),
        '"Unit:",' + ",".join('"Percent:_Per_Year"' for _ in CODES),
        '"Multiplier:",' + ",".join('"1"' for _ in CODES),
        '"Currency:",' + ",".join('"NA"' for _ in CODES),
        '"Unique Identifier: ",' + ",".join(f'"H15/H15/{code}"' for code in CODES),
        '"Time Period",' + ",".join(f'"{code}"' for code in CODES),
        "2026-09-03,3.80,3.93,4.00,4.15,4.39,4.79",
        "2026-09-07,ND,ND,ND,ND,ND,ND",
        "2026-09-08,3.81,3.94,4.00,4.15,4.39,4.80",
        "",
    ]
)  # fmt: skip
TREASURY = (
    'Date,"1 Mo","1.5 Month","2 Mo","3 Mo","4 Mo","6 Mo","1 Yr","2 Yr","3 Yr","5 Yr","7 Yr","10 Yr","20 Yr","30 Yr"\n'
    "09/08/2026,3.81,3.85,3.90,3.94,3.97,4.00,4.15,4.39,4.44,4.57,4.68,4.80,5.26,5.25\n"
    "09/03/2026,3.80,,3.89,3.93,3.96,4.00,4.15,4.39,4.44,4.57,4.68,4.79,5.25,5.24\n"
)


def reference_rate(day: str, rate: float | None, upper: float) -> dict[str, Any]:
    return {
        "effectiveDate": day, "type": "EFFR", "percentRate": rate, "percentPercentile1": 3.6, "percentPercentile25": 3.6,
        "percentPercentile75": 3.7, "percentPercentile99": 3.8, "targetRateFrom": upper - 0.25, "targetRateTo": upper,
        "volumeInBillions": 99, "revisionIndicator": "",
    }  # fmt: skip


NYFED = json.dumps({"refRates": [reference_rate("2026-09-08", 3.63, 3.75), reference_rate("2026-09-04", 3.62, 3.75)]})
PROVIDERS = {
    "h15": (lambda url: H15Source(url, timeout=2.0, budget=5.0), H15),
    "treasury": (lambda url: TreasurySource(url, timeout=2.0, budget=5.0), TREASURY),
    "nyfed": (lambda url: NewYorkFedSource(url, timeout=2.0, budget=5.0), NYFED),
}


pytestmark = pytest.mark.attempts(2)


def fetch(provider: str, answer: Answer | str, held: dict[str, History] | None = None) -> tuple[Delivery, list[Any]]:
    """What the provider's source makes of `answer`, and what it asked for."""
    made, _ = PROVIDERS[provider]
    body = Answer(answer.encode()) if isinstance(answer, str) else answer
    with serving(lambda _path, _query: body) as line:
        source = made(line.url)
        return source.fetch(source.offers()[0], lambda name: (held or {}).get(name, EMPTY), NOW), line.asked


def values(delivery: Delivery, name: str) -> dict[str, float]:
    facts = next(arrival.facts for arrival in delivery.arrivals if arrival.series.id == name)
    return dict(zip(facts.period.astype(str).tolist(), facts.value.tolist(), strict=True))


def test_h15_binds_columns_by_their_code_and_leaves_out_days_without_data() -> None:
    delivery, _ = fetch("h15", H15)

    assert values(delivery, "h15:DGS10") == {"2026-09-03": 4.79, "2026-09-08": 4.80}
    assert values(delivery, "h15:DGS3MO") == {"2026-09-03": 3.93, "2026-09-08": 3.94}
    shuffled, _ = fetch("h15", H15.replace("RIFLGFCM03_N.B", "x").replace("RIFLGFCY10_N.B", "RIFLGFCM03_N.B"))
    assert values(shuffled, "h15:DGS3MO") == {"2026-09-03": 4.79, "2026-09-08": 4.80}


def test_h15_yields_are_known_when_the_release_is_out() -> None:
    delivery, _ = fetch("h15", H15)

    facts = next(arrival.facts for arrival in delivery.arrivals if arrival.series.id == "h15:DGS10")
    assert facts.known_at[0] == np.datetime64("2026-09-04T20:15")  # 16:15 in New York


def test_the_treasury_file_is_turned_round_and_empty_maturities_are_left_out() -> None:
    delivery, asked = fetch("treasury", TREASURY)

    assert values(delivery, "treasury:DGS10") == {"2026-09-03": 4.79, "2026-09-08": 4.80}
    assert [query["field_tdr_date_value"] for _, query in asked] == ["2025", "2026"]


def test_the_new_york_fed_names_the_rate_and_the_target_of_a_day() -> None:
    delivery, _ = fetch("nyfed", NYFED)

    assert values(delivery, "nyfed:EFFR") == {"2026-09-04": 3.62, "2026-09-08": 3.63}
    assert values(delivery, "nyfed:EFFR:target") == {"2026-09-04": 3.75, "2026-09-08": 3.75}
    facts = delivery.arrivals[0].facts
    assert facts.known_at[-1] == np.datetime64("2026-09-09T13:00")  # 9:00 in New York of the next business day


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_second_fetch_asks_for_little(provider: str) -> None:
    delivery, first = fetch(provider, PROVIDERS[provider][1])
    held = {arrival.series.id: arrival.facts for arrival in delivery.arrivals}

    _, second = fetch(provider, PROVIDERS[provider][1], held)

    assert len(second) == 1
    assert second != first


BROKEN = {
    "a page": Answer(b"<!DOCTYPE html><html>Access Denied</html>"),
    "empty": Answer(b""),
    "not text": Answer(b"\x89PNG\r\n\xff" * 40),
    "403": Answer(b"<html>no</html>", 403),
    "500": Answer(b"", 500),
    "a redirect": Answer(b"", 302, {"Location": "http://127.0.0.1:9/"}),
    "another table": Answer(b"date,value\n2026-09-08,4.8\n"),
    "an empty list": Answer(b'{"refRates": []}'),
    "brackets without end": Answer(b"[" * 100_000),
    "a cell without end": Answer(b'"Time Period","RIFLGFCY10_N.B"\n2026-09-08,' + b"9" * 140_000),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_in_another_form_is_an_error_or_empty(provider: str, kind: str) -> None:
    if (provider, kind) == ("nyfed", "an empty list"):
        delivery, _ = fetch(provider, BROKEN[kind])
        assert delivery.arrivals == ()
        return

    with pytest.raises(SourceError, match="Nothing of it was stored"):
        fetch(provider, BROKEN[kind])


DIFFERENT_UNITS = {
    "a multiplier": H15.replace('"Multiplier:","1"', '"Multiplier:","100"').replace(',"1"', ',"100"'),
    "a unit": H15.replace("Percent:_Per_Year", "Number"),
    "no header": "\r\n".join(H15.splitlines()[6:]),
    "a short row": H15.replace(",4.80", ""),
}


@pytest.mark.parametrize("kind", DIFFERENT_UNITS)
def test_h15_in_another_unit_or_shape_is_refused(kind: str) -> None:
    with pytest.raises(SourceError, match="form this version does not know"):
        fetch("h15", DIFFERENT_UNITS[kind])


@pytest.mark.parametrize("row", ["09/09/2026,3.81,3.85", "09/09/2026" + ",4.00" * 15])
def test_a_treasury_file_with_a_row_cut_short_is_refused(row: str) -> None:
    with pytest.raises(SourceError, match="a row with more or fewer cells than columns"):
        fetch("treasury", f"{TREASURY}{row}\n")


def test_a_yield_out_of_range_goes_to_quarantine_and_the_rest_arrives() -> None:
    delivery, _ = fetch("h15", H15.replace("4.79", "479"))

    assert values(delivery, "h15:DGS10") == {"2026-09-08": 4.80}
    assert [refusal.rule for refusal in delivery.refused] == ["value.range"]
