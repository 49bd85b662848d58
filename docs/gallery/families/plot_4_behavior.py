"""
A home's week, and its alarms
=============================

Each home has habits. A baseline learns them from the home's own log, scores how unusual an event
is, and keeps to a budget of alarms.
"""

# %%
# Six weeks to learn, four to watch
# ---------------------------------
#
# A budget of three alarms a week. In the last four weeks something unusual happens now and then.

from novin_ml.estimators import make_behavior_pipeline
from novin_ml.simulation import simulate_behavior

WEEK = 7 * 86_400
events = simulate_behavior(weeks=10, usual_weeks=6, unusual_per_month=4, random_state=3)
events = events.assign(consent=True)
is_past = events["timestamp"] < events["timestamp"].iloc[0] + 6 * WEEK
log, later = events[is_past], events[~is_past].reset_index(drop=True)

model = make_behavior_pipeline(alarms_per_week=3.0, random_state=0)
model.fit(log, detector__timestamps=log["timestamp"])
scores = -model.score_samples(later)
is_alarm = model.predict(later) == -1
detector = model["detector"]
print(f"{detector.state_}: at most {detector.alarm_bound_:.2f} alarms a week in training")
print(f"{len(later):,} events in four weeks, {is_alarm.sum()} of them alarms")

# %%
# The week of the home
# --------------------
#
# Each dot is an event. The rings are alarms.

import matplotlib.pyplot as plt
import numpy as np

local = later["timestamp"].to_numpy() + later["utc_offset"].to_numpy(dtype=float)
hour = (local / 3_600 + 72) % 168  # from Monday
zones = later["zone"].astype(str)
order = list(zones.value_counts().index)
place = zones.map(order.index).to_numpy()
rng = np.random.default_rng(0)
height = place + rng.uniform(-0.28, 0.28, len(place))

figure, axes = plt.subplots(figsize=(8.6, 5))
for night in range(-1, 7):
    axes.axvspan(24 * night + 22, 24 * night + 30, color="0.5", alpha=0.1, linewidth=0)
axes.scatter(hour, height, s=5, color="C0", alpha=0.45, linewidths=0, label="event")
axes.scatter(
    hour[is_alarm], height[is_alarm], s=130, facecolors="none", edgecolors="C1", linewidths=2,
    label="alarm",
)  # fmt: skip
axes.set(xlim=(0, 168), xticks=range(12, 168, 24), ylim=(len(order) - 0.5, -0.5))
axes.set_xticklabels(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
axes.set_yticks(range(len(order)), [zone.replace("_", " ") for zone in order])
axes.set_title("Four weeks of a home, folded into one (nights are grey)")
axes.grid(visible=False)
axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=2)

# %%
# How unusual, and the line
# -------------------------
#
# The threshold comes from the budget, not from a share of the events. A baseline finds what is new
# to a home. It hardly finds somebody who walks at night where the residents walk by day:
# :doc:`/guide/behavior` has figures.

figure, axes = plt.subplots(figsize=(8.6, 3.4))
days = (later["timestamp"].to_numpy() - later["timestamp"].iloc[0]) / 86_400
is_unusual = (later["label"] == "unusual").to_numpy()
axes.scatter(days[~is_unusual], scores[~is_unusual], s=6, color="0.65", label="usual")
axes.scatter(days[is_unusual], scores[is_unusual], s=26, color="C1", label="unusual, as simulated")
axes.axhline(-detector.offset_, color="C0", label="threshold")
axes.set(xlabel="days", ylabel="anomaly score, 0 to 1")
axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=3)

# %%
# Why the most unusual one
# ------------------------

from novin_ml.evaluation import explain

most = int(np.argmax(scores))
print(later.loc[most, ["kind", "zone", "home_mode"]].astype(str).to_dict())
for reason in explain(model, later.iloc[[most]], top=3):
    print("-", reason.text)
