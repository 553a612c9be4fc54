"""`captilt doctor`: whether this desk is fit to be left alone."""

from typing import Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk

MARKS = {"ok": "[green]ok[/]", "warning": "[yellow]warning[/]", "failed": "[bold red]failed[/]"}


def doctor(
    *,
    reach: Annotated[bool, Parameter(negative="", help="Connect to the channels and log in; nothing is sent.")] = False,
    common: Common = Common(),
) -> int:
    """Check settings, keys, clock, calendar, disk, store, ledger, freshness, runs, channels, outbox and backups."""
    from rich.markup import escape
    from rich.table import Table

    from captilt.doctor import inspect
    from captilt.terminal.console import console, print_json

    findings = inspect(Desk.open(common), reach=reach)
    failed = sum(finding.state == "failed" for finding in findings)
    if common.json:
        print_json({"ok": not failed, "rows": [finding.row() for finding in findings]})
        return 5 if failed else 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("check", "state", "seen", "remedy"):
        table.add_column(heading, overflow="fold")
    for finding in findings:
        table.add_row(finding.check, MARKS[finding.state], escape(finding.detail), escape(finding.remedy))
    console().print(table)
    return 5 if failed else 0
