"""A canary key in every place where a key can stand comes out nowhere: plain, URL-encoded or base64."""

import base64
import datetime as dt
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.faults.outside import EVENING, Receiver, Zygote, fresh

CANARY = "cAn4ry/+key=with?odd&chars"
NAMES = ("FRED_API_KEY", "CAPTILT_SMTP_PASSWORD", "CAPTILT_PING_URL", "CAPTILT_REVIEW_TOKEN")


def forms(secret: str) -> list[bytes]:
    plain = [secret, quote(secret), quote(secret, safe=""), quote_plus(secret)]
    coded = [base64.b64encode(b"x" * shift + secret.encode()).decode()[4:-4] for shift in range(3)]
    return [form.encode() for form in (*plain, *coded)]


@pytest.mark.parametrize("answer", [200, 500, 403])
def test_no_secret_in_any_file_log_or_message(zygote: Zygote, tmp_path: Path, receiver: Receiver, answer: int) -> None:
    home = fresh(zygote, tmp_path / "home")
    receiver.answer = answer
    order = receiver.order()
    order["environment"] |= dict.fromkeys(NAMES, CANARY) | {
        "CAPTILT_PING_URL": f"http://127.0.0.1:9/{quote(CANARY, safe='')}"
    }
    order["settings"]["alerts"]["email"] = {
        "enabled": True, "host": "127.0.0.1", "port": 9, "user": "someone", "sender": "a@example.org", "to": ["b@example.org"],
    }  # fmt: skip
    order["settings"]["logs"] = {"level": "debug", "file": str(home / "desk.log")}

    for act, later in (("look", 0), ("run", 10)):
        now = EVENING + dt.timedelta(minutes=later)
        assert zygote.run(home, now, act=act, **order) == 0, (home / "out.txt").read_text()

    token = receiver.url.rsplit("/", 1)[-1]
    written = [file for file in home.rglob("*") if file.is_file()]
    assert (home / "desk.log") in written
    for file in written:
        content = file.read_bytes()
        for form in (*forms(CANARY), token.encode(), receiver.url.encode()):
            assert form not in content, f"{form!r} stands in {file.name}"
    for body in receiver.bodies:
        assert not any(form in str(body).encode() for form in (*forms(CANARY), token.encode()))


def test_a_log_in_a_missing_folder_stops_nothing_and_shows_no_secret(
    zygote: Zygote, tmp_path: Path, receiver: Receiver
) -> None:
    home = fresh(zygote, tmp_path / "home")
    order = receiver.order()
    order["environment"] |= dict.fromkeys(NAMES, CANARY)
    order["settings"]["logs"] = {"level": "debug", "file": str(home / "no" / "such" / "folder" / f"{CANARY}.log")}

    assert zygote.run(home, EVENING, **order) == 0

    assert CANARY.encode() not in b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
