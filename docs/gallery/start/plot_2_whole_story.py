"""
The whole story on one page
===========================

From a home's events to a model in an app: simulate, train, judge, choose alarms, say "don't know",
explain, export with proof, pack for Xcode, serve, and watch for drift.
"""

# %%
# 1. Events
# ---------
#
# A *chain* is what a home reports within a minute. Nearly all chains mean nothing; a few are a
# parcel, a prowler or a break-in. Here are three sets of homes: to train, to choose, to judge.

from novin_ml.events import training_events
from novin_ml.simulation import simulate_chains

train, n_without_consent = training_events(simulate_chains(4_000, random_state=0))
tune = simulate_chains(6_000, n_homes=60, random_state=1)
judge = simulate_chains(6_000, n_homes=60, random_state=2)
print(f"{len(train):,} chains to train on; {n_without_consent} without consent are left out")
train[0]

# %%
# 2. Train
# --------
#
# 88 features, boosted trees, early stopping on homes that are held back, and a budget of bytes.

from novin_ml.estimators import make_chain_pipeline

model = make_chain_pipeline(random_state=0)
model.fit(train, train["label"], classifier__groups=train["home_id"])

# %%
import matplotlib.pyplot as plt

report = model[-1].fit_report_
figure, axes = plt.subplots(figsize=(8, 3))
axes.plot(report.validation_loss, color="C0")
axes.axvline(report.epochs_kept, color="C1", linestyle="--")
axes.text(report.epochs_kept, axes.get_ylim()[1], " kept", color="C1", va="top")
axes.set(xlabel="rounds of boosting", ylabel="log loss,\nhomes held back")

# %%
# 3. Choose alarms
# ----------------
#
# One false alarm per label, home and week: the threshold of each label follows from that, on homes
# that the model never saw.

from novin_ml.evaluation import conformalize, tune_threshold

thresholds = tune_threshold(model, tune, false_alarms_per_week=1.0, truth="clean_label")
for each in thresholds.thresholds:
    print(f"{each.label!s:20s} from {each.threshold:.3f} on")

# %%
# 4. "Don't know"
# ---------------
#
# On the same homes: when to say that nobody can tell, so that a tenth is missed at most.

doubt = conformalize(model, tune, error_rate=0.1, truth="clean_label")
print(f"answers {100 * (1 - doubt.abstained):.0f} %, of these {100 * doubt.accuracy:.1f} % right")

# %%
# 5. Judge
# --------
#
# The third set of homes has seen neither the training nor the choice. The hand-written rules are
# the measure: what do both find, and how often do they cry wolf?

import numpy as np

from novin_ml.estimators.rules import ChainRules
from novin_ml.evaluation import alarm_report

answers = [each or "no_pattern" for each in model[-1].alarms(model[0].transform(judge))]
answers = np.array(answers, dtype=object)
rules = ChainRules().fit(train).predict(judge)
alarms = alarm_report(judge["clean_label"], answers, rules, judge["home_id"], judge["start"])

figure, (found, false) = plt.subplots(1, 2, figsize=(8.6, 3.8), sharey=True)
labels = [each.label for each in alarms.model.by_label]
for place, (name, of, color) in enumerate(
    [("model", alarms.model, "C0"), ("hand-written rules", alarms.rules, "0.7")]
):
    height = np.arange(len(labels)) + 0.38 * place
    found.barh(height, [100 * each.recall for each in of.by_label], 0.36, color=color, label=name)
    false.barh(height, [each.false_per_home_week for each in of.by_label], 0.36, color=color)
found.set(xlabel="found, %", xlim=(0, 100))
found.set_yticks(np.arange(len(labels)) + 0.19, [str(each).replace("_", " ") for each in labels])
found.invert_yaxis()
false.set(xlabel="false alarms per home and week")
for axes in (found, false):
    axes.grid(axis="y", visible=False)
figure.legend(loc="outside upper center", ncols=2)
# sphinx_gallery_thumbnail_number = 2

# %%
# 6. Explain an alarm
# -------------------

from novin_ml.evaluation import explain

is_alarm = answers == "active_break_in"
row = int(np.flatnonzero(is_alarm & (judge["clean_label"] == "active_break_in"))[0])
print(judge[row][["kind", "zone"]].astype(str).to_string(index=False))
for reason in explain(model, judge[[row]], label="active_break_in"):
    print("-", reason.direction, reason.text)

# %%
# 7. Export, with proof
# ---------------------
#
# The file answers as the model does, or there is no file. Thresholds and doubt are in it.

from pathlib import Path
from tempfile import TemporaryDirectory

from novin_ml import export_coreml, verify_coreml

workplace = TemporaryDirectory()
release = Path(workplace.name, "release")
release.mkdir()
export = export_coreml(model, release / "chains.mlmodel", author="You", version="1.0")
print(export.certificate.statement)
print(f"{(release / 'chains.mlmodel').stat().st_size / 1e6:.2f} MB")
print(f"again, from the files alone: {verify_coreml(export.model).passed}")

# %%
# 8. Pack it for Xcode
# --------------------
#
# A Swift package with the model, the features in Swift, and tests that hold them to Python's bits.

from novin_ml.coreml.swift import write_swift_package

package = Path(workplace.name, "NovinModels")
write_swift_package({"chains": export.model}, package)
files = [path for path in sorted(package.rglob("*")) if path.is_file()]
print(f"{len(files)} files, {sum(path.suffix == '.swift' for path in files)} of Swift, such as")
for path in files[:4]:
    print(" ", path.relative_to(package.parent))

# %%
# .. code-block:: swift
#
#    let chains = try EventChainPredictor.chains()
#    let pattern = try chains.prediction(afterAdding: event, to: &stream)

# %%
# 9. Serve it
# -----------
#
# A registry is a folder of versions that never change. One of them is served, and the one before
# comes back with one call.

from novin_ml.lifecycle import Registry

registry = Registry(Path(workplace.name, "registry"))
version = registry.add("chains", release, facts={"false_alarms": alarms.model.false_per_home_week})
registry.promote("chains", version.number, reason="first release")
print(f"version {registry.served('chains').number} is served")

# %%
# 10. Watch
# ---------
#
# Months later, other motions come in. Did the homes change? A third of the sensors samples faster.

from novin_ml.lifecycle import measure_drift
from novin_ml.simulation import simulate_motions

before = simulate_motions(1_500, n_homes=24, random_state=0)
names = sorted(before["home_id"].unique())[:8]
now = before.assign(sample_rate=before["sample_rate"].where(~before["home_id"].isin(names), 20.0))
drift = measure_drift(before, now)
print(f"{drift.verdict}: {[each.name for each in drift.drifted]}")
workplace.cleanup()

# %%
# The same in one line for a build: ``novin-ml build novin.toml --out release``
# (:doc:`/guide/build`), and ``novin-ml retrain`` each week (:doc:`/guide/retraining`).
