"""Studies: results too heavy for a request, prepared beforehand and kept as files.

A study is a JSON object with its rows, its day and its charts. `review serve` and `report` prepare what
is missing; the page only reads. A study that is not there is said to be missing, never recomputed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from captilt.charts.strict_svg import strict


@dataclass(frozen=True, slots=True)
class Study:
    """One prepared result.

    Attributes
    ----------
    name : str
    as_of : str
        Day of the facts that went in.
    result : dict
        The same numbers as the command's ``--json``.
    charts : mapping of str to str
        Inline SVG by name; markup fit for the page once it was read from the cabinet.
    stamp : str
        What it was made from; another stamp means that it must be made again.
    """

    name: str
    as_of: str
    result: Mapping[str, Any]
    charts: Mapping[str, str] = field(default_factory=dict)
    stamp: str = ""


class Cabinet:
    """The folder of studies; a file is read again only when it has changed."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "studies"
        self._read: dict[str, tuple[float, Study]] = {}

    def studies(self) -> dict[str, Study]:
        """Every study that has been prepared, by name."""
        files = sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []
        return {file.stem: study for file in files if (study := self._one(file)) is not None}

    def keep(self, study: Study) -> None:
        """Write a study; whoever reads meanwhile sees the old one or the new one, never half."""
        self._folder.mkdir(parents=True, exist_ok=True)
        content = {"as_of": study.as_of, "result": study.result, "charts": study.charts, "stamp": study.stamp}
        beside = self._folder / f"{study.name}.json.part"
        beside.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False), encoding="utf-8")
        beside.replace(self._folder / f"{study.name}.json")

    def _one(self, file: Path) -> Study | None:
        written = file.stat().st_mtime
        known = self._read.get(file.stem)
        if known and known[0] == written:
            return known[1]
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            charts = {
                name: Markup(strict(svg, mark=f"{file.stem}-{name}".replace(" ", "-")))  # noqa: S704 - drawn by us, freed of style
                for name, svg in content["charts"].items()
            }
            study = Study(file.stem, content["as_of"], content["result"], charts, content["stamp"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return None  # a file of another version: prepared again by the next `review serve` or `report`
        self._read[file.stem] = (written, study)
        return study
