"""What tests of other people's models share: data, and the export that is checked again."""

from __future__ import annotations

import numpy as np

from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml
from tests.coreml.models import codes, table

X = table(300, 0)
MISSING = table(300, 1, missing=0.2)
#: float64 thresholds between float32 neighbours: no float32 number equals them.
BETWEEN = np.float64(1) + np.arange(300)[:, None] % 7 * np.float64(2.0**-23) * np.ones(4)
#: Rows at, between and beside these thresholds.
BESIDE = np.repeat(
    np.float32(1) + np.arange(-2, 18, dtype=np.float32)[:, None] * np.float32(2.0**-24), 4, axis=1
)
POSITIVE = np.exp(X[:, 0]) + np.abs(X[:, 1])


def labels(n_classes: int, kind: type = str) -> np.ndarray:
    """A label for each row of `X`."""
    found = codes(X, n_classes)
    return np.array([f"kind {code}" for code in found]) if kind is str else found * 10 - 5


def exported(model, folder, **options):
    """Export a model, verify it from its files and with the model, and return its runtime."""
    export = export_coreml(model, folder / "model.mlmodel", **options)
    certificate = export.certificate
    assert certificate.proof.nodes == certificate.structure.nodes > 0
    assert certificate.max_error <= certificate.proof.bound
    assert "equal for every input within" in certificate.statement
    names = {"feature_names", "class_labels"} & set(options)
    for given in (None, model):
        kept = {name: options[name] for name in names} if given is not None else {}
        again = verify_coreml(export.model, estimator=given, **kept)
        assert again.proof == certificate.proof
        assert [line for line in again.not_checked if "checks.data" not in line] == []
    return CoreMLRuntime(export.model)


def answers_of(runtime, rows):
    """Probabilities, or values, of an exported model."""
    if runtime.classes is None:
        return runtime.predict(rows)["value"].to_numpy()
    return runtime.predict_proba(rows)
