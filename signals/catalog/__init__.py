"""Every signal, in the order in which a person reads them. A new one is a new file and a line here."""

from signals.catalog import (
    adviser_strength,
    capital_access,
    correlation,
    credit_change,
    credit_level,
    curve_slope,
    expected_path,
    financial_conditions,
    high_yield,
    idiosyncratic_risk,
    ipo_window,
    merger_activity,
    net_issuance,
    policy_change,
    rate_beta,
    relative_strength,
    universe_shrink,
    valuation_gap,
)
from signals.signal import Signal

SIGNALS: tuple[Signal, ...] = (
    policy_change.SIGNAL,
    expected_path.SIGNAL,
    curve_slope.SIGNAL,
    rate_beta.SIGNAL,
    credit_level.SIGNAL,
    credit_change.SIGNAL,
    high_yield.SIGNAL,
    capital_access.SIGNAL,
    financial_conditions.SIGNAL,
    adviser_strength.SIGNAL,
    ipo_window.SIGNAL,
    merger_activity.SIGNAL,
    net_issuance.SIGNAL,
    valuation_gap.SIGNAL,
    universe_shrink.SIGNAL,
    idiosyncratic_risk.SIGNAL,
    correlation.SIGNAL,
    relative_strength.SIGNAL,
)
BY_NAME: dict[str, Signal] = {signal.name: signal for signal in SIGNALS}
DEFAULT = ("policy_change", "credit_level", "curve_slope")  # METHOD 3: these three drive the tilt
