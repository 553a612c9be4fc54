"""The daily answer on one terminal screen: stance and size first, then why, why not, and what would change it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from captilt import sentences as words

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from captilt.contract.fedpath import Outlook
    from captilt.contract.run import Run

WIDTH = 100  # columns; an answer wider than this is not read at a glance
BAR = 14  # characters of the longest attribution bar
LEAST_SHOWN = 0.005  # a probability that would print as 0 % is left out
SHOWN = 6  # lines of any list on this screen
STANCE_STYLE = {"overweight": "bold green", "underweight": "bold red", "neutral": "bold"}
RUNG_STYLE = {"OK": "green", "DEGRADED": "yellow", "STALE": "bold yellow", "HOLD": "bold red"}


def run_screen(run: "Run", width: int = WIDTH) -> "Group":
    """The whole screen of one run, at most `width` columns."""
    from rich.console import Group
    from rich.text import Text

    advice, data = run.recommendation, run.data
    head = Text.assemble(
        ("captilt ", "bold"),
        f"{run.as_of}, 18:00 New York   ",
        (words.health(run), RUNG_STYLE[data.status]),
    )
    if run.study:
        head.append("  (a study)", "dim")
    lines: list[Any] = [
        *(Text(note, style="bold yellow") for note in (*run.notices, words.replaced(run)) if note),
        head,
        Text(),
        Text(words.headline(run), style=STANCE_STYLE[advice.stance]),
        three_lines(words.view(run), words.position(run), words.action(run)),
        Text(words.opinion(run)),
        Text(words.verdict(run)),
        *_since(run),
        *([Text(words.track(run), style="dim")] if words.track(run) else []),
        Text(),
        reasons(run, min(width, WIDTH)),
        Text(),
        context(run, min(width, WIDTH)),
        Text(),
        arithmetic(run, min(width, WIDTH)),
        Text(),
        Text(_foot(run), style="dim"),
    ]
    return Group(*lines)


def three_lines(view: str, position: str, action: str) -> "Table":
    """View, position and action: three things, never one word."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for label, sentence in (("View", view), ("Position", position), ("Action", action)):
        table.add_row(Text(label, style="dim"), Text(sentence, style="bold" if label == "Action" else ""))
    return table


def _since(run: "Run") -> list[Any]:
    """What changed; a study of a day that was never recorded has nothing to compare with."""
    from rich.text import Text

    compared = run.change.since or not run.study
    return [Text(words.changed(run), style="dim")] if compared else []


def reasons(run: "Run", width: int) -> "Table":
    """Because on the left, despite on the right."""
    from rich.table import Table

    advice = run.recommendation
    table = Table(box=None, pad_edge=False, width=width, padding=(0, 2, 0, 0))
    table.add_column("Because", ratio=1, header_style="bold")
    table.add_column("Despite", ratio=1, header_style="bold")
    table.add_row(_bullets(advice.because), _bullets(advice.despite))
    return table


def _bullets(sentences: Sequence[str]) -> "Table":
    from rich.table import Table

    listed = Table.grid(padding=(0, 1, 0, 0))
    for sentence in sentences[:SHOWN]:
        listed.add_row("-", sentence)
    return listed


def context(run: "Run", width: int) -> "Table":
    """The rate cycle and the Fed path, two lines."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(max_width=width - 14)
    chances = sorted(run.regime.probabilities.items(), key=lambda pair: -pair[1])
    shares = ", ".join(
        f"{words.PHASE_SHORT[name]} {100 * chance:.0f} %" for name, chance in chances if chance > LEAST_SHOWN
    )
    table.add_row("Rate cycle", f"{words.regime(run.regime)} ({shares})")
    if run.regime.ambiguity:
        table.add_row("", run.regime.ambiguity)
    if now := run.regime_now:
        table.add_row("Today", f"{words.regime(now)} (as far as the decisions go, {now.as_of})")
    table.add_row("Fed path", fed_path(run))
    return table


def fed_path(run: "Run") -> str:
    """The next meeting and the year ahead in one line, or why there is none."""
    path = run.fed_path
    if path.status != "ok" and path.outlook is not None and path.outlook.bp.m12 is not None:
        return _from_yields(path.outlook, path.reason or "not available")
    if not path.answered:
        return path.reason or "not available"
    first = path.answered[0]
    chances = [
        f"{row.lower_bp:.0f}-{row.upper_bp:.0f} bp {100 * row.probability:.0f} %"
        for row in first.probabilities
        if row.probability > LEAST_SHOWN
    ]
    ahead = path.bp.m12
    year = f"; {ahead:+.0f} bp within 12 months".replace("-", "\N{MINUS SIGN}") if ahead is not None else ""
    source = f" ({path.price_source})" if path.price_source else ""
    warning = f". {path.warning[0].upper()}{path.warning[1:]}" if path.warning else ""
    return f"{first.date}: {', '.join(chances)}{year}{source}{warning}"


def _from_yields(outlook: "Outlook", reason: str) -> str:
    """The year ahead from Treasury yields, its band, and why futures do not say."""
    ahead = f"{outlook.bp.m12:+.0f} bp within 12 months".replace("-", "\N{MINUS SIGN}")
    band = outlook.band_90_bp.m12
    wide = "" if band is None else f", nine of ten outcomes within ±{band:.0f}"
    return f"{ahead} by one- and two-year Treasury yields{wide}. Futures: {reason}"


def arithmetic(run: "Run", width: int) -> "Table":
    """Where the tilt comes from on the left; what would change it on the right."""
    from rich.table import Table
    from rich.text import Text

    advice = run.recommendation
    lines = [line for line in advice.attribution if abs(line.points) >= words.TINY_POINTS]
    longest = max((abs(line.points) for line in lines), default=1.0)
    left = Table.grid(padding=(0, 1))
    for line in lines:
        bar = "█" * max(1, round(BAR * abs(line.points) / longest))
        left.add_row(
            words.line_name(line.line),
            Text(words.points(line.points), justify="right"),
            Text(bar, style="green" if line.points > 0 else "red"),
        )
    left.add_row(
        Text("tilt", style="bold"),
        Text(words.points(advice.active_weight_points), style="bold", justify="right"),
        "points of the portfolio",
    )
    right = Table.grid(padding=(0, 1))
    reachable = [(flip, flip.flips_at) for flip in advice.flip if flip.flips_at is not None]
    for flip, flips_at in reachable[:SHOWN]:
        right.add_row(
            words.line_name(flip.input),
            f"{words.signed(flip.now, 2)} now, {flip.to} at {words.signed(flips_at, 2)}",
        )
    if not right.row_count:
        right.add_row("No single input changes the stance within its range.")
    table = Table(box=None, pad_edge=False, width=width, padding=(0, 2, 0, 0))
    table.add_column("Where the tilt comes from", ratio=1, header_style="bold")
    table.add_column("What would change it", ratio=1, header_style="bold")
    table.add_row(left, right)
    return table


def _foot(run: "Run") -> str:
    advice = run.recommendation
    answered = sum(1 for row in run.signals if row.status == "ok")
    return (
        f"Next review {advice.next_review}. {answered} of {len(run.signals)} signals answer "
        f"(captilt signals). Method {run.method}, run {run.run_id}."
    )
