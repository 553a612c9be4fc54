"""The tools for assistants, spoken to by a real client over standard input and output."""

import asyncio
import hashlib
import json
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

import captilt as ct

START = "from captilt.cli import main; main()"
TOOLS = {"recommendation", "signals", "regime", "fed_path", "scenario", "evidence"}
CALLS = (
    ("recommendation", {"held": 0.2}),
    ("regime", {"as_of": "2017-12-29"}),
    ("signals", {"name": "policy_change"}),
    ("fed_path", {}),
    ("scenario", {"names": ["stale data"]}),
    ("recommendation", {"held": 19}),
    ("regime", {"as_of": "2017-12-30"}),
    ("signals", {"name": "tea_leaves"}),
)


async def conversation(home: Path):
    program = StdioServerParameters(command=sys.executable, args=["-c", START, "mcp", "--home", str(home)])
    async with stdio_client(program) as (read, write), ClientSession(read, write) as session:
        hello = await session.initialize()
        listed = (await session.list_tools()).tools
        return hello, listed, [await session.call_tool(name, given) for name, given in CALLS]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """The whole conversation, and the home before and after it."""
    home = tmp_path_factory.mktemp("home")
    ct.open(home).as_of("2017-12-29").facts  # noqa: B018 - opens the store once, so that it is there
    ct.sample().as_of().decide()  # and the sample's books too
    sample = ct.sample().home
    before = state(home), state(sample)
    with ThreadPoolExecutor(1) as thread:  # a browser test of this process may have left a loop running in this one
        hello, listed, answers = thread.submit(lambda: asyncio.run(conversation(home))).result()
    return hello, listed, answers, before, (state(home), state(sample))


def state(home: Path) -> dict[str, str]:
    """Digest of every row of every database."""
    return {file.name: hashlib.sha256("".join(rows(file)).encode()).hexdigest() for file in home.glob("*.db")}


def rows(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_there_are_six_tools_and_each_says_that_it_only_reads(spoken):
    hello, listed, *_ = spoken

    assert {tool.name for tool in listed} == TOOLS
    assert all(tool.annotations.readOnlyHint and not tool.annotations.destructiveHint for tool in listed)
    assert all(tool.description for tool in listed)
    assert "a person decides" in hello.instructions


def test_the_tools_answer_with_the_records_of_the_library(spoken):
    _, _, answers, *_ = spoken
    view = ct.sample().as_of()
    advice, regime, signals, path, scenarios = (json.loads(answer.content[0].text) for answer in answers[:5])

    assert advice["recommendation"] == json.loads(json.dumps(view.decide(held=0.2).to_json()))["recommendation"]
    assert regime["as_of"] == "2017-12-29"
    assert [row["name"] for row in signals["rows"]] == ["policy_change"]
    assert path["meetings"]
    assert [row["scenario"] for row in scenarios["rows"]] == ["as things stand", "stale data"]


def test_a_slip_is_an_error_with_its_remedy(spoken):
    _, _, answers, *_ = spoken

    texts = [answer.content[0].text for answer in answers[5:]]

    assert all(answer.isError for answer in answers[5:])
    assert "share from 0 to 1" in texts[0]
    assert "The session before it is 2017-12-29" in texts[1]
    assert "Leave `name` out" in texts[2]


def test_nothing_is_written(spoken):
    *_, before, after = spoken

    assert after == before
