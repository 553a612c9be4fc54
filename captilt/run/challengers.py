"""The registered rules beside the daily run: what they state today, and how their recorded statements have fared."""

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from allocator.challengers import Challenger, Compared, Statement, compare, registered_challengers, state
from signals.calendars import day_of

if TYPE_CHECKING:
    from allocator.ledger.ledger import Ledger
    from allocator.track_record import Cache
    from captilt.config.settings import Settings
    from signals.asof import AsOf

Stated = tuple[dt.date, tuple[Statement, ...]]  # a day and what every rule stated on it


def statements(
    ledger: "Ledger",
    view: "AsOf",
    settings: "Settings",
    *,
    cache: "Cache | None" = None,
    rules: Sequence[Challenger] | None = None,
) -> tuple[Statement, ...]:
    """What every rule registered by the view's day states on it.

    A function of the view, the settings and the runs recorded before the moment.
    """
    today = day_of(view.moment)
    active = [rule for rule in (registered_challengers() if rules is None else rules) if rule.registered <= today]
    if not active:
        return ()
    earlier = recorded(ledger, until=view.moment)
    made = (
        state(
            rule,
            view,
            settings.judgement,
            settings.regime,
            before=_at_month_start(rule, earlier, today),
            cache=cache,
        )
        for rule in active
    )
    return tuple(statement for statement in made if statement is not None)


def compared(
    ledger: "Ledger", view: "AsOf", settings: "Settings", *, rules: Sequence[Challenger] | None = None
) -> tuple[tuple[Compared, Statement | None], ...]:
    """Every rule on its recorded statements, with the newest of them."""
    earlier = recorded(ledger, until=view.moment)
    rows = []
    for rule in registered_challengers() if rules is None else rules:
        own = [
            (day, statement) for day, statements in earlier for statement in statements if statement.name == rule.name
        ]
        rows.append((compare(rule, own, view, settings.judgement), own[-1][1] if own else None))
    return tuple(rows)


def recorded(ledger: "Ledger", *, until: dt.datetime) -> list[Stated]:
    """Day and statements of every recorded run that has some, ascending."""
    rows = [(entry.day, entry.payload.get("challengers") or ()) for entry in ledger.entries("advice", until=until)]
    return sorted((day, tuple(Statement(**fields) for fields in stated)) for day, stated in rows if stated)


def _at_month_start(
    rule: Challenger, earlier: Sequence[tuple[dt.date, tuple[Statement, ...]]], today: dt.date
) -> float:
    """Active weight of the paper portfolio after the last statement of an earlier month; 0 before the first."""
    first = today.replace(day=1)
    before = [
        statement.active_weight_points
        for day, stated in earlier
        if rule.registered <= day < first
        for statement in stated
        if statement.name == rule.name
    ]
    return before[-1] if before else 0.0
