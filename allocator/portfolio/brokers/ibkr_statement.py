"""Interactive Brokers, activity statement, CSV: many sections in one file, each row naming its section.

    Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,...,Close Price,Value,...
    Open Positions,Data,Summary,Stocks,USD,IWM,1200,1,...,220.10,264120,...
    Open Positions,Total,,Stocks,USD,,,,...,264120,...
    Cash Report,Data,Ending Cash,Base Currency Summary,40000,40000,0,
    Net Asset Value,Data,Total,...,304120,...

Lots stand below their summary and are skipped. Amounts in another currency than the dollar are not read.
"""

from allocator.portfolio.brokers.numbers import DecimalMark, NotANumber, read_number
from allocator.portfolio.brokers.rows import Adapter, BookFile, FileRow, StatedTotal, TableReader, columns_of
from allocator.portfolio.brokers.sheet import Cells, Sheet

POSITIONS, CASH, WORTH, INFORMATION = "Open Positions", "Cash Report", "Net Asset Value", "Account Information"
SECTIONS = (POSITIONS, CASH, WORTH, INFORMATION)
DISCRIMINATOR = 2  # column that tells a summary from its lots


def _recognises(sheet: Sheet) -> bool:
    return any(len(cells) > DISCRIMINATOR and cells[:2] == (POSITIONS, "Header") for _, cells in sheet.rows)


def _read(sheet: Sheet, mark: DecimalMark | None) -> BookFile:
    mark = mark or "."
    table: TableReader | None = None
    rows: list[FileRow] = []
    totals: list[StatedTotal] = []
    account, currency, heads = "", "", {}
    for line, cells in sheet.rows:
        if len(cells) <= DISCRIMINATOR or cells[0] not in SECTIONS:
            continue
        section, role = cells[0], cells[1]
        if role == "Header":
            heads[section] = cells
            if section == POSITIONS:
                table = TableReader(columns_of(cells), mark, account)
        elif section == POSITIONS and role == "Data" and cells[DISCRIMINATOR] == "Summary" and table is not None:
            table.take(line, cells)
        elif section == INFORMATION and cells[DISCRIMINATOR] == "Account":
            account = cells[3]
        elif section == INFORMATION and cells[DISCRIMINATOR] == "Base Currency":
            currency = cells[3].upper()
        elif section == CASH and cells[2:4] == ("Ending Cash", "Base Currency Summary"):
            rows.append(_cash(line, cells, heads.get(CASH, ()), mark, account, currency))
        elif section == WORTH and cells[DISCRIMINATOR] == "Total":
            totals.extend(_worth(line, cells, heads.get(WORTH, ()), mark, account))
    return BookFile("ibkr-statement", (*(table.rows if table else ()), *rows), tuple(totals))


def _cash(line: int, cells: Cells, head: Cells, mark: DecimalMark, account: str, currency: str) -> FileRow:
    at = head.index("Total") if "Total" in head else 4
    number = read_number(cells[at] if at < len(cells) else "", mark)
    known = None if isinstance(number, NotANumber) else number
    reason = f"its value is in {currency}, not in US dollars" if currency not in ("", "USD") else ""
    return FileRow(line, ", ".join(cells), "CASH", "ending cash", "cash", account, value=known, reason=reason)


def _worth(line: int, cells: Cells, head: Cells, mark: DecimalMark, account: str) -> tuple[StatedTotal, ...]:
    at = head.index("Current Total") if "Current Total" in head else -1
    number = read_number(cells[at], mark) if 0 <= at < len(cells) else None
    return (StatedTotal(line, account, number),) if isinstance(number, float) else ()


ADAPTER = Adapter("ibkr-statement", "Interactive Brokers activity statement", _recognises, _read)
