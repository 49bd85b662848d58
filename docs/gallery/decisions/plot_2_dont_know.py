"""
Calibration, and "don't know"
=============================

A probability of 80 % should be right four times out of five. And where a model cannot tell, it may
say so.
"""

# %%
# Train
# -----
#
# Two thousand motions, so that the model is unsure at times.

from novin_ml.estimators import make_motion_pipeline
from novin_ml.events import training_events
from novin_ml.simulation import simulate_motions

rows, _ = training_events(simulate_motions(2_000, n_homes=30, random_state=0))
model = make_motion_pipeline(random_state=0)
model.fit(rows, rows["label"], classifier__groups=rows["home_id"])
classifier = model[-1]
(calibration,) = classifier.fit_report_.calibration
print(f"expected calibration error {calibration.ece_before:.3f}; {calibration.method} would give")
print(f"{calibration.ece_after:.3f}, and was {'applied' if calibration.applied else 'left out'}")

# %%
# Is 80 % four times out of five?
# -------------------------------
#
# In homes that were held back. Each point is a tenth of the motions.

import matplotlib.pyplot as plt
import numpy as np

others = simulate_motions(4_000, n_homes=40, random_state=1)
chance = model.predict_proba(others)
surest = chance.max(axis=1)
is_right = model.predict(others) == others["clean_label"].to_numpy()
tenths = np.array_split(np.argsort(surest), 10)

figure, (reliability, how_often) = plt.subplots(
    2, 1, figsize=(6.4, 5.6), height_ratios=[3, 1], sharex=True
)
reliability.plot([30, 100], [30, 100], "--", color="0.6", label="as it should be")
reliability.plot(
    [100 * surest[each].mean() for each in tenths],
    [100 * is_right[each].mean() for each in tenths],
    marker="o", label="homes held back",
)  # fmt: skip
reliability.set(ylabel="right, %", ylim=(0, 103))
reliability.set_title("What the model says, and how often it is right")
reliability.legend(loc="upper left")
how_often.hist(100 * surest, bins=np.linspace(30, 100, 36), color="C0", alpha=0.7)
how_often.set(xlabel="probability of the answer, %", ylabel="motions", xlim=(30, 101))

# %%
# "Don't know"
# ------------
#
# `conformalize` chooses a cut on other homes, so that the set of possible answers lacks the right
# one in at most a tenth of the motions, however good the model is. Where the set does not have
# exactly one answer, the model says "don't know".

from novin_ml.evaluation import conformalize, measure_coverage

chosen = conformalize(model, others, error_rate=0.1, truth="clean_label")
third = simulate_motions(4_000, n_homes=40, random_state=2)
measured = measure_coverage(model, third, truth="clean_label")
features = model[0].transform(third)
knows = ~classifier.abstains(features)
right = classifier.predict(features) == third["clean_label"].to_numpy()
print(f"right answer in the set: {100 * measured.coverage:.1f} % (asked for 90 %)")
print(f"always answered: {100 * right.mean():.1f} % right")
print(
    f"answered where it knows, {100 * knows.mean():.0f} %: {100 * right[knows].mean():.1f} % right"
)

# %%
# What it does not know
# ---------------------

activities = ["walking", "running", "pet", "loitering", "vehicle", "package_drop"]
truth = third["clean_label"].to_numpy()
shares = np.array(
    [
        [np.mean(each[truth == activity]) for activity in activities]
        for each in (knows & right, knows & ~right, ~knows)
    ]
)
figure, axes = plt.subplots(figsize=(8, 3.8))
left = np.zeros(len(activities))
for share, name, color in zip(
    shares, ["right", "wrong", "don't know"], ["C0", "C1", "0.8"], strict=True
):
    axes.barh(activities, 100 * share, left=left, color=color, label=name)
    left += 100 * share
axes.set_yticks(range(6), [activity.replace("_", " ") for activity in activities])
axes.set(xlabel="% of the motions in homes held back", xlim=(0, 100))
axes.invert_yaxis()
axes.grid(axis="y", visible=False)
axes.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=3)

# %%
# The cut is saved and exported with the model: :doc:`/guide/thresholds`.
