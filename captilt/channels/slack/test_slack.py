"""Blocks stay within Slack's limits whatever a message holds."""

import json

from captilt.channels.slack.blocks import HEADER_LIMIT, render
from tests.support.messages import compose
from tests.support.payloads import run


def test_blocks_stay_within_the_limits_and_mention_nobody() -> None:
    long = "<!channel> <@U1> & " + "x" * 10_000
    message = compose(
        "digest", run(recommendation__because=[long], recommendation__despite=[long]), review_url="https://d"
    )
    body = render(message, repeat_of="run-1", note=long)

    assert len(body["blocks"]) <= 50
    assert len(body["blocks"][0]["text"]["text"]) <= HEADER_LIMIT
    assert max(len(block["text"]["text"]) for block in body["blocks"] if "text" in block) <= 3000
    assert "<!channel>" not in json.dumps(body)
    assert body["text"].endswith("(possible repeat of run run-1)")
