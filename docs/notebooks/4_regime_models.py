# %% [markdown]
# # Regime models compared
#
# The models of the rate cycle are scikit-learn classifiers. `ct.WalkForward` trains on labels that were final by then, so an ordinary
# `cross_validate` looks at nothing it could not have known; its `.legs(rows)` are groups for resampling whole legs of the cycle.

# %%
import numpy as np
import pandas as pd
from sklearn.model_selection import cross_validate

import captilt as ct

view = ct.sample().as_of()
rows, phases = ct.training_frame(view.facts)
rows.shape, phases.value_counts().to_dict()


# %%
def log_score(model, rows, phases):
    """Mean log probability of what happened, in nats; 0 is certainty."""
    place = [list(model.classes_).index(phase) for phase in phases]
    return np.log(model.predict_proba(rows)[np.arange(len(place)), place]).mean()


def scores(name):
    how = {"accuracy": "accuracy", "log score": log_score}
    found = cross_validate(ct.PhaseClassifier(name), rows, phases, cv=ct.WalkForward(), scoring=how)
    return {key: found[f"test_{key}"].mean() for key in how}


table = pd.DataFrame({name: scores(name) for name in ("climatology", "structural_logit", "structural_hazard")}).T
table.round(3)

# %% [markdown]
# A log score nearer to zero is better. `captilt regime league` scores every model on all months, with delays and false alarms. What the model
# in force says at the view's moment:

# %%
view.regime()
