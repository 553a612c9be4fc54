"""The regime models and the walk-forward splits in scikit-learn's conventions.

`PhaseClassifier` wraps a model of the registry as an estimator (``fit``, ``predict_proba``, ``get_params``, clone,
pipelines). `WalkForward` is a splitter for `sklearn.model_selection.cross_validate`: it trains on labels that were
mature when the test months began and on nothing later. `training_frame` gives both their rows.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from regime.dating import date_cycle
from regime.features import COLUMNS, Rows
from regime.maturity import Labels, labels_known
from regime.models import named
from regime.models.model import Past
from regime.phase import PHASES
from regime.walk_forward import checked, past
from signals.asof import AsOf
from signals.calendars import target_changes

UNLABELLED = ""  # a month before the first phase
START = (dt.date(1982, 9, 27), 10.25)  # first day and level of the target's record, percent
NEXT_MOVE = "next_move"
NAMES = np.array([phase.value for phase in PHASES])
BY_NAME = np.argsort(NAMES)  # metrics of scikit-learn take the columns to be sorted, and do not check it
CLASSES = NAMES[BY_NAME]


def training_frame(view: AsOf) -> tuple[pd.DataFrame, pd.Series]:
    """Features and labels at every month-end known at the view's moment.

    Parameters
    ----------
    view : AsOf

    Returns
    -------
    X : DataFrame, shape (n, len(COLUMNS) + 1)
        Indexed by month-end session; columns as in `regime.features.COLUMNS` with their units, and ``next_move``:
        sign of the first material move before the next month-end, NaN where that month is not over.
    y : Series of str, shape (n,)
        Phase as dated at the view's moment; ``""`` before the first. Dating uses later decisions: pass it through
        `WalkForward`, which trains on mature labels only.
    """
    known = past(view)
    index = pd.DatetimeIndex(known.rows.days.astype("datetime64[us]"), name="month_end")
    frame = pd.DataFrame(known.rows.values, index=index, columns=list(COLUMNS))
    frame[NEXT_MOVE] = known.next_move
    names = np.array([*(phase.value for phase in PHASES), UNLABELLED])
    return frame, pd.Series(names[known.labels.code], index=index, name="phase")


class PhaseClassifier(ClassifierMixin, BaseEstimator):
    """A model of the rate cycle as a scikit-learn classifier.

    Parameters
    ----------
    model : str
        Name in `regime.models`; models that need other models' forecasts (pool, calibrated) cannot be used.

    Attributes
    ----------
    classes_ : ndarray of str, shape (4,)
        The four phases sorted by name, as scikit-learn's metrics suppose; the order of `predict_proba`'s columns.
    fitted_ : Fitted

    Raises
    ------
    ValueError
        Where X lacks the columns of `training_frame`, or the past does not identify the parameters.
    """

    def __init__(self, model: str = "structural_hazard_bound") -> None:
        self.model = model

    def fit(self, X: Any, y: Any) -> Self:  # noqa: N803 - scikit-learn's own names
        """Learn from rows of `training_frame` and their phases.

        Parameters
        ----------
        X : DataFrame or ndarray, shape (n, len(COLUMNS) + 1)
            In the order of `training_frame`; the last column may be NaN.
        y : array of str, shape (n,)
            Phases; rows with ``""`` are left out of models that learn from labels.
        """
        checked_data: Any = validate_data(self, X, y, ensure_all_finite="allow-nan", dtype="float64")
        values, labels = checked_data
        check_classification_targets(labels)
        if values.shape[1] != len(COLUMNS) + 1:
            raise ValueError(
                f"X has {values.shape[1]} features, but {type(self).__name__} is expecting the {len(COLUMNS) + 1} "
                f"columns of training_frame(view) as input."
            )
        order = {phase.value: code for code, phase in enumerate(PHASES)}
        unknown = sorted({str(label) for label in labels} - {*order, UNLABELLED})
        if unknown:
            raise ValueError(
                f"y holds {unknown[:3]}, which is none of the phases {', '.join(order)}. Nothing was fitted."
            )
        code = np.array([order.get(str(label), -1) for label in labels], dtype=np.int8)
        known = Past(Rows(_days(X, len(code)), values[:, :-1]), Labels(code, code >= 0), values[:, -1])
        self.fitted_ = named(self.model).fit(known)
        self.classes_ = CLASSES
        return self

    def predict_proba(self, X: Any) -> np.ndarray:  # noqa: N803
        """Probability of each phase in the order of ``classes_``; shape (n, 4), rows sum to one."""
        check_is_fitted(self)
        values: Any = validate_data(self, X, reset=False, ensure_all_finite="allow-nan", dtype="float64")
        chances = checked(self.fitted_.probabilities(Rows(_days(X, len(values)), values[:, :-1])))
        return chances[:, BY_NAME]

    def predict(self, X: Any) -> np.ndarray:  # noqa: N803
        """Most probable phase of each row; shape (n,)."""
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.non_deterministic = False
        return tags


class WalkForward:
    """Expanding-window splits that never train on a label before it is final.

    Parameters
    ----------
    first : datetime.date
        No test month ends before it.
    every : int
        Months in a test block; the model is fitted anew for each block.
    purge : int
        Months before each test block that are left out of training: at least one, because ``next_move`` of the last
        month is not over; more for outcomes that overlap longer.
    decisions : sequence of (datetime.date, float), optional
        Days and levels of the target, percent; by default the shipped FOMC decisions.

    Notes
    -----
    A month may train a block only if the decisions known the day before the block's first month-end already date it
    and no later decision can change that (`regime.maturity`). `legs` gives groups for resampling whole legs.
    """

    def __init__(
        self,
        first: dt.date = dt.date(1995, 1, 1),
        *,
        every: int = 6,
        purge: int = 1,
        decisions: tuple[tuple[dt.date, float], ...] | None = None,
    ) -> None:
        self.first, self.every, self.purge = first, every, purge
        rows = (START, *target_changes()) if decisions is None else decisions
        self._days = np.array([day for day, _ in rows], dtype="datetime64[D]")
        self._target = np.array([target for _, target in rows], dtype=float)

    def __repr__(self) -> str:
        return f"WalkForward(first={self.first}, every={self.every}, purge={self.purge})"

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:  # noqa: ARG002, N803
        """Positions to train on and to test, one pair for each block, oldest first.

        Raises
        ------
        ValueError
            Where X is not indexed by day.
        """
        days = _index_days(X)
        tested = np.flatnonzero(days >= np.datetime64(self.first, "D"))
        for start in range(0, tested.size, self.every):
            block = tested[start : start + self.every]
            today: Any = days[block[0]] - np.timedelta64(1, "D")
            known = self._days <= today
            candidates = np.arange(max(0, block[0] - self.purge))
            labels = labels_known(self._days[known], self._target[known], label_days=days[candidates], today=today)
            yield candidates[labels.mature], block

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002, N803
        """Number of blocks in X."""
        return -(-int((_index_days(X) >= np.datetime64(self.first, "D")).sum()) // self.every)

    def legs(self, X: Any) -> np.ndarray:  # noqa: N803
        """Group of each row: the position of its phase in the chronology, -1 before the first; shape (n,)."""
        days = _index_days(X)
        starts = [np.datetime64(phase.first_move, "D") for phase in date_cycle(self._days, self._target).phases]
        return np.searchsorted(np.array(starts, dtype="datetime64[D]"), days, side="right") - 1


def _index_days(frame: Any) -> np.ndarray:
    if not isinstance(getattr(frame, "index", None), pd.DatetimeIndex):
        raise ValueError("X is not a DataFrame indexed by day: use training_frame(view).")  # noqa: TRY004 - their convention
    return frame.index.to_numpy().astype("datetime64[D]")


def _days(frame: Any, size: int) -> np.ndarray:
    """Days of the rows; NaT for an array, which no model reads."""
    if isinstance(getattr(frame, "index", None), pd.DatetimeIndex):
        return _index_days(frame)
    return np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
