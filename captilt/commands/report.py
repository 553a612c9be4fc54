"""`captilt report`: a recorded day, or a month, as one file."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk


def report(
    *,
    out: Annotated[Path, Parameter(help="File to write; tables go into a folder beside it.")] = Path(
        "captilt-report.html"
    ),
    month: Annotated[str | None, Parameter(help="YYYY-MM: the month's advice, decisions and outcomes.")] = None,
    prepare: Annotated[bool, Parameter(help="Prepare the studies (cycle, claims, record) that are missing.")] = True,
    common: Common = Common(),
) -> None:
    """Write one self-contained HTML file with charts, and the CSV and JSON twin of every table."""
    from captilt.terminal.console import console, print_json
    from captilt.web.report import day_report, month_report, studies_of, write

    desk = Desk.open(common)
    if prepare and month is None:
        from captilt.studies.prepare import prepare as studies

        studies(desk)
    page, listed = month_report(desk, month) if month else day_report(desk, common.as_of)
    paths = write(out, page, listed, {} if month else studies_of(desk, common.as_of))
    if common.json:
        print_json({"files": [str(path) for path in paths], "tables": sorted(listed)})
        return
    console().print(f"{paths[0]} ({len(page) // 1024} KB), tables in {paths[1]}/", markup=False, soft_wrap=True)
