"""Interactive Brokers, Flex query, XML: open positions and the cash report of one or more accounts.

    <FlexQueryResponse><FlexStatements><FlexStatement accountId="U1234567">
      <OpenPosition currency="USD" fxRateToBase="1" assetCategory="STK" symbol="IWM" position="1200"
                    markPrice="220.10" positionValue="264120" levelOfDetail="SUMMARY"/>
      <CashReportCurrency currency="BASE_SUMMARY" endingCash="40000"/>

Lots repeat their summary and are skipped. A Flex query saved as CSV is an ordinary table.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from allocator.portfolio.brokers.numbers import DecimalMark, NotANumber, read_number
from allocator.portfolio.brokers.rows import Adapter, BookFile, FileRow, StatedTotal, clean_symbol
from allocator.portfolio.brokers.sheet import Sheet
from signals.errors import InputError

BASE = ("BASE_SUMMARY", "USD")  # the cash of all currencies together; where it is absent, the dollars
DOLLARS = ("", "USD")


def _recognises(sheet: Sheet) -> bool:
    return "<FlexQueryResponse" in sheet.text[:2000]


def _read(sheet: Sheet, _mark: DecimalMark | None) -> BookFile:
    if "<!DOCTYPE" in sheet.text or "<!ENTITY" in sheet.text:
        raise InputError("the Flex file declares entities.", remedy="Download it again; a real one declares none.")
    try:
        root = ET.fromstring(sheet.text)  # noqa: S314 - entities are refused above, the size is bounded
    except ET.ParseError as error:
        raise InputError(f"the Flex file is not XML: {error}.", remedy="Download it again.") from None
    rows: list[FileRow] = []
    totals: list[StatedTotal] = []
    for line, statement in enumerate(root.iter("FlexStatement"), 1):
        information = statement.find(".//AccountInformation")
        currency = "" if information is None else information.get("currency", "")
        rows += [*_positions(statement, currency, line), *_cash(statement, currency, line)]
        totals += _totals(statement, line)
    return BookFile("ibkr-flex", tuple(rows), tuple(totals))


def _positions(statement: ET.Element, currency: str, line: int) -> Iterator[FileRow]:
    for element in statement.iter("OpenPosition"):
        if element.get("levelOfDetail", "SUMMARY").upper() != "SUMMARY":
            continue
        rate = _number(element, "fxRateToBase") or 1.0
        own = element.get("currency", "USD").upper()
        price, value = _number(element, "markPrice"), _number(element, "positionValue")
        converted = currency in DOLLARS and (own == "USD" or element.get("fxRateToBase") is not None)
        yield FileRow(
            line=line,
            text=ET.tostring(element, encoding="unicode").strip()[:200],
            symbol=clean_symbol(element.get("symbol", "")),
            name=element.get("description", ""),
            kind=element.get("assetCategory", ""),
            account=element.get("accountId", "") or statement.get("accountId", ""),
            quantity=_number(element, "position"),
            price=None if price is None else price * rate,
            value=None if value is None else value * rate,
            reason="" if converted else f"its value is in {currency or own}, not in US dollars",
        )


def _cash(statement: ET.Element, currency: str, line: int) -> tuple[FileRow, ...]:
    by_currency = {element.get("currency", ""): element for element in statement.iter("CashReportCurrency")}
    element = next((by_currency[name] for name in BASE if name in by_currency), None)
    if element is None:
        return ()
    reason = "" if currency in DOLLARS else f"its value is in {currency}, not in US dollars"
    account = statement.get("accountId", "")
    return (
        FileRow(
            line, "CashReportCurrency", "CASH", "ending cash", "cash", account,
            value=_number(element, "endingCash"), reason=reason,
        ),
    )  # fmt: skip


def _totals(statement: ET.Element, line: int) -> tuple[StatedTotal, ...]:
    days = [element for element in statement.iter("EquitySummaryByReportDateInBase") if element.get("reportDate")]
    if not days:
        return ()
    total = _number(max(days, key=lambda element: element.get("reportDate", "")), "total")
    return () if total is None else (StatedTotal(line, statement.get("accountId", ""), total),)


def _number(element: ET.Element, name: str) -> float | None:
    number = read_number(element.get(name, ""), ".")
    return None if isinstance(number, NotANumber) else number


ADAPTER = Adapter("ibkr-flex", "Interactive Brokers Flex query", _recognises, _read)
