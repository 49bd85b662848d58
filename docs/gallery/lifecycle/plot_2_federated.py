"""
Federated rounds
================

Homes train one model together, and their events stay at home: in each round homes send weights of a
network, and a server averages them.
"""

# %%
# Forty homes
# -----------
#
# A fifth of them take no part, and test. Beside the federation stand the same network trained on
# all rows in one place, and networks that homes train alone.

from novin_ml.federated import FederationSettings, try_federation
from novin_ml.simulation import simulate_motions

motions = simulate_motions(2_400, n_homes=40, random_state=0)
network = {"learner_params": {"hidden_layer_sizes": (32,)}}
trial = try_federation("motion", motions, FederationSettings(rounds=25), random_state=0, **network)
print(trial.comparison.sentence)

# %%
# Round by round
# --------------

import matplotlib.pyplot as plt

rounds = range(1, len(trial.curve) + 1)
figure, axes = plt.subplots(figsize=(8, 4.2))
axes.axhline(100 * trial.accuracy_central, color="0.35", linewidth=1.4)
axes.axhline(100 * trial.accuracy_alone, color="0.6", linewidth=1.4, linestyle="--")
axes.plot(rounds, [100 * each for each in trial.curve], color="C0", marker="o", markersize=4)
for height, text, place in [
    (trial.accuracy_central, "all events in one place", 5),
    (trial.accuracy_alone, "each home alone", -14),
]:
    axes.annotate(
        text, (rounds[-1], 100 * height), xytext=(-6, place), textcoords="offset points",
        color="0.3", ha="right",
    )  # fmt: skip
axes.annotate(
    f"federation of {trial.n_homes} homes", (rounds[-1], 100 * trial.curve[-1]), xytext=(-6, -16),
    textcoords="offset points", color="C0", fontweight="bold", ha="right",
)  # fmt: skip
axes.set(xlabel="round", ylabel="right answers, %\nin homes held back", xlim=(0.5, len(rounds) + 1))

# %%
# Homes that fail, and homes that lie
# -----------------------------------
#
# In each round three of ten homes do not answer, one in ten sends NaN, and one in twenty sends
# harmful weights. Each update is checked before it counts, and a refusal has a reason.

faults = {"dead": 0.3, "nan": 0.1, "poisoned": 0.05}
faulty = try_federation(
    "motion", motions, FederationSettings(rounds=25), faults=faults, random_state=0, **network
)
figure, axes = plt.subplots(figsize=(8, 3.8))
axes.plot(rounds, [100 * each for each in trial.curve], color="0.6", label="healthy homes")
axes.plot(
    range(1, len(faulty.curve) + 1), [100 * each for each in faulty.curve], color="C1",
    label="homes with faults",
)  # fmt: skip
axes.set(xlabel="round", ylabel="right answers, %\nin homes held back")
axes.legend(loc="lower right")

# %%
# What was refused or scaled down, over all rounds. A harmful update looks like others, but may
# change no more than they do:

from collections import Counter

refused = sum((Counter(each.count.rejected) for each in faulty.federation.rounds), Counter())
for reason, number in refused.most_common():
    print(f"{number:4d}  {reason}")
print(f"{sum(each.count.clipped for each in faulty.federation.rounds):4d}  too large: scaled down")

# %%
# What left a home
# ----------------
#
# Never an event. A home sends the statistics of its features once, and its weights in each round:

from novin_ml.estimators import weight_layout

bytes_sent = 64 + 4 * weight_layout(trial.federation.model).n_values + 32
print(f"{bytes_sent:,} bytes a round")

# %%
# :doc:`/guide/federated` has the checks, noise with a stated privacy, and phones that exchange
# files.
