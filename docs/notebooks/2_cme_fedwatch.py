# %% [markdown]
# # Reproduce CME's table
#
# CME publishes meeting probabilities that follow from the prices of Fed funds futures. These are the prices of 18 September 2026 in
# CME's own example, with the target range at 3.75 to 4.00 %.

# %%
import datetime as dt

import numpy as np
from IPython.display import SVG

from captilt.charts.fedpath import odds_chart
from signals.fedpath.path import Strip, path_of

prices = {"2026-10": 96.1025, "2026-11": 95.9825, "2027-01": 95.77, "2027-02": 95.685}
meetings = np.array(["2026-10-28", "2026-12-09", "2027-01-27"], dtype="datetime64[D]")
day = dt.date(2026, 9, 18)

path = path_of(Strip(day, prices, "CME settlements"), meetings, tuple(meetings.tolist()), target=4.0, kind="aggregated")
ours = {
    meeting.date: {int(bucket.lower_bp): round(100 * bucket.probability, 2) for bucket in meeting.probabilities}
    for meeting in path.meetings
}
ours

# %% [markdown]
# CME's published numbers for the first two meetings, in percent by the lower bound of the range. They agree to the hundredth.

# %%
published = {dt.date(2026, 10, 28): {375: 46.86, 400: 53.14}, dt.date(2026, 12, 9): {400: 66.89, 425: 33.11}}
largest = max(abs(ours[meeting][low] - value) for meeting, row in published.items() for low, value in row.items())
assert largest < 0.01
largest

# %%
SVG(odds_chart(path))
