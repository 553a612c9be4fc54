"""Drawings of matplotlib made fit for a page that forbids inline style.

Style attributes become presentation attributes, the style element goes, and ids that nothing refers to
go too, so that several drawings can share a page.
"""

import re

_STYLE = re.compile(r'\sstyle="([^"]*)"')
_ID = re.compile(r'\sid="([^"]*)"')
_NAMED = re.compile(r'(\sid="|href="#|url\(#)([^")]+)')
_TOLD = re.compile(r'(aria-(?:labelledby|describedby)=")([^"]*)"')
_REFERRED = re.compile(r'(?:href="#|url\(#)([^")]+)')
_SHEET = re.compile(r"<style.*?</style>|<metadata>.*?</metadata>", re.DOTALL)
_FONT = re.compile(r"(?:(?:normal|italic|bold|\d{3})\s+)*([\d.]+)px\s+(.+)")
_SIZED = re.compile(r'(<svg\b[^>]*?)\s(?:width|height)="[^"]*"')
_DIGITS = re.compile(r"(\d\.\d)\d+")
_PLACES = re.compile(r'\s(?:d|x|y|points)="[^"]*"')  # never the words of a drawing
BLACK = "#000000"
LINES = 'stroke-linejoin="round" stroke-linecap="butt"'  # what matplotlib's style element says of everything


def strict(svg: str, *, mark: str = "") -> str:
    """The same drawing without style attributes or elements; it takes its size from the style sheet.

    Parameters
    ----------
    mark : str
        Put before every id: two drawings of one shape name their parts alike.
    """
    bare = _PLACES.sub(_shortened, _STYLE.sub(_attributes, _SHEET.sub("", svg)))
    for _ in range(2):
        bare = _SIZED.sub(r"\1", bare, count=1)
    named = set(_REFERRED.findall(bare)) | set(_labels(bare))
    bare = _ID.sub(lambda match: match.group(0) if match.group(1) in named else "", bare)
    if mark:
        bare = _NAMED.sub(lambda match: f"{match.group(1)}{mark}-{match.group(2)}", bare)
        bare = _TOLD.sub(lambda match: f'{match.group(1)}{mark}-{match.group(2).replace(" ", f" {mark}-")}"', bare)
    return bare.replace("<svg ", f'<svg class="chart" {LINES} ', 1) if "<svg " in bare else bare


def _shortened(match: re.Match[str]) -> str:
    """A place to a tenth of a point: more cannot be seen, and halves the page."""
    return _DIGITS.sub(r"\1", match.group(0))


def _labels(svg: str) -> list[str]:
    return [name for names in re.findall(r'aria-(?:labelledby|describedby)="([^"]*)"', svg) for name in names.split()]


def _attributes(match: re.Match[str]) -> str:
    pairs = (part.split(":", 1) for part in match.group(1).split(";") if ":" in part)
    return "".join(_attribute(name.strip(), value.strip()) for name, value in pairs)


def _attribute(name: str, value: str) -> str:
    if name in ("max-width", "height", "width", "font-family"):  # size and typeface are the page's
        return ""
    if name in ("fill", "stroke") and value == BLACK:  # ink that nobody chose: the page's own, dark or light
        value = "currentColor"
    if name != "font":
        return f' {name}="{value.replace(chr(34), chr(39))}"'
    parts = _FONT.fullmatch(value)
    return f' font-size="{parts.group(1)}"' if parts else ""  # the page's own typeface
