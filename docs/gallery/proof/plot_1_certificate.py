"""
Proof of an export
==================

A converter may be wrong without a word. An export here is read back, answers beside the model that
was trained, and comes with a certificate; if an answer differs, no file is written.
"""

# %%
# A model as people train them
# ----------------------------
#
# Six classes, most rows in one, and xgboost's defaults.

import numpy as np
from xgboost import XGBClassifier

rng = np.random.default_rng(0)
X = rng.normal(size=(4_000, 8)).astype(np.float32)
edges = np.quantile(X[:, 0] + X[:, 1] * X[:, 2], [0.7, 0.85, 0.93, 0.97, 0.99])
y = np.digitize(X[:, 0] + X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=len(X)), edges)
model = XGBClassifier(n_estimators=40, max_depth=4, random_state=0).fit(X, y)
truth = model.predict_proba(X)

# %%
# What coremltools' converter makes of it
# ---------------------------------------
#
# It raises nothing. Its file is evaluated by the interpreter of Core ML that checks all exports.

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

logging.getLogger("coremltools").setLevel(logging.ERROR)

import coremltools

from novin_ml import export_coreml
from novin_ml.coreml import CoreMLRuntime

names = [f"f{number}" for number in range(X.shape[1])]
with TemporaryDirectory() as folder:
    stock = Path(folder, "stock.mlmodel")
    booster = model.get_booster().copy()  # the converter renames the features of what it is given
    booster.feature_names = names
    converted = coremltools.converters.xgboost.convert(
        booster, feature_names=names, mode="classifier", n_classes=6
    )
    converted.save(str(stock))
    by_stock = CoreMLRuntime(stock).predict_proba(X)

    ours = Path(folder, "ours.mlmodel")
    export = export_coreml(model, ours, feature_names=names)
    by_ours = CoreMLRuntime(ours).predict_proba(X)

# %%
# A picture of 4,000 rows
# -----------------------
#
# Each dot is one probability: Python's answer, and that of the file.

import matplotlib.pyplot as plt

figure, both = plt.subplots(1, 2, figsize=(8, 4.6), sharey=True)
for axes, answer, title, color in zip(
    both, (by_stock, by_ours), ("coremltools' converter", "export_coreml"), ("C1", "C0"),
    strict=True,
):  # fmt: skip
    changed = 100 * np.mean(answer.argmax(axis=1) != truth.argmax(axis=1))
    axes.plot([0, 1], [0, 1], color="0.75", linewidth=1, zorder=0)
    axes.scatter(truth, answer, s=3, color=color, alpha=0.25, linewidths=0, rasterized=True)
    axes.set(xlabel="probability of the trained model", aspect="equal")
    axes.set_title(f"{title}\n{changed:.1f} % of labels change")
    axes.text(
        0.98, 0.03, f"largest error {np.abs(answer - truth).max():.1e}", ha="right",
        transform=axes.transAxes,
    )  # fmt: skip
both[0].set(ylabel="probability of the Core ML file")

# %%
# What was compared
# -----------------
#
# Not only rows like those of training: each split of each tree, at its threshold and one float32
# step to either side, and each leaf.

certificate = export.certificate
print(certificate.statement)
print(f"proof: {certificate.proof.nodes:,} nodes equal, one by one")

checks = certificate.checks
figure, axes = plt.subplots(figsize=(8, 3))
places = range(len(checks))
errors = [max(check.max_error, 1e-9) for check in checks.values()]
axes.barh(places, errors, left=1e-9, color="C0", height=0.6)
axes.axvline(certificate.tolerance, color="C1", linestyle="--")
axes.text(certificate.tolerance * 1.15, len(checks) - 0.45, "allowed", color="C1", va="center")
axes.set(xscale="log", xlim=(1e-9, 1e-5), ylim=(-0.6, len(checks) - 0.2))
axes.set_yticks(
    places, [f"{name.replace('_', ' ')}, {check.rows:,} rows" for name, check in checks.items()]
)
axes.set(xlabel="largest error of a probability")
axes.grid(axis="y", visible=False)

# %%
# :doc:`/guide/coreml` has all that is compared, and a table of 19 models as people train them.
