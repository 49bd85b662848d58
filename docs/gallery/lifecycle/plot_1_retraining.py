"""
26 weeks of retraining
======================

Homes change, and a model that was trained once gets worse. `retrain` trains a challenger on what
came since, and serves it only if homes that neither model was trained on say so.
"""

# %%
# Half a year of homes
# --------------------
#
# From week 10 on the sensors have new firmware, which reports motions as longer and weaker. In week
# 18 somebody swaps the labels by mistake. Each week has one day of events, so that this page is
# quick to make; in every seventh week that is a Sunday, without couriers, which is easy.

import numpy as np

from novin_ml.simulation import simulate_deliveries

WEEKS, FIRST, FIRMWARE, SWAPPED = 26, 4, 10, 18
DAY = 86_400
events = simulate_deliveries(13_500, n_homes=40, random_state=0)
events = events.assign(consent=True, raw=None)
day = ((events["timestamp"] - 1_704_067_200) // DAY).astype(int)
day -= day.min()
events["timestamp"] += 6 * DAY * day
events, week = events[day < WEEKS].reset_index(drop=True), (1 + day[day < WEEKS]).to_numpy()

is_new = week >= FIRMWARE
events.loc[is_new, "duration"] = np.ceil((events["duration"] + 4) / 4) * 4
events.loc[is_new, "energy"] *= 0.7
swapped = {"delivery": "no_delivery", "no_delivery": "delivery"}
events.loc[week == SWAPPED, "label"] = events["label"].map(swapped)

# %%
# What to train, and which homes are frozen
# -----------------------------------------
#
# Frozen homes are never trained on: they judge.

from pathlib import Path
from tempfile import TemporaryDirectory

workplace = TemporaryDirectory()
folder = Path(workplace.name)
(folder / "events").mkdir()
frozen = sorted(events["home_id"].unique())[:14]
(folder / "novin.toml").write_text(f"""
[data]
files = ["events"]
[data.frozen]
homes = {frozen}
[split]
test = 0.25
tune = 0.2
[models.delivery]
family = "delivery"
parameters = {{ epochs = 30 }}
[registry]
folder = "registry"
name = "novin"
""")

# %%
# Week by week
# ------------
#
# Events arrive, and all is scored on the right labels of the frozen homes. Every second week
# `retrain` decides. On the command line that is
# ``novin-ml retrain``.

from novin_ml.events import write_events
from novin_ml.lifecycle import Registry, load_estimator, retrain


def arrive(number):
    """Write the events of a week, and return them."""
    table = events[week == number]
    write_events(table, folder / "events" / f"week_{number:02d}.jsonl")
    return table


def served():
    """Return the model that phones get."""
    return load_estimator(Registry(folder / "registry").version("novin", "served").path("delivery"))


def accuracy(model, table):
    """Return the share of motions in the frozen homes that are answered right, in %."""
    rows = table[table["home_id"].isin(frozen)]
    known = rows["clean_label"].notna().to_numpy()
    return 100 * np.mean((model.predict(rows) == rows["clean_label"])[known])


for number in range(1, FIRST + 1):
    arrive(number)
retrain(folder / "novin.toml", folder / "challenger")
first, weeks = served(), range(FIRST + 1, WEEKS + 1)
of_first, of_served, decisions = [], [], {}
for number in weeks:
    table = arrive(number)
    of_first.append(accuracy(first, table))
    of_served.append(accuracy(served(), table))
    if number % 2 == 0:
        decisions[number] = retrain(folder / "novin.toml", folder / "challenger")
workplace.cleanup()

# %%
# Half a year in a picture
# ------------------------

import matplotlib.pyplot as plt

promoted = [number for number, found in decisions.items() if found.promoted]
figure, axes = plt.subplots(figsize=(8.6, 4.4))
axes.plot(weeks, of_first, color="0.6", marker="o", label="trained once")
axes.plot(weeks, of_served, color="C0", marker="o", label="retrained")
axes.plot(
    [number + 0.5 for number in promoted], [72] * len(promoted), "^", color="C2", markersize=10,
    label="new version served",
)  # fmt: skip
for number, change in [(FIRMWARE, "new firmware"), (SWAPPED, "labels swapped")]:
    axes.axvline(number - 0.5, color="C1", linewidth=1.2, linestyle="--")
    axes.text(number - 0.3, 101.5, change, color="C1", fontsize=9)
axes.set(xlabel="week", ylabel="right answers, %", ylim=(70, 101), xlim=(FIRST + 0.5, WEEKS + 1))
axes.set_xticks([*weeks][1::2])
axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3)

# %%
# What was decided, and why
# -------------------------

for number, found in decisions.items():
    print(f"week {number:2d}: {found.decision:8s} {found.reason}")

# %%
# In the week of the swapped labels it says why nothing was served:

print(decisions[SWAPPED].sentence)

# %%
# :doc:`/guide/retraining` has the rule, and half a year with a new habit of couriers and dead
# doorbells too.
