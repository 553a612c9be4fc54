"""The daily answer on one terminal screen: the market, view, position and action, why, and what would change it."""

from typing import TYPE_CHECKING, Any

from captilt import flip_sentences, sentences
from captilt.formats import day, in_prose, number, percent, points, rate_range, signed

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from captilt.contract.fedpath import Outlook
    from captilt.contract.run import Run

NARROWEST, WIDEST = 72, 120  # columns
BAR = 14  # characters of the longest attribution bar
LEAST_SHOWN = 0.005  # a probability that would print as 0 % is left out
SHOWN = 6  # lines of any list on this screen
STANCE_STYLE = {"overweight": "bold green", "underweight": "bold red", "neutral": "bold"}
RUNG_STYLE = {"OK": "green", "DEGRADED": "yellow", "STALE": "bold yellow", "HOLD": "bold red"}


def run_screen(run: "Run", width: int = WIDEST) -> "Group":
    """The whole screen of one run, at most `width` columns."""
    from rich.console import Group
    from rich.text import Text

    columns = max(NARROWEST, min(width, WIDEST))
    head = Text.assemble(
        ("captilt ", "bold"),
        f"{day(run.as_of)}, 18:00 New York{' (a study)' if run.study else ''}   ",
        (sentences.health(run), RUNG_STYLE[run.data.status]),
    )
    notices = (*run.notices, sentences.replaced(run), *flip_sentences.knife_edges(run))
    parts: list[Any] = [
        *(Text(notice, style="bold yellow") for notice in notices if notice),
        head,
        *_block(market(run)),
        Text(),
        three_lines(
            sentences.view(run),
            sentences.position(run),
            sentences.action(run),
            STANCE_STYLE[run.recommendation.stance],
        ),
        Text(),
        Text(sentences.opinion(run)),
        Text(sentences.verdict(run)),
        *_since(run),
        *_block(Text(sentences.track(run), style="dim") if sentences.track(run) else None, gap=False),
        Text(),
        *pulls(run, columns),
        Text(),
        context(run),
        Text(),
        changers(run),
        *_block(agenda(run)),
        Text(),
        Text(_foot(run), style="dim"),
    ]
    return Group(*parts)


def market(run: "Run") -> "Table | None":
    """The market strip, one line a label; None in entries that did not record it."""
    strip = sentences.market_strip(run)
    if not strip:
        return None
    table = _grid()
    for label, value in strip:
        table.add_row(label, value)
    return table


def three_lines(view: str, position: str, action: str, style: str = "") -> "Table":
    """View, position and action: three things, never one word."""
    from rich.text import Text

    table = _grid()
    for label, sentence, look in (("View", view, style), ("Position", position, ""), ("Action", action, "bold")):
        table.add_row(label, Text(sentence, style=look))
    return table


def pulls(run: "Run", columns: int) -> "list[Any]":
    """Every line of the attribution with its bar; what is shown adds up to the total shown."""
    from rich.table import Table
    from rich.text import Text

    longest = max((abs(pull.points) for pull in sentences.pulls(run)), default=1.0) or 1.0
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(style="dim", max_width=max(10, columns - 50))
    for title, group in sentences.grouped_pulls(run):
        table.add_row(Text(title, style="bold"))
        for pull in group:
            style = "dim" if pull.haircut else "green" if pull.points > 0 else "red"
            bar = Text("█" * max(1, round(BAR * abs(pull.points) / longest)), style=style)
            table.add_row(f"  {pull.name}", points(pull.points), bar, pull.detail)
    total = points(run.recommendation.active_weight_points)
    table.add_row(Text("Active weight", style="bold"), Text(total, style="bold"), "", "points of the portfolio")
    remarks = [f"{remark[0].upper()}{remark[1:]}." for remark in sentences.remarks(run)[:SHOWN]]
    return [table, *(Text(remark, style="dim") for remark in remarks)]


def context(run: "Run") -> "Table":
    """The rate cycle and the Fed path."""
    table = _grid()
    chances = sorted(run.regime.probabilities.items(), key=lambda pair: -pair[1])
    shares = ", ".join(
        f"{sentences.PHASE_SHORT[phase]} {percent(share, 0)}" for phase, share in chances[1:] if share > LEAST_SHOWN
    )
    table.add_row("Rate cycle", f"{sentences.regime(run.regime)}{f' Else {shares}.' if shares else ''}")
    if part := sentences.rate_cycle_part(run):
        table.add_row("", part)
    if run.regime.ambiguity:
        table.add_row("", sentences.plain_english(run.regime.ambiguity))
    if run.regime_now:
        until = f"(as far as the decisions go, {day(run.regime_now.as_of)})"
        table.add_row("Today", f"{sentences.regime(run.regime_now)} {until}")
    table.add_row("Fed path", fed_path(run))
    return table


def fed_path(run: "Run") -> str:
    """The next meeting and the year ahead in one line, or why there is none."""
    path = run.fed_path
    if path.status != "ok" and path.outlook is not None and path.outlook.bp.m12 is not None:
        return _from_yields(path.outlook, path.reason or "not available")
    if not path.answered:
        return in_prose(path.reason or "not available")
    first = path.answered[0]
    chances = [
        f"{percent(row.probability, 0)} for {rate_range(row.lower_bp, row.upper_bp)}"
        for row in first.probabilities
        if row.probability > LEAST_SHOWN
    ]
    year = f"; {signed(path.bp.m12, 0)} bp within 12 months" if path.bp.m12 is not None else ""
    source = f" ({in_prose(path.price_source)})" if path.price_source else ""
    warning = f". {path.warning[0].upper()}{path.warning[1:]}" if path.warning else ""
    return f"{day(first.date)}: {', '.join(chances)}{year}{source}{warning}"


def _from_yields(outlook: "Outlook", reason: str) -> str:
    """The year ahead from Treasury yields, its band, and why futures do not say."""
    ahead = f"{signed(outlook.bp.m12, 0)} bp within 12 months"
    band = outlook.band_90_bp.m12
    wide = "" if band is None else f", nine of ten outcomes within ±{number(band, 0)}"
    return f"{ahead} by one- and two-year Treasury yields{wide}. Futures: {in_prose(reason)}"


def changers(run: "Run") -> "Table":
    """What would change the view."""
    from rich.text import Text

    table = _grid(title="What would change it")
    lines = flip_sentences.flip_lines(run)[:SHOWN]
    for line in lines:
        table.add_row(Text(f"  {line.name}"), f"{line.now}: {line.to}")
    if decision := flip_sentences.decision_sentence(run):
        when, _, effect = decision.partition(": ")
        table.add_row(Text(f"  {when}"), effect)
    if not lines:
        table.add_row(Text("  No single input changes the stance within its range."))
    return table


def agenda(run: "Run") -> "Table | None":
    """Dates that can change the call, the next ones first."""
    from rich.text import Text

    if not run.calendar:
        return None
    table = _grid(title="Dates ahead")
    for event in run.calendar[:SHOWN]:
        when = f"{'late, due ' if event.late else 'by ' if event.by else ''}{day(event.date)}"
        table.add_row(Text(f"  {when}", style="yellow" if event.late else ""), f"{event.event}: {event.effect}")
    return table


def _grid(title: str = "") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=bool(title), padding=(0, 2, 0, 0), header_style="bold")
    table.add_column(title, style="bold" if not title else "", no_wrap=True)
    table.add_column("")
    return table


def _block(part: Any, *, gap: bool = True) -> list[Any]:
    from rich.text import Text

    return [] if part is None else [Text(), part] if gap else [part]


def _since(run: "Run") -> list[Any]:
    """What changed; a study of a day that was never recorded has nothing to compare with."""
    from rich.text import Text

    compared = run.change.since or not run.study
    return [Text(sentences.changed(run), style="dim")] if compared else []


def _foot(run: "Run") -> str:
    answered = sum(1 for signal in run.signals if signal.status == "ok")
    return (
        f"Next review {day(run.recommendation.next_review)}. {answered} of {len(run.signals)} signals answer "
        f"(captilt signals). Method {run.method}, run {run.run_id}."
    )
