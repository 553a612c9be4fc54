"""Numbers that cannot be right: refused, each with a reason, before anything is computed from them.

- *absurd*: not finite, or beyond any company.
- *scale*: a filing that repeats known numbers times a thousand or a million (dollars entered as thousands). One such
  filing is refused; where the next one repeats the new scale the earlier one was wrong, and the new scale stands.
- *float*: negative, or a thousand times off the company's own assets or last float. A float of
  zero is no fault: subsidiaries and shells have one, and are not ranked.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from signals.filings.concepts import LARGEST
from signals.filings.quarters import Filings, Statements

SCALES = (3.0, 6.0)  # decimal places by which entries slip
SLACK = 0.02  # decimal places; a restatement by 5 % of the same number is no slip
COMPARED = ("assets", "cash", "net_income", "revenue")
FLOAT_SLIP = 2.5  # decimal places from the company's assets or its last float


@dataclass(frozen=True, slots=True)
class Refused:
    """One number or one filing that was not used.

    Attributes
    ----------
    filing : int
        Row in `Filings`.
    rule : str
        absurd | scale | float.
    value : float
    reason : str
    """

    filing: int
    rule: str
    value: float
    reason: str


def refuse_faults(filings: Filings, statements: Statements) -> tuple[Statements, tuple[Refused, ...]]:
    """The statements without what cannot be right, and what that was."""
    statements, absurd = _without_absurd(statements)
    slipped = _slipped_filings(filings, statements)
    rows = ~np.isin(statements.filing, [fault.filing for fault in slipped])
    statements = Statements(
        statements.filing[rows],
        statements.month[rows],
        statements.quarters[rows],
        {name: value[rows] for name, value in statements.values.items()},
    )
    statements, floats = _without_wrong_floats(filings, statements)
    return statements, (*absurd, *slipped, *floats)


def _without_absurd(statements: Statements) -> tuple[Statements, list[Refused]]:
    faults: list[Refused] = []
    values = dict(statements.values)
    for name, value in statements.values.items():
        wrong = np.isinf(value) | (np.abs(np.nan_to_num(value)) > LARGEST)
        if name == "assets":
            wrong |= value < 0
        if wrong.any():
            faults += [
                Refused(int(statements.filing[row]), "absurd", float(value[row]), f"{name} of {value[row]:.3g} dollars")
                for row in np.flatnonzero(wrong)
            ]
            values[name] = np.where(wrong, np.nan, value)
    return replace(statements, values=values), faults


def _slipped_filings(filings: Filings, statements: Statements) -> list[Refused]:
    """Filings on another scale than the numbers already known of their company."""
    shifts = _shifts(filings, statements)
    faults: list[Refused] = []
    offset: dict[int, tuple[float, int]] = {}  # company -> scale of the filing before, against what is accepted
    for filing in sorted(shifts):
        company, shift = int(filings.cik[filing]), shifts[filing]
        before, last = offset.get(company, (0.0, -1))
        shift += before
        if not shift:
            offset[company] = (0.0, filing)
            continue
        if before and last >= 0 and shift == before:
            offset[company] = (0.0, filing)  # two filings agree: the new scale stands
            continue
        offset[company] = (shift, filing)
        factor = 10.0**shift
        reason = f"numbers are {factor:g} times those of the filing before for the same dates"
        faults.append(Refused(filing, "scale", factor, reason))
    return faults


def _shifts(filings: Filings, statements: Statements) -> dict[int, float]:
    """For each filing that repeats earlier numbers: decimal places by which it is off the filing before, mostly 0."""
    offs: list[np.ndarray] = []
    owners: list[np.ndarray] = []
    for name in COMPARED:
        value = np.abs(statements.values[name])
        rows = np.flatnonzero(np.nan_to_num(value) > 0)
        filing = statements.filing[rows]
        order = np.lexsort((filing, statements.quarters[rows], statements.month[rows], filings.cik[filing]))
        rows, filing = rows[order], filing[order]
        same = (
            (filings.cik[filing[1:]] == filings.cik[filing[:-1]])
            & (statements.month[rows[1:]] == statements.month[rows[:-1]])
            & (statements.quarters[rows[1:]] == statements.quarters[rows[:-1]])
        )
        offs.append(np.log10(value[rows[1:]][same] / value[rows[:-1]][same]))
        owners.append(filing[1:][same])
    off, owner = np.concatenate(offs), np.concatenate(owners)
    if not off.size:
        return {}
    scale = np.zeros(off.size)
    for places in SCALES:
        near = np.abs(np.abs(off) - places) < SLACK
        scale[near] = np.sign(off[near]) * places
    suspects = np.unique(filings.cik[owner[scale != 0]])
    chosen = np.isin(filings.cik[owner], suspects)
    grouped: dict[int, list[float]] = {}
    for filing, step in zip(owner[chosen].tolist(), scale[chosen].tolist(), strict=True):
        grouped.setdefault(filing, []).append(step)
    return {filing: Counter(steps).most_common(1)[0][0] for filing, steps in grouped.items()}


def _without_wrong_floats(filings: Filings, statements: Statements) -> tuple[Statements, list[Refused]]:
    value = statements.values["public_float"]
    rows = np.flatnonzero(np.isfinite(value))
    if not rows.size:
        return statements, []
    rows = rows[np.argsort(statements.filing[rows], kind="stable")]
    assets = _assets_by_filing(filings, statements)
    faults: list[Refused] = []
    last: dict[int, float] = {}
    doubted: dict[int, float] = {}
    for row in rows.tolist():
        filing = int(statements.filing[row])
        company, size = int(filings.cik[filing]), float(value[row])
        reason = _float_fault(size, last.get(company), float(assets[filing]))
        confirmed = reason and company in doubted and size > 0 and abs(np.log10(size / doubted[company])) < 1
        if reason and not confirmed:
            faults.append(Refused(filing, "float", size, reason))
            if size > 0:
                doubted[company] = size
            continue
        if size > 0:
            last[company] = size
            doubted.pop(company, None)
    wrong = np.zeros(value.size, dtype=bool)
    refused = {(fault.filing, fault.value) for fault in faults}
    for row in rows.tolist():
        wrong[row] = (int(statements.filing[row]), float(value[row])) in refused
    return replace(statements, values={**statements.values, "public_float": np.where(wrong, np.nan, value)}), faults


def _assets_by_filing(filings: Filings, statements: Statements) -> np.ndarray:
    """Assets at the filing's own period; NaN where it has none."""
    assets = np.full(filings.cik.size, np.nan)
    value = statements.values["assets"]
    own = (statements.month == filings.month[statements.filing]) & np.isfinite(value) & (statements.quarters == 0)
    assets[statements.filing[own]] = value[own]
    return assets


def _float_fault(size: float, last: float | None, assets: float) -> str:
    """What is wrong with a float, in words; empty where nothing is."""
    if size < 0:
        return f"public float of {size:.3g} dollars"
    if size == 0:
        return ""
    nearer = bool(last) and assets > 0 and abs(np.log10(size / assets)) < abs(np.log10(last / assets))
    if last and abs(np.log10(size / last)) >= FLOAT_SLIP and not nearer:
        return f"public float of {size:.3g} dollars after {last:.3g}"
    if not last and assets > 0 and np.log10(size / assets) >= FLOAT_SLIP + 1:
        return f"public float of {size:.3g} dollars over assets of {assets:.3g}"
    return ""
