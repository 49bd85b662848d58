"""
A threshold from a budget of false alarms
=========================================

How many false alarms may a home have in a week? Say that, and the threshold follows.
"""

# %%
# A model, and homes that choose its thresholds
# ---------------------------------------------
#
# Thresholds are chosen on homes that the model was not trained on.

from novin_ml.estimators import make_chain_pipeline
from novin_ml.evaluation import tune_threshold
from novin_ml.events import training_events
from novin_ml.simulation import simulate_chains

chains, _ = training_events(simulate_chains(5_000, random_state=0))
model = make_chain_pipeline(random_state=0)
model.fit(chains, chains["label"], classifier__groups=chains["home_id"])
homes = simulate_chains(8_000, n_homes=60, random_state=1)

# %%
# Try budgets
# -----------
#
# For each budget the lowest threshold is taken whose upper confidence bound on the false alarms is
# within it. The bound is over homes: a few homes have most of the false alarms.

budgets = [0.25, 0.5, 1.0, 2.0, 4.0]
reports = {
    budget: tune_threshold(model, homes, false_alarms_per_week=budget, truth="clean_label")
    for budget in budgets
}
labels = [each.label for each in reports[1.0].thresholds]


def of(report, label):
    """Return the threshold of a label."""
    return next(each for each in report.thresholds if each.label == label)


import matplotlib.pyplot as plt

figure, (found, false) = plt.subplots(1, 2, figsize=(8.6, 4.2))
for place, label in enumerate(labels):
    style = {"color": f"C{place}", "marker": "osD^v"[place], "label": str(label).replace("_", " ")}
    found.plot(budgets, [100 * of(reports[each], label).recall for each in budgets], **style)
found.set(xscale="log", xticks=budgets, xlabel="budget per label, home and week")
found.set(ylim=(0, 103), ylabel="found, % of what happened")
found.set_title("What a budget finds")
found.legend(loc="lower right", fontsize=9)

everything = [reports[each] for each in budgets]
false.plot(budgets, [each.false_per_home_week_upper for each in everything], "--", color="C1",
           marker="v", label="upper bound, 95 %")  # fmt: skip
false.plot(budgets, [each.false_per_home_week for each in everything], color="C0", marker="o",
           label="on these homes")  # fmt: skip
false.set(xscale="log", xticks=budgets, xlabel="budget per label, home and week")
false.set(ylim=(0, None), ylabel="false alarms per home and week")
false.set_title("All labels together")
false.legend(loc="upper left")
for axes in (found, false):
    axes.set_xticks(budgets, [f"{each:g}" for each in budgets])
    axes.minorticks_off()

# %%
# Does it hold in other homes?
# ----------------------------
#
# One false alarm a week, held against homes that neither trained the model nor chose the threshold.

from novin_ml.evaluation import measure_thresholds

tune_threshold(model, homes, false_alarms_per_week=1.0, truth="clean_label")
third = simulate_chains(8_000, n_homes=60, random_state=2)
measured = measure_thresholds(model, third, truth="clean_label")
print(f"bound: {reports[1.0].bound}, {measured.n_homes} homes, {measured.home_weeks:.0f} weeks")
for each in measured.thresholds:
    print(
        f"{each.label!s:20s} threshold {each.threshold:.3f}  found {100 * each.recall:3.0f} %  "
        f"false alarms {each.false_per_home_week:.2f} per home and week"
    )

# %%
# A few homes have most of them
# -----------------------------

worst = measured.homes.sort_values("n_false", ascending=False)
figure, axes = plt.subplots(figsize=(8.6, 3))
axes.bar(range(len(worst)), worst["n_false"] / worst["home_weeks"], color="C0", width=0.85)
axes.axhline(
    measured.false_per_home_week, color="C1", linestyle="--",
    label=f"mean, {measured.false_per_home_week:.1f}",
)  # fmt: skip
axes.set(xlabel=f"{len(worst)} homes, the worst first", xticks=[])
axes.set(ylabel="false alarms\nper week", xlim=(-0.6, len(worst) - 0.4))
axes.grid(axis="x", visible=False)
axes.legend()

# %%
# :doc:`/guide/thresholds` says what the bound promises, and what it does not.
