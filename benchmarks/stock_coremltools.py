"""What coremltools' own converters get wrong, beside what `export_coreml` writes.

Each model is trained with the installed xgboost or scikit-learn and converted twice. The converted
models are evaluated by the reference runtime on the rows of training, and compared with the
``predict_proba`` of the model itself.

Run as ``python -m benchmarks.stock_coremltools [--markdown]``.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks._common import host_line, noisy_table  # first: OpenMP

# isort: split
import numpy as np
import pandas as pd
import xgboost
from rich.console import Console
from rich.table import Table
from sklearn import ensemble

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.coreml._coremltools import coremltools
from novin_ml.exceptions import NovinError

ROWS, FEATURES = 4_000, 8
#: Shares of six classes, most of them in the first.
IMBALANCED = np.array([0.7, 0.15, 0.08, 0.04, 0.02, 0.01])


@dataclass(frozen=True)
class Case:
    """A model that people have.

    Attributes
    ----------
    name : str
    train : callable
        Returns (model, rows for its own predict_proba, the same as float32 rows).
    gives_names : bool
        Whether the names of the features are given to the stock converter.
    """

    name: str
    train: Callable[[], tuple[Any, Any, np.ndarray]]
    gives_names: bool = True


def _classes(n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    X, fine = noisy_table(ROWS, FEATURES, 100)
    shares = np.array([0.8, 0.2]) if n_classes == 2 else IMBALANCED
    return X, np.searchsorted(np.cumsum(shares)[:-1], (fine + 0.5) / 100)


def _xgb(
    n_classes: int = 2, *, missing: float = 0.0, early: bool = False, **params: Any
) -> Callable[[], tuple[Any, Any, np.ndarray]]:
    def train() -> tuple[Any, Any, np.ndarray]:
        X, y = _classes(n_classes)
        X[np.random.default_rng(1).random(X.shape) < missing] = np.nan
        options = {"n_estimators": 60, "max_depth": 4, "n_jobs": 1, "random_state": 0} | params
        if not early:
            return xgboost.XGBClassifier(**options).fit(X, y), X, X
        options |= {"n_estimators": 200, "learning_rate": 0.5, "early_stopping_rounds": 5}
        cut = ROWS * 3 // 4
        model = xgboost.XGBClassifier(**options)
        model.fit(X[:cut], y[:cut], eval_set=[(X[cut:], y[cut:])], verbose=False)
        return model, X, X

    return train


def _frame(kind: str) -> Callable[[], tuple[Any, Any, np.ndarray]]:
    def train() -> tuple[Any, Any, np.ndarray]:
        X, y = _classes(2)
        frame = pd.DataFrame(X, columns=[f"f_{i}" for i in range(FEATURES)])
        options: dict[str, Any] = {"n_estimators": 60, "max_depth": 4, "n_jobs": 1}
        if kind == "bool":
            frame["f_0"] = frame["f_0"] > 0
        elif kind == "categorical":
            codes = np.clip(np.round(3 * X[:, 0]), -4, 4).astype(int)
            frame["f_0"] = pd.Categorical(codes)
            options |= {"enable_categorical": True, "max_cat_to_onehot": 1}
        model = xgboost.XGBClassifier(**options).fit(frame, y)
        rows = frame.copy()
        if kind == "categorical":
            rows["f_0"] = frame["f_0"].cat.codes
        return model, frame, rows.to_numpy(dtype=np.float32)

    return train


def _ours() -> tuple[Any, Any, np.ndarray]:
    X, y = _classes(6)
    X[np.random.default_rng(1).random(X.shape) < 0.1] = np.nan
    return DeliveryClassifier(random_state=0, n_jobs=1).fit(X, y), X, X


def _sklearn(model: Any, n_classes: int, *, missing: float = 0.0) -> Any:
    def train() -> tuple[Any, Any, np.ndarray]:
        X, y = _classes(n_classes)
        X[np.random.default_rng(1).random(X.shape) < missing] = np.nan
        return model.fit(X, y), X, X

    return train


CASES = (
    Case("binary, as it comes", _xgb()),
    Case("binary, base_score=0.5", _xgb(base_score=0.5)),
    Case("6 imbalanced classes, as they come", _xgb(6)),
    Case("the same after 3 rounds", _xgb(6, n_estimators=3)),
    Case("the same with missing values", _xgb(6, missing=0.15)),
    Case("early stopping", _xgb(6, early=True)),
    Case("dart", _xgb(booster="dart", rate_drop=0.3)),
    Case("num_parallel_tree=3, 6 classes", _xgb(6, num_parallel_tree=3, n_estimators=20)),
    Case("categorical splits", _frame("categorical")),
    Case("bool columns", _frame("bool")),
    Case("gblinear", _xgb(booster="gblinear", max_depth=None)),
    Case("multi_output_tree", _xgb(6, multi_strategy="multi_output_tree")),
    Case("named features, none given", _frame("named"), gives_names=False),
    Case("DeliveryClassifier, 6 classes, missing values, early stopping", _ours),
    Case(
        "scikit-learn: RandomForest, 6 classes",
        _sklearn(ensemble.RandomForestClassifier(60, max_depth=8, random_state=0), 6),
    ),
    Case(
        "scikit-learn: RandomForest, missing values",
        _sklearn(ensemble.RandomForestClassifier(60, max_depth=8, random_state=0), 2, missing=0.15),
    ),
    Case(
        "scikit-learn: GradientBoosting, exponential loss",
        _sklearn(ensemble.GradientBoostingClassifier(loss="exponential", n_estimators=60), 2),
    ),
    Case(
        "scikit-learn: HistGradientBoosting, missing values",
        _sklearn(ensemble.HistGradientBoostingClassifier(max_iter=60), 6, missing=0.15),
    ),
    Case(
        "scikit-learn: AdaBoost, 6 classes",
        _sklearn(ensemble.AdaBoostClassifier(n_estimators=60), 6),
    ),
)


def stock_spec(model: Any, n_features: int, n_classes: int, *, gives_names: bool) -> Any:
    """Convert as coremltools' documentation says."""
    names = [f"f_{i}" for i in range(n_features)]
    if type(model).__module__.startswith("sklearn."):
        return coremltools().converters.sklearn.convert(model, names).get_spec()
    booster = model.learner_.booster if hasattr(model, "learner_") else model.get_booster()
    converted = coremltools().converters.xgboost.convert(
        booster.copy(),  # it renames the features of the model that it is given
        feature_names=names if gives_names else None,
        mode="classifier",
        class_labels=list(range(n_classes)),
        n_classes=n_classes,
    )
    return converted.get_spec()


def difference(spec: Any, model: Any, own_rows: Any, rows: np.ndarray) -> str:
    """Say how far a converted model is from the model, on the rows of training."""
    expected = np.asarray(model.predict_proba(own_rows), dtype=np.float64)
    got = CoreMLRuntime(spec).predict_proba(rows)
    error = float(np.abs(expected - got).max())
    changed = float(np.mean(expected.argmax(axis=1) != got.argmax(axis=1)))
    return f"error {error:.2g}, labels {100 * changed:.1f} %"


def sentence_of(error: Exception) -> str:
    """Return an exception's name and its first line, without xgboost's time and place."""
    line = re.sub(r"^\[[\d:]+\] \S+: ", "", str(error).strip().partition("\n")[0])
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def outcomes(case: Case, folder: Path) -> tuple[str, str]:
    """Return what the stock converter makes of a case, and what `export_coreml` does."""
    model, own_rows, rows = case.train()
    n_classes = len(model.classes_)
    try:
        spec = stock_spec(model, rows.shape[1], n_classes, gives_names=case.gives_names)
        stock = difference(spec, model, own_rows, rows)
    except Exception as error:  # whatever it raises is what is asked
        stock = f"raises {sentence_of(error)}"
    try:
        export = export_coreml(model, folder / "model.mlmodel")
        ours = difference(export.model, model, own_rows, rows)
    except NovinError as error:
        ours = f"refuses: {error}"
    return stock, ours


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true", help="print Markdown, for docs/measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [(case.name, *outcomes(case, Path(folder))) for case in CASES]
    columns = ("model", "coremltools' converter", "export_coreml")
    if options.markdown:
        print("| " + " | ".join(columns) + " |")
        print("|---|---|---|")
        for row in rows:
            print("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
        print(f"\nLargest error of a probability, share of labels changed. {host_line()}")
        return
    table = Table(*columns, title="Largest error of a probability, share of labels changed")
    for row in rows:
        table.add_row(*row)
    console = Console(markup=False, emoji=False)
    console.print(table)
    console.print(host_line())


if __name__ == "__main__":
    main()
