"""`captilt config check`, `show` and `init`."""

import json
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from captilt.channels.registry import settings_text
from captilt.context import Common
from captilt.operations.redaction import public_url
from signals.errors import CheckFailed, UsageError

SEC_QUESTION = "Your name and e-mail, for the SEC (Enter leaves filings out): "
NO_USER_AGENT = 'user_agent = ""'  # its first place in the shipped file is that of EDGAR


def check(*, common: Common = Common()) -> int:
    """Read the settings as every command does, then look up every name that they mention."""
    from captilt.config import settings as config
    from captilt.doctor import settings_findings
    from captilt.terminal.console import console, print_json

    settings = config.load(common.config)
    file = config.find(common.config)
    wrong = [finding for finding in settings_findings(settings) if finding.state == "failed"]
    if common.json:
        print_json({"file": str(file) if file else None, "ok": not wrong, "rows": [finding.row() for finding in wrong]})
        return 5 if wrong else 0
    if wrong:
        raise CheckFailed(f"{file or 'the settings'}: {wrong[0].detail}", remedy=wrong[0].remedy, code="bad_setting")
    console().print(
        f"{file} is in order." if file else "There is no settings file; the defaults are in order.", soft_wrap=True
    )
    return 0


def show(*, common: Common = Common()) -> None:
    """Every setting in force, secrets masked."""
    from captilt.config import settings as config
    from captilt.terminal.console import console, print_json

    settings = config.load(common.config)
    file = config.find(common.config)
    values = settings.model_dump(mode="json")
    if common.json:
        print_json({"file": str(file) if file else None, "settings": _masked(values)})
        return
    console().print(f"# {file or 'defaults'}", markup=False, soft_wrap=True)
    for line in _lines(_masked(values)):
        console().print(line, markup=False, soft_wrap=True)


def init(
    file: Path = Path("config.toml"),
    *,
    force: Annotated[bool, Parameter(negative="", help="Replace an existing file.")] = False,
    user_agent: Annotated[str | None, Parameter(help="Name and e-mail that the SEC wants to know.")] = None,
    common: Common = Common(),
) -> None:
    """Write a settings file with every setting, its unit and its range.

    At a terminal it asks for the name and e-mail that the SEC wants from whoever reads its filings.

    Parameters
    ----------
    file
        Where; an existing file is kept unless forced.
    """
    from captilt.output_file import write_output
    from captilt.terminal.console import console, print_json

    if file.exists() and not force:
        raise UsageError(f"{file} exists already; it was left as it is.", remedy="Name another file, or give --force.")
    if user_agent is None:
        user_agent = input(SEC_QUESTION) if sys.stdin.isatty() and not common.json else ""
    text = complete_file().replace(NO_USER_AGENT, f"user_agent = {json.dumps(user_agent.strip())}", 1)
    write_output(file, text)
    if common.json:
        print_json({"file": str(file)})
    else:
        console().print(f"{file} was written.", soft_wrap=True)


def complete_file() -> str:
    """The shipped settings file, and after it the table of every channel."""
    shipped = resources.files("captilt").joinpath("config.toml").read_text(encoding="utf-8")
    return f"{shipped}\n{settings_text()}"


def _masked(value: Any) -> Any:
    """A named secret becomes its name and whether it is set; an address loses its user and its query."""
    from captilt.secrets import secret

    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, str) and value.startswith("env:"):
        return f"{value} ({'set' if secret(value) else 'not set'})"
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return public_url(value) if isinstance(value, str) and "://" in value else value


def _lines(tables: dict[str, Any], above: str = "") -> list[str]:
    lines = [
        f"{name} = {json.dumps(value)}"
        for name, value in tables.items()
        if not isinstance(value, dict) and value is not None
    ]
    head = ["", f"[{above}]"] if above and lines else []
    inside = [
        line
        for name, value in tables.items()
        if isinstance(value, dict)
        for line in _lines(value, f"{above}.{name}".lstrip("."))
    ]
    return [*head, *lines, *inside]
