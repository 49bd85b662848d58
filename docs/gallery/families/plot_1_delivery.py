"""
A delivery, minute by minute
============================

A motion alone says little. What the home reported before and after it says a lot: a van, a
doorbell, silence afterwards.
"""

# %%
# Train on simulated homes
# ------------------------

from novin_ml.estimators import make_delivery_pipeline
from novin_ml.features import training_rows
from novin_ml.simulation import simulate_deliveries

rows, _ = training_rows(simulate_deliveries(6_000, random_state=0))
model = make_delivery_pipeline(random_state=0)
model.fit(rows, rows["label"], classifier__groups=rows["home_id"])

# %%
# Look at one delivery
# --------------------
#
# In a home that was not trained on: the surest delivery that was announced by a doorbell.

import numpy as np

from novin_ml.features import attach_context

log = attach_context(simulate_deliveries(2_000, random_state=1))
delivery = list(model.classes_).index("delivery")
chance = model.predict_proba(log)[:, delivery]
is_motion = log["clean_label"].notna().to_numpy()


def events_around(row, before=90.0, after=60.0):
    """Return the events of a home around a row, with their seconds from it."""
    since = log["timestamp"] - log["timestamp"].iloc[row]
    same_home = log["home_id"] == log["home_id"].iloc[row]
    return log.assign(since=since, chance=chance)[same_home & since.between(-before, after)]


surest = [row for row in np.argsort(-chance) if is_motion[row]][:100]
announced = [
    row for row in surest if {"doorbell", "vehicle"} <= {*events_around(row)["kind"].astype(str)}
]
shown = max(announced, key=lambda row: len(events_around(row)))
events = events_around(shown)

# %%
# What the model saw, and why it is sure
# --------------------------------------

import matplotlib.pyplot as plt

from novin_ml.evaluation import explain

reasons = explain(model, log.iloc[[shown]], label="delivery", top=4)

figure, (line, why) = plt.subplots(1, 2, figsize=(8.6, 4), width_ratios=[3, 2])
kinds = list(dict.fromkeys(events["kind"].astype(str)))
for place, kind in enumerate(kinds):
    of_kind = events[events["kind"] == kind]
    line.scatter(of_kind["since"], [place] * len(of_kind), s=110, zorder=3)
    for since, zone in zip(of_kind["since"], of_kind["zone"].astype(str), strict=True):
        line.annotate(
            zone.replace("_", " "), (since, place), xytext=(0, -20), textcoords="offset points",
            ha="center", fontsize=8, color="0.35",
        )  # fmt: skip
line.scatter(0, kinds.index("motion"), s=420, facecolors="none", edgecolors="0.15", linewidths=1.8)
line.annotate(
    f"delivery: {100 * chance[shown]:.0f} %",
    (0, kinds.index("motion")), xytext=(0, 24), textcoords="offset points", ha="center",
    fontweight="bold",
)  # fmt: skip
line.set(yticks=range(len(kinds)), yticklabels=[kind.replace("_", " ") for kind in kinds])
line.set(ylim=(-0.6, len(kinds) - 0.2), xlabel="seconds from the motion in question")
line.set_title("What the home reported")
line.grid(axis="y", visible=False)

why.barh(
    [reason.text for reason in reasons][::-1],
    [reason.contribution for reason in reasons][::-1],
    color=["C0" if reason.contribution > 0 else "C1" for reason in reasons][::-1],
)
why.set(xlabel="contribution, log odds")
why.set_title("Why")
why.grid(axis="y", visible=False)

# %%
# The reasons are exact Shapley values of the trees; :doc:`/guide/explain` says what they mean.

for reason in reasons:
    print(reason.direction, reason.text)
