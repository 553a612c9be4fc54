"""Records of the JSON contract: how they are written as JSON, read back, and described as JSON Schema.

A record is a frozen dataclass of this package. Adding a field to the contract is one line in its class:
`fill` takes it from the domain object's attribute of the same name, `to_json` writes it, `from_json`
reads it back, and `json_schema` lists it. A field added after the first release has a default, so that
older entries of the ledger stay readable; a field that this version does not know is left out on reading.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pandas as pd
    from pydantic import TypeAdapter

SCHEMA = 1  # version of every JSON object that this product prints
DIGITS = 10  # decimals that are kept: far below anything shown, far above the noise of another processor

ROWS = ("rows", "signals", "meetings", "attribution")  # the list that an answer's table shows, first found
CELLS = (str, int, float, bool, dt.date, dt.datetime, type(None))
SHOWN_ROWS = 16  # of a table in a notebook

Record = TypeVar("Record")


class Answer:
    """What an answer of the library can do beside holding its fields."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """The answer as the command prints it with ``--json``: JSON values only."""
        return rounded(to_json(self))

    def to_frame(self) -> "pd.DataFrame":
        """The answer's main list as a table, one row an item, with the units of the record's fields.

        An answer without a list is one row of its plain fields.
        """
        import pandas as pd

        names = {field.name for field in fields(self)}  # type: ignore[arg-type]
        listed = next((getattr(self, name) for name in ROWS if name in names), None)
        return pd.DataFrame([_cells(item) for item in ((self,) if listed is None else listed)])

    def to_summary(self) -> "pd.DataFrame":
        """What a notebook shows of the answer; its main list unless the answer has something shorter to say."""
        return self.to_frame()

    def _repr_html_(self) -> str:
        """Name, day and the first rows, for a notebook."""
        frame = self.to_summary()
        more = f"<p>{len(frame) - SHOWN_ROWS} more rows</p>" if len(frame) > SHOWN_ROWS else ""
        title = " ".join(str(part) for part in (type(self).__name__, getattr(self, "as_of", "")) if part)
        table = frame.head(SHOWN_ROWS).to_html(index=False, na_rep="", escape=True, float_format="{:.2f}".format)
        return f"<p><b>{title}</b></p>{table}{more}"


def to_json(record: Any) -> dict[str, Any]:
    """Write a record as one JSON object.

    Parameters
    ----------
    record : dataclass instance
        A record of this package.

    Returns
    -------
    dict
        JSON values only: days and instants as ISO text, missing numbers (None, NaN, infinities) as None.
    """
    return plain(_adapter(type(record)).dump_python(record, by_alias=True, warnings=False))


def from_json(kind: type[Record], value: Mapping[str, Any]) -> Record:
    """Read one JSON object back into a record of `kind`.

    Parameters
    ----------
    kind : type
        A record of this package.
    value : mapping
        As `to_json` wrote it, in this version or in another one of the same schema.

    Raises
    ------
    pydantic.ValidationError
        Where a field without a default is missing, or a value does not fit its type.
    """
    return _adapter(kind).validate_python(value)


def json_schema(kind: type[Any]) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `to_json` writes for a record of `kind`."""
    return _adapter(kind).json_schema(by_alias=True, mode="serialization")


def fill(kind: type[Record], source: object, **values: Any) -> Record:
    """Make a record of `kind`, with each field from `values`, else from the attribute of that name of `source`.

    Parameters
    ----------
    kind : type
        A record of this package.
    source : object or mapping
        A domain object; a field that it does not have keeps its default.
    **values
        Fields that are computed, or nested records.

    Raises
    ------
    TypeError
        Where a field without a default is neither in `values` nor an attribute of `source`.
    """
    names = [field.name for field in fields(kind) if field.name not in values]  # type: ignore[arg-type]
    if isinstance(source, Mapping):
        return kind(**{name: source[name] for name in names if name in source}, **values)
    return kind(**{name: getattr(source, name) for name in names if hasattr(source, name)}, **values)


def plain(value: Any) -> Any:
    """`value` as JSON knows it: days and instants as ISO text, NaN and infinities as null."""
    if value is None or type(value) in (str, int, bool):  # most of a run: nothing to ask
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "item"):  # numpy scalars
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cells(item: Any) -> dict[str, Any]:
    values = {field.name: getattr(item, field.name) for field in fields(item)}
    return {name: value for name, value in values.items() if isinstance(value, CELLS)}


def rounded(value: Any) -> Any:
    """Floats to ten decimals, everywhere; minus zero is zero."""
    if isinstance(value, Mapping):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return round(value, DIGITS) + 0.0 if isinstance(value, float) else value


@cache
def _adapter(kind: type[Any]) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
