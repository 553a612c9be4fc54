"""The API: the same numbers as the command line, described, and never broken by what it is sent."""

import json

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from captilt.cli import dispatch
from captilt.review.decisions import Answer, current, decide
from captilt.web.api import router
from captilt.web.app import build
from signals.calendars import cut, sessions_between
from tests.e2e.review.conftest import FIRST, desk_at, record
from tests.e2e.sample_run import DAY

WITHOUT_QUESTIONS = {"/api/run", "/api/advice", "/api/study/{name}"}
OPERATIONS = sorted((method, route.path) for route in router.routes for method in route.methods)


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """The API's own description, and behind it three recorded days and a decision."""
    desk = desk_at(tmp_path_factory.mktemp("api"), cut(FIRST))
    for day in sessions_between(FIRST, DAY)[-3:]:
        record(desk, day.item())
    advice = current(desk.ledger, desk.clock(), 5)
    decide(desk, Answer("accept", advice.code, "Ana", "ok"))
    return schemathesis.openapi.from_asgi("/api/openapi.json", build(desk), headers={"Host": "127.0.0.1"})


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described_whatever_is_asked(described, method, path, mode):
    if mode is GenerationMode.NEGATIVE and path in WITHOUT_QUESTIONS:
        return  # nothing can be asked wrongly where nothing is asked

    @given(case=described[path][method].as_strategy(generation_mode=mode))
    @settings(max_examples=25, suppress_health_check=list(HealthCheck), database=None)
    def answers(case):
        case.call_and_validate(headers={"Host": "127.0.0.1"})

    answers()


def test_the_api_says_what_the_command_line_says(web, desk, capsys):
    def printed(*words):
        assert dispatch([*words, "--home", str(desk.home), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    advice = current(desk.ledger, desk.clock(), 5)
    decide(desk, Answer("modify", advice.code, "Ana", "less", 0.18))

    assert web.get("/api/decisions").json() == printed("review", "list")
    shown = printed("review", "show")
    told = web.get("/api/advice").json()
    assert {**shown, "sessions_left": None} == {**told, "sessions_left": None}  # the command's clock is today's
    assert web.get("/api/run").json() == desk.ledger.run_of(DAY).payload
    assert web.get(f"/api/run/{DAY}").json() == web.get("/api/run").json()


def test_every_table_has_twins_with_the_same_rows(web, desk):
    import csv
    import io

    names = (
        "recommendation",
        "attribution",
        "regime",
        "meetings",
        "meeting_probabilities",
        "signals",
        "flip",
        "gaps",
        "changes",
    )
    for name in names:
        told = web.get(f"/day/{DAY}/table/{name}.json").json()["rows"]
        read = list(csv.DictReader(io.StringIO(web.get(f"/day/{DAY}/table/{name}.csv").text)))
        assert len(read) == len(told)
        assert web.get(f"/api/run/{DAY}/table/{name}").json()["rows"] == told
        for one, other in zip(told, read, strict=True):
            assert list(one) == list(other)
            numbers = {key: value for key, value in one.items() if isinstance(value, float)}
            assert {key: float(other[key]) for key in numbers} == numbers


def test_health_and_version_answer_a_monitor(web):
    assert web.get("/healthz").json() == {"schema": 1, "status": "ok", "entries": 4}
    assert web.get("/version").json()["name"] == "captilt"
    metrics = web.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\ncaptilt_ledger_entries 4\n" in metrics.text
    assert web.get("/api/openapi.json").json()["info"]["title"] == "captilt review"


@pytest.mark.parametrize(
    "path",
    [
        "/api/run/2020-01-01",
        "/api/run/2020-01-01/table/signals",
        f"/api/run/{DAY}/table/none",
        "/api/study/none",
        "/api/nothing",
    ],
)
def test_what_is_not_there_is_said_in_the_contract_s_form(web, path):
    answer = web.get(path)

    assert answer.status_code == 404
    assert set(answer.json()) == {"schema", "error"}
    assert set(answer.json()["error"]) == {"code", "message", "remedy"}
