"""Fitted pipelines and models of scikit-learn, and the check that an export answers as they do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from novin_ml.coreml import CoreMLRuntime, export_coreml, verify_coreml

LABELS = ["delivery", "no delivery", "配達", "🚚"]
N_COLUMNS = 4


def rows(n_rows: int = 200, seed: int = 0, missing: float = 0.0) -> np.ndarray:
    """Columns of several sizes, as life has them; float32 numbers in float64."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, N_COLUMNS)) * [1, 10, 1000, 0.01] + [5, 0, 20_000, 0]
    X[rng.random(X.shape) < missing] = np.nan
    return X.astype(np.float32).astype(np.float64)


def classes(X: np.ndarray, n_classes: int, labels: Any = None) -> np.ndarray:
    """A class of each row; every class has rows."""
    signal = np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, 1]) / 10
    signal = signal + 0.2 * np.random.default_rng(1).normal(size=len(X))
    codes = np.digitize(signal, np.quantile(signal, np.arange(1, n_classes) / n_classes))
    return codes if labels is None else np.array(labels)[codes]


def values(X: np.ndarray) -> np.ndarray:
    """A value of each row."""
    X = np.nan_to_num(X)
    noise = np.random.default_rng(2).normal(size=len(X))
    return X[:, 0] * 3 + X[:, 1] - X[:, 2] / 500 + noise


def given(rows: Any, names: Any) -> dict[str, np.ndarray]:
    """Rows as an exported model takes them: by name."""
    if isinstance(rows, pd.DataFrame):
        return {name: rows[column].to_numpy() for name, column in zip(names, rows, strict=True)}
    return dict(zip(names, np.asarray(rows, dtype=np.float32).T, strict=True))


def exported(model: Any, folder: Any, **options: Any) -> Any:
    """The export of a model, verified from its files and from the model."""
    export = export_coreml(model, folder / "model.mlmodel", **options)
    assert export.certificate.passed
    assert export.certificate.structure.compared
    again = verify_coreml(export.model)
    assert again.passed
    assert not again.not_checked
    assert verify_coreml(export.model, estimator=model, **options).passed
    return export


def check_classifier(model: Any, X: Any, folder: Any, atol: float = 1e-5) -> Any:
    """Export a classifier, and compare probabilities and labels on rows of its own."""
    export = exported(model, folder)
    runtime = CoreMLRuntime(export.model)
    answers = runtime.predict_outputs(given(X, runtime.input_names))
    expected = model.predict_proba(X)
    order = [runtime.classes.tolist().index(label) for label in model.classes_.tolist()]
    np.testing.assert_allclose(answers["classProbability"][:, order], expected, atol=atol)
    best = np.sort(expected, axis=1)
    clear = best[:, -1] - best[:, -2] > 2 * atol
    np.testing.assert_array_equal(answers["label"][clear], model.predict(X)[clear])
    return export
