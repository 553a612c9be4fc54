"""`captilt data`: what is held, how old it is, what was refused; import, export, fetch."""

from pathlib import Path
from typing import TYPE_CHECKING

from captilt.context import Common, Desk
from captilt.formats import counted, day

if TYPE_CHECKING:
    from signals.sources.files.importer import Imported
    from signals.sources.refresh import FetchReport
    from signals.store.inventory import Holding

SHOWN = 8  # refusals a person is shown before "and more"


def import_(folder: Path, *, common: Common = Common()) -> None:
    """Import a folder with a manifest.csv and one file per series, or one of Parquet files."""
    from captilt.operations.run_lock import only_one
    from captilt.terminal.console import print_json, progress
    from signals.sources.files.importer import import_folder, manifest
    from signals.sources.files.parquet import import_parquet

    desk = Desk.open(common)
    columnar = next(folder.glob("*.parquet"), None) is not None
    total = 0 if columnar else len(manifest(folder))
    with (
        only_one(desk.home, doing="an import", server=desk.settings.store.url, now=desk.clock()),
        progress(f"importing {folder.name}") as advance,
    ):
        read: list[str] = []

        def tick(file: str) -> None:
            read.append(file)
            advance(len(read), max(total, len(read)))

        read_folder = import_parquet if columnar else import_folder
        imported = read_folder(desk.store, folder, at=desk.clock(), progress=tick)
    if common.json:
        print_json(_import_object(imported))
    else:
        _say_import(imported)


def export(folder: Path, *, parquet: bool = False, common: Common = Common()) -> None:
    """Export everything held to a new folder, in the format of `data import`.

    Parameters
    ----------
    parquet
        One Parquet file per provider, with both dates on every row (extra captilt[filings]).
    """
    from captilt.terminal.console import console, print_json
    from signals.sources.files.exporter import export_folder
    from signals.sources.files.parquet import export_parquet

    done = (export_parquet if parquet else export_folder)(Desk.open(common).store, folder)
    if common.json:
        print_json({"folder": str(folder), "files": done.files, "series": done.series, "facts": done.facts})
        return
    console().print(
        f"{counted(done.facts, 'fact')} of {done.series:,} series in {counted(done.files, 'file')} in {folder}."
    )
    console().print("[dim]Much of it may not be passed on: see the column `terms` of its manifest.csv.[/]")


def migrate(*, to: str = "", from_: str = "", common: Common = Common()) -> None:
    """Copy facts and ledger of the state folder to a PostgreSQL server, or back into an empty state folder.

    Parameters
    ----------
    to
        URL of an empty database: postgresql+psycopg://USER@HOST/DATABASE.
    from_
        URL of the database that is copied into the state folder.
    """
    from captilt.config.settings import is_server_address
    from captilt.operations.migration import to_files, to_server
    from captilt.operations.run_lock import only_one
    from captilt.terminal.console import console, print_json, progress
    from signals.errors import UsageError

    url = to or from_
    if not is_server_address(url) or (to and from_):
        raise UsageError(
            "name one server, with --to or with --from, and no password: libpq finds one (PGPASSWORD, PGPASSFILE).",
            remedy="postgresql+psycopg://USER@HOST/DATABASE",
        )
    desk = Desk.open(common)
    with only_one(desk.home, doing="a migration", server=url, now=desk.clock()), progress("copying") as advance:
        facts, entries = (
            to_server(desk.home, url, progress=advance) if to else to_files(url, desk.home, progress=advance)
        )
    if common.json:
        print_json({"facts": facts, "entries": entries, "to": to or str(desk.home)})
        return
    console().print(f"{counted(facts, 'fact')} and {counted(entries, 'ledger entry')} copied and verified.")
    if to:
        console().print("Now set this in the settings of every machine:")
        console().print(f'\n[store]\nurl = "{to}"', markup=False, soft_wrap=True)


def fetch(*series: str, common: Common = Common()) -> int:
    """Fetch everything, or only the series named (fred:DGS10, yahoo:IWM)."""
    from captilt.config.settings import secret
    from captilt.operations.run_lock import only_one
    from captilt.run.daily import wanted_by_settings
    from captilt.terminal.console import print_json, progress
    from signals.errors import UsageError
    from signals.sources.refresh import refresh

    if odd := [name for name in series if ":" not in name]:
        raise UsageError(
            f"{odd[0]!r} is not a series.", remedy="Name it with its provider, like fred:DGS10 or yahoo:IWM."
        )
    desk = Desk.open(common)
    with (
        only_one(desk.home, doing="a fetch", server=desk.settings.store.url, now=desk.clock()),
        progress("fetching") as advance,
    ):
        report = refresh(
            desk.store,
            desk.settings.sources,
            desk.clock(),
            wanted=series,
            also=wanted_by_settings(desk),
            secret=secret,
            cache=desk.home / "cache",
            progress=advance,
        )
    if common.json:
        print_json(_fetch_object(report))
    else:
        _say_fetch(report)
    return 0 if report.used else 3


def status(*series: str, all_: bool = False, common: Common = Common()) -> None:
    """Age, gaps, truncation, quarantine of every series; name one for its refusals.

    Parameters
    ----------
    all_
        Show the series in order too, not only those with something to say.
    """
    from captilt.terminal.console import print_json
    from signals.store.inventory import contradictions, family, holdings, quarantine

    desk = Desk.open(common)
    moment = desk.cut_of(common.as_of) if common.as_of else desk.clock()
    stored = holdings(desk.store, moment)
    if series:
        stored = tuple(holding for holding in stored if holding.series in {family(name) for name in series})
    refused = [row for name in (series or ("",)) for row in quarantine(desk.store, name)]
    clashes = [row for name in (series or ("",)) for row in contradictions(desk.store, name)]
    if common.json:
        print_json(
            {
                "as_of": moment,
                "rows": [_row(holding) for holding in stored],
                "quarantine": refused,
                "contradictions": clashes,
            }
        )
        return
    _say_status(stored, refused, clashes, everything=bool(series) or all_)


def _row(holding: "Holding") -> dict[str, object]:
    from dataclasses import asdict

    return asdict(holding)


def _import_object(imported: "Imported") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "files": imported.files,
        "series": imported.series,
        "stored": imported.receipt.stored,
        "repeated": imported.receipt.repeated,
        "refused": len(imported.refused),
        "newly_refused": imported.receipt.refused,
        "contradictions": [asdict(contradiction) for contradiction in imported.receipt.contradictions],
        "skipped": [{"series": name, "reason": why} for name, why in imported.skipped],
        "rules": _rules(imported),
    }


def _rules(imported: "Imported") -> list[dict[str, object]]:
    from collections import Counter

    counts = Counter((refusal.series, refusal.rule, refusal.reason) for refusal in imported.refused)
    return [{"series": s, "rule": rule, "reason": reason, "rows": n} for (s, rule, reason), n in counts.most_common()]


def _say_import(imported: "Imported") -> None:
    from captilt.terminal.console import console, styled

    screen = console()
    screen.print(
        f"{counted(imported.receipt.stored, 'new fact')} of {imported.series:,} series from"
        f" {counted(imported.files, 'file')}."
    )
    for name, why in imported.skipped:
        screen.print(styled("[dim]{}: {}.[/]", name, why))
    if imported.refused:
        screen.print(f"{counted(len(imported.refused), 'row')} refused, now in quarantine:")
    rules = _rules(imported)
    for rule in rules[:SHOWN]:
        screen.print(
            styled("  {:>6}  {}  {} [dim]({})[/]", f"{rule['rows']:,}", rule["series"], rule["reason"], rule["rule"])
        )
    if len(rules) > SHOWN:
        screen.print(f"  and {len(rules) - SHOWN} more kinds: `captilt data status` lists every row.")
    for clash in imported.receipt.contradictions[:SHOWN]:
        values = f"stored {clash.stored:g}, the file has {clash.offered:g}; the stored value stays"
        screen.print(styled("[yellow]{} {}: {}.[/]", clash.series, clash.period, values))


def _fetch_object(report: "FetchReport") -> dict[str, object]:
    from dataclasses import asdict

    return asdict(report)


def _say_fetch(report: "FetchReport") -> None:
    from captilt.terminal.console import console, styled

    screen = console()
    for notice in report.notices:
        screen.print(styled("{}{}.", notice[0].upper(), notice[1:]), soft_wrap=True)
    screen.print(
        f"{counted(report.stored, 'new fact')}; {counted(report.refused, 'row')} refused;"
        f" {counted(report.contradicted, 'contradiction')}."
    )
    for remark in report.remarks[:SHOWN]:
        screen.print(styled("  {} [dim]({})[/]", remark.sentence, remark.rule), soft_wrap=True)
    for fault in report.failed[:SHOWN]:
        screen.print(styled("[yellow]  {} {}: {}[/]", fault.source, fault.series, fault.reason), soft_wrap=True)


COUNTS = {"gaps": "gaps", "refused": "refused", "contradicted": "disputed"}  # shown where there are any


def _say_status(
    stored: "tuple[Holding, ...]",
    refused: list[dict[str, object]],
    clashes: list[dict[str, object]],
    *,
    everything: bool,
) -> None:
    from rich.markup import escape
    from rich.table import Table

    from captilt.terminal.console import console, styled

    screen = console()
    if not stored:
        screen.print(
            "No data are stored. Import a folder with `captilt data import DIR`, or fetch with `captilt data fetch`."
        )
        return
    shown = [
        holding
        for holding in stored
        if everything or holding.condition != "ok" or holding.refused or holding.contradicted
    ]
    good = len(stored) - len(shown)
    table = Table(box=None, pad_edge=False)
    columns = [name for name in COUNTS if any(getattr(holding, name) for holding in shown)]
    rows = [_status_row(holding, columns) for holding in shown]
    for column, title in enumerate(("series", "newest", "age", *(COUNTS[name] for name in columns), "state")):
        widest = max((len(row[column]) for row in rows), default=0)
        table.add_column(
            title,
            justify="left" if title in ("series", "newest", "state") else "right",
            no_wrap=title != "series",
            min_width=None if title == "series" else max(widest, len(title)),  # a number is never cut, a name folds
            overflow="fold",
        )
    colours = {"stale": "yellow", "truncated": "yellow", "ended": "dim"}
    for holding, row in zip(shown, rows, strict=True):
        table.add_row(escape(row[0]), *row[1:-1], styled(f"[{colours.get(holding.condition, 'none')}]{{}}[/]", row[-1]))
    if shown:
        screen.print(table)
    if good:
        screen.print(f"{good} more series are in order (`--all` shows them).")
    screen.print("[dim]Age in trading sessions / allowed; * only the latest revision is stored: not point in time.[/]")
    if refused:
        screen.print(f"\nQuarantine: {counted(len(refused), 'row')}, the newest:")
        for row in refused[:SHOWN]:
            screen.print(styled("  {place}  {content}  [dim]{reason} ({rule})[/]", **row), soft_wrap=True)
    for row in clashes[:SHOWN]:
        screen.print(styled("[yellow]  {series} {period}: stored {held}, {source} gives {offered}[/]", **row))


def _status_row(holding: "Holding", columns: list[str]) -> tuple[str, ...]:
    """The cells of one series, as they are shown."""
    age = "" if holding.age is None else f"{holding.age}/{holding.allowed_age}"
    state = f"{holding.condition}{'' if holding.point_in_time else ' *'}"
    counts = (_count(getattr(holding, name) or None) for name in columns)
    return (holding.series, day(holding.newest), age, *counts, state)


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
