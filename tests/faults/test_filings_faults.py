"""Company filings from a server on its bad days: refused with a reason, nothing half-written, and mended by a fetch."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from signals.errors import InputError, UsageError
from signals.sources.filings.archive import Quarter
from signals.sources.filings.fetch import FetchedFilings, FilingsSettings, fetch_filings
from signals.sources.filings.reduction import read_company_quarters
from signals.sources.filings.tables import FilingsFolder
from tests.support.filings_world import NUM, Company, Row, World, month, submission, two_sizes, write_archive
from tests.support.sec_server import SecServer, broken_off, other, page, status, whole

NOW = dt.datetime(2016, 7, 10, 12, 0, tzinfo=dt.UTC)
QUARTER = Quarter(2016, 2)
COMPANIES = (Company(1001, 5e9), Company(1002, 4e8, year_end=6), Company(1003, 3e8, debt=0, due=0))
GOOD = World(COMPANIES)


pytestmark = pytest.mark.attempts(3)


@pytest.fixture
def sec():
    server = SecServer()
    yield server
    server.close()


@pytest.fixture
def folder(tmp_path: Path) -> FilingsFolder:
    return FilingsFolder(tmp_path / "filings")


def settings(sec: SecServer) -> FilingsSettings:
    return FilingsSettings(
        archives_url=f"{sec.url}/archives",
        api_url=f"{sec.url}/api",
        index_url=f"{sec.url}/edgar",
        user_agent="Test test@example.org",
        requests_per_second=1000.0,
        timeout_seconds=5.0,
        budget_seconds=30.0,
        first=Quarter(2016, 1),
    )


def fetch(sec: SecServer, folder: FilingsFolder, *quarters: Quarter) -> FetchedFilings:
    return fetch_filings(folder, settings(sec), NOW, only=quarters or (QUARTER,))


def archive(tmp_path: Path, world: World = GOOD, **members: str | None) -> bytes:
    path = write_archive(tmp_path / "made.zip", world.filings(QUARTER.year, QUARTER.number), **members)
    return path.read_bytes()


def text_of(body: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return packed.read(name).decode()


def flipped(body: bytes) -> bytes:
    """One bit of num.txt is wrong."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        info = packed.getinfo("num.txt")
    at = info.header_offset + 30 + len("num.txt") + info.compress_size // 2
    return body[:at] + bytes([body[at] ^ 0x10]) + body[at + 1 :]


def without_end(body: bytes) -> bytes:
    return body[: len(body) // 2]


def bomb(body: bytes) -> bytes:
    """Its directory announces five gigabytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in old.namelist():
            packed.writestr(name, old.read(name))
        packed.getinfo("num.txt").file_size = 5 * 2**30
    return made.getvalue()


def encrypted(body: bytes) -> bytes:
    at = body.index(b"PK\x01\x02")
    return body[: at + 8] + b"\x01" + body[at + 9 :]


def renamed_column(body: bytes) -> dict[str, str]:
    return {"num_txt": text_of(body, "num.txt").replace("\tqtrs\t", "\tquarters\t", 1)}


def doubled_column(body: bytes) -> dict[str, str]:
    return {"num_txt": text_of(body, "num.txt").replace("\tfootnote\n", "\tvalue\n", 1)}


def heading_only(_: bytes) -> dict[str, str]:
    return {"num_txt": "\t".join(NUM) + "\n"}


def other_form(body: bytes) -> dict[str, str]:
    heading, *lines = text_of(body, "num.txt").splitlines()
    return {"num_txt": "\n".join([heading, *(line.replace("\t", "|") for line in lines)]) + "\n"}


def words(body: bytes) -> dict[str, str]:
    heading, *lines = text_of(body, "num.txt").splitlines()
    changed = ["\t".join([*line.split("\t")[:8], "n/a", ""]) for line in lines]
    return {"num_txt": "\n".join([heading, *changed]) + "\n"}


WHOLE_ARCHIVES = {
    "truncated": (without_end, "archive.damaged"),
    "a flipped bit": (flipped, "archive.damaged"),
    "not a zip": (lambda body: b"\x00\x01" + body, "archive.not_zip"),
    "empty": (lambda _: b"", "archive.empty"),
    "a bomb": (bomb, "archive.too_large"),
    "encrypted": (encrypted, "archive.encrypted"),
    "a page sent as an archive": (lambda _: b"\n<html>Undeclared Automated Tool</html>", "archive.block_page"),
}
MEMBERS = {
    "no num": (lambda _: {"num_txt": None}, "archive.missing_member"),
    "no sub": (lambda _: {"sub_txt": None}, "archive.missing_member"),
    "no pre": (lambda _: {"pre_txt": None}, "archive.missing_member"),
    "a column renamed": (renamed_column, "archive.columns"),
    "a column twice": (doubled_column, "archive.columns"),
    "no numbers": (heading_only, "archive.no_numbers"),
    "other separators": (other_form, "archive.lines"),
    "words for numbers": (words, "archive.numbers"),
}


def check_refused_then_mended(sec: SecServer, folder: FilingsFolder, bad: bytes, good: bytes, rule: str) -> None:
    sec.archive("2016q1", good.replace(b"", b""))
    sec.archive("2016q2", bad)

    report = fetch(sec, folder)

    assert [refusal.rule for refusal in report.refusals] == [rule]
    assert report.failures
    assert report.refusals[0].reason in report.failures[0]
    assert not folder.manifest().files
    assert not list(folder.root.glob("numbers/*"))
    sec.archive("2016q2", good)
    assert fetch(sec, folder).quarters == ["2016q2"]
    assert not folder.manifest().refusals["2016q2"]


@pytest.mark.parametrize("kind", WHOLE_ARCHIVES)
def test_a_bad_archive_is_refused_and_fetched_again(kind, sec, folder, tmp_path):
    change, rule = WHOLE_ARCHIVES[kind]
    good = archive(tmp_path)

    check_refused_then_mended(sec, folder, change(good), good, rule)


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_bad_table_is_refused_and_fetched_again(kind, sec, folder, tmp_path):
    change, rule = MEMBERS[kind]
    good = archive(tmp_path)

    check_refused_then_mended(sec, folder, archive(tmp_path, **change(good)), good, rule)


def test_an_archive_of_another_quarter_is_refused(sec, folder, tmp_path):
    other_quarter = GOOD.write(tmp_path, 2015, 1).read_bytes()

    check_refused_then_mended(sec, folder, other_quarter, archive(tmp_path), "archive.quarter")


def test_a_block_page_is_a_refusal_with_its_remedy(sec, folder, tmp_path):
    path = sec.archive("2016q2", archive(tmp_path))
    sec.faults[path] = [page(403)]

    report = fetch(sec, folder)

    assert "user_agent" in report.failures[0]
    assert not folder.manifest().files
    assert fetch(sec, folder).quarters == ["2016q2"]


def test_a_block_page_that_claims_success_is_a_refusal(sec, folder, tmp_path):
    path = sec.archive("2016q2", archive(tmp_path))
    sec.faults[path] = [page(200)]

    report = fetch(sec, folder)

    assert "refused" in report.failures[0]
    assert fetch(sec, folder).quarters == ["2016q2"]


def test_a_refused_user_does_not_ask_for_the_other_quarters(sec, folder, tmp_path):
    body = archive(tmp_path)
    for quarter in ("2015q4", "2016q1", "2016q2"):
        sec.faults[sec.archive(quarter, body)] = [page(403)]

    fetch(sec, folder, Quarter(2015, 4), Quarter(2016, 1), Quarter(2016, 2))

    assert len(sec.requests) == 1


@pytest.mark.parametrize("fault", [status(429, Retry_After="0"), status(503), broken_off(0.4), broken_off(0.0)])
def test_what_passes_is_tried_again(fault, sec, folder, tmp_path):
    path = sec.archive("2016q2", archive(tmp_path))
    sec.faults[path] = [fault]

    report = fetch(sec, folder)

    assert report.quarters == ["2016q2"]
    assert not report.failures


def test_a_server_that_stays_down_is_told_and_nothing_is_stored(sec, folder, tmp_path):
    path = sec.archive("2016q2", archive(tmp_path))
    sec.faults[path] = [status(500)] * 10

    report = fetch(sec, folder)

    assert "failed by its own account (500)" in report.failures[0]
    assert not folder.manifest().files


def test_a_broken_transfer_goes_on_where_it_stopped(sec, folder, tmp_path):
    body = archive(tmp_path)
    path = sec.archive("2016q2", body)
    sec.faults[path] = [broken_off(0.5)] * 3

    first = fetch(sec, folder)
    second = fetch(sec, folder)

    assert first.failures
    assert second.quarters == ["2016q2"]
    assert sec.requests[-1][1].startswith("bytes=")
    assert sec.requests[-1][1] != "bytes=0-"


def test_a_file_that_changed_meanwhile_starts_anew(sec, folder, tmp_path):
    path = sec.archive("2016q2", archive(tmp_path, World(COMPANIES[:1])))
    sec.faults[path] = [broken_off(0.5)] * 3
    fetch(sec, folder)
    sec.archive("2016q2", archive(tmp_path))

    report = fetch(sec, folder)

    assert report.quarters == ["2016q2"]
    assert folder.manifest().files["submissions/2016q2"].rows == len(COMPANIES)


def test_a_server_without_ranges_starts_anew(sec, folder, tmp_path):
    path = sec.archive("2016q2", archive(tmp_path))
    sec.faults[path] = [broken_off(0.5), whole]

    report = fetch(sec, folder)

    assert report.quarters == ["2016q2"]


def test_a_quarter_that_is_not_published_yet_is_told(sec, folder):
    report = fetch(sec, folder)

    assert report.failures == ["2016q2: the SEC has not published this quarter yet."]


def test_without_a_declared_user_nothing_is_asked(sec, folder):
    with pytest.raises(UsageError, match="user agent"):
        fetch_filings(folder, FilingsSettings(archives_url=sec.url), NOW)

    assert not sec.requests


def edited(rule: str) -> World:
    """A world in which one number or one filing is wrong."""

    def edit(company: Company, number: int, rows: list[Row]) -> list[Row]:
        if company.cik != 1001:
            return rows
        if rule == "number.absurd":
            return [(t, v, m, q, 1e300 if t == "Assets" else x) for t, v, m, q, x in rows]
        if rule == "number.float":
            return [*rows, ("EntityPublicFloat", "dei/2014", number, 0, -5e9)]
        return rows

    return World(COMPANIES, edit=edit)


@pytest.mark.parametrize("rule", ["number.absurd", "number.float"])
def test_a_wrong_number_is_refused_and_the_rest_is_used(rule, sec, folder, tmp_path):
    sec.archive("2016q2", archive(tmp_path, edited(rule)))

    report = fetch(sec, folder)

    assert {refusal.rule for refusal in report.refusals} == {rule}
    assert report.built.filings == len(COMPANIES)
    table = read_company_quarters(folder, folder.manifest())
    assert np.isfinite(table.values["quarter_net_income"]).all()


LINES = {
    "filing.twice": lambda line: [line, line],
    "filing.future": lambda line: [{**line, "accepted": "2016-08-01 10:00:00.0"}],
    "filing.accepted": lambda line: [{**line, "accepted": "soon"}],
    "filing.company": lambda line: [{**line, "cik": "unknown"}],
    "filing.number": lambda line: [{**line, "adsh": "12"}],
    "filing.period": lambda line: [{**line, "period": "20180630"}],
}


@pytest.mark.parametrize("rule", LINES)
def test_a_wrong_submission_is_refused_and_the_rest_is_used(rule, sec, folder, tmp_path):
    companies = tuple(Company(cik, 1e9) for cik in range(1001, 1011))
    made = World(companies).filings(2016, 2)
    lines = [(changed, made[0][1]) for changed in LINES[rule](made[0][0])]
    sec.archive("2016q2", write_archive(tmp_path / "made.zip", [*lines, *made[1:]]).read_bytes())

    report = fetch(sec, folder)

    assert [refusal.rule for refusal in report.refusals] == [rule]
    assert report.built.filings == (10 if rule == "filing.twice" else 9)


def test_single_lines_of_another_form_are_refused_by_their_number(sec, folder, tmp_path):
    good = archive(tmp_path, World(tuple(Company(cik, 1e9) for cik in range(1001, 1021))))
    heading, first, *lines = text_of(good, "num.txt").splitlines()
    broken = "\n".join([heading, first.replace("\t", " "), *lines]) + "\n"
    sub = text_of(good, "sub.txt")
    sec.archive("2016q2", archive(tmp_path, num_txt=broken, sub_txt=sub))

    report = fetch(sec, folder)

    assert [(refusal.rule, refusal.where) for refusal in report.refusals] == [("line.form", "line 2")]
    assert report.quarters == ["2016q2"]


def test_a_damaged_table_is_fetched_again(sec, folder, tmp_path):
    sec.archive("2016q2", archive(tmp_path))
    fetch(sec, folder)
    path = folder.path("numbers", "2016q2")
    body = path.read_bytes()
    path.write_bytes(body[:-100] + b"\x00" * 100)

    assert folder.damaged(folder.manifest()) == ("numbers/2016q2",)
    assert fetch(sec, folder).quarters == ["2016q2"]
    assert not folder.damaged(folder.manifest())


def test_a_damaged_manifest_is_named(sec, folder, tmp_path):
    sec.archive("2016q2", archive(tmp_path))
    fetch(sec, folder)
    (folder.root / "manifest.json").write_text('{"files": ')

    with pytest.raises(InputError, match=r"manifest\.json is damaged"):
        fetch(sec, folder)


FRAMES = {
    "a page": other(b"<html>", "text/html"),
    "another tag": other(json.dumps({"tag": "Assets", "uom": "USD", "data": []}).encode()),
    "cut off": other(b'{"tag": "EntityPublicFloat", "uom": "USD", "da'),
    "words": other(
        json.dumps(
            {
                "tag": "EntityPublicFloat",
                "uom": "USD",
                "data": [{"accn": "0001234567-16-000001", "cik": 1, "end": "2016-03-31", "val": "5 bn"}],
            }
        ).encode()
    ),
    "no day": other(
        json.dumps(
            {"tag": "EntityPublicFloat", "uom": "USD", "data": [{"accn": "0001234567-16-000001", "val": 1}]}
        ).encode()
    ),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_of_another_form_is_told_and_not_stored(kind, sec, folder):
    path = sec.frame("2016q1", [])
    sec.faults[path] = [FRAMES[kind]] * 3

    report = fetch_filings(folder, settings(sec), NOW)

    assert any(failure.startswith("2016q1:") for failure in report.failures)
    assert "floats/2016q1" not in folder.manifest().files
    assert "floats/2016q1" in _after_another_fetch(sec, folder)


def _after_another_fetch(sec: SecServer, folder: FilingsFolder) -> set[str]:
    fetch_filings(folder, settings(sec), NOW)
    return set(folder.manifest().files)


def running(sec: SecServer) -> tuple[str, str]:
    line = submission(Company(1001, 1e9), month(2016, 6), days=5)
    sec.index(
        "2016q3", [(1001, "10-Q", "2016-07-05", line["adsh"]), (1001, "8-K", "2016-07-06", "0000000001-16-000001")]
    )
    end, accession = "2016-06-30", line["adsh"]
    fact = {"accn": accession, "fy": 2016, "fp": "Q2", "form": "10-Q", "filed": "2016-07-05"}
    path = sec.company(
        1001,
        {
            "us-gaap": {
                "Assets": [{"end": end, "val": 9e8, **fact}],
                "NetIncomeLoss": [{"start": "2016-04-01", "end": end, "val": 2e7, **fact}],
            }
        },
    )
    return path, accession


def test_facts_of_another_company_are_told_and_not_stored(sec, folder):
    path, _ = running(sec)
    stranger = json.dumps({"cik": 7, "entityName": "OTHER", "facts": {}}).encode()
    sec.faults[path] = [other(stranger, "application/json")] * 3

    report = fetch_filings(folder, settings(sec), NOW)

    assert any("facts of company 7 instead of 1001" in failure for failure in report.failures)
    assert not any(name.startswith("running/") for name in folder.manifest().files)


def test_an_index_that_is_cut_off_is_told(sec, folder):
    running(sec)
    path = "/edgar/full-index/2016/QTR3/xbrl.gz"
    sec.files[path] = sec.files[path][:-9]

    report = fetch_filings(folder, settings(sec), NOW)

    assert any("cut off" in failure for failure in report.failures)


def test_the_running_quarter_counts_from_its_arrival(sec, folder):
    running(sec)

    report = fetch_filings(folder, settings(sec), NOW)

    table = read_company_quarters(folder, folder.manifest())
    assert report.running == 1
    assert table.known_at[0] == np.datetime64(NOW.replace(tzinfo=None), "us")
    assert table.period[0] == np.datetime64("2016-06-30")
    assert table.values["quarter_net_income"][0] == 2e7


def test_the_archive_takes_the_place_of_the_running_quarter(sec, folder, tmp_path):
    running(sec)
    fetch_filings(folder, settings(sec), NOW)
    line = submission(Company(1001, 1e9), month(2016, 6), days=5)
    rows = World(()).rows(Company(1001, 1e9), month(2016, 6))
    sec.archive("2016q3", write_archive(tmp_path / "q3.zip", [(line, rows)]).read_bytes())

    later = dt.datetime(2016, 10, 5, 12, 0, tzinfo=dt.UTC)
    fetch_filings(folder, settings(sec), later)

    table = read_company_quarters(folder, folder.manifest())
    assert table.known_at.astype(str).tolist() == ["2016-07-05T20:05:00.000000"]  # 16:05 in New York


def test_a_fetch_goes_on_after_what_is_held(sec, folder, tmp_path):
    world = World(two_sizes(large=2, small=2))
    for quarter in (Quarter(2016, 1), Quarter(2016, 2)):
        sec.archive(str(quarter), world.write(tmp_path, quarter.year, quarter.number).read_bytes())
    fetch(sec, folder, Quarter(2016, 1))
    sec.requests.clear()

    fetch_filings(folder, settings(sec), NOW)

    asked = {path for path, _, _ in sec.requests if path.startswith("/archives/")}
    assert "/archives/2016q2.zip" in asked
    assert "/archives/2016q1.zip" not in asked
