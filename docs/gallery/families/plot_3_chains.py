"""
A minute on a time line
=======================

A chain is what one home reports within 60 seconds. The model names its pattern, or says that there
is none, as it nearly always is.
"""

# %%
# Five patterns
# -------------

import matplotlib.pyplot as plt
import numpy as np

from novin_ml.estimators import make_chain_pipeline
from novin_ml.events import training_events
from novin_ml.simulation import simulate_chains

chains, _ = training_events(simulate_chains(4_000, random_state=0))
model = make_chain_pipeline(random_state=0)
model.fit(chains, chains["label"], classifier__groups=chains["home_id"])

others = simulate_chains(4_000, random_state=1)
chance = model.predict_proba(others)
patterns = [
    "package_delivery", "prowler_activity", "intrusion_sequence", "forced_entry", "active_break_in",
]  # fmt: skip

# %%
# Of each pattern the chain of other homes that the model is surest of, among those with up to
# seven events:

kinds = ["doorbell", "motion", "door", "window", "glass_break", "sound"]
colors = dict(zip(kinds, [f"C{n}" for n in (4, 0, 2, 5, 1, 3)], strict=True))
marks = dict(zip(kinds, "*osDXv", strict=True))

figure, axes = plt.subplots(figsize=(8.6, 5.4))
seen = {}
for place, pattern in enumerate(patterns):
    column = chance[:, list(model.classes_).index(pattern)]
    is_it = (others["clean_label"].to_numpy() == pattern) & (others.lengths <= 7)
    row = int(np.argmax(np.where(is_it & (others.lengths >= 3), column, -1)))
    chain = others[row]
    since = (chain["timestamp"] - chain["timestamp"].iloc[0]).to_numpy()
    axes.hlines(-place, 0, 60, color="0.85", linewidth=6, zorder=0)
    for number, (time, kind, zone) in enumerate(
        zip(since, chain["kind"].astype(str), chain["zone"].astype(str), strict=True)
    ):
        seen[kind] = axes.scatter(
            time, -place, s=150, zorder=3, marker=marks.get(kind, "o"),
            color=colors.get(kind, "0.5"), edgecolors="white",
        )  # fmt: skip
        if number and zone == chain["zone"].iloc[number - 1]:
            continue
        axes.annotate(
            zone.replace("_", " "), (time, -place), xytext=(0, 11 if number % 2 else -19),
            textcoords="offset points", ha="center", fontsize=8, color="0.35",
        )  # fmt: skip
    axes.text(62, -place, f"{100 * column[row]:.0f} %", va="center", fontweight="bold")
axes.set(yticks=[-n for n in range(len(patterns))], xlim=(-2, 68), ylim=(-4.6, 0.6))
axes.set_yticklabels([pattern.replace("_", " ") for pattern in patterns])
axes.set(xlabel="seconds from the first event", xticks=range(0, 61, 10))
axes.grid(axis="y", visible=False)
axes.set_title("What happened, and how sure the model is")
axes.legend(
    seen.values(), [kind.replace("_", " ") for kind in seen], loc="upper center",
    bbox_to_anchor=(0.45, -0.14), ncols=6,
)  # fmt: skip

# %%
# While it happens
# ----------------
#
# `ChainStream` follows a home event by event, as the phone does. Here is the last of the chains
# above: the answer changes with each event.

from novin_ml.estimators import ChainStream

stream = ChainStream(model)
answers = []
for time, kind, zone in chain[["timestamp", "kind", "zone"]].itertuples(index=False):
    event = {"type": str(kind), "timestamp": time, "metadata": {"location": str(zone)}}
    answers.append(stream.predict_stream(event))
answers = 100 * np.array(answers)

figure, axes = plt.subplots(figsize=(8, 3.8))
order = np.argsort(-answers[-1])[:3]
for place in order:
    name = str(model.classes_[place]).replace("_", " ")
    axes.step([*since, since[-1] + 8], [*answers[:, place], answers[-1, place]], where="post",
              label=name)  # fmt: skip
for time, kind in zip(since, chain["kind"].astype(str), strict=True):
    axes.axvline(time, color="0.8", linewidth=1, zorder=0)
    axes.text(time, 104, kind.replace("_", " "), rotation=35, fontsize=8.5, color="0.35")
axes.set(xlabel="seconds from the first event", ylabel="probability, %", ylim=(0, 103))
axes.legend(loc="center left")
