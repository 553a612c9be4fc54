"""Secrets: named in the settings, read from the environment or from the secrets file, never printed."""

import os
from pathlib import Path

import platformdirs
from pydantic import SecretStr

from signals.errors import UsageError


def secrets_file() -> Path:
    """Where secrets stand that are not in the environment (``NAME=value`` lines)."""
    named = os.environ.get("CAPTILT_SECRETS")
    return Path(named) if named else platformdirs.user_config_path("captilt") / "secrets.env"


def secret(named: str) -> SecretStr | None:
    """The value behind ``env:NAME``: the environment first, then the secrets file (``NAME=value`` lines).

    Blanks and line ends around it are no part of it: mounted secrets usually end in one. A setting that does not
    start with ``env:`` is refused: secrets never stand in the settings file.
    """
    if not named:
        return None
    if not named.startswith("env:"):
        raise UsageError(
            "a secret is written in the settings file.",
            remedy="Name it as env:NAME and set NAME in the environment or the secrets file.",
            code="bad_setting",
        )
    key = named.removeprefix("env:")
    if value := os.environ.get(key, "").strip():
        return SecretStr(value)
    file = secrets_file()
    if not file.is_file():
        return None
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"the secrets file {file} cannot be read.",
            remedy="Give it NAME=value lines in UTF-8, readable by you.",
            code="bad_setting",
        ) from None
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    values = {name.strip().removeprefix("export ").strip(): value.strip().strip("\"'") for name, value in pairs}
    return SecretStr(values[key]) if values.get(key) else None
