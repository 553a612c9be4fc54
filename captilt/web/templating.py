"""The templates and the words in them: numbers are written one way everywhere."""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from captilt import flip_sentences, sentences
from captilt.formats import DASH, DAY, MINUS, chance, day, instant, number, p_number, percent, points, signed, unbroken
from captilt.review.questions import ignoring_sentence, next_sentence, strength_sentence
from captilt.review.run_changes import label
from captilt.review.tearsheet import monthly_table, record_sentences
from captilt.web.sessions import LOGIN_REQUIRED
from regime.phase import PHASES

_COMMAND = re.compile(r"`([^`]+)`")
TYPES = {".css": "text/css", ".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that the page loads: its bytes, type, and a name for its content."""

    content: bytes
    media_type: str
    tag: str


@cache
def assets() -> dict[str, Asset]:
    """Every static file by name; only these can be asked for, so no path leads anywhere else."""
    folder = resources.files("captilt.web") / "static"
    files = {}
    for file in folder.iterdir():
        kind = TYPES.get(f".{file.name.rsplit('.', 1)[-1]}")
        if kind:
            content = file.read_bytes()
            files[file.name] = Asset(content, kind, hashlib.sha256(content).hexdigest()[:10])
    return files


class PageLinks:
    """Where the page's links lead; a report has its own."""

    open = False  # details are opened by the reader
    live = True  # a server answers

    def table(self, view: Any, name: str, kind: str) -> str:
        """The CSV or JSON twin of a table."""
        return f"/day/{view.day}/table/{name}.{kind}"

    def signal(self, view: Any, name: str) -> str:
        """One signal with its evidence."""
        return f"/day/{view.day}/signal/{name}"

    def study(self, name: str) -> str:
        """A prepared study as JSON."""
        return f"/api/study/{name}"


@cache
def environment() -> Environment:
    """The templates: everything is escaped unless it is drawing of our own."""
    made = Environment(
        loader=PackageLoader("captilt.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        points=points,
        signed=signed,
        percent=lambda share, decimals=1: unbroken(percent(share, decimals)),
        chance=lambda probability: unbroken(chance(probability)),
        number=number,
        p_number=p_number,
        day=_day,
        instant=instant,
        plain=label,
        minus=lambda text: str(text).replace("-", MINUS),
        glued=unbroken,
        said=_sentence,
        clause=_clause,
        prose=_prose,
    )
    made.globals.update(
        words=sentences,
        flips=flip_sentences,
        monthly_table=monthly_table,
        record_sentences=record_sentences,
        strength_sentence=strength_sentence,
        ignoring_sentence=ignoring_sentence,
        next_sentence=next_sentence,
        login_required=LOGIN_REQUIRED.get,
        asset=_asset,
        links=PageLinks(),
        phases=tuple(phase.value for phase in PHASES),
    )
    return made


def render(name: str, **values: Any) -> str:
    """One page as text."""
    return environment().get_template(name).render(values)


def _asset(name: str) -> str:
    return f"/static/{name}?v={assets()[name].tag}"


def _sentence(sentence: str) -> Markup:
    """A sentence of the engine with phases in words, commands as code and a capital at its start."""
    plain = sentences.plain_english(sentence)
    first, *_ = plain.split(" ", 1)
    return _with_code(plain if ":" in first.rstrip(":") else plain[:1].upper() + plain[1:])  # fred:NFCI is a name


def _clause(words: str) -> Markup:
    """The same within another sentence, without the capital."""
    return _with_code(sentences.plain_english(words))


def _with_code(text: str) -> Markup:
    return Markup(_COMMAND.sub(r"<code>\1</code>", str(escape(unbroken(text)))))  # noqa: S704 - escaped here


def _prose(text: str) -> list[tuple[bool, str]]:
    """Paragraphs of a docstring, each marked True where it is a heading; lines are joined and underlines dropped."""
    parts: list[tuple[bool, str]] = []
    for block in text.split("\n\n"):
        lines = [line.strip() for line in block.strip().splitlines()]
        if len(lines) > 1 and set(lines[1]) == {"-"}:
            parts.append((True, lines[0]))
            lines = lines[2:]
        if lines:
            parts.append((False, " ".join(lines).replace("*", "").replace("`", "")))
    return parts


@lru_cache(maxsize=4096)
def _day(value: dt.date | str | None, style: str = DAY) -> str | Markup:
    """A day as people write it; the machine's form goes along for those who read the source."""
    if not value:
        return DASH
    machine = value.isoformat()[:10] if isinstance(value, dt.date) else str(value)[:10]
    return Markup('<time datetime="{}">{}</time>').format(machine, day(value, style))
