"""The rows of a trial: homes that take part, rows of homes that are held back, a model of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from novin_ml.estimators.families import Family
from novin_ml.evaluation.truth import CLEAN, GIVEN
from novin_ml.federated.homes import LocalHome, homes_of
from novin_ml.lifecycle import train
from novin_ml.optional import import_optional

_HOME = "home_id"
#: Homes that are trained alone; their mean accuracy is that of as many.
_MOST_ALONE = 20


@dataclass(frozen=True)
class TrialRows:
    """What a federation is tried on.

    Attributes
    ----------
    central : Pipeline
        Trained on all rows in one place.
    homes : dict of str to LocalHome
    classes : ndarray of shape (n_classes,)
    columns : list of str
        Names of the features.
    X_test : DataFrame
        Features of the rows that have a label, of homes that are held back.
    y_test, homes_test : ndarray of shape (n_test_rows,)
    truth : str
        The column of their labels.
    n_test_homes : int
    """

    central: Pipeline
    homes: dict[str, LocalHome]
    classes: np.ndarray
    columns: list[str]
    X_test: pd.DataFrame
    y_test: np.ndarray
    homes_test: np.ndarray
    truth: str
    n_test_homes: int

    @classmethod
    def of(
        cls,
        family: Family,
        table: Any,
        algorithm: str,
        test_fraction: float,
        random_state: int,
        params: Mapping[str, Any],
    ) -> TrialRows:
        """Divide a table, and train on all rows of the homes that take part."""
        central = train(
            family,
            table,
            test_fraction=test_fraction,
            random_state=random_state,
            algorithm=algorithm,
            **params,
        )
        features, test = central.pipeline[0], central.held_back
        X_test, y_test, homes_test, truth = _test_rows(features, test)
        taking_part = table[~table[_HOME].isin(set(test[_HOME])).to_numpy()]
        rows = family.rows_in(table).to_train(taking_part)[0]
        X = features.set_output(transform="pandas").transform(rows)
        homes, classes = homes_of(X, rows["label"].astype(object), rows[_HOME])
        return cls(
            central=central.pipeline,
            homes=homes,
            classes=classes,
            columns=list(X.columns),
            X_test=X_test,
            y_test=y_test,
            homes_test=homes_test,
            truth=truth,
            n_test_homes=int(test[_HOME].nunique()),
        )

    @property
    def central_model(self) -> Any:
        """The last step of the pipeline."""
        return self.central[-1]

    @property
    def some(self) -> list[str]:
        """Names of homes to train alone, twenty at most."""
        return sorted(self.homes)[:: -(-len(self.homes) // _MOST_ALONE)]

    def codes_after(self, model: Any, n_rounds: int) -> np.ndarray:
        """Return the code that so many rounds of trees answer to each row of the test."""
        xgboost = import_optional("xgboost", extra="train", purpose="Boosting over homes")
        rows = xgboost.DMatrix(self.X_test.to_numpy(dtype=np.float32))
        booster, rounds = model.learner_.booster, (0, n_rounds)
        margins = booster.predict(
            rows, output_margin=True, iteration_range=rounds, validate_features=False
        )
        return (margins > 0).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)


def _test_rows(features: Any, test: Any) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, str]:
    """Return features, labels and homes of the rows of a table that have a label, and which."""
    X = features.set_output(transform="pandas").transform(test)
    truth = CLEAN if CLEAN in test.columns else GIVEN
    labels = test[truth]
    labelled = labels.notna().to_numpy(dtype=bool)
    homes = test[_HOME].to_numpy(dtype=object)[labelled]
    return X[labelled], labels[labelled].to_numpy(dtype=object), homes, truth
