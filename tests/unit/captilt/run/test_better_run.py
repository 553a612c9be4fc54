"""What makes a run better than the recorded one of its session."""

from dataclasses import replace

import pytest

from captilt.contract.run import Run, read_run
from captilt.run.better_run import improvement, is_poor, newer_facts_notice, waits_for_decision
from tests.support.payloads import run as payload


def answer(status: str, confidence: float, *codes: str) -> Run:
    made = read_run(payload())
    return replace(made, data=replace(made.data, status=status, confidence=confidence, reason_codes=codes))


BETTER = {
    "the decision is known": (
        answer("DEGRADED", 0.975, "POLICY_LATE"), answer("DEGRADED", 0.9, "CREDIT_LATE"), "the Fed's decision is known now",
    ),
    "a better rung": (answer("STALE", 0.3), answer("DEGRADED", 0.8), "the data went from STALE to DEGRADED"),
    "more confidence": (answer("DEGRADED", 0.5), answer("DEGRADED", 0.9), "went from 0.50 to 0.90"),
}  # fmt: skip
NO_BETTER = {
    "the same": (answer("DEGRADED", 0.9), answer("DEGRADED", 0.9)),
    "a hair": (answer("DEGRADED", 0.9), answer("DEGRADED", 0.904)),
    "a worse rung": (answer("DEGRADED", 0.5), answer("STALE", 0.9)),
    "still waiting": (answer("DEGRADED", 0.975, "POLICY_LATE"), answer("DEGRADED", 0.975, "POLICY_LATE")),
    "whole already": (answer("OK", 1.0), answer("OK", 1.0)),
}


@pytest.mark.parametrize("kind", BETTER)
def test_a_better_run_says_why(kind: str) -> None:
    before, now, reason = BETTER[kind]

    assert reason in improvement(before, now)


@pytest.mark.parametrize("kind", NO_BETTER)
def test_a_run_that_is_no_better_replaces_nothing(kind: str) -> None:
    assert improvement(*NO_BETTER[kind]) == ""


def test_a_whole_run_is_left_alone_and_a_waiting_one_is_known() -> None:
    assert not is_poor(answer("OK", 1.0))
    assert is_poor(answer("DEGRADED", 0.975, "POLICY_LATE"))
    assert waits_for_decision(answer("DEGRADED", 0.975, "POLICY_LATE"))


def test_newer_facts_are_named() -> None:
    assert newer_facts_notice(("fred:DGS10",)).startswith("Newer facts are stored than this run used (fred:DGS10): ")
    assert "a, b, c, ...)" in newer_facts_notice(("a", "b", "c", "d"))
