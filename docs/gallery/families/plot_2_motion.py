"""
What moved? Six signals and their features
==========================================

A motion sensor samples how strong a movement is, ten times a second. A footstep, a paw and an
engine leave different traces.
"""

# %%
# Six signals
# -----------

import matplotlib.pyplot as plt
import numpy as np

from novin_ml.simulation import simulate_motions

events = simulate_motions(4_000, random_state=0)
activities = ["walking", "running", "pet", "loitering", "vehicle", "package_drop"]
names = [activity.replace("_", " ") for activity in activities]


def typical(activity, low=4.0, high=14.0):
    """Return a signal of an activity: of middle length, the strongest tenth left out."""
    of = events[(events["clean_label"] == activity) & events["raw"].notna()]
    of = of[of["duration"].between(low, high) & (of["sample_rate"] == 10)]
    energy = of["energy"]
    return of.iloc[(energy - energy.quantile(0.7)).abs().argmin()]


shown = [typical(activity) for activity in activities]
figure, grid = plt.subplots(2, 3, figsize=(8.6, 4.8), sharex=True, sharey=True)
for place, (axes, event) in enumerate(zip(grid.flat, shown, strict=True)):
    seconds = np.arange(len(event["raw"])) / event["sample_rate"]
    axes.fill_between(seconds, event["raw"], color=f"C{place}", alpha=0.2, linewidth=0)
    axes.plot(seconds, event["raw"], color=f"C{place}")
    axes.set_title(names[place])
for axes in grid[-1]:
    axes.set(xlabel="seconds", xlim=(0, 14))
for axes in grid[:, 0]:
    axes.set(ylabel="intensity, 0 to 1", ylim=(0, 1))

# %%
# 24 columns
# ----------
#
# A model sees no signal, but 24 numbers that a phone computes to the same bits. Here they are for
# the six signals, each scaled over all motions: the pattern of a row is the activity's fingerprint.

from novin_ml.features import MotionFeatures

features = MotionFeatures().set_output(transform="pandas").fit(events)
everything = features.transform(events)
middle, spread = everything.median(), everything.quantile(0.9) - everything.quantile(0.1)
fingerprints = (features.transform(events.loc[[event.name for event in shown]]) - middle) / spread

figure, axes = plt.subplots(figsize=(8.6, 3.6))
image = axes.imshow(fingerprints, cmap="PuOr_r", vmin=-1.5, vmax=1.5, aspect="auto")
axes.set(yticks=range(6), yticklabels=names, xticks=range(fingerprints.shape[1]))
axes.set_xticklabels(
    [name.replace("_", " ") for name in fingerprints], rotation=45, ha="right", fontsize=8.5
)
axes.grid(visible=False)
axes.spines[:].set_visible(False)
axes.set_title("Features, compared with all motions")
figure.colorbar(image, label="less     usual     more", ticks=[], shrink=0.9)

# %%
# Train, and ask other homes
# --------------------------
#
# Some homes send no signal. A model learns to answer them only if enough of them are in its
# training: ``simulate_motions(15_000)`` has five times as many.

from sklearn.metrics import ConfusionMatrixDisplay

from novin_ml.estimators import make_motion_pipeline
from novin_ml.events import training_events

rows, _ = training_events(events)
model = make_motion_pipeline(random_state=0)
model.fit(rows, rows["label"], classifier__groups=rows["home_id"])

others = simulate_motions(3_000, n_homes=40, random_state=1)
answers = model.predict(others)
is_right = answers == others["clean_label"]
has_signal = others["raw"].notna()
print(f"{100 * is_right[has_signal].mean():.1f} % right in homes held back that send signals")
print(f"{100 * is_right[~has_signal].mean():.1f} % where only duration and energy are sent")
n_such = rows.loc[rows["raw"].isna(), "home_id"].nunique()
print(f"homes of the latter kind that the model was trained on: {n_such}")

figure, axes = plt.subplots(figsize=(6.4, 5.2))
drawn = ConfusionMatrixDisplay.from_predictions(
    others["clean_label"][has_signal], answers[has_signal], labels=activities,
    display_labels=names, normalize="true",
    values_format=".0%", cmap="Blues", ax=axes, colorbar=False, xticks_rotation=45,
)  # fmt: skip
axes.grid(visible=False)
axes.spines[:].set_visible(False)
axes.set(xlabel="the model says", ylabel="what it was", title="Homes held back, with signals")
