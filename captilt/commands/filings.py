"""`captilt filings`: company filings of the SEC, fetched, checked and reduced to how companies are financed."""

from typing import TYPE_CHECKING, Any

from captilt.context import Common, Desk
from captilt.formats import counted

if TYPE_CHECKING:
    from signals.sources.filings.fetch import FetchedFilings, FilingsSettings
    from signals.sources.filings.tables import FilingsFolder

SHOWN = 8  # lines of each kind a person is shown before "and more"
FOLDER = "filings"
FIRST_FETCH = "The panel waits for the first `captilt filings fetch`: about 70 archives, 6 GB, once."


def fetch(*quarters: str, common: Common = Common()) -> int:
    """Fetch the quarters that are missing and rebuild the series; or only the quarters named (2023q4)."""
    from captilt.operations.run_lock import only_one
    from captilt.terminal.console import print_json, progress
    from signals.sources.filings.extra import require

    require()
    from signals.sources.filings.archive import Quarter
    from signals.sources.filings.fetch import fetch_filings
    from signals.sources.filings.publish import publish

    desk = Desk.open(common)
    only = [Quarter.parse(text) for text in quarters]
    with (
        only_one(desk.home, doing="a fetch of filings", server=desk.settings.store.url, now=desk.clock()),
        progress("filings") as advance,
    ):
        report = fetch_filings(
            _folder(desk), _settings(desk), desk.clock(), only=only, step=lambda _, done, of: advance(done, of)
        )
        receipt = publish(desk.store, _folder(desk), desk.settings.filings, desk.clock(), step=advance)
    if common.json:
        print_json(_fetch_object(report, receipt.stored))
    else:
        _say_fetch(report, receipt.stored)
    return 3 if report.failures and not (report.quarters or report.floats) else 0


def show(*, common: Common = Common()) -> None:
    """Small and large companies side by side: debt, interest, pass-through, losses, as known at the moment."""
    from captilt.contract.financing import financing_answer
    from captilt.terminal.console import console, print_json
    from captilt.terminal.filings import financing_screen

    desk = Desk.open(common)
    answer = financing_answer(desk.store.as_of(desk.moment(common)))
    if common.json:
        print_json(answer)
        return
    screen = console()
    screen.print(financing_screen(answer, screen.width))


def status(*, common: Common = Common()) -> None:
    """Which quarters are held, what was refused, and whether every file is whole."""
    from captilt.terminal.console import console, print_json

    desk = Desk.open(common)
    state = _status_object(desk)
    if common.json:
        print_json(state)
        return
    screen = console()
    if state["missing_libraries"]:
        screen.print(
            f"[yellow]{' and '.join(state['missing_libraries'])} missing: `pip install 'captilt\\[filings]'`.[/]"
        )
    if not state["quarters"]:
        screen.print(FIRST_FETCH, soft_wrap=True)
        return
    screen.print(
        f"{counted(len(state['quarters']), 'quarter')}, {state['quarters'][0]} to {state['quarters'][-1]}; "
        f"{state['numbers']:,} numbers; {state['company_quarters']:,} company-quarters."
    )
    if state["missing_quarters"]:
        screen.print(f"[yellow]Missing: {', '.join(state['missing_quarters'][:SHOWN])}.[/] `captilt filings fetch`")
    for name in state["damaged"]:
        screen.print(f"[yellow]{name} is damaged; the next fetch brings it again.[/]")
    for rule, count in state["refused"].items():
        screen.print(f"  {count:>6,} refused  [dim]{rule}[/]")


def _folder(desk: Desk) -> "FilingsFolder":
    from signals.sources.filings.tables import FilingsFolder

    return FilingsFolder(desk.home / FOLDER)


def _settings(desk: Desk) -> "FilingsSettings":
    from signals.sources.filings.archive import Quarter
    from signals.sources.filings.fetch import FilingsSettings

    chosen = desk.settings.sources.filings
    return FilingsSettings(
        archives_url=chosen.archives_url,
        api_url=chosen.api_url,
        index_url=chosen.index_url,
        user_agent=chosen.user_agent or desk.settings.sources.edgar.user_agent,
        requests_per_second=chosen.requests_per_second,
        timeout_seconds=chosen.timeout_seconds,
        budget_seconds=chosen.budget_seconds,
        first=Quarter.parse(chosen.first),
    )


def _status_object(desk: Desk) -> dict[str, Any]:
    from collections import Counter

    from signals.sources.filings.archive import Quarter
    from signals.sources.filings.extra import missing
    from signals.sources.filings.fetch import over, quarters_between

    folder = _folder(desk)
    manifest = folder.manifest()
    quarters = folder.names("numbers", manifest)
    first = Quarter.parse(desk.settings.sources.filings.first)
    wanted = [str(quarter) for quarter in quarters_between(first, over(desk.clock()))]
    rows = {name: entry.rows for name, entry in manifest.files.items()}
    refused = Counter(row.rule for refusals in manifest.refusals.values() for row in refusals)
    return {
        "missing_libraries": list(missing()),
        "quarters": list(quarters),
        "missing_quarters": [name for name in wanted if name not in quarters] if quarters else wanted,
        "numbers": sum(count for name, count in rows.items() if name.startswith("numbers/")),
        "company_quarters": rows.get("panel/company_quarters", 0),
        "damaged": list(folder.damaged(manifest)),
        "refused": dict(sorted(refused.items())),
        "rows": [
            {"file": name, "where": row.where, "value": row.value, "rule": row.rule, "reason": row.reason}
            for name, refusals in sorted(manifest.refusals.items())
            for row in refusals
        ],
    }


def _fetch_object(report: "FetchedFilings", stored: int) -> dict[str, Any]:
    from dataclasses import asdict

    built = report.built
    return {
        "quarters": report.quarters,
        "floats": report.floats,
        "running_filings": report.running,
        "company_quarters": built.filings if built else 0,
        "stored": stored,
        "failures": report.failures,
        "refused": [asdict(row) for row in report.refusals],
    }


def _say_fetch(report: "FetchedFilings", stored: int) -> None:
    from captilt.terminal.console import console, styled

    screen = console()
    built = report.built
    screen.print(
        f"{counted(len(report.quarters), 'archive')}, {counted(len(report.floats), 'quarter')} of public floats and "
        f"{counted(report.running, 'filing')} of the running quarter came; "
        f"{built.filings if built else 0:,} company-quarters; {counted(stored, 'new fact')}.",
        soft_wrap=True,
    )
    for row in report.refusals[:SHOWN]:
        screen.print(styled("  {} {}: {} [dim]({})[/]", row.file, row.where, row.reason, row.rule), soft_wrap=True)
    if len(report.refusals) > SHOWN:
        screen.print(f"  and {len(report.refusals) - SHOWN} more: `captilt filings status --json` lists them.")
    for failure in report.failures[:SHOWN]:
        screen.print(styled("[yellow]  {}[/]", failure), soft_wrap=True)
