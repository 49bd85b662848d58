"""
A or B?
=======

Is a new model better than the one that is served? Ask whole homes, and ask how many it takes.
"""

# %%
# Three models and the rules
# --------------------------

from novin_ml.estimators import make_delivery_pipeline
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.features import training_rows
from novin_ml.simulation import simulate_deliveries

rows, _ = training_rows(simulate_deliveries(6_000, random_state=0))


def trained(algorithm, on=rows, **params):
    """Return a fitted pipeline."""
    pipeline = make_delivery_pipeline(algorithm=algorithm, random_state=0, **params)
    return pipeline.fit(on, on["label"], classifier__groups=on["home_id"])


models = {
    "boosting": trained("boosting"),
    "network": trained("mlp"),
    "boosting, 600 rows": trained("boosting", rows[:600]),
    "hand-written rules": DeliveryRules(),
}

# %%
# The same motions for all
# ------------------------
#
# The intervals are over homes, and corrected for three comparisons (Holm).

from novin_ml.evaluation import compare_many

others = simulate_deliveries(4_000, n_homes=60, random_state=1)
many = compare_many(models, others, labels=others["clean_label"], against="boosting")
for each in many.comparisons:
    print(each.sentence)

# %%
# The difference and its interval
# -------------------------------

import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 2.8))
for place, each in enumerate(many.comparisons):
    gap = each.accuracy
    points = [100 * value for value in (gap.low, gap.high, gap.difference)]
    axes.hlines(place, *points[:2], color="C0", linewidth=3)
    axes.plot(points[2], place, "o", color="C0", markersize=9)
    axes.annotate(each.verdict, (points[2], place), xytext=(0, 9), textcoords="offset points",
                  ha="center")  # fmt: skip
axes.axvline(0, color="0.3", linewidth=1)
axes.set_yticks(range(len(many.comparisons)), [each.names[0] for each in many.comparisons])
axes.set(
    ylim=(2.6, -0.7), xlabel="points of accuracy, compared with boosting, and corrected interval"
)
axes.grid(axis="y", visible=False)

# %%
# How many homes does it take?
# ----------------------------
#
# Fewer homes, wider intervals: the same two models, asked in 8 to 60 homes. A verdict needs an
# interval that lies on one side of 0.

from novin_ml.evaluation import compare

names = others["home_id"].unique()
sizes = [8, 15, 30, 60]
found = []
for size in sizes:
    asked = others[others["home_id"].isin(names[:size])]
    found.append(
        compare(
            models["boosting"], models["boosting, 600 rows"], asked, labels=asked["clean_label"]
        )
    )

figure, axes = plt.subplots(figsize=(8, 3.2))
for size, each in zip(sizes, found, strict=True):
    gap = each.accuracy
    color = "C0" if each.verdict == "better" else "0.6"
    axes.vlines(str(size), 100 * gap.low, 100 * gap.high, color=color, linewidth=3)
    axes.plot(str(size), 100 * gap.difference, "o", color=color, markersize=9)
    axes.annotate(each.verdict, (str(size), 100 * gap.high), xytext=(0, 6), ha="center",
                  textcoords="offset points")  # fmt: skip
axes.axhline(0, color="0.3", linewidth=1)
axes.margins(x=0.15, y=0.2)
axes.set(xlabel="homes", ylabel="points of accuracy")
axes.set_title("6,000 rows against 600")
# sphinx_gallery_thumbnail_number = 2
axes.grid(axis="x", visible=False)

size = found[0].sample_size
print(f"with {sizes[0]} homes, differences from {100 * size.detectable:.1f} points on can be seen")

# %%
# :doc:`/guide/compare` has the method; :doc:`/guide/rollout` does the same while users decide.
