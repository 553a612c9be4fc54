"""Whatever part of a secret, in whatever form, a text holds: it is blacked out whole."""

import base64
import json
from urllib.parse import quote

import pytest

from captilt.cli import dispatch
from captilt.config.settings_file import _may_be_secret
from captilt.operations.redaction import MASK, Redactor, public_url

URL = (
    "https://desk:pa55w0rd-9@hooks.example.org:8443/services/T0A1B2C3D/B9Z8Y7X6W/s3cr3t-l4st_segment?token=qu3ry-v4lue"
)
PARTS = [
    "s3cr3t-l4st_segment",
    "T0A1B2C3D",
    "pa55w0rd-9",
    "qu3ry-v4lue",
    "services/T0A1B2C3D/B9Z8Y7X6W/s3cr3t-l4st_segment",
]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("write", [str, quote, lambda part: quote(part, safe=""), lambda part: f"https://h/{part}"])
def test_every_part_of_a_secret_address_is_known(part: str, write) -> None:
    text = f"ConnectError: {write(part)} refused"

    redacted = Redactor([URL]).text(text)

    assert write(part) not in redacted
    assert MASK in redacted


def test_an_address_minus_a_character_shows_no_segment() -> None:
    """As a library logs one whose port it could not read."""
    redacted = Redactor([URL]).text(f"Failed to parse: {URL[:-1]} and {URL.replace(':8443', ':')}")

    assert not [part for part in PARTS if part in redacted]


@pytest.mark.parametrize("secret", ["cAn4ry+key", "cAn4ry+key1", "cAn4ry+key12", "pässwörd-9€"])
@pytest.mark.parametrize("before", ["", "u", "us", "use"])
@pytest.mark.parametrize("after", ["", "z", "zz", "zzz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_no_character_of_base64_that_the_secret_decides_is_left(secret: str, before: str, after: str, encode) -> None:
    raw = secret.encode()
    whole = encode(before.encode() + raw + after.encode()).decode()
    redacted = Redactor([secret]).text(f"Basic: {whole}.")

    head, _, tail = redacted.removeprefix("Basic: ").removesuffix(".").partition(MASK)
    assert MASK in redacted
    first, last = 8 * len(before) // 6, -(-8 * (len(before) + len(raw)) // 6)  # characters that hold bits of the secret
    assert len(head) <= first
    assert len(tail.rstrip("=")) <= len(whole.rstrip("=")) - last


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://user:word@proxy.example.org/fred?api_key=abc", f"https://{MASK}@proxy.example.org/fred?{MASK}"),
        ("https://proxy.example.org/fred#frag", "https://proxy.example.org/fred"),
        ("https://proxy.example.org/fred", "https://proxy.example.org/fred"),
    ],
)
def test_an_address_is_shown_without_user_and_query(address: str, shown: str) -> None:
    assert public_url(address) == shown


def test_settings_are_shown_without_user_and_query(tmp_path, capsys) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[sources.fred]\nurl = "https://me:h1dden-word@proxy.example.org/fred?api_key=h1dden-key"\n')

    assert dispatch(["config", "show", "--config", str(file)]) == 0
    assert dispatch(["config", "show", "--config", str(file), "--json"]) == 0

    assert "h1dden" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "value",
    [
        "https://u:p@h/x",
        "ftp://hooks.slack.com/services/T0/B0/x9",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZI",
        "0123456789abcdef0123",
    ],
)
def test_a_wrong_setting_that_could_be_a_secret_is_not_repeated(tmp_path, capsys, value: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f"[tilt]\ncost_bp = {json.dumps(value)}\n")

    assert dispatch(["config", "check", "--config", str(file)]) == 2
    assert value not in capsys.readouterr().err


@pytest.mark.parametrize(
    "value", ["cloud", "25:00", "70000", "2026-11-20", "underweight", "policy_change", "/var/lib/captilt"]
)
def test_an_ordinary_wrong_value_is_still_repeated(value: str) -> None:
    assert not _may_be_secret(value)
