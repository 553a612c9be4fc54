"""Funds against both benchmarks, side by side."""

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from allocator.portfolio.funds import BENCHMARKS
from captilt.formats import day, signed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from captilt.contract.vehicle import Fund, FundsAnswer

NOTHING = "-"
SHORT = {"no difference": "same"}  # on the screen; the note below says what it means
STYLE = {"active": "green", "passive": "", "no difference": "yellow", "index": "dim"}


def funds_screen(answer: "FundsAnswer") -> "RenderableType":
    """The sentence first, then one line for each fund with both benchmarks beside each other."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("Fund", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    for title in ("fee", "years"):
        table.add_column(title, justify="right", no_wrap=True)
    for _, symbol in BENCHMARKS:
        for title in (f"{symbol}\nnet", "t", "after\n5f", "t"):
            table.add_column(title, justify="right", no_wrap=True)
    table.add_column("conclusion", no_wrap=True)
    by_symbol = {
        symbol: {row.benchmark: row for row in answer.rows if row.symbol == symbol}
        for symbol in dict.fromkeys(row.symbol for row in answer.rows)
    }
    for symbol, own in sorted(by_symbol.items(), key=lambda item: _is_index(item[1])):  # index funds last
        first = next(iter(own.values()))
        fee = NOTHING if first.expense_ratio_percent is None else f"{first.expense_ratio_percent:.2f}"
        years = f"{max(row.years for row in own.values()):.0f}"
        cells = [cell for name, _ in BENCHMARKS for cell in _cells(own.get(name))]
        style = "dim" if _is_index(own) else ""
        table.add_row(symbol, first.management or NOTHING, fee, years, *cells, _conclusions(own), style=style)
    return Group(
        Text(f"Small-cap funds, as of {day(answer.as_of)}", style="bold"),
        Text(sentence(answer)),
        Text(),
        table,
        Text(),
        *(Text(line, style="yellow") for line in answer.old_prices),
        *(Text(note, style="dim") for note in _notes(answer)),
    )


def sentence(answer: "FundsAnswer") -> str:
    """Active, passive or no difference, over the whole panel, and why."""
    rows = [row for row in answer.rows if row.conclusion != "index"]
    if not rows:
        return "Only index funds are here: they are rows of the benchmark."
    active = sorted({row.symbol for row in rows if row.conclusion == "active"})
    both = [symbol for symbol in active if all(row.conclusion == "active" for row in rows if row.symbol == symbol)]
    funds = len({row.symbol for row in rows})
    where = "against both benchmarks" if both else "against one benchmark only"
    if funds == 1:
        symbol = rows[0].symbol
        if not active:
            return f"Passive: {symbol} is not worth its extra fee after tilts."
        return f"{symbol} would be worth its extra fee {where}; one fund is no panel, so luck is judged on it alone."
    if not active:
        return f"Passive: of {funds} funds beyond the index none is worth its extra fee after tilts and luck."
    skilled = () if answer.luck is None else answer.luck.different
    verb = "differs" if len(skilled) == 1 else "differ"
    differ = f"{', '.join(skilled)} still {verb} from zero" if skilled else "none differs from zero"
    return (
        f"Of {funds} funds beyond the index {', '.join(both or active)} would be worth the extra fee {where};"
        f" after luck over the panel {differ}."
    )


def _is_index(own: "dict[str, Fund]") -> bool:
    return all(row.conclusion == "index" for row in own.values())


def _cells(row: "Fund | None") -> tuple[str, str, str, str]:
    if row is None:
        return NOTHING, NOTHING, NOTHING, NOTHING
    net, t = signed(row.alpha_net, 1), NOTHING if row.t_net is None else signed(row.t_net, 1)
    if row.factors is None:
        return net, t, NOTHING, NOTHING
    return net, t, signed(row.factors.alpha_percent, 1), signed(row.factors.t, 1)


def _conclusions(own: "dict[str, Fund]") -> Text:
    """One word where both benchmarks agree, else both."""
    words = [own[name].conclusion for name, _ in BENCHMARKS if name in own]
    short = [SHORT.get(word, word) for word in words]
    text = short[0] if len(set(words)) == 1 else "/".join(short)
    return Text(text, style=STYLE[words[0]])


def _notes(answer: "FundsAnswer") -> list[str]:
    own = "each fund's own expense ratio less the benchmark fund's"
    fees = own if answer.extra_fee_percent is None else f"{answer.extra_fee_percent:g} % for every fund"
    how = "Percent per year; t by HAC with three lags. Factors: market, size, value, profitability, investment."
    rule = (
        f"Extra fee: {fees}. Active needs a chance of at least 60 % to beat it, before and after the factors"
        " (belief before looking: 0 % with sd 1 %). Same: no difference, what it earned is a tilt or costs the same."
    )
    return [how, rule, *_luck_notes(answer), *_survivor_notes(answer)]


def _luck_notes(answer: "FundsAnswer") -> list[str]:
    luck, percentiles = answer.luck, answer.net_alpha_percentiles_percent
    if luck is None or percentiles is None:
        return [
            f"{row.symbol} by luck: without alpha {100 * row.p_luck:.0f} % of drawn records show a t after the factors"
            " as far from zero. Name no fund, or several, for a panel."
            for row in answer.rows
            if row.p_luck is not None and row.benchmark == BENCHMARKS[0][0]
        ]
    low, middle, high = percentiles
    spread = f"{signed(low)} to {signed(high)} % a year, median {signed(middle)}"
    text = (
        f"Net alpha over the {len(luck.funds)} funds: {spread}. Their t has sd {luck.sd_of_t:.2f};"
        f" luck alone gives {luck.sd_of_t_by_luck:.2f}, and a best t of {luck.largest_t_by_luck:.1f}."
    )
    return [text]


def _survivor_notes(answer: "FundsAnswer") -> list[str]:
    if answer.lagging_percent is None:
        return []
    funds = {row.symbol for row in answer.rows if row.conclusion != "index"}
    behind = f"{answer.lagging_percent:.0f} % of these funds are behind the S&P 600 fund over their own records"
    if len(funds) == 1:
        side = "behind" if answer.lagging_percent else "ahead of"
        behind = f"{funds.pop()} is {side} the S&P 600 fund over its own record"
    spiva = answer.spiva
    if spiva is None:
        return [f"{behind}; closed funds, which did worse, are not among them."]
    all_funds = f"of all small-cap funds, closed ones counted, {spiva.percent:.0f} % were over {spiva.years} years"
    return [f"{behind}; {all_funds} ({spiva.source}). The distance is what survivorship flatters."]
