"""A server that answers as the Federal Reserve Board does: the feed of press releases, and statement pages."""

import datetime as dt
import email.utils
from dataclasses import dataclass, field

from tests.support.servers.http import Answer

RAISED = "the Committee decided to raise the target range for the federal funds rate to {low} to {high} percent"
KEPT = "the Committee decided to maintain the target range for the federal funds rate at {low} to {high} percent"


def fraction(percent: float) -> str:
    """3.75 as the Committee writes it, ``3-3/4``."""
    whole, quarters = divmod(round(percent * 4), 4)
    part = {0: "", 1: "1/4", 2: "1/2", 3: "3/4"}[quarters]
    return "-".join(filter(None, (str(whole) if whole or not part else "", part)))


@dataclass
class Statement:
    """One press release; `words` stands in for the sentence of the decision."""

    day: dt.date
    words: str = ""
    title: str = "Federal Reserve issues FOMC statement"
    at: dt.datetime | None = None  # aware; 14:00 New York where not given
    letter: str = "a"

    @classmethod
    def of(cls, day: dt.date, low: float, high: float, form: str = RAISED, **more: object) -> "Statement":
        """A statement that sets the range."""
        return cls(day, form.format(low=fraction(low), high=fraction(high)), **more)  # type: ignore[arg-type]

    @property
    def path(self) -> str:
        return f"/newsevents/pressreleases/monetary{self.day:%Y%m%d}{self.letter}.htm"

    @property
    def published(self) -> dt.datetime:
        from signals.calendars import NEW_YORK

        return self.at or dt.datetime.combine(self.day, dt.time(14, 0), NEW_YORK)


@dataclass
class Board:
    """Statements that are out at `now`; the feed is newest first, in the Board's own layout."""

    statements: list[Statement]
    now: dt.datetime
    pages: dict[str, Answer] = field(default_factory=dict)
    feed: Answer | None = None
    host: str = ""  # of the links; empty: without a host
    asked: list[str] = field(default_factory=list)

    def __call__(self, path: str, _query: dict[str, str]) -> Answer:
        self.asked.append(path)
        if path.endswith("press_monetary.xml"):
            return self.feed or Answer(self._feed().encode(), 200, {"Content-Type": "text/xml"})
        if path in self.pages:
            return self.pages[path]
        found = [each for each in self._out() if each.path == path]
        return Answer(self._page(found[0]).encode(), 200, {"Content-Type": "text/html"}) if found else Answer(b"", 404)

    def _out(self) -> list[Statement]:
        return [each for each in self.statements if each.published <= self.now]

    def _feed(self) -> str:
        items = "".join(
            f"""
        <item>
            <title>{each.title.replace("'", "&#39;")}</title>
            <link><![CDATA[{self.host}{each.path}]]></link>
            <guid><![CDATA[{self.host}{each.path}]]></guid>
            <description><![CDATA[{each.title}]]></description>
            <category>Monetary Policy</category>
            <pubDate><![CDATA[{email.utils.format_datetime(each.published.astimezone(dt.UTC), usegmt=True)}]]></pubDate>
        </item>"""
            for each in sorted(self._out(), key=lambda each: each.published, reverse=True)
        )
        return f"""\ufeff<?xml version="1.0" encoding="utf-8" ?>
<rss version="2.0">
    <channel>
        <title>FRB: Press Release - Monetary Policy</title>
        <link><![CDATA[https://www.federalreserve.gov/feeds/feeds.htm]]></link>
        <description><![CDATA[Press releases about monetary policy from the Federal Reserve Board]]></description>
        <language>en</language>{items}
    </channel>
</rss>"""

    def _page(self, statement: Statement) -> str:
        return f"""<!DOCTYPE html><html lang="en-us"><head><title>Federal Reserve Board - {statement.title}</title>
<script>var rate = "1 to 2 percent";</script></head><body><header>Federal funds rate to 9 to 9-1/4 percent</header>
<div id="article"><div class="heading"><p class="article__time">{statement.day:%B %d, %Y}</p>
<h3 class="title">{statement.title}</h3><p class="releaseTime">For release at 2:00 p.m. EDT</p></div>
<div class="col-xs-12"><p>The Committee seeks to achieve maximum employment and inflation at the rate of 2&nbsp;percent
over the longer run.</p><p>In support of these goals, {statement.words}.</p>
<p>Voting for the monetary policy action were the Chair and others. Voting against this action was one member, who
preferred to lower the target range for the federal funds rate to 1/4 to 1/2 percent.</p>
<p>Implementation Note</p></div></div></body></html>"""
