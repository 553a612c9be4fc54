# %% [markdown]
# # Does the folklore hold?
#
# "The Fed cuts, buy small caps." "January." Each claim is a registered hypothesis with its sign, its samples and its test, recomputed from
# what is known at the view's moment.

# %%
from IPython.display import SVG

import captilt as ct
from allocator.claims import examined
from captilt.charts.evidence import claims_picture
from captilt.contract.evidence import claims_answer

view = ct.sample().as_of()
claims = claims_answer(examined(view.facts), view.day)
claims.to_frame()[["says", "verdict"]]

# %% [markdown]
# Each dot is one definition or sample with its 95 % interval. A claim that holds under one definition only depends on the definition.

# %%
SVG(claims_picture(claims))
