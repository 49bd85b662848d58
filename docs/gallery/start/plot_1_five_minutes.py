"""
Start in five minutes
=====================

Simulate homes, train a model that recognises deliveries, hold it against hand-written rules on
homes that it never saw, and write it for the phone with a certificate.
"""

# %%
# Homes and their events
# ----------------------
#
# `simulate_deliveries` returns a table of events. Events without consent are never trained on.

from novin_ml.features import training_rows
from novin_ml.simulation import simulate_deliveries

rows, n_without_consent = training_rows(simulate_deliveries(6_000, random_state=0))
print(f"{len(rows):,} labelled motions of {rows['home_id'].nunique()} homes")
print(f"{n_without_consent:,} others without consent are left out")
rows[["home_id", "kind", "zone", "duration", "energy", "label"]].head()

# %%
# Train
# -----
#
# A pipeline of features and a classifier, as in scikit-learn. ``groups`` keeps the rows of a home
# together when early stopping holds some of them back.

from novin_ml.estimators import make_delivery_pipeline

model = make_delivery_pipeline(random_state=0)
model.fit(rows, rows["label"], classifier__groups=rows["home_id"])

# %%
# Is it better than the rules?
# ----------------------------
#
# Other homes decide. The interval is over homes, because events of one home resemble each other.

import matplotlib.pyplot as plt

from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import compare

others = simulate_deliveries(4_000, random_state=1)
comparison = compare(
    model, DeliveryRules(), others, labels=others["clean_label"], names=("model", "rules")
)
print(comparison.sentence)

scores = comparison.accuracy
figure, axes = plt.subplots(figsize=(8, 2.4))
bars = axes.barh(
    ["hand-written rules", "model"], [100 * scores.b, 100 * scores.a], color=["0.7", "C0"]
)
axes.bar_label(bars, fmt="%.1f %%", padding=4)
axes.set(xlim=(0, 112), xlabel="right answers, % of motions in homes held back")
axes.set_title("Is it a delivery?")
axes.grid(axis="y", visible=False)

# %%
# Write it for the phone
# ----------------------
#
# The exported file is read back and answers beside the Python model. If an answer differs, nothing
# is written.

from pathlib import Path
from tempfile import TemporaryDirectory

from novin_ml import export_coreml, verify_coreml

with TemporaryDirectory() as folder:
    export = export_coreml(model, Path(folder, "delivery.mlmodel"), author="You")
    print(f"{export.model.name}: {export.model.stat().st_size / 1e6:.2f} MB")
    again = verify_coreml(export.model)  # repeats the whole check, from the files alone
print(again.statement)

# %%
# Drag ``delivery.mlmodel`` into Xcode. :doc:`/guide/ios` goes on from there.
