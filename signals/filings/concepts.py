"""What is read from a filing: for each concept the tags of the US-GAAP taxonomy that report it, best first.

Companies report the same thing under different tags, and the taxonomy has renamed many since 2009. The first tag of
a concept that a filing uses for a date is taken; tags that a company invented (version equal to its accession
number) never count. Cash paid for interest is not interest expense and is left out.

References
----------
SEC, "Financial Statement Data Sets", sections 5.1 to 5.4; FASB, US GAAP Financial Reporting Taxonomy, 2009 to 2024.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Concept:
    """One quantity of a financial statement.

    Attributes
    ----------
    name : str
        Column of the tables.
    kind : str
        flow (over a number of quarters) | stock (at a date).
    tags : tuple of str
        Best first.
    """

    name: str
    kind: Literal["flow", "stock"]
    tags: tuple[str, ...]


_PRETAX = "IncomeLossFromContinuingOperationsBeforeIncomeTaxes"

CONCEPTS: tuple[Concept, ...] = (
    Concept(
        "revenue",
        "flow",
        (
            "Revenues",
            "RevenueFromContractWithCustomerExcludingAssessedTax",
            "RevenueFromContractWithCustomerIncludingAssessedTax",
            "SalesRevenueNet",
            "SalesRevenueGoodsNet",
            "SalesRevenueServicesNet",
        ),
    ),
    Concept("operating_income", "flow", ("OperatingIncomeLoss",)),
    Concept(
        "pretax_income",
        "flow",
        (
            f"{_PRETAX}ExtraordinaryItemsNoncontrollingInterest",
            f"{_PRETAX}MinorityInterestAndIncomeLossFromEquityMethodInvestments",
        ),
    ),
    Concept(
        "interest",
        "flow",
        ("InterestExpense", "InterestExpenseNonoperating", "InterestAndDebtExpense", "InterestExpenseDebt"),
    ),
    Concept(
        "depreciation_amortization",
        "flow",
        (
            "DepreciationDepletionAndAmortization",
            "DepreciationAndAmortization",
            "DepreciationAmortizationAndAccretionNet",
        ),
    ),
    Concept("depreciation", "flow", ("Depreciation", "DepreciationNonproduction")),
    Concept("amortization", "flow", ("AmortizationOfIntangibleAssets",)),
    Concept("net_income", "flow", ("NetIncomeLoss", "ProfitLoss", "NetIncomeLossAvailableToCommonStockholdersBasic")),
    Concept("assets", "stock", ("Assets",)),
    Concept("cash_and_investments", "stock", ("CashCashEquivalentsAndShortTermInvestments",)),
    Concept(
        "cash",
        "stock",
        (
            "CashAndCashEquivalentsAtCarryingValue",
            "CashCashEquivalentsRestrictedCashAndRestrictedCashEquivalents",
            "Cash",
        ),
    ),
    Concept(
        "short_investments",
        "stock",
        (
            "ShortTermInvestments",
            "MarketableSecuritiesCurrent",
            "AvailableForSaleSecuritiesDebtSecuritiesCurrent",
            "AvailableForSaleSecuritiesCurrent",
        ),
    ),
    Concept("debt_current", "stock", ("DebtCurrent",)),
    Concept(
        "long_debt_current",
        "stock",
        (
            "LongTermDebtAndCapitalLeaseObligationsCurrent",
            "LongTermDebtCurrent",
            "ConvertibleDebtCurrent",
            "ConvertibleNotesPayableCurrent",
            "SecuredDebtCurrent",
        ),
    ),
    Concept(
        "short_debt",
        "stock",
        (
            "ShortTermBorrowings",
            "ShortTermBankLoansAndNotesPayable",
            "CommercialPaper",
            "LineOfCreditCurrent",
            "LinesOfCreditCurrent",
            "NotesPayableCurrent",
            "OtherShortTermBorrowings",
        ),
    ),
    Concept(
        "long_debt",
        "stock",
        (
            "LongTermDebtAndCapitalLeaseObligations",
            "LongTermDebtNoncurrent",
            "LongTermNotesPayable",
            "LongTermLineOfCredit",
            "ConvertibleDebtNoncurrent",
            "ConvertibleLongTermNotesPayable",
            "SeniorLongTermNotes",
            "SecuredLongTermDebt",
            "OtherLongTermDebtNoncurrent",
        ),
    ),
    Concept(
        "long_debt_total",
        "stock",
        ("LongTermDebt", "LongTermDebtAndCapitalLeaseObligationsIncludingCurrentMaturities"),
    ),
    Concept("debt_total", "stock", ("DebtLongtermAndShorttermCombinedAmount", "DebtAndCapitalLeaseObligations")),
    Concept("public_float", "stock", ("EntityPublicFloat",)),
)
BY_NAME = {concept.name: concept for concept in CONCEPTS}
FLOWS = tuple(concept.name for concept in CONCEPTS if concept.kind == "flow")
STOCKS = tuple(concept.name for concept in CONCEPTS if concept.kind == "stock")
ROWS: tuple[tuple[str, str, int], ...] = tuple(
    (tag, concept.name, rank) for concept in CONCEPTS for rank, tag in enumerate(concept.tags)
)
STANDARD_TAXONOMIES = ("us-gaap/", "dei/")
FORMS = ("10-K", "10-Q", "10-K/A", "10-Q/A", "10-KT", "10-QT", "10-KT/A", "10-QT/A", "8-K", "8-K/A")
LARGEST = 1e13  # dollars; no company's total assets reach half of it
