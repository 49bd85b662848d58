"""
Bring your own RandomForest
===========================

You have a fitted model of scikit-learn, xgboost or LightGBM, and an app. Two lines make it a Core
ML model that is proved equal. It is not trained again, and no data is needed.
"""

# %%
# Any fitted model
# ----------------

from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True, as_frame=True)
X = X.rename(columns=lambda name: name.replace("/", "_per_"))
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
forest = RandomForestClassifier(100, random_state=0).fit(X_train, y_train)

# %%
# Two lines
# ---------

from pathlib import Path
from tempfile import TemporaryDirectory

from novin_ml import export_coreml
from novin_ml.coreml import CoreMLRuntime

workplace = TemporaryDirectory()
path = Path(workplace.name, "wine.mlmodel")

export = export_coreml(forest, path, class_labels=["barolo", "grignolino", "barbera"])
print(export.certificate.statement)
print(f"{path.stat().st_size / 1e3:.0f} kB; inputs {', '.join(X.columns[:3])}, ...")

# %%
# The two answers
# ---------------
#
# A phone reads 32-bit numbers. Along a line between two wines, forest and file step at the same
# places, and by the same amounts.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

barolo, barbera = (X_test[y_test == label].iloc[0] for label in (0, 2))
share = np.linspace(0, 1, 600)[:, None]
mixture = pd.DataFrame(
    (1 - share) * barolo.to_numpy() + share * barbera.to_numpy(), columns=X.columns
)
mixture = mixture.astype(np.float32)
of_forest = forest.predict_proba(mixture)
of_file = CoreMLRuntime(path).predict_proba(mixture.to_numpy())

figure, (answers, error) = plt.subplots(2, 1, figsize=(8, 5.2), sharex=True, height_ratios=[3, 1])
for place, name in enumerate(["barolo", "grignolino", "barbera"]):
    answers.plot(100 * share, of_file[:, place], color=f"C{place}", linewidth=5, alpha=0.35)
    answers.plot(100 * share, of_forest[:, place], color=f"C{place}", linewidth=1.4, label=name)
answers.set(ylabel="probability", ylim=(0, 1), xlim=(0, 100))
answers.set_title("Wide: the Core ML file. Thin: scikit-learn.")
answers.legend(loc="center right")
gap = np.abs(of_file - of_forest).max(axis=1)
error.plot(100 * share, np.maximum(gap, 1e-17), color="0.35", linewidth=1)
error.axhline(export.certificate.tolerance, color="C1", linestyle="--", label="allowed")
error.set(yscale="log", ylim=(1e-18, 1e-4), ylabel="difference")
error.set(xlabel="from a barolo to a barbera, % of the way")
error.legend(loc="lower right")

# %%
# What cannot be converted is refused
# -----------------------------------
#
# By a message that says what to do instead.

from xgboost import XGBClassifier

from novin_ml.exceptions import NotExportableError

linear = XGBClassifier(booster="gblinear", random_state=0).fit(X_train, y_train)
try:
    export_coreml(linear, Path(workplace.name, "linear.mlmodel"))
except NotExportableError as refusal:
    print(refusal)
workplace.cleanup()

# %%
# In the app
# ----------
#
# .. code-block:: swift
#
#    let model = try wine(configuration: MLModelConfiguration())
#    let output = try model.prediction(alcohol: 13.2, malic_acid: 1.8, ash: 2.4, /* ... */)
#    print(output.label, output.classProbability)
#
# :doc:`/guide/bring_your_own` lists what is taken, and its files.
