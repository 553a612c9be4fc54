# %% [markdown]
# # First look
#
# Three lines give a decision. The packaged sample is real (rates to today, small-cap returns to 2018-11-30), so nothing has to be
# fetched; `ct.open(home)` gives your own data.

# %%
import captilt as ct

desk = ct.sample()
view = desk.as_of()
run = view.decide(held=0.2)
run

# %% [markdown]
# The view, what is held, what to do about it, and whether any of it can be believed:

# %%
advice = run.recommendation
print(f"{advice.stance}, {advice.view_points:+.1f} points; {advice.action} {advice.trade_points:+.1f} points")
print(run.evidence.verdict)
print(*advice.because, *advice.despite, sep="\n")

# %% [markdown]
# Every signal as it was known that evening. A score is in standard deviations of the signal's own ten years, and positive favours small
# caps; what the sample does not hold is a gap with its reason.

# %%
signals = view.signals().to_frame().set_index("name")
signals.loc[signals.status == "ok", ["family", "score", "raw", "unit", "age_sessions"]]

# %% [markdown]
# The same through time, each month as it was known then: scores, the four phases of the rate cycle, and the tilt.

# %%
panel = desk.panel("2015-01-30")
panel["probability"].round(2).tail(6)

# %%
panel["tilt"].describe().round(2)
