"""What each feature is worth: shuffled among rows, and in the splits of trees."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.inspection import permutation_importance

from novin_ml.estimators.learners import BlendLearner, BoostingLearner
from novin_ml.evaluation._alarm_counts import label_texts
from novin_ml.evaluation.report._parts import Importance

#: Rows that are shuffled, and how often each feature is.
SAMPLE, REPEATS = 2_000, 3


def importances(classifier: Any, features: Any, truth: NDArray[Any]) -> list[Importance]:
    """Return the importance of each feature, the most important first.

    Parameters
    ----------
    classifier : EventClassifier
        Fitted.
    features : DataFrame or ndarray of shape (n_rows, n_features)
        What it was scored on.
    truth : ndarray of shape (n_rows,), str
        The right labels.
    """
    rng = np.random.default_rng(0)
    rows = np.arange(len(truth))
    if len(rows) > SAMPLE:
        rows = np.sort(rng.choice(rows, SAMPLE, replace=False))
    sample = features.iloc[rows] if hasattr(features, "iloc") else features[rows]
    found = permutation_importance(
        classifier, sample, truth[rows], scoring=_accuracy, n_repeats=REPEATS, random_state=0
    )
    gain = _gain(classifier)
    every = [
        Importance(
            name=spec.name,
            meaning=spec.meaning,
            permuted=float(found.importances_mean[i]),
            spread=float(found.importances_std[i]),
            gain=None if gain is None else float(gain[i]),
        )
        for i, spec in enumerate(classifier.feature_specs_)
    ]
    return sorted(every, key=lambda each: (-each.permuted, -(each.gain or 0.0), each.name))


def _accuracy(classifier: Any, features: Any, truth: NDArray[Any]) -> float:
    return float(np.mean(label_texts(classifier.predict(features)) == truth))


def _gain(classifier: Any) -> NDArray[np.float64] | None:
    """Return each feature's share of the gain of all splits; None if there are no trees."""
    learner = classifier.learner_
    if isinstance(learner, BlendLearner):
        learner = learner.boosting
    if not isinstance(learner, BoostingLearner):
        return None
    gain = np.zeros(learner.n_features)
    # Unnamed columns are f0, f1, ...; columns that no split looks at are left out.
    names = learner.booster.feature_names or [f"f{i}" for i in range(learner.n_features)]
    place = {name: i for i, name in enumerate(names)}
    for name, total in learner.booster.get_score(importance_type="total_gain").items():
        gain[place[name]] = total
    return gain / gain.sum() if gain.sum() else gain
