"""Is any of it reliable? Numbers that can say no, and the rule that turns them into a verdict."""

from allocator.evidence.effective_trials import distinct_rules, effective_rules, effective_trials, unfit_for_dsr
from allocator.evidence.forward_test import ForwardTest, forward_test, years_to_support
from allocator.evidence.multiplier import (
    Multiplier,
    RealisedShare,
    following_sums,
    multiplier_of,
    realised_share,
    realised_shares,
)
from allocator.evidence.overfitting import Overfitting, cscv, pbo, pbo_of_distinct
from allocator.evidence.power import Power, haircut_t, power_of_dsr
from allocator.evidence.resampling import (
    Superiority,
    block_length,
    bootstrap_interval,
    hac_covariance,
    spa,
    stationary_indices,
    superiority,
)
from allocator.evidence.sharpe import Moments, dsr, expected_maximum, information_ratio, luckiest, min_trl, psr
from allocator.evidence.specification import Specification, specification
from allocator.evidence.trials import Trial, Trials, registered_trials, trials_at
from allocator.evidence.verdict import (
    NO_EDGE,
    NOT_EVALUATED,
    SHORTEST_RECORD,
    SUPPORTED,
    SharpeTest,
    TrackRecord,
    Verdict,
    last_month_end,
    sharpe_test,
    verdict,
)
from allocator.evidence.year_ahead import Reliability, YearAhead, year_ahead

__all__ = [
    "NOT_EVALUATED",
    "NO_EDGE",
    "SHORTEST_RECORD",
    "SUPPORTED",
    "ForwardTest",
    "Moments",
    "Multiplier",
    "Overfitting",
    "Power",
    "RealisedShare",
    "Reliability",
    "SharpeTest",
    "Specification",
    "Superiority",
    "TrackRecord",
    "Trial",
    "Trials",
    "Verdict",
    "YearAhead",
    "block_length",
    "bootstrap_interval",
    "cscv",
    "distinct_rules",
    "dsr",
    "effective_rules",
    "effective_trials",
    "expected_maximum",
    "following_sums",
    "forward_test",
    "hac_covariance",
    "haircut_t",
    "information_ratio",
    "last_month_end",
    "luckiest",
    "min_trl",
    "multiplier_of",
    "pbo",
    "pbo_of_distinct",
    "power_of_dsr",
    "psr",
    "realised_share",
    "realised_shares",
    "registered_trials",
    "sharpe_test",
    "spa",
    "specification",
    "stationary_indices",
    "superiority",
    "trials_at",
    "unfit_for_dsr",
    "verdict",
    "year_ahead",
    "years_to_support",
]
