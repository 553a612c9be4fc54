"""The store keeps two dates on every number and changes nothing it holds."""

import datetime as dt


def test_the_imported_store_knows_what_was_known(store):
    view = store.as_of(dt.datetime(2020, 3, 15, 21, tzinfo=dt.UTC))

    assert view["fomc:target"].iloc[-1] == 0.25
    assert view["fred:DGS10"].index[-1].date() == dt.date(2020, 3, 12)
