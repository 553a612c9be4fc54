"""One message of every kind, made from a real run, for a look at them and for the test of a channel."""

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from captilt.alerts.compose import compose, failure, missed_alerts
from captilt.alerts.rules import Change, baseline
from captilt.alerts.weekly import week_sentences
from captilt.channels.message import Message
from captilt.formats import day

if TYPE_CHECKING:
    from captilt.contract.run import Run

SAMPLES = ("introduction", "change", "digest", "late_digest", "missed", "failure", "test")
OTHER_STANCE = {"underweight": "neutral", "overweight": "neutral", "neutral": "overweight"}


def example(
    kind: str, run: "Run | None", *, review_url: str, now: dt.datetime, week: tuple[str, ...] | None = None
) -> Message:
    """A message of one kind with real content.

    Parameters
    ----------
    kind : str
        One of `SAMPLES`.
    run : Run or None
        None is enough for a test message.
    review_url : str
    now : datetime.datetime
        Aware.
    week : tuple of str, optional
        Sentences of the week in the ledger; those of a first day where left out.
    """
    if kind == "test" or run is None:
        return _test_message(review_url, now)
    match kind:
        case "change":
            return compose(kind, run, review_url=review_url, changes=_changes(run))
        case "late_digest":
            late = compose(kind, run, review_url=review_url)
            return replace(late, change=f"Recorded late: the session of {day(run.as_of)}. {late.change}")
        case "missed":
            before = compose("digest", run, review_url=review_url).as_payload()
            return missed_alerts([before, before], run, review_url)
        case "failure":
            weight_text = f"{100 * run.recommendation.held_weight:.1f} % stays in {run.portfolio.small}."
            return failure(
                str(run.as_of),
                "No price of the pair is known for this session.",
                "Run `captilt data status`; what was missed is caught up by itself.",
                review_url=review_url,
                run_id=run.run_id,
                weight_text=weight_text,
            )
        case _:
            if week is None:
                week = week_sentences([run], ())
            return compose(kind, run, review_url=review_url, week=week if kind == "digest" else ())


def _changes(run: "Run") -> tuple[Change, ...]:
    """Another stance and another rung, as if they had been announced before."""
    now = baseline(run)
    stance = Change("stance", OTHER_STANCE[now["stance"]], now["stance"], cause=run.events)
    rung = Change("data", "OK" if now["data"] != "OK" else "DEGRADED", now["data"])
    return stance, rung


def _test_message(review_url: str, now: dt.datetime) -> Message:
    return Message(
        kind="test",
        day=now.date().isoformat(),
        subject="captilt test message",
        stance="This is a test.",
        size="No advice is meant by it.",
        change=f"Sent {now:%Y-%m-%d %H:%M %Z}.",
        why=(),
        despite=(),
        health="The channel works if you can read this.",
        details=(),
        link=review_url,
        run_id=f"test-{now:%Y%m%dT%H%M%S}",
    )
