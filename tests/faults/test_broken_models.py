"""Broken fits: the last valid parameters speak, the call says so, and no answer is ever not a number."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pytest

from regime.call import call_regime
from regime.features import Rows
from regime.models import BY_NAME, structural_hazard
from regime.models.model import Degenerate, FailedFit, Fitted, Model, Past
from regime.phase import PHASES
from regime.walk_forward import at_moment, attempt, checked, learned, past
from signals.calendars import cut, day_of
from signals.errors import NoAdvice
from tests.support.cycles import policy_only

CASES = 1_000
DAY = dt.date(2004, 3, 31)
MODELS = ("structural_hazard", "structural_logit", "free_logit", "last_move_table", "pool", "hidden_markov")


@dataclass(frozen=True, slots=True)
class Broken:
    """A fit that answers nonsense."""

    value: float

    def probabilities(self, rows: Rows) -> np.ndarray:
        return np.full((rows.size, len(PHASES)), self.value)


@pytest.fixture(scope="module")
def view():
    return policy_only(DAY)


def planted(known: Past, numbers: np.random.Generator) -> Past:
    """One of many ways in which a past can be degenerate."""
    rows, labels, moves = known.rows.values.copy(), known.labels.code.copy(), known.next_move.copy()
    place = numbers.integers(0, rows.shape[0], numbers.integers(1, rows.shape[0]))
    column = numbers.integers(0, rows.shape[1], numbers.integers(1, 6))
    kind = int(numbers.integers(0, 9))
    match kind:
        case 0:
            rows[place] = np.nan
        case 1:
            rows[np.ix_(place, column)] = numbers.choice([np.inf, -np.inf, 1e308, -1e308])
        case 2:
            labels[:] = numbers.integers(0, 4)  # one class in the window
            moves[np.isfinite(moves)] = 0.0
        case 3:
            rows[:] = rows[0]  # singular: every month alike
        case 4:
            labels = (labels + 2) % 4  # labels switched
        case 5:
            rows, labels, moves = rows[:1], labels[:1], moves[:1]
        case 6:
            moves[:] = np.nan
        case 7:
            rows[:, 0] = 0.0  # no direction
            rows[:, 1] = 0.0
        case _:
            rows *= 10.0 ** numbers.integers(-300, 300)
    count = rows.shape[0]
    mature = known.labels.mature[:count] & (numbers.random() > 0.1)
    return Past(Rows(known.rows.days[:count], rows), replace(known.labels, code=labels, mature=mature), moves)


def test_a_thousand_planted_cases_end_in_older_parameters_or_in_probabilities(view):
    known = past(view)
    numbers = np.random.default_rng(20261122)
    refused = 0

    with np.errstate(all="ignore"):
        for case in range(CASES):
            model = BY_NAME[MODELS[case % (len(MODELS) - 1)]]
            found = attempt(model, planted(known, numbers))
            if isinstance(found, FailedFit):
                refused += 1
                continue
            said = found.probabilities(known.rows)
            assert said.shape == (known.rows.size, 4)

    assert 100 < refused < CASES  # the cases do break fits, and do not break every one


@pytest.mark.slow
def test_planted_cases_break_hidden_states_politely(view):
    pytest.importorskip("hmmlearn")
    known = past(view)
    numbers = np.random.default_rng(5)

    with np.errstate(all="ignore"):
        for _ in range(60):
            found = attempt(BY_NAME["hidden_markov"], planted(known, numbers))
            assert isinstance(found, FailedFit) or np.isfinite(found.probabilities(known.rows)).all()


def breaking_from(day: dt.date, fault: Fitted | Exception) -> Model:
    """The default hazard until `day`, then a fault."""

    def fit(known: Past) -> Fitted:
        if known.rows.days[-1] < np.datetime64(day, "D"):
            return structural_hazard.POLICY.fit(known)
        if isinstance(fault, Exception):
            raise fault
        return fault

    return Model("planted", "breaks on a day", fit)


@pytest.mark.parametrize(
    "fault",
    [
        Broken(np.nan),
        Broken(-0.25),
        Broken(0.5),
        Broken(np.inf),
        Degenerate("label switching"),
        np.linalg.LinAlgError("singular"),
        FloatingPointError("underflow"),
        ValueError("one class"),
    ],
    ids=repr,
)
def test_the_last_valid_parameters_speak_and_say_so(view, fault):
    model = breaking_from(dt.date(2003, 1, 1), fault)

    found = learned(policy_only(DAY), model)

    assert day_of(found.moment) == dt.date(2002, 7, 31)
    assert "planted could not be fitted at 2004-01-30" in found.degraded
    assert "parameters of 2002-07-31" in found.degraded
    assert np.isfinite(at_moment(policy_only(DAY), model)).all()


def test_a_model_that_was_never_valid_gives_no_advice():
    model = Model("hopeless", "always breaks", lambda _: Broken(np.nan))

    with pytest.raises(NoAdvice, match="hopeless has no valid parameters"):
        learned(policy_only(DAY), model)


def test_an_answer_that_is_no_distribution_is_refused():
    for bad in ([0.5, 0.5, 0.5, 0.5], [1.2, -0.2, 0, 0], [np.nan, 1, 0, 0]):
        with pytest.raises(Degenerate):
            checked(np.array([bad]))


def test_the_call_carries_the_word_degraded_when_yields_are_missing():
    from regime.settings import RegimeSettings

    found = call_regime(policy_only(dt.date(2019, 8, 30)), RegimeSettings())

    assert "uses the policy path alone" in found.degraded
    assert abs(sum(found.probabilities.values()) - 1) < 1e-9


def test_without_decisions_there_is_no_advice():
    from regime.settings import RegimeSettings
    from signals.asof import AsOf

    with pytest.raises(NoAdvice, match="fomc:target"):
        call_regime(AsOf(cut(DAY), {}), RegimeSettings())
