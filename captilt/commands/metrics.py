"""`captilt metrics`: what a monitor wants to know, as text."""

import sys

from captilt.context import Common, Desk


def metrics(*, common: Common = Common()) -> None:
    """Print last run, age of data, unsent alerts, ledger head and durations in Prometheus' text format."""
    from captilt.metrics import metrics_text

    sys.stdout.write(metrics_text(Desk.open(common)))
