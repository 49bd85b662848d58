"""Thresholds and cuts lie where the last digits of a probability decide nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from novin_ml import export_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.estimators.families import FAMILIES, classifier_families
from novin_ml.evaluation import conformalize, tune_threshold
from novin_ml.evaluation.decisions._gaps import widest_gap_above, widest_gap_below
from novin_ml.features import attach_context


@pytest.mark.parametrize("start", np.float32([1e-30, 1e-4, 0.02, 0.5, 0.97, 0.9999, 1, 1.0000001]))
@pytest.mark.parametrize("n_near", [0, 1, 30, 3000])
def test_the_widest_gap_within_reach(start, n_near):
    rng = np.random.default_rng(n_near)
    p = (start + rng.uniform(-0.002, 0.002, n_near)).clip(0, 1).astype(np.float32)
    for found, way in ((widest_gap_above(start, p), 1), (widest_gap_below(start, p), -1)):
        assert found.dtype == np.float32
        assert 0 <= way * (float(found) - float(start)) <= 0.001
        distance = np.abs(p.astype(float) - float(found)).min(initial=1)
        reach = 0.004 * max(0, float(start) * (1 - float(start)))
        inside = 1 + np.sum((way * (p - start) > 0) & (way * (p - start) < reach))
        # Of so many gaps the widest is no narrower than their mean; float32 rounds the middle.
        assert distance >= reach / inside / 2 - 2**-24 or np.any(p == start)


def test_many_rows_of_one_probability_are_left_behind():
    p = np.float32([0.3] * 50 + [0.8])
    found = widest_gap_above(np.nextafter(np.float32(0.3), np.float32(1)), p)
    assert 0.3002 < found < 0.3012
    assert 0.2988 < widest_gap_below(np.float32(0.3), p) < 0.2998


@pytest.mark.parametrize("algorithm", ["boosting", "mlp"])
@pytest.mark.parametrize("family", classifier_families())
def test_the_exported_model_decides_the_rows_as_python_does(family, algorithm, tmp_path):
    family = FAMILIES[family]
    rows, _ = family.rows.to_train(family.simulate(1500, random_state=0))
    pipeline = family.make_pipeline(algorithm=algorithm, epochs=10, random_state=0, n_jobs=1)
    pipeline.fit(rows, rows["label"].astype(object))
    homes = family.simulate(2500, random_state=1)
    tune_threshold(pipeline, homes, 2.0)
    conformalize(pipeline, homes, error_rate=0.1)
    export = export_coreml(pipeline, tmp_path / "model.mlmodel")

    homes = attach_context(homes) if isinstance(homes, pd.DataFrame) else homes
    features = pipeline[0].transform(homes[homes["label"].notna()])
    runtime = CoreMLRuntime(export.model)
    entries = runtime.metadata["user_defined"]
    thresholds = json.loads(entries["novin_ml.thresholds"])
    cut, below = (float(entries[f"novin_ml.{name}"]) for name in ("conformal_cut", "abstain_below"))
    on_phone = runtime.predict_proba(np.asarray(features))
    classifier = pipeline[-1]
    labels = [str(label) for label in classifier.classes_]
    for number in (np.float32, np.float64):
        p = on_phone.astype(number)
        reached = p >= [number(thresholds.get(label, np.inf)) for label in labels]
        best = np.where(reached, p, -1).argmax(axis=1)
        alarms = np.where(reached.any(axis=1), np.array(labels, dtype=object)[best], None)
        np.testing.assert_array_equal(alarms, classifier.alarms(features))
        np.testing.assert_array_equal(p >= number(cut), classifier.predict_set(features))
        np.testing.assert_array_equal(p.max(axis=1) < number(below), classifier.abstains(features))
