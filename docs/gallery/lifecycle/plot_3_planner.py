"""
What it takes, and what it costs
================================

Which hardware, at which stage, for how much? The planner answers from measured times, and says
which of its numbers are measured and which are extrapolated.
"""

# %%
# One plan
# --------
#
# 500 homes, everything trained within a night.

from novin_ml.compute import plan

made = plan(homes=500, deadline=8 * 3_600)
print(made.sentence)
for task in made.tasks:
    time = task.measured
    print(
        f"{task.task:9s} {task.models:5,} x {task.rows:7,} rows: {time.seconds:5.1f} s "
        f"({time.low:.1f} to {time.high:.1f}), {time.basis}"
    )

# %%
# Promised and measured
# ---------------------
#
# The analysis of October 2025 promised minutes on a laptop, for networks. Beside them stand the
# boosted trees of this package, with the interval that holds one further run.

import matplotlib.pyplot as plt

sizes = {"delivery": (10_000, 50_000, 100_000), "motion": (50_000, 100_000, 500_000)}
figure, both = plt.subplots(1, 2, figsize=(8.6, 4.4), sharey=True)
for axes, (name, rows) in zip(both, sizes.items(), strict=True):
    plans = [plan(500, n, task=name, algorithm="boosting") for n in rows]
    promised = [each.tasks[0].promised["laptop"][1] for each in plans]
    times = [each.tasks[0].measured for each in plans]
    axes.plot(rows, promised, color="0.6", marker="s", label="promised, laptop")
    axes.plot(rows, [each.seconds / 60 for each in times], color="C0", marker="o", label="here")
    axes.fill_between(
        rows, [each.low / 60 for each in times], [each.high / 60 for each in times],
        color="C0", alpha=0.18, linewidth=0,
    )  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="rows")
    axes.set_xticks(rows, [f"{n // 1_000:,}K" for n in rows])
    axes.minorticks_off()
    axes.set_title(name)
both[0].set(ylabel="minutes of one training")
both[0].set_yticks([0.01, 0.1, 1, 10, 100], ["0.01", "0.1", "1", "10", "100"])
both[1].legend(loc="lower right")

# %%
# As homes grow
# -------------
#
# Minutes of a whole training, and which stage a number of homes is in.

homes = [100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000]
plans = [plan(n, deadline=8 * 3_600) for n in homes]
times = [each.hardware[0].time for each in plans]
figure, axes = plt.subplots(figsize=(8, 4.4))
axes.fill_between(
    homes, [each.low / 60 for each in times], [each.high / 60 for each in times],
    color="C0", alpha=0.18, linewidth=0, label="interval",
)  # fmt: skip
axes.plot(homes, [each.seconds / 60 for each in times], color="C0", marker="o", label="median")
axes.axhline(8 * 60, color="C1", linestyle="--", label="deadline, 8 h")
axes.set(xscale="log", yscale="log", xlabel="homes", ylabel="minutes on the laptop that you have")
stages = {}
for n, each in zip(homes, plans, strict=True):
    stages.setdefault(each.stage.name, []).append(n)
for name, of in stages.items():
    axes.axvline(of[0] * 0.75, color="0.85", linewidth=1, zorder=0)
    axes.text(of[0] * 0.8, 0.97, name, transform=axes.get_xaxis_transform(), fontsize=9, va="top")
axes.set_xticks(homes, [f"{n:,}" for n in homes], rotation=30)
axes.minorticks_off()
axes.legend(loc="lower right")

# %%
# What if
# -------

from novin_ml.compute import what_if

twice = what_if(made, {"homes": "2x"})
print(twice.sentence)

# %%
# :doc:`/guide/planner` has deadlines, budgets, upgrades, prices of your own, and how to measure
# your machine in three minutes.
