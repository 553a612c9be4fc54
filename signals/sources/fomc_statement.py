"""The target range in an FOMC statement, read from its text in every form the Committee has used since 1994.

1. The page or plain text becomes one line of plain words: tags, entities, fractions and hyphens are made alike.
2. The vote is cut off: a dissenter's preferred range stands there.
3. Each phrase that sets the target for the federal funds rate is read. The discount rate, the primary credit
   rate, spreads and thresholds ("unemployment remains above 6-1/2 percent") never match.
4. Two different targets in one document are no answer.

Statements before 1995-07 name no rate, and some later ones (facilities, purchases, swap lines) do not either.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from html.parser import HTMLParser

RANGE_WIDTH = 0.25  # percentage points; since 2008-12-16
HIGHEST = 25.0  # percent; the target stood at 20 in 1980
SKIPPED_TAGS = frozenset({"script", "style", "noscript", "nav", "header", "footer"})
HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\u00ad"), "-")

_NUMBER = r"(?:\d{1,2}-\d/\d{1,2}|\d/\d{1,2}|\d{1,2}(?:\.\d+)?)"
_ABOUT = r"(?:about |around )?"
_RANGE = rf"{_ABOUT}(?P<low>{_NUMBER})(?: percent)?(?: (?:to|and) (?P<high>{_NUMBER}))? percent"
_STEP = rf",? ?(?:by )?(?:(?:another |a further )?{_NUMBER}[ -](?:basis points?|percentage points?))?,?"
_FROM = rf"(?: from {_ABOUT}{_NUMBER}(?: (?:to|and) {_NUMBER})?(?: percent)?,?)?"
_TARGET = r"target(?: range)? for the federal funds rate"
_MOVE = r"(?:rise|fall|decline|increase|decrease|reduction)"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"{_TARGET}(?: unchanged)?{_STEP}{_FROM} (?:to|at|of) {_RANGE}",
        rf"(?P<low>{_NUMBER}) to (?P<high>{_NUMBER}) percent {_TARGET}",
        rf"federal funds rate in a target range of {_RANGE}",
        rf"federal funds rate (?:is expected )?to {_MOVE}{_STEP}{_FROM} to {_RANGE}",
        rf"{_MOVE} in the federal funds rate(?: of{_STEP})?{_FROM} to {_RANGE}",
    )
)
_VOTE = re.compile(r"\bvoting (?:for|against)\b")
_PREFERRED = re.compile(r"[^.;]*\bpreferred\b[^.;]*")


@dataclass(frozen=True, slots=True)
class TargetRange:
    """The target for the federal funds rate after a decision.

    Attributes
    ----------
    low, high : float
        Percent; equal for the single target before 2008-12-16.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high <= HIGHEST:
            raise ValueError(f"a target of {self.low:g} to {self.high:g} percent is not possible")
        if self.high != self.low and abs(self.high - self.low - RANGE_WIDTH) > 1e-9:  # noqa: PLR2004 - rounding
            raise ValueError(f"a target range of {self.low:g} to {self.high:g} percent is not 0.25 wide")


def target_range(document: str) -> TargetRange | None:
    """The target that a statement sets or confirms; None where it names none.

    Parameters
    ----------
    document : str
        The statement, as HTML or as plain text.

    Raises
    ------
    ValueError
        Where the document names two different targets, or an impossible one.

    Examples
    --------
    >>> target_range("... decided to raise the target range for the federal funds rate to 3-3/4 to 4 percent.")
    TargetRange(low=3.75, high=4.0)
    >>> target_range("approved a reduction in the discount rate to 5 percent.") is None
    True
    """
    text = _without_votes(plain_text(document))
    targets = {
        TargetRange(_percent(match["low"]), _percent(match["high"] or match["low"]))
        for shape in _SHAPES
        for match in shape.finditer(text)
    }
    if len(targets) > 1:
        listed = ", ".join(f"{target.low:g} to {target.high:g}" for target in sorted(targets, key=lambda t: t.high))
        raise ValueError(f"the statement names more than one target: {listed} percent")
    return next(iter(targets), None)


def plain_text(document: str) -> str:
    """Lower-case words separated by single blanks, with ``1-1/4`` for every way to write one and a quarter."""
    if "<" in document:
        collector = _Text()
        collector.feed(document)
        collector.close()
        document = " ".join(collector.parts)
    text = html.unescape(document).translate(HYPHENS)
    text = re.sub(r"(?<=\d) ?([\u00bc\u00bd\u00be\u215b-\u215e])", r"-\1", text)
    text = unicodedata.normalize("NFKC", text).replace("\u2044", "/").lower()
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(\d)(?: ?- ?| )(\d) ?/ ?(\d)", r"\1-\2/\3", text)
    return re.sub(r"(?<=\d) ?%| per cent\b", " percent", text)


def _without_votes(text: str) -> str:
    vote = _VOTE.search(text)
    return _PREFERRED.sub("", text[: vote.start()] if vote else text)


def _percent(number: str) -> float:
    """``3-3/4`` is 3.75."""
    whole, _, part = number.rpartition("-")
    return float(Fraction(part) + int(whole or 0))


class _Text(HTMLParser):
    """Collects the words of a page, without scripts and menus."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the library's
        self._skipping += tag in SKIPPED_TAGS

    def handle_endtag(self, tag: str) -> None:
        self._skipping = max(0, self._skipping - (tag in SKIPPED_TAGS))

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.parts.append(data)
