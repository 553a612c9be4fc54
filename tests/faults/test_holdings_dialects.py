"""Two hundred books in every dialect of offices and brokers: each is read as it was meant, or refused; none turns.

QUALITY: order and advice agree in direction; unknown value over five percent is refused; no wrong-way order.
"""

import dataclasses
import io
import random
import zipfile

import pytest

from allocator import tilt
from allocator.portfolio.brokers.sheet import sheet_of_cells
from allocator.portfolio.holdings import read_holdings
from allocator.portfolio.rebalance import View, advise_book
from allocator.settings import TiltSettings
from captilt.config.settings import Settings
from captilt.context import Desk
from captilt.contract.run import read_run
from captilt.review.book_file import BookFile
from captilt.review.orders import orders_for
from captilt.review.workbook import read_sheet
from signals.errors import InputError
from tests.support.payloads import payload

BOOKS = 200
SEED = 20221106
SMALL, LARGE, REST = ("IWM", "IJR", "AVUV", "VSMAX"), ("SPY", "VOO", "FXAIX"), ("TLT", "GLD", "AAPL")
SETTINGS = Settings()


def a_book(random_):
    """Symbol to whole shares and price; cash beside them."""
    symbols = [random_.choice(SMALL), *random_.sample(LARGE, 2), *random_.sample(REST, random_.randint(0, 3))]
    return (
        {s: (random_.randint(10, 30_000), round(random_.uniform(5, 700), 2)) for s in symbols},
        round(random_.uniform(0, 200_000), 2),
    )


def american(number, decimals=2):
    return f"{number:,.{decimals}f}"


def german(number, decimals=2):
    return american(number, decimals).translate(str.maketrans(",.", ".,"))


def value_of(book, cash):
    return sum(shares * price for shares, price in book.values()) + cash


def schwab(book, cash):
    rows = ['"Positions for account Individual ...123 as of 04:15 PM ET, 2022/06/02"', ""]
    rows += ['"Symbol","Description","Qty (Quantity)","Price","Mkt Val (Market Value)","Security Type"']
    rows += [
        f'"{s}","NAME, INC","{american(q, 0)}","${american(p)}","${american(q * p)}","ETFs & Closed End Funds"'
        for s, (q, p) in book.items()
    ]
    rows += [f'"Cash & Cash Investments","--","--","--","${american(cash)}","Cash and Money Market"']
    return "\n".join([*rows, f'"Account Total","--","--","--","${american(value_of(book, cash))}","--"'])


def fidelity(book, cash):
    rows = ["Account Number,Account Name,Symbol,Description,Quantity,Last Price,Current Value,Type"]
    rows += [f"X1,Individual,SPAXX**,HELD IN MONEY MARKET,,,${cash:.2f},Cash,"]
    rows += [f"X1,Individual,{s},NAME,{q},${p},${q * p:.2f},Margin," for s, (q, p) in book.items()]
    return "\n".join([*rows, "", '"The data and information in this spreadsheet is provided to you, solely"'])


def vanguard(book, cash):
    rows = ["Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,"]
    rows += [f"1,NAME,{s},{q},{p},{q * p:.2f}," for s, (q, p) in book.items()]
    rows += [f"1,VANGUARD FEDERAL MONEY MARKET FUND,VMFXX,{cash},1.00,{cash},", "", ""]
    rows += ["Account Number,Trade Date,Settlement Date,Transaction Type,Symbol,Shares,Share Price,Principal Amount,"]
    return "\n".join([*rows, "1,2022-05-02,2022-05-04,Buy,IWM,9000,180,-1620000,"])


def ibkr(book, cash):
    rows = ["Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,Close Price,Value"]
    for s, (q, p) in book.items():
        rows += [f"Open Positions,Data,Summary,Stocks,USD,{s},{q},1,{p},{q * p:.2f}"]
        rows += [f"Open Positions,Data,Lot,Stocks,USD,{s},{q},1,{p},{q * p:.2f}"]
    rows += [f"Open Positions,Total,,Stocks,USD,,,,,{value_of(book, 0):.2f}"]
    return "\n".join([*rows, f"Cash Report,Data,Ending Cash,Base Currency Summary,{cash},{cash},0,"])


def table(separator, number, *, total="", head=("symbol", "quantity", "price", "value"), cash_word="CASH"):
    def write(book, cash):
        quote = '"' if separator == "," else ""
        lines = [separator.join(head)]
        for s, (q, p) in book.items():
            cells = (number(q, 0), number(p), number(q * p))
            lines.append(separator.join([s, *(f"{quote}{cell}{quote}" for cell in cells)]))
        lines.append(separator.join([cash_word, "", "", f"{quote}{number(cash)}{quote}"]))
        if total:
            lines.append(separator.join([total, "", "", f"{quote}{number(value_of(book, cash))}{quote}"]))
        return "\n".join(lines)

    return write


def workbook(book, cash):
    rows = [["Positions", None], ["Ticker", "Shares", "Last price", "Market value"]]
    rows += [[s, q, p, q * p] for s, (q, p) in book.items()]
    return sheet_of_cells([*rows, ["Cash", None, None, cash], ["Total", None, None, value_of(book, cash)]])


DIALECTS = {
    "schwab": schwab,
    "fidelity": fidelity,
    "vanguard": vanguard,
    "ibkr": ibkr,
    "american table": table(",", american, total="TOTAL"),
    "german table": table(";", german, total="Summe", head=("Symbol", "Stück", "Kurs", "Wert")),
    "tabs and dollars": table("\t", lambda n, d=2: f"${american(n, d)}", cash_word="VMFXX"),
    "workbook": workbook,
}


@pytest.fixture
def desk(tmp_path):
    """Without one fact, so that no fund's record says which is sold first."""
    return Desk(SETTINGS, tmp_path)


def orders(desk, holdings, view):
    """Orders of a run that was worked out for the policy weight."""
    advice = advise_book(view, held_weight=0.2, policy_weight=0.2, settings=SETTINGS.tilt)
    run = read_run(payload())
    recommendation = dataclasses.replace(
        run.recommendation, view_points=view.points, held_weight=0.2, step_from_weight=0.2, action=advice.action,
        stance=tilt.stance(view.points, TiltSettings()), trade_points=advice.trade_points, reason_code="MODEL",
    )  # fmt: skip
    risk = dataclasses.replace(run.risk, sigma_annual_percent=view.sigma_percent)
    data = dataclasses.replace(run.data, confidence=view.confidence)
    run = dataclasses.replace(run, recommendation=recommendation, risk=risk, data=data)
    return orders_for(desk, run, holdings, BookFile("book", b"", 0.2))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_book_in_any_dialect_gets_an_order_that_points_the_wrong_way(desk, dialect):
    random_ = random.Random(f"{SEED}{dialect}")
    for _ in range(BOOKS // len(DIALECTS)):
        book, cash = a_book(random_)
        view = View(random_.uniform(-20, 20), random_.choice([1.0, 0.5]), random_.uniform(8, 20))

        holdings = read_holdings(DIALECTS[dialect](book, cash), small="IWM", large="SPY")
        result = orders(desk, holdings, view).result
        held = sum(q * p for s, (q, p) in book.items() if s in SMALL) / value_of(book, cash)
        bought = sum((1 if t.side == "buy" else -1) * t.money for t in result.trades if t.symbol in SMALL)
        wanted = 100 * (result.advice.target_weight - held)

        assert holdings.weight("small") == pytest.approx(held, abs=1e-6)
        assert holdings.total == pytest.approx(value_of(book, cash), rel=1e-6)
        assert bought * wanted >= 0
        assert bool(result.trades) == (abs(wanted) >= SETTINGS.tilt.smallest_trade_points) or result.remarks


@pytest.mark.parametrize("dialect", DIALECTS)
def test_more_than_five_percent_of_an_unknown_fund_is_refused_in_every_dialect(desk, dialect):
    random_ = random.Random(f"{SEED + 1}{dialect}")
    for share in (0.02, 0.2):
        book, cash = a_book(random_)
        shares = round(share / (1 - share) * value_of(book, cash) / 10)
        holdings = read_holdings(DIALECTS[dialect]({**book, "QZQZX": (shares, 10.0)}, cash), small="IWM", large="SPY")

        assert any("QZQZX" in question for question in holdings.open_questions)
        if share > 0.05:
            with pytest.raises(InputError, match="no order is written"):
                orders(desk, holdings, View(5.0, 1.0, 10.3))
        else:
            orders(desk, holdings, View(5.0, 1.0, 10.3))


def test_a_workbook_that_unpacks_without_end_is_refused_by_all_its_parts_together():
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(4):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", bytes(16_000_000))

    with pytest.raises(InputError, match=r"unpacks to 64,000,000 bytes; at most 60,000,000"):
        read_sheet(bomb.getvalue())
