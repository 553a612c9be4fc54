"""Worlds that differ only in what was learned after a moment."""

import datetime as dt

import numpy as np

from signals.asof import History
from signals.new_york import instant


def poison(history: History, moment: dt.datetime, value: float = 1e9) -> History:
    """The same history with every value known after `moment` made absurd."""
    return History(history.period, history.known_at, np.where(history.known_at > instant(moment), value, history.value))
