"""From a provider's rows to a delivery: cells, contract, comparison with what is held."""

import datetime as dt

import numpy as np

from signals.asof import History
from signals.calendars import day_of
from signals.errors import SourceError
from signals.series.dictionary import Series
from signals.sources.csv_sheet import Sheet, days, numbers
from signals.sources.provider import Arrival, Delivery, Remark
from signals.sources.validation.revisions import corrections, is_large
from signals.sources.validation.rules import breaches, disagreement

CHANGED_SHARE, CHANGED_LEAST = 0.5, 5  # half of at least five shared periods: no longer the same series
NO_VALUE = frozenset({".", ""})  # how FRED's API and its graph files say that a day has none
DISPUTED_PERCENT = 1.0  # above it a disagreement degrades the answer


def checked(
    series: Series,
    sheet: Sheet,
    before: History,
    now: dt.datetime,
    *,
    name: str,
    learned: np.ndarray | None = None,
) -> Delivery:
    """The facts of a sheet with columns `date` and `value`.

    Parameters
    ----------
    series : Series
    sheet : Sheet
    before : History
        What the store holds of the series.
    now : datetime.datetime
    name : str
        The provider, for messages.
    learned : ndarray of datetime64[us], optional
        Known-at of each row where the provider dates its revisions; by rule otherwise.

    Raises
    ------
    SourceError
        Where there is nothing usable at all, or the series is no longer the one we hold.
    """
    if not sheet.lines.size:
        raise SourceError(
            f"{name} sent no rows of {series.id}. Nothing of it was stored.",
            remedy="Try again later.",
            code="source_empty",
        )
    periods, bad = days(sheet.columns["date"])
    sheet.refuse(series.id, np.flatnonzero(bad), "cell.date", "not a date like 2023-12-29")
    values, wrong = numbers(sheet.columns["value"], NO_VALUE)
    sheet.refuse(series.id, np.flatnonzero(wrong), "cell.number", "not a number")
    bad |= wrong
    values[wrong] = np.nan
    for breach in breaches(series, periods, values, day_of(now)):
        if learned is not None and breach.rule in {"row.duplicate", "value.jump", "value.scale"}:
            continue  # a log repeats its periods, and a revision may be large
        sheet.refuse(series.id, breach.rows, breach.rule, breach.reason)
        bad[breach.rows] = True
    remarks = list(_order(series, periods[~np.isnat(periods)], revisions=learned is not None))
    keep = ~bad & (~np.isnan(values) if learned is None else True)
    if not keep.any() and sheet.refused:
        remarks.append(
            Remark(series.id, "series.unusable", f"not one row of {series.id} could be used", len(sheet.refused))
        )
    if learned is None:
        remarks += _compared(series, before, periods[keep], values[keep], name)
        learned = series.known(periods[keep])
    else:
        learned = learned[keep]
    facts = History.of(periods[keep], learned, values[keep])
    return Delivery((Arrival(series, facts),), tuple(sheet.refused), tuple(remarks))


def _order(series: Series, periods: np.ndarray, *, revisions: bool) -> tuple[Remark, ...]:
    if revisions or not periods.size:
        return ()
    remarks = []
    if (np.diff(periods.astype("int64")) < 0).any():
        remarks.append(Remark(series.id, "row.order", f"rows of {series.id} came out of order and were sorted"))
    twice = periods.size - np.unique(periods).size
    if twice:
        remarks.append(Remark(series.id, "row.repeated", f"{twice} rows of {series.id} came twice", twice))
    return tuple(remarks)


def _compared(series: Series, before: History, periods: np.ndarray, values: np.ndarray, name: str) -> list[Remark]:
    """Disagreement with what is held; a series that changed as a whole is refused."""
    shared, differing, _ = disagreement(before, periods, values)
    if differing and series.habit in {"never", "latest"} and _rebased(before, periods, values):
        raise SourceError(
            f"{name} now gives another value for {differing} of {shared} shared periods of {series.id}: it was rebased,"
            " or it is another series. Nothing of it was stored.",
            remedy="Compare it by hand; `captilt data export` keeps what is stored.",
            code="source_changed",
        )
    if series.habit == "never" and shared >= CHANGED_LEAST and differing > CHANGED_SHARE * shared:
        raise SourceError(
            f"{name} now gives another value for {differing} of {shared} shared periods of {series.id}, which is never"
            " revised. Nothing of it was stored.",
            remedy="Compare it by hand; `captilt data export` keeps what is stored.",
            code="source_changed",
        )
    return _corrected(series, before, periods, values, name) if differing and series.habit == "never" else []


def _corrected(series: Series, before: History, periods: np.ndarray, values: np.ndarray, name: str) -> list[Remark]:
    """What is said of values that differ from those held: taken as a correction, or kept aside."""
    last = before.latest()
    shared, ours, theirs = np.intersect1d(last.period, periods, return_indices=True)
    stored, now = last.value[ours], values[theirs]
    differs = ~np.isclose(stored, now, rtol=1e-9, atol=0.0)
    accepted = differs & corrections(series, shared, stored, now)
    large = differs & is_large(series, stored, now)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(stored != 0, 100 * np.abs(now / stored - 1), 100.0)
    remarks = []
    if accepted.any():
        count, worst = int(accepted.sum()), float(np.abs(now - stored)[accepted].max())
        rule = "value.disputed" if (accepted & large).any() else "value.corrected"
        sentence = f"{name} corrected {count} values of {series.id}, by up to {worst:.2g}; known from now on"
        remarks.append(Remark(series.id, rule, sentence, float(percent[accepted].max())))
    if (aside := differs & ~accepted).any():
        count, worst = int(aside.sum()), float(percent[aside].max())
        sentence = (
            f"{name} contradicts {count} stored values of {series.id}, by up to {worst:.2g} %; the stored value stays"
        )
        rule = "value.disputed" if worst > DISPUTED_PERCENT else "value.contradicted"
        remarks.append(Remark(series.id, rule, sentence, worst))
    return remarks


def _rebased(before: History, periods: np.ndarray, values: np.ndarray) -> bool:
    """True where every shared value is the held one times the same factor, other than one."""
    last = before.latest()
    _, ours, theirs = np.intersect1d(last.period, periods, return_indices=True)
    stored, now = last.value[ours], values[theirs]
    usable = (stored != 0) & (now != 0)
    if usable.sum() < CHANGED_LEAST:
        return False
    factor = now[usable] / stored[usable]
    return bool(abs(np.median(factor) - 1) > 0.02 and np.ptp(factor) < 0.005 * abs(np.median(factor)))  # noqa: PLR2004 - 2 % off, alike to 0.5 %
