"""Reading a settings file so that every mistake becomes one line: the file, the key, what was seen, the remedy."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from signals.errors import UsageError

LARGEST_BYTES = 1_000_000  # the shipped file has eight thousand
SEEN = 40  # characters of a wrong value that are repeated
PREFIX = "CAPTILT_"
SHELL_VARIABLES = frozenset({"CAPTILT_CONFIG", "CAPTILT_HOME", "CAPTILT_SECRETS", "CAPTILT_TEST_DATA"})
_SECRET = re.compile(r"(?i)key|token|passw|secret|webhook|ping|user")
_ADDRESS_WITH_SECRET = re.compile(r"://[^/]*@|://.*[?#]|hooks\.|webhook", re.IGNORECASE)
_RANDOM = re.compile(r"(?=[A-Za-z0-9+/_=-]*\d)(?=[A-Za-z0-9+/_=-]*[A-Za-z])[A-Za-z0-9+/_=-]{16,}")
REMEDY = "`captilt config show` lists every setting; `captilt config init` writes a file with every range."


def read(file: Path) -> dict[str, Any]:
    """The tables of a TOML file."""
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise _wrong(f"{file} is larger than a settings file can be ({LARGEST_BYTES} bytes).")
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        remedy = "Mend that line, or start from `captilt config init`."
        raise _wrong(f"{file} cannot be read as TOML: {_line(fault)}.", remedy) from None
    except RecursionError:
        raise _wrong(f"{file} is nested too deeply to be a settings file.") from None
    except OSError as fault:
        raise _wrong(f"{file} cannot be read: {fault.strerror}.", "Name a readable file with --config.") from None


def check(values: Mapping[str, Any], fields: Mapping[str, FieldInfo], where: str) -> None:
    """Refuse unknown tables, and values whose type is not exactly the setting's (true is no number here)."""
    for name, table in values.items():
        if name not in fields:
            raise _wrong(f"{where}: unknown table [{name}].", _meant(name, fields))
        shape: Any = fields[name].annotation
        try:
            TypeAdapter(shape).validate_json(json.dumps(table, default=str), strict=True)
        except ValidationError as fault:
            raise first_mistake(fault, {name: table}, where, above=(name,)) from None


def variables(fields: Mapping[str, FieldInfo]) -> list[str]:
    """The variables of the environment that set something."""
    return [name for name in os.environ if name.upper().startswith(PREFIX) and _table(name) in fields]


def _table(variable: str) -> str:
    return variable[len(PREFIX) :].split("__", maxsplit=1)[0].lower()


def check_variables(fields: Mapping[str, FieldInfo], secret_names: frozenset[str]) -> None:
    """Refuse a ``CAPTILT_`` variable that names no setting: it would be ignored in silence."""
    for name in os.environ:
        known = name in SHELL_VARIABLES | secret_names
        if not name.upper().startswith(PREFIX) or known:
            continue
        table = _table(name)
        if table not in fields:
            close = _meant(table, fields)
            raise _wrong(
                f"the environment variable {name} names no setting.", f"{close} Variables read CAPTILT_TABLE__KEY."
            )


def first_mistake(
    fault: ValidationError, values: Mapping[str, Any], where: str, *, above: tuple[str, ...] = ()
) -> UsageError:
    """The first mistake of a validation as one line."""
    first = fault.errors(include_input=False, include_url=False)[0]
    location = (*above, *first["loc"])
    key = ".".join(str(part) for part in location)
    variable = PREFIX + "__".join(str(part) for part in location).upper()
    by_name = {name.upper(): name for name in os.environ}
    source = where
    if variable in by_name:
        source = f"the environment variable {by_name[variable]}"
        values = _nested(location, os.environ[by_name[variable]])
    says = first["msg"].removeprefix("Value error, ")
    value_shown = _value_shown(location, values)
    mistake = (
        "is not a setting"
        if first["type"] in ("extra_forbidden", "unexpected_keyword_argument")
        else f"is wrong: {says}{value_shown}"
    )
    return _wrong(f"{source}: [{key}] {mistake}.")


def _wrong(message: str, remedy: str = REMEDY) -> UsageError:
    return UsageError(" ".join(message.split()), remedy=remedy, code="bad_setting")


def _line(fault: Exception) -> str:
    return " ".join(str(fault).split())[:200]


def _meant(name: str, fields: Mapping[str, FieldInfo]) -> str:
    close = difflib.get_close_matches(name, fields, n=1)
    return f"Did you mean [{close[0]}]?" if close else f"Tables are {', '.join(fields)}."


def _value_shown(location: tuple[Any, ...], values: Any) -> str:
    """The value as it stood there, unless its name says that it could be a secret."""
    if any(_SECRET.search(str(part)) for part in location):
        return ""
    for part in location:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return ""
    shown = str(values)
    return "" if isinstance(values, (dict, list)) or _may_be_secret(shown) else f" (seen: {shown[:SEEN]!r})"


def _nested(location: tuple[Any, ...], value: str) -> Any:
    for part in reversed(location):
        value = {part: value}  # type: ignore[assignment]
    return value


def _may_be_secret(value: str) -> bool:
    """True for an address with a user or a query, and for letters and digits in a row that nobody would type."""
    return bool(_ADDRESS_WITH_SECRET.search(value) or _RANDOM.search(value))
