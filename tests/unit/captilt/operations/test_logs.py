"""One line an event, with the run's id, and never a secret."""

import base64
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captilt.config.settings import Settings, log_settings
from captilt.operations import logs
from captilt.operations.redaction import MASK, Redactor

CANARY = "cAn4ry+key/with odd=chars"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[object, io.StringIO]]:
    monkeypatch.setenv("FRED_API_KEY", CANARY)
    hook = sys.excepthook
    stream = io.StringIO()
    yield logs.begin(**log_settings(Settings()), run_id="r-1", stream=stream), stream
    sys.excepthook = hook
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not getattr(handler, "ours", False)]
    root.setLevel(logging.WARNING)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_line_is_one_object_with_the_run_id(log) -> None:
    logger, stream = log

    logger.info("fetched", series="fred:BAA10Y", rows=3)
    logging.getLogger("somebody.else").warning("a library said %s", "so")

    first, second = lines(stream)
    assert first["event"] == "fetched"
    assert first["rows"] == 3
    assert {line["run_id"] for line in (first, second)} == {"r-1"}
    assert second["event"] == "a library said so"


def test_a_secret_never_reaches_the_log(log) -> None:
    logger, stream = log

    def fails(key: str) -> None:
        raise ValueError(f"https://example.org/?api_key={key}")

    logger.info(
        "asked with " + CANARY,  # noqa: G003 - somebody will do this some day
        url=f"https://x/?api_key={quote(CANARY)}",
        headers={"Authorization": f"Basic {CANARY}"},
    )
    logger.warning("mail", line=base64.b64encode(f"\0user\0{CANARY}".encode()).decode(), nested=[{"deep": (CANARY,)}])
    try:
        fails(CANARY)
    except ValueError:
        logger.exception("failed")

    text = stream.getvalue()
    assert len(lines(stream)) == 3
    assert "Traceback" in text or "ValueError" in text
    for form in (CANARY, quote(CANARY), quote(CANARY, safe=""), json.dumps(CANARY)[1:-1]):
        assert form not in text
    for shift in range(3):
        assert base64.b64encode(b"x" * shift + CANARY.encode()).decode()[4:24] not in text


def test_local_variables_stay_out_of_tracebacks(log) -> None:
    logger, stream = log
    password = "a-value-nobody-declared"

    try:
        int(f"{len(password)} is no number")
    except ValueError:
        logger.exception("failed")

    assert password not in stream.getvalue()


def test_the_traceback_of_a_bug_is_blacked_out_too() -> None:
    program = (
        "from captilt.operations import logs\nfrom captilt.config.settings import Settings, log_settings\nimport os\n"
        "logs.begin(**log_settings(Settings()), run_id='r')\nraise RuntimeError('https://h/?api_key=' + os.environ['FRED_API_KEY'] + ' and ' + os.environ['FRED_API_KEY'])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"FRED_API_KEY": CANARY, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "RuntimeError" in done.stderr
    assert CANARY not in done.stderr
    assert MASK in done.stderr


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=8, max_size=40),
    st.text(max_size=20),
    st.text(max_size=20),
)
def test_any_secret_is_blacked_out_anywhere(secret: str, before: str, after: str) -> None:
    redactor = Redactor([secret])

    assert secret not in redactor.text(f"{before}{secret}{after}").replace(MASK, "")


def test_a_line_of_an_ordinary_command_leaves_its_answer_alone(tmp_path) -> None:
    open_to_others = tmp_path / "home"
    open_to_others.mkdir(mode=0o755)
    open_to_others.chmod(0o755)

    code = f"from pathlib import Path\nfrom captilt.config.settings import home\nhome(Path({str(open_to_others)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not done.stdout
    assert "open to others" in done.stderr
