"""The evidence as JSON, and in plain words on a terminal."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from allocator.backtest.assessment import Assessment

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

Payload = Mapping[str, Any]
MINUS = "\N{MINUS SIGN}"
BAR = 25  # characters of an interval drawn in text
LONG_YEARS = 1_000  # no more exact number of years than this means anything
GROUPS = {
    "part": "With and without",
    "sample": "Before and after 2000",
    "pair": "On other pairs",
    "cost": "Dearer trading",
    "timing": "Later trading",
    "beta": "Market hedged away",
    "leg": "Without one leg of the cycle",
}
STYLES = {
    "edge supported": "bold green",
    "no reliable edge": "bold yellow",
    "not evaluated": "bold",
}


def evidence_payload(found: Assessment, pair: tuple[str, str]) -> dict[str, Any]:
    """The evidence as the JSON contract has it."""
    heavy, factor = found.heavy, found.multiplier
    return {
        "as_of": found.as_of.isoformat(),
        "from": found.first and found.first.isoformat(),
        "to": found.last and found.last.isoformat(),
        "n": found.moments.n,
        "small": pair[0],
        "large": pair[1],
        "method": found.method,
        "specification": found.specification,
        "verdict": found.verdict.answer,
        "reasons": list(found.verdict.reasons),
        "multiplier": factor.value,
        "ir": factor.ir,
        "ir_interval": heavy.ir_interval,
        "block_months": heavy.block_months,
        "skew": found.moments.skew,
        "kurtosis": found.moments.kurtosis,
        "psr": factor.psr,
        "dsr": factor.dsr,
        "trials": factor.trials,
        "trials_on_returns": found.trials_on_returns,
        "dsr_on_returns": found.dsr_on_returns,
        "luckiest_ir": found.luckiest_ir,
        "years_to_psr": found.years_to_psr,
        "years_to_dsr": found.years_to_dsr,
        "years_for_power": [{"ir": ir, "years": years} for ir, years in found.years_for_power],
        "pbo": heavy.overfitting.probability if heavy.overfitting else None,
        "pbo_settings": heavy.overfitting.settings if heavy.overfitting else None,
        "pbo_splits": heavy.overfitting.splits if heavy.overfitting else None,
        "loss_out_of_sample": heavy.overfitting.loss if heavy.overfitting else None,
        "spa_p": heavy.superiority.consistent if heavy.superiority else None,
        "spa": {
            "lower": heavy.superiority.lower,
            "consistent": heavy.superiority.consistent,
            "upper": heavy.superiority.upper,
            "reality_check": heavy.superiority.reality_check,
        }
        if heavy.superiority
        else None,
        "rows": [
            {
                "group": row.group,
                "name": row.name,
                "from": row.first.isoformat(),
                "to": row.last.isoformat(),
                "n": row.months,
                "ir": row.ir,
                "ir_interval": row.interval,
                "active_return_bp": row.active_return_bp,
            }
            for row in heavy.checks
        ],
    }


def evidence_sentences(payload: Payload) -> tuple[str, ...]:
    """The verdict and how it was reached, for a reader who knows no statistics."""
    if payload["dsr"] is None:
        return (
            f"Not evaluated: the record has {payload['n']} months, and a verdict needs 60.",
            f"{100 * payload['multiplier']:.0f} % of the tilt is kept until then.",
        )
    low, high = payload["ir_interval"] or (math.nan, math.nan)
    own = payload["rows"][0] if payload["rows"] else None  # the rule as set comes first
    earned = f"{number(own['active_return_bp'], 0)} bp a year" if own else "its record"
    verdict = f"{payload['verdict'].capitalize()}. {100 * payload['multiplier']:.0f} % of the tilt is kept."
    record = (
        f"Walked forward from {payload['from'][:7]} to {payload['to'][:7]} ({payload['n']} months), before any "
        f"multiplier and net of cost, the rule earned {earned} over policy: information ratio "
        f"{number(payload['ir'])} (95 %: {number(low)} to {number(high)})."
    )
    alone = (
        f"Counting only the {payload['trials_on_returns']} tries that were judged on returns it would be "
        f"{100 * payload['dsr_on_returns']:.0f} %."
    )
    luck = (
        f"It was settled after {payload['trials']} specifications tried. The best of that many worthless ones would "
        f"show {number(payload['luckiest_ir'])} by luck; the chance that this one is more than luck is "
        f"{100 * payload['dsr']:.0f} % (needed: 95 %). {alone}"
    )
    patience = (
        f"A record like this is told from zero in {years(payload['years_to_psr'])}, and from the luckiest try in "
        f"{years(payload['years_to_dsr'])}."
    )
    planned = [f"A true IR of {row['ir']} takes {years(row['years'])}." for row in payload["years_for_power"]]
    return verdict, record, luck, " ".join((patience, *planned))


def evidence_face(payload: Payload, width: int) -> "Group":
    """The evidence on a terminal."""
    from rich.console import Group
    from rich.text import Text

    first, *rest = evidence_sentences(payload)
    lines: list[Any] = [Text(first, style=STYLES[payload["verdict"]]), *(Text(line) for line in rest), Text()]
    lines += [Text(f"  {reason}") for reason in payload["reasons"]]
    if payload["rows"]:
        lines += [Text(), _checks(payload["rows"], width)]
    foot = f"known at {payload['as_of']}; method {payload['method']}, specification {payload['specification'][:12]}"
    return Group(*lines, Text(), Text(foot, style="dim"))


def _checks(rows: Sequence[Payload], width: int) -> "Table":
    from rich.table import Table

    low, high = min(row["ir_interval"][0] for row in rows), max(row["ir_interval"][1] for row in rows)
    table = Table(box=None, pad_edge=False, width=width, padding=(0, 2, 0, 0))
    table.add_column("")
    for head in ("IR", "95 %", "bp/y"):
        table.add_column(head, justify="right", header_style="bold", no_wrap=True)
    table.add_column("", no_wrap=True)
    group = None
    for row in rows:
        if row["group"] != group:
            group = row["group"]
            table.add_row(f"[bold]{GROUPS[group]}[/]")
        between = f"{number(row['ir_interval'][0])} to {number(row['ir_interval'][1])}"
        drawn = text_interval(row["ir"], row["ir_interval"], (low, high))
        table.add_row(f"  {row['name']}", number(row["ir"]), between, number(row["active_return_bp"], 0), drawn)
    return table


def number(value: float | None, decimals: int = 2) -> str:
    """A number with a true minus sign; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "-"
    text = f"{value:.{decimals}f}"
    return text.replace("-", MINUS) if float(text) else f"{0:.{decimals}f}"


def years(value: float) -> str:
    """A length of record in words."""
    return f"{value:.0f} years" if value < LONG_YEARS else f"over {LONG_YEARS:,} years"


def text_interval(estimate: float, interval: Sequence[float], span: tuple[float, float]) -> str:
    """An interval as text: the line of zero, the reach of the interval, the estimate in it."""
    low, high = min(span[0], 0.0), max(span[1], 0.0)

    def place(value: float) -> int:
        return round((BAR - 1) * (value - low) / ((high - low) or 1))

    drawn = [" "] * BAR
    for at in range(place(interval[0]), place(interval[1]) + 1):
        drawn[at] = "─"
    drawn[place(0.0)] = "│"
    drawn[place(estimate)] = "●"
    return "".join(drawn)
