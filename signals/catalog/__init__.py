"""Every signal, in the order in which a person reads them. A new one is a new file and a line here."""

from signals.catalog import credit_level, curve_slope, policy_change
from signals.signal import Signal

SIGNALS: tuple[Signal, ...] = (
    policy_change.SIGNAL,
    curve_slope.SIGNAL,
    credit_level.SIGNAL,
)
BY_NAME: dict[str, Signal] = {signal.name: signal for signal in SIGNALS}
DEFAULT = ("policy_change", "credit_level", "curve_slope")  # METHOD 3: these three drive the tilt
