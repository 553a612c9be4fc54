"""`captilt report`: a recorded day, or a month, as one file."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from captilt.context import Common, Desk
from signals.errors import UsageError


def report(
    *,
    out: Annotated[Path, Parameter(help="File to write; tables go into a folder beside it.")] = Path(
        "captilt-report.html"
    ),
    brief: Annotated[
        bool, Parameter(help="One page: strip, view, why, risks, dates, one picture, verdict; PDF if --out ends so.")
    ] = False,
    month: Annotated[str | None, Parameter(help="YYYY-MM: the month's advice, decisions and outcomes.")] = None,
    quick: Annotated[bool, Parameter(help="Take the studies (cycle, claims, record) as they are, or none.")] = False,
    prepare: Annotated[bool, Parameter(show=False, negative="--no-prepare")] = True,  # the name of earlier versions
    common: Common = Common(),
) -> None:
    """Write one self-contained HTML file with charts, and the CSV and JSON twin of every table."""
    from captilt.terminal.console import console, print_json
    from captilt.web.report import day_report, month_report, write

    if out.suffix.lower() == ".pdf" and not brief:
        raise UsageError("only the brief is written as PDF.", remedy="Add --brief, or print the HTML report.")
    desk = Desk.open(common)
    if prepare and not quick and month is None:
        from captilt.studies.prepare import prepare as studies

        studies(desk)
    if brief:
        _write_brief(desk, common, out)
        return
    page, listed, known = month_report(desk, month) if month else day_report(desk, common.as_of)
    paths = write(out, page, listed, known)
    if common.json:
        print_json({"files": [str(path) for path in paths], "tables": sorted(listed)})
        return
    console().print(f"{paths[0]} ({len(page) // 1024} KB), tables in {paths[1]}/", markup=False, soft_wrap=True)


def _write_brief(desk: Desk, common: Common, out: Path) -> None:
    from captilt.output_file import write_output
    from captilt.terminal.console import console, print_json
    from captilt.web.brief import brief_html, brief_of
    from captilt.web.brief_pdf import brief_pdf
    from captilt.web.report import shown_day

    view, _ = shown_day(desk, common.as_of)
    content = brief_pdf(brief_of(view)) if out.suffix.lower() == ".pdf" else brief_html(view).encode()
    write_output(out, content)
    if common.json:
        print_json({"files": [str(out)], "tables": []})
        return
    console().print(f"{out} ({len(content) // 1024} KB)", markup=False, soft_wrap=True)
