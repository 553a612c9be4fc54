"""The card reads in the order of a lift, and nothing in it can be a link or a mention."""

import json

from captilt.channels.teams.card import render
from tests.support.messages import compose
from tests.support.payloads import run

HOSTILE = "<at>everyone</at> [click](https://evil.example) **bold**"


def test_the_card_says_stance_size_why_and_health_in_this_order() -> None:
    message = compose("introduction", run(recommendation__because=[HOSTILE]), review_url="https://desk.example.org")
    payload = render(message, repeat_of="run-1", note="slack is silent")

    card = payload["attachments"][0]["content"]
    texts = [block["inlines"][0]["text"] for block in card["body"]]
    wanted = [message.subject, message.stance, message.size, f"• {HOSTILE}.", message.health, "slack is silent"]
    places = [texts.index(text) for text in wanted]
    assert places == sorted(places)
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}, "TextBlock would read Markdown"
    assert card["actions"][0]["url"].startswith("https://desk.example.org/day/")
    assert "entities" not in json.dumps(payload["attachments"][0]["content"].get("msteams"))
    assert any("Possible repeat of run run-1" in text for text in texts)
    assert len(json.dumps(payload).encode()) < 28_000  # what Teams takes
