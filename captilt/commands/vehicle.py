"""`captilt vehicle`: active or passive, after fees, tilts and luck."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from captilt.context import Common
from captilt.run.packaged_sample import reading_desk
from signals.errors import UsageError

if TYPE_CHECKING:
    from allocator.portfolio.vehicle import Track, Verdict


def vehicle(
    *,
    alpha: Annotated[float | None, Parameter(help="Observed gross alpha, percent per year.")] = None,
    tracking_error: Annotated[float | None, Parameter(help="Percent per year.")] = None,
    years: Annotated[float | None, Parameter(help="Length of the record.")] = None,
    extra_fee: Annotated[
        float | None,
        Parameter(help="Fee above an index fund, percent per year; each fund's own, or 0.6, where left out."),
    ] = None,
    cost: Annotated[float, Parameter(help="Other extra cost, percent per year.")] = 0.0,
    fund: Annotated[
        tuple[str, ...], Parameter(help="Symbols in the store; every small-cap fund of the table where left out.")
    ] = (),
    common: Common = Common(),
) -> None:
    """Judge one record, or the small-cap funds in the store against the Russell 2000 and the S&P 600."""
    from captilt.terminal import console

    record = {"--alpha": alpha, "--tracking-error": tracking_error, "--years": years}
    absent = [name for name, value in record.items() if value is None]
    if 0 < len(absent) < len(record):
        raise UsageError(
            f"a record needs --alpha, --tracking-error and --years; {' and '.join(absent)} is missing.",
            remedy="Give all three, or none to see the funds.",
        )
    if alpha is None or tracking_error is None or years is None:
        _funds(common, fund, extra_fee=extra_fee, cost=cost)
        return
    from allocator.portfolio.funds import TYPICAL_EXTRA_FEE
    from allocator.portfolio.vehicle import Track, weigh_record
    from captilt.contract.vehicle import record_answer

    track = Track(alpha, tracking_error, years, TYPICAL_EXTRA_FEE if extra_fee is None else extra_fee, cost)
    verdict = weigh_record(track)
    if common.json:
        console.print_json(record_answer(track, verdict))
        return
    console.console().print(_sentences(track, verdict))


def _sentences(track: "Track", verdict: "Verdict") -> str:
    left = f"{verdict.posterior_mean:.2f} % (sd {verdict.posterior_sd:.2f}) once luck is taken out"
    return (
        f"[bold]{verdict.choice.capitalize()}.[/] An alpha of {track.alpha:g} % a year over {track.years:g} years at"
        f" {track.tracking_error:g} % tracking error leaves {left}.\n"
        f"The chance that it beats the extra fee of {track.extra_fee:g} % is {100 * verdict.probability:.0f} %;"
        f" 60 % are needed.\nActive would need {verdict.break_even:.2f} % a year"
        f" ({verdict.break_even_mean:.2f} % on the mean alone). Belief before looking: 0 % with sd 1 %."
    )


def _funds(common: Common, symbols: tuple[str, ...], *, extra_fee: float | None, cost: float) -> None:
    from allocator.portfolio.funds import compare_funds, default_symbols
    from allocator.portfolio.vehicle import Track
    from allocator.returns import old_prices
    from captilt.contract.vehicle import funds_answer
    from captilt.terminal import console
    from captilt.terminal.vehicle import funds_screen
    from signals.calendars import day_of
    from signals.errors import NoAdvice

    Track(0.0, 1.0, 1.0, extra_fee or 0.0, cost)  # refuses impossible fees before any work
    desk = reading_desk(common)
    view = desk.store.as_of(desk.moment(common))
    chosen = tuple(symbol.upper() for symbol in symbols) or default_symbols()
    funds = compare_funds(view, chosen, extra_fee=extra_fee, cost=cost)
    if not funds.rows:
        raise NoAdvice(
            "no fund asked for shares 36 months with IWM or IJR in the store.",
            remedy="Import or fetch their prices, or give --alpha, --tracking-error and --years.",
            code="short_history",
        )
    old = old_prices(view, dict.fromkeys(row.symbol for row in funds.rows))
    answer = replace(funds_answer(funds, day_of(view.moment), extra_fee=extra_fee, cost=cost), old_prices=old)
    if common.json:
        console.print_json(answer)
        return
    console.console().print(funds_screen(answer))
