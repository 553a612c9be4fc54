"""The weight that a person's answers leave in force: a later answer to the same advice replaces the earlier one.

Rejecting or deferring after an accept puts back the weight from before that advice was answered, so a slip is undone
by a superseding entry and the ledger keeps both.
"""

from collections.abc import Hashable, Iterable

WEIGHT_KEPT = ("accept", "modify")  # verdicts that change what is held


def weights_in_force(answers: Iterable[tuple[Hashable, str, float | None]]) -> list[float | None]:
    """Weight in force after each answer, 0 to 1; None where nothing was accepted by then.

    Parameters
    ----------
    answers : iterable of (advice, verdict, weight)
        In the order of recording; an answer without an advice replaces nothing.

    Examples
    --------
    >>> weights_in_force([(1, "accept", 0.18), (2, "modify", 0.002), (2, "reject", 0.18)])
    [0.18, 0.002, 0.18]
    """
    weight: float | None = None
    before: dict[Hashable, float | None] = {}
    weights: list[float | None] = []
    for advice, verdict, target in answers:
        base = weight if advice is None else before.setdefault(advice, weight)
        weight = target if verdict in WEIGHT_KEPT and target is not None else base
        weights.append(weight)
    return weights
