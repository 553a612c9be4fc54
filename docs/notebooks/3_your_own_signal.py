# %% [markdown]
# # Build and judge your own signal
#
# A file in a folder that the settings name is enough. This one is declared, without any code.

# %%
import tempfile
from pathlib import Path

from IPython.display import SVG

import captilt as ct
from captilt.charts.signals import score_history
from captilt.config import settings
from captilt.config.extensions import contract_faults, in_file
from captilt.contract.signals import month_scores, signal_evidence_record
from signals.calendars import month_end_sessions

folder = Path(tempfile.mkdtemp())
(folder / "mine").mkdir()
file = folder / "mine" / "short_yield_change.toml"
file.write_text("""
asks = "Have three-month yields fallen?"
series = "fred:TB3MS"
transform = "change"
months = 12
sign = -1
prior = "negative: dearer short credit hurts small companies"
""")
(signal,) = in_file(file)
contract_faults(signal)  # empty: it cannot see the future (captilt signals check FILE)

# %% [markdown]
# Named in the settings, it is one of the signals and has the same page as the others.

# %%
(folder / "config.toml").write_text('[own]\nfolder = "mine"\n')
judgement = settings.load(folder / "config.toml").judgement
view = ct.sample().as_of()
ends = month_end_sessions(view.day.replace(year=1990), view.day)
SVG(score_history("short yield change", month_scores(view.facts, judgement.signal(signal.name), ends)))

# %% [markdown]
# Is it worth anything? Three samples, each score as it was known then, and a walk-forward rule beside the declared signals. The p value
# is multiplied by the number of tests that the whole catalogue makes, this one included.

# %%
from allocator.backtest.signal_evidence import signal_evidence
from regime.settings import RegimeSettings

(tested,) = signal_evidence(view.facts, [signal.name], judgement, RegimeSettings())
found = signal_evidence_record(tested)
print(found.standing, f"p {found.p_adjusted:.2f} after every test")
[(sample.sample, round(sample.ic, 2), round(sample.t, 1)) for sample in found.samples]

# %%
walked = found.walk_forward
print(f"IR {walked.ir_alone:.2f} alone, {walked.ir_with:.2f} with it and {walked.ir_without:.2f} without it")
[(other.signal, round(other.correlation, 2)) for other in found.correlations[:3]]

# %% [markdown]
# To let it move a weight, list it in `[forecast] signals`. That is a trial, and the verdict counts it.
