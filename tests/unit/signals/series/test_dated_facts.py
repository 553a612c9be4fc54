import datetime as dt

import pytest

from signals.series.dated_facts import DatedFact, known, shipped


def test_every_fact_has_a_source_and_an_expiry() -> None:
    assert len({fact.name for fact in shipped()}) == len(shipped())
    assert all(fact.source and fact.says and fact.unit for fact in shipped())


def test_a_fact_is_seen_from_its_publication_on() -> None:
    names = {day: {fact.name for fact in known(day)} for day in (dt.date(2018, 10, 14), dt.date(2018, 10, 15))}

    assert "leverage_small" not in names[dt.date(2018, 10, 14)]
    assert "leverage_small" in names[dt.date(2018, 10, 15)]


def test_an_expired_fact_is_shown_with_a_warning() -> None:
    fact = next(each for each in known(dt.date(2026, 11, 22)) if each.name == "leverage_small")

    assert fact.warning(fact.expires) == ""
    assert "look it up again" in fact.warning(fact.expires + dt.timedelta(days=1))


def test_a_fact_published_before_its_day_is_refused() -> None:
    with pytest.raises(ValueError, match="published"):
        DatedFact("odd", 1.0, "percent", "x", "y", dt.date(2020, 1, 2), dt.date(2020, 1, 1), dt.date(2021, 1, 1))
