"""`captilt vehicle`: active or passive, after fees and luck."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from captilt.context import Common, Desk
from signals.errors import UsageError

if TYPE_CHECKING:
    from allocator.portfolio.vehicle import Track, Verdict

TYPICAL_FEE = 0.60  # percent per year above an index fund: METHOD's example of an active small-cap fund


def vehicle(
    *,
    alpha: Annotated[float | None, Parameter(help="Gross alpha seen, percent per year.")] = None,
    tracking_error: Annotated[float | None, Parameter(help="Percent per year.")] = None,
    years: Annotated[float | None, Parameter(help="Length of the record.")] = None,
    extra_fee: Annotated[float, Parameter(help="Fee above an index fund, percent per year.")] = TYPICAL_FEE,
    cost: Annotated[float, Parameter(help="Other extra cost, percent per year.")] = 0.0,
    fund: Annotated[
        tuple[str, ...], Parameter(help="Symbols held in the store; a list of its own where left out.")
    ] = (),
    common: Common = Common(),
) -> None:
    """Judge one record, or the small-cap funds in the store against the Russell 2000 and the S&P 600."""
    from captilt.terminal import console

    given = {"--alpha": alpha, "--tracking-error": tracking_error, "--years": years}
    absent = [name for name, value in given.items() if value is None]
    if 0 < len(absent) < len(given):
        raise UsageError(
            f"a record needs --alpha, --tracking-error and --years; {' and '.join(absent)} is missing.",
            remedy="Give all three, or none to see the funds.",
        )
    if alpha is None or tracking_error is None or years is None:
        _funds(common, fund, extra_fee=extra_fee, cost=cost)
        return
    from allocator.portfolio.vehicle import Track, judge

    track = Track(alpha, tracking_error, years, extra_fee, cost)
    verdict = judge(track)
    if common.json:
        console.print_json({**_record(track), **_verdict(verdict)})
        return
    console.console().print(_said(track, verdict))


def _record(track: "Track") -> dict[str, Any]:
    return {
        "alpha_percent": track.alpha,
        "tracking_error_percent": track.tracking_error,
        "years": track.years,
        "extra_fee_percent": track.extra_fee,
        "cost_percent": track.cost,
    }


def _verdict(verdict: "Verdict") -> dict[str, Any]:
    return {
        "choice": verdict.choice,
        "posterior_mean_percent": verdict.posterior_mean,
        "posterior_sd_percent": verdict.posterior_sd,
        "probability": verdict.probability,
        "break_even_mean_percent": verdict.break_even_mean,
        "break_even_percent": verdict.break_even,
    }


def _said(track: "Track", verdict: "Verdict") -> str:
    left = f"{verdict.posterior_mean:.2f} % (sd {verdict.posterior_sd:.2f}) once luck is taken out"
    return (
        f"[bold]{verdict.choice.capitalize()}.[/] An alpha of {track.alpha:g} % a year over {track.years:g} years at"
        f" {track.tracking_error:g} % tracking error leaves {left}.\n"
        f"The chance that it beats the extra fee of {track.extra_fee:g} % is {100 * verdict.probability:.0f} %;"
        f" 60 % are needed.\nActive would need {verdict.break_even:.2f} % a year"
        f" ({verdict.break_even_mean:.2f} % on the mean alone). Belief before looking: 0 % with sd 1 %."
    )


def _funds(common: Common, symbols: tuple[str, ...], *, extra_fee: float, cost: float) -> None:
    from dataclasses import asdict

    from allocator.portfolio.funds import FUNDS, table
    from allocator.portfolio.vehicle import Track
    from captilt.terminal import console
    from captilt.terminal.vehicle import face
    from signals.calendars import day_of
    from signals.errors import NoAdvice

    Track(0.0, 1.0, 1.0, extra_fee, cost)  # refuses impossible fees before any work
    desk = Desk.open(common)
    view = desk.store.as_of(desk.moment(common))
    rows = table(view, tuple(symbol.upper() for symbol in symbols) or FUNDS, extra_fee=extra_fee, cost=cost)
    if not rows:
        raise NoAdvice(
            "no fund asked for shares 36 months with IWM or IJR in the store.",
            remedy="Import or fetch their prices, or give --alpha, --tracking-error and --years.",
            code="short_history",
        )
    if common.json:
        listed = [
            {**{name: value for name, value in asdict(row).items() if name != "verdict"}, **_verdict(row.verdict)}
            for row in rows
        ]
        console.print_json(
            {"as_of": day_of(view.moment), "extra_fee_percent": extra_fee, "cost_percent": cost, "rows": listed}
        )
        return
    console.console().print(face(rows, extra_fee=extra_fee, day=day_of(view.moment)))
