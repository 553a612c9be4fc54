"""Files made by chance, bent in every way a file can be bent: no crash, no hang, bounded memory, nothing silent."""

import datetime as dt
import gzip
import random
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from signals.errors import CaptiltError
from signals.series.dictionary import Series, describe
from signals.sources.csv_sheet import parse_sheet
from signals.sources.files.layouts import arrivals

TODAY = dt.date(2024, 1, 15)
CELLS = (
    "=1+1", '=HYPERLINK("http://x","y")', "+cmd|' /C calc'!A0", "@SUM(1)", "1e308", "-1e308", "1e309", "nan", "inf", "", " ", ".", "#N/A",
    "0x10", "1_0", "１２", "٣", "\ufeff3", "\u202e3", "3\u00a0", "--3", "3.8.8", "1,234", '"', '""', "\t", "\0", "9" * 400, "-", "+", "e5",
    "2023-12-29", "9999-12-31", "0000-00-00", "2023-13-01", "-1000-01-01", "P1D", "now", "NaT",
)  # fmt: skip
HEADERS = (
    "date,value", "date,close,adj_close,volume", "date,realtime_start,value", "date,realtime_start,realtime_end,value",
    "date,contract,close,volume,open_interest,flag", "decision_date,fred_date,from_target,to_target,change_bp",
    "trade_date,issuer,symbol,offer,first_close", "as_of,horizon_years,pct_smallcap_funds_underperforming_sp600,url", "as_of,horizon_years,url", "date,value,value", "value", "", "date",
    "date,date_time,FF1", ",,,", "date;value",
)  # fmt: skip
NAMES = ("fred:DGS10", "fred:CPIAUCSL", "yahoo:IWM", "cme:ZQ", "fredmd:UNRATE", "french:FF3_DAILY", "desk:OWN")


def made(chance: random.Random) -> bytes:
    header = chance.choice(HEADERS)
    width = header.count(",") + 1
    lines = [header]
    for place in range(chance.randint(0, 25)):
        good = [
            f"2023-{place % 12 + 1:02}-{place % 28 + 1:02}",
            *(f"{chance.uniform(0, 9):.2f}" for _ in range(width - 1)),
        ]
        if "contract" in header:
            good[1] = f"2024-{place % 12 + 1:02}"
        if "realtime_start" in header:
            good[1] = chance.choice(["2023-11", "2023-11-05", "2023-11-05T12:00:00+00:00", "2023-11-05T12:00"])
        for _ in range(chance.choice([0, 0, 1, 2, width])):
            good[chance.randrange(width)] = chance.choice(CELLS)
        if chance.random() < 0.1:
            good = good[: chance.randint(0, width + 2)] + ["x"] * chance.randint(0, 3)
        lines.append(",".join(good))
    body = (
        chance.choice(["\n", "\r\n", "\r"])
        .join(lines)
        .encode(chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"]), "replace")
    )
    for _ in range(chance.choice([0, 0, 0, 1, 5])):
        place = chance.randrange(len(body) + 1)
        body = chance.choice(
            [body[:place], body[:place] + bytes([chance.randrange(256)]) + body[place:], body[place:], body + body]
        )
    return body


def judge(seed: int) -> None:
    chance = random.Random(seed)
    body, name = made(chance), chance.choice(NAMES)
    try:
        sheet = parse_sheet(body, "x.csv", name)
        found = arrivals(sheet, describe(name), describe, TODAY)
    except CaptiltError as fault:
        assert fault.message  # noqa: PT017 - either a clear refusal or clean facts
        return
    for each in found:
        assert isinstance(each.series, Series)
        assert not np.isinf(each.facts.value).any()
        assert not np.isnat(each.facts.known_at).any()
        assert (each.facts.period <= np.datetime64(TODAY)).all() or each.revisions
    assert all("\0" not in row.content and len(row.content) <= 140 for row in sheet.refused)


@pytest.mark.parametrize("block", range(4))
def test_four_hundred_bent_files(block):
    for seed in range(block * 100, block * 100 + 100):
        judge(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_ten_thousand_bent_files(block):
    for seed in range(10_000 + block * 500, 10_500 + block * 500):
        judge(seed)


def test_a_bomb_takes_bounded_memory(tmp_path: Path):
    from signals.errors import InputError
    from signals.sources.csv_sheet import LARGEST_BYTES, read_sheet

    place = tmp_path / "bomb.csv.gz"
    with gzip.open(place, "wb", compresslevel=9) as bomb:
        for _ in range(LARGEST_BYTES // 2**20 + 40):
            bomb.write(b"0" * 2**20)
    assert place.stat().st_size < 2**20
    tracemalloc.start()
    with pytest.raises(InputError, match="larger than"):
        read_sheet(place, "bomb.csv.gz", "fred:X")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 3 * LARGEST_BYTES
