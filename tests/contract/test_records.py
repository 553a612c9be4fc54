"""The typed records of the JSON contract: written, read back, and older entries of the ledger still read."""

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest

from allocator.ledger.head_file import HeadFile
from allocator.ledger.ledger import Ledger
from captilt.contract.answers import ANSWERS, schema_text
from captilt.contract.record import from_json, json_schema, to_json
from captilt.contract.run import Run, read_run, run_json
from signals.errors import CheckFailed
from tests.support import payloads

FIRST_BOOK = Path(__file__).with_name("first_book.db.gz")  # an invented world, written before records were typed
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture(scope="module")
def first_book(tmp_path_factory):
    place = tmp_path_factory.mktemp("book") / "ledger.db"
    place.write_bytes(gzip.decompress(FIRST_BOOK.read_bytes()))
    with closing(sqlite3.connect(place)) as database:
        last, head = database.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
    HeadFile(place.with_suffix(".head")).write(last, head)  # the head file that stood beside the book
    ledger = Ledger.open(place)
    yield ledger
    ledger.close()


def kept(before, now, path="run"):
    """Every field of `before` that `now` does not repeat."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [found for name in before for found in kept(before[name], now.get(name, "absent"), f"{path}.{name}")]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [found for n, (a, b) in enumerate(zip(before, now, strict=True)) for found in kept(a, b, f"{path}[{n}]")]
    return [] if before == now else [(path, before, now)]


def test_runs_of_the_first_version_are_read_and_written_again_without_loss(first_book):
    entries = first_book.entries("run")

    runs = [read_run(entry.payload) for entry in entries]

    assert [str(run.as_of) for run in runs] == ["2019-07-30", "2019-07-31", "2019-08-01", "2019-09-30", "2019-10-01"]
    assert [run.data.status for run in runs] == ["OK", "OK", "OK", "STALE", "STALE"]
    assert [run.fed_path.status for run in runs] == ["ok", "ok", "ok", "refused", "refused"]
    for entry, run in zip(entries, runs, strict=True):
        assert kept(entry.payload, run_json(run)) == []


def test_the_chain_of_the_first_book_still_holds(first_book):
    fault = first_book.verify()

    # The archive was left out of this small copy; links, texts and head were checked before it was looked for.
    assert fault.reason.startswith("its archived inputs are missing")


def test_a_field_of_a_later_version_is_left_out_on_reading():
    payload = payloads.payload(recommendation__mood="cheerful", later={"any": 1})

    run = read_run(payload)

    assert run.recommendation.stance == "underweight"
    assert "mood" not in run_json(run)["recommendation"]


def test_a_missing_field_of_the_core_is_refused():
    payload = payloads.payload()
    del payload["recommendation"]["target_weight"]

    with pytest.raises(CheckFailed, match=r"the run of 2023-03-01 cannot be read: recommendation\.target_weight"):
        read_run(payload)


def test_an_infinite_or_missing_number_is_written_as_null():
    payload = payloads.payload(recommendation__forecast_annual_percent=float("nan"))

    written = run_json(from_json(Run, payload))

    assert written["recommendation"]["forecast_annual_percent"] is None
    json.dumps(written, allow_nan=False)


def test_what_is_written_is_read_back_the_same():
    run = read_run(payloads.payload())

    assert read_run(json.loads(json.dumps(to_json(run)))) == run


@pytest.mark.parametrize("name", ANSWERS)
def test_the_published_schema_is_that_of_the_record(name):
    published = (SCHEMAS / f"{name}.json").read_text(encoding="utf-8")

    assert published == schema_text(name), "run `python -m captilt.contract.answers`"


def test_the_schema_of_a_run_refuses_an_unknown_stance(first_book):
    schema = json_schema(Run)
    payload = run_json(read_run(first_book.entries("run")[0].payload))

    jsonschema.validate(payload, schema)
    payload["recommendation"]["stance"] = "bullish"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(payload, schema)
