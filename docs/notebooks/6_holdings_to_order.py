# %% [markdown]
# # From holdings to an order
#
# A table with symbols and values, as a broker sends it, becomes a weight; the view of the day and the trading rules become an order. Nothing
# is sent: the order is a proposal that a person decides on (`captilt review`).

# %%
import pandas as pd

import captilt as ct
from allocator.portfolio.rebalance import Terms, rebalance
from captilt.config.settings import Settings
from captilt.review.book_file import read_book, uploaded_book
from captilt.review.orders import view_of

settings = Settings()
view = ct.sample().as_of()
book = uploaded_book(
    settings,
    "symbol,quantity,price,value\nIWM,2600,152.6,396760\nSPY,5200,275.7,1433640\nCASH,,,40000\n",
)
holdings = read_book(lambda: view.facts, book, settings)
{leg: round(holdings.weight(leg), 4) for leg in ("small", "large", "cash")}

# %%
run = view.decide(held=holdings.weight("small"))
terms = Terms("IWM", "SPY", book.policy_weight, view_of(run), settings.tilt, prices={"IWM": 152.6, "SPY": 275.7})
order = rebalance(holdings, terms)
print(*run.recommendation.because, sep="\n")
print(order.advice)

# %%
pd.DataFrame([{"side": t.side, "symbol": t.symbol, "shares": t.shares, "money": round(t.money)} for t in order.trades])

# %% [markdown]
# Held further from the view, the same view asks for a larger trade:

# %%
pd.DataFrame(
    [
        {"held": held, "target": advice.target_weight, "trade points": advice.trade_points, "action": advice.action}
        for held in (0.10, 0.16, 0.20, 0.24, 0.30)
        for advice in [view.decide(held=held).recommendation]
    ]
).round(3)
