"""The decision: a person's answer to one advice, bound to what was shown, kept for ever.

1. Advice is the newest run of the book. Its code is the hash of its content: a rerun that says the same
   has the same code, a changed number another one.
2. An answer names the code and the last decision that was on the page. Where either is no longer the
   newest, nothing is written: a stale page cannot approve new advice, nor overrule a colleague unseen.
3. Advice expires after a number of sessions (setting ``[review] valid_days``).
4. An answer can be replaced by a later one; the book keeps both, and the later one alone is in force: rejecting or
   deferring after an accept puts back the weight from before (`allocator.ledger.ledger.weights_in_force`).
5. What looks like a slip is asked about before anything is written: a weight below one percent, one beyond the limits
   of the advice, and any answer that replaces a colleague's.

The page and the command line call the same functions.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from allocator.ledger.hash_chain import canonical, digest
from captilt.contract.record import to_json
from captilt.contract.run import Run, read_run, run_json
from signals.calendars import NEW_YORK, day_of, session_count
from signals.errors import UsageError

if TYPE_CHECKING:
    from allocator.ledger.ledger import Book, Entry, Ledger
    from allocator.settings import TiltSettings
    from captilt.context import Desk

Verdict = Literal["accept", "modify", "reject", "defer"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
VOLATILE = ("run_id", "recorded_at", "timings")  # may differ between two runs of the same day (docs/CONTRACT.md)
CODE_DIGITS = 12  # shown to a person; forty-eight bits leave no room for a chance match in one book
ROUNDING = 1e-9  # points
SHORTEST_CODE = 8  # that a person may type
LONGEST_NOTE, LONGEST_WHO = 4_000, 80  # characters
FIRST_RUN = "`captilt run` records the first once market data are stored; the packaged sample is never recorded."


class StaleAdvice(UsageError):
    """The advice, or its decisions, changed since they were shown."""

    code = "stale_advice"


class ExpiredAdvice(UsageError):
    """The advice is too old to be decided."""

    code = "expired_advice"


class AmbiguousWeight(UsageError):
    """A weight that can be a percentage or a share of one."""

    code = "ambiguous_weight"


class NeedsConfirmation(UsageError):
    """The answer is unusual enough to be asked about; nothing was written.

    Attributes
    ----------
    questions : tuple of str
        What a person must mean to go on.
    """

    code = "needs_confirmation"

    def __init__(self, questions: tuple[str, ...]) -> None:
        self.questions = questions
        super().__init__(
            f"{' '.join(questions)} Nothing was written.", remedy="Repeat it with --yes if that is what you mean."
        )


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice and what was decided on it.

    Attributes
    ----------
    day : datetime.date
    code : str
        First digits of the content hash.
    run : Run
    content_hash : str
        Of the run as it stands in the ledger.
    seq : int
        Of the advice in the book (of the run, where the book has no advice entry); 0 for a study.
    decisions : tuple of Entry
        What was decided on it, oldest first.
    sessions_left : int
        Sessions on which it can still be decided, today included; 0 when it has expired.
    """

    day: dt.date
    code: str
    run: Run
    content_hash: str
    seq: int
    decisions: "tuple[Entry, ...]"
    sessions_left: int

    @property
    def last_decision(self) -> int:
        """Number of the last decision in the book, 0 for none."""
        return self.decisions[-1].seq if self.decisions else 0

    @property
    def settled(self) -> bool:
        """True once it was accepted, modified or rejected."""
        return any(entry.payload["verdict"] != "defer" for entry in self.decisions)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said.

    Attributes
    ----------
    verdict : str
    code : str
        Of the advice that was shown; at least `SHORTEST_CODE` digits.
    who, note : str
    target_weight : float or None
        0 to 1, for `modify` only.
    seen_decision : int or None
        Last decision that was shown; None where none could be shown.
    by : str
        page or command line.
    confirmed : bool
        True where the person was asked what `NeedsConfirmation` asks, and went on.
    """

    verdict: Verdict
    code: str
    who: str
    note: str = ""
    target_weight: float | None = None
    seen_decision: int | None = None
    by: str = "command line"
    confirmed: bool = False

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise UsageError(f"'{self.verdict}' is no decision.", remedy=f"Choose one of {', '.join(VERDICTS)}.")
        if not self.who.strip() or len(self.who) > LONGEST_WHO:
            raise UsageError(
                "a decision needs a name.", remedy=f"Say who decides, in at most {LONGEST_WHO} characters."
            )
        if len(self.note) > LONGEST_NOTE:
            raise UsageError(f"the note has {len(self.note)} characters.", remedy=f"Keep it to {LONGEST_NOTE}.")
        if (self.verdict == "modify") != (self.target_weight is not None):
            raise UsageError(
                "a weight goes with modify, and only with it.", remedy="Give the weight you want to hold, in percent."
            )
        if self.target_weight is not None and not 0 <= self.target_weight <= 1:
            raise UsageError(
                f"a weight of {100 * self.target_weight:g} % is not possible.", remedy="Give 0 to 100 percent."
            )


def read_weight(word: str) -> float:
    """A weight typed by a person, as 0 to 1: ``17.5``, ``17,5`` and ``17.5%`` are percent.

    Raises
    ------
    AmbiguousWeight
        For a number of one or less without a percent sign: 0.19 can be 0.19 % or 19 %.
    UsageError
        For anything that is no number.

    Examples
    --------
    >>> read_weight("17,5"), read_weight("0.5 %"), read_weight("0")
    (0.175, 0.005, 0.0)
    """
    text = word.strip().replace(",", ".")
    digits = text.removesuffix("%").strip()
    try:
        percent = float(digits)
    except ValueError:
        percent = math.nan
    if not math.isfinite(percent):
        raise UsageError(
            f"'{word[:20]}' is not a weight.", remedy="Give the weight in percent, for example 17.5."
        ) from None
    if 0 < abs(percent) <= 1 and not text.endswith("%"):
        raise AmbiguousWeight(
            f"'{word[:20]}' can be {percent:g} % or {100 * percent:g} %. Nothing was written.",
            remedy=f"Write {100 * percent:g} or {digits}%.",
        )
    return percent / 100


def content_hash(run: Mapping[str, Any]) -> str:
    """Hash of everything in a run that two runs of the same facts share (64 digits)."""
    return digest(canonical({name: value for name, value in run.items() if name not in VOLATILE}).encode())


def current(ledger: "Ledger", now: dt.datetime, valid_days: int) -> Advice | None:
    """What can be decided at `now`; None in a book without a run."""
    with ledger.reading() as book:
        return _current(book, now, valid_days)


def find_advice(ledger: "Ledger", code: str, now: dt.datetime, valid_days: int) -> Advice:
    """The advice of a code, of whatever day; the newest where several days begin with the same digits.

    Raises
    ------
    UsageError
        Where no recorded advice has that code, or the code is too short.
    """
    if len(code) < SHORTEST_CODE:
        raise UsageError(f"'{code}' is too short for a code.", remedy=f"Give at least {SHORTEST_CODE} digits.")
    with ledger.reading() as book:
        recorded = {entry.day: entry for entry in book.entries("advice")}
        for day in sorted(book.run_days(), reverse=True):
            known = recorded[day].payload.get("content_hash") if day in recorded else None
            if known is not None and not known.startswith(code[:CODE_DIGITS]):
                continue
            run = next(iter(book.entries("run", day)))
            if content_hash(run.payload).startswith(code[:CODE_DIGITS]):
                decisions = tuple(book.entries("decision", day))
                return advice_of(run, recorded.get(day), decisions, now=now, valid_days=valid_days)
    raise UsageError(f"no recorded advice has the code {code}.", remedy="`captilt review list` shows the codes.")


def of_day(ledger: "Ledger", day: dt.date, now: dt.datetime, valid_days: int) -> Advice | None:
    """The advice recorded for `day`; None where none is."""
    with ledger.reading() as book:
        run = book.run_of(day)
        if run is None:
            return None
        recorded = next(iter(book.entries("advice", day)), None)
        return advice_of(run, recorded, tuple(book.entries("decision", day)), now=now, valid_days=valid_days)


def study_advice(run: Run) -> Advice:
    """What a study advises: shown like advice, and never open to a decision, for it is not recorded."""
    shown = content_hash(run_json(run))
    return Advice(run.as_of, shown[:CODE_DIGITS], run, shown, 0, (), 0)


def decide(desk: "Desk", answer: Answer) -> "Entry":
    """Write `answer` into the book.

    Raises
    ------
    StaleAdvice
        Newer advice, or a decision that was not shown, stands in the book. Nothing was written.
    ExpiredAdvice
        The advice is older than ``[review] valid_days`` sessions. Nothing was written.
    NeedsConfirmation
        The answer is unusual and was not confirmed. Nothing was written.
    """
    now = desk.clock()
    with desk.ledger.transaction() as book:  # looked at and written in one transaction: no advice can slip between
        advice = _current(book, now, desk.settings.review.valid_days)
        if advice is None:
            raise StaleAdvice("no advice is recorded yet; nothing was written.", remedy=FIRST_RUN)
        _refuse_stale(advice, answer)
        open_questions = questions(advice, answer, desk.settings.tilt)
        if open_questions and not answer.confirmed:
            raise NeedsConfirmation(open_questions)
        return book.append("decision", advice.day, _payload(advice, answer, now), at=now)


def questions(advice: Advice, answer: Answer, limits: "TiltSettings") -> tuple[str, ...]:
    """What has to be confirmed before `answer` is written, one sentence each; empty for an ordinary answer."""
    return (*_beyond_limits(advice, answer, limits), *_replaces(advice))


def _beyond_limits(advice: Advice, answer: Answer, limits: "TiltSettings") -> tuple[str, ...]:
    if answer.target_weight is None:
        return ()
    recommendation = advice.run.recommendation
    weight, held_percent = 100 * answer.target_weight, 100 * recommendation.held_weight
    policy = 100 * recommendation.policy_weight
    step, tilt = abs(weight - held_percent), abs(weight - policy)
    warnings = []
    if tilt > limits.max_active_points + ROUNDING:
        warnings.append(
            f"{weight:g} % is {tilt:.1f} points from policy; the largest tilt is {limits.max_active_points:g}."
        )
    if step > limits.max_step_points + ROUNDING:
        largest = f"the largest step is {limits.max_step_points:g}"
        warnings.append(f"{weight:g} % moves {step:.1f} points from the {held_percent:.1f} % held; {largest}.")
    if (weight - held_percent) * recommendation.trade_points < 0:
        way = "buy" if recommendation.trade_points > 0 else "sell"
        warnings.append(f"The advice is to {way}; {weight:g} % goes the other way.")
    return tuple(warnings)


def _replaces(advice: Advice) -> tuple[str, ...]:
    """The answer that a new one would replace, in words; empty where there is none in force."""
    if not advice.decisions or advice.decisions[-1].payload["verdict"] == "defer":
        return ()
    return (f"This replaces {in_words(advice.decisions[-1])}.",)


def in_words(decision: "Entry") -> str:
    """A decision as its owner, weight and New York time: ``Ana's 19.0 % of 14:02``."""
    payload = decision.payload
    at = decision.recorded_at.astimezone(NEW_YORK)
    day = "" if at.date() == decision.day else f"{at:%Y-%m-%d} "
    what = "rejection" if payload["verdict"] == "reject" else f"{100 * payload['target_weight']:.1f} %"
    return f"{payload['who']}'s {what} of {day}{at:%H:%M}"


def advice_of(
    run: "Entry", recorded: "Entry | None", decisions: "tuple[Entry, ...]", *, now: dt.datetime, valid_days: int
) -> Advice:
    """The advice that a run gave, with the answers it has had so far.

    Parameters
    ----------
    run : Entry
    recorded : Entry or None
        The book's `advice` entry of that day, where it has one.
    decisions : tuple of Entry
        Of that day, oldest first.
    now : datetime.datetime
    valid_days : int
        Sessions on which advice can be decided.
    """
    seq, shown = recorded.seq if recorded else run.seq, content_hash(run.payload)
    return Advice(
        day=run.day,
        code=shown[:CODE_DIGITS],
        run=read_run(run.payload),
        content_hash=shown,
        seq=seq,
        decisions=tuple(entry for entry in decisions if entry.payload.get("advice") == seq),
        sessions_left=max(0, valid_days - session_count(run.day, day_of(now))),
    )


def _current(book: "Book", now: dt.datetime, valid_days: int) -> Advice | None:
    run = next(iter(book.entries("run", last=1)), None)
    if run is None:
        return None
    recorded = next(iter(book.entries("advice", run.day)), None)
    return advice_of(run, recorded, tuple(book.entries("decision", run.day)), now=now, valid_days=valid_days)


def _refuse_stale(advice: Advice, answer: Answer) -> None:
    if len(answer.code) < SHORTEST_CODE or not advice.code.startswith(answer.code[:CODE_DIGITS]):
        raise StaleAdvice(
            f"the advice shown to you ({answer.code[:CODE_DIGITS] or 'none'}) is not the newest: "
            f"that is {advice.code} of {advice.day}. Nothing was written.",
            remedy="Look at it again, then decide.",
        )
    if answer.seen_decision is not None and answer.seen_decision != advice.last_decision:
        last = advice.decisions[-1].payload if advice.decisions else {}
        raise StaleAdvice(
            f"{last.get('who', 'somebody')} answered {last.get('verdict', 'otherwise')} meanwhile. "
            "Nothing was written.",
            remedy="Look at that answer first, then decide.",
        )
    if advice.sessions_left == 0:
        raise ExpiredAdvice(
            f"the advice of {advice.day} has expired. Nothing was written.",
            remedy="Run `captilt run`, then decide on the new advice.",
        )


def _payload(advice: Advice, answer: Answer, now: dt.datetime) -> dict[str, Any]:
    recommendation = advice.run.recommendation
    weights = {
        "accept": recommendation.target_weight,
        "modify": answer.target_weight,
        "reject": recommendation.held_weight,
        "defer": recommendation.held_weight,
    }
    return {
        "advice": advice.seq,
        "advice_day": advice.day.isoformat(),
        "code": advice.code,
        "content_hash": advice.content_hash,
        "verdict": answer.verdict,
        "target_weight": weights[answer.verdict],
        "advised_weight": recommendation.target_weight,
        "held_weight": recommendation.held_weight,
        "who": answer.who.strip(),
        "note": answer.note.strip(),
        "by": answer.by,
        "decided_at": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "replaces": advice.last_decision or None,
    }


def advice_json(advice: Advice) -> dict[str, Any]:
    """What `captilt review show --json` and the API print."""
    return {
        "as_of": advice.day.isoformat(),
        "code": advice.code,
        "content_hash": advice.content_hash,
        "advice": advice.seq or None,
        "study": advice.run.study,
        "sessions_left": advice.sessions_left,
        "settled": advice.settled,
        "recommendation": to_json(advice.run.recommendation),
        "decisions": [{"seq": entry.seq, **entry.payload} for entry in advice.decisions],
    }
