"""A mail is the same mail however often it is sent; its parts say the same."""

import datetime as dt
from html import unescape

from captilt.channels.email.mail import html, render
from captilt.channels.email.transport import receiver_name
from captilt.channels.plain_text import plain_text
from captilt.formats import NO_BREAK_SPACE, tied
from tests.support.messages import compose
from tests.support.payloads import run

MESSAGE = compose("introduction", run(), review_url="https://desk.example.org")


def test_the_message_id_names_message_and_receivers() -> None:
    def name(to: tuple[str, ...], hour: int) -> str:
        now = dt.datetime(2023, 3, 1, hour, tzinfo=dt.UTC)
        return render(MESSAGE, sender="a@example.org", to=to, now=now, repeat_of=str(hour))["Message-ID"]

    assert name(("b@x.org", "c@x.org"), 1) == name(("c@x.org", "b@x.org"), 2)
    assert name(("b@x.org",), 1) != name(("c@x.org",), 1)


def test_a_subject_is_one_line_whatever_it_holds() -> None:
    from dataclasses import replace

    odd = replace(MESSAGE, subject="one\r\nBcc: eve@example.org")
    mail = render(odd, sender="a@example.org", to=("b@x.org",), now=dt.datetime(2023, 3, 1, tzinfo=dt.UTC))

    assert mail["Subject"] == "one Bcc: eve@example.org"
    assert mail["Bcc"] is None


def test_both_parts_say_the_same() -> None:
    page = unescape(html(MESSAGE))
    assert tied(MESSAGE.stance) in page  # no line ends between 1.2 and points
    for part in (plain_text(MESSAGE), page.replace(NO_BREAK_SPACE, " ")):
        assert all(sentence in part for sentence in (MESSAGE.stance, MESSAGE.health, MESSAGE.link))


def test_a_receivers_name_is_stable_and_no_address() -> None:
    assert receiver_name(" PM@Example.org ") == receiver_name("pm@example.org")
    assert "@" not in receiver_name("pm@example.org")
