"""What each feature is worth: shuffled among rows, and in the splits of trees."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.estimators.learners import BlendLearner, BoostingLearner
from novin_ml.evaluation._alarm_counts import label_texts
from novin_ml.evaluation._scored_rows import ScoredRows
from novin_ml.evaluation.importance import permutation_importances
from novin_ml.evaluation.report._parts import Importance

#: Rows that are shuffled, whole homes of them, and how often each feature is.
SAMPLE, REPEATS = 2_000, 3


def importances(classifier: Any, features: Any, scored: ScoredRows) -> list[Importance]:
    """Return the importance of each feature, the one that costs most accuracy first.

    Parameters
    ----------
    classifier : EventClassifier
        Fitted.
    features : DataFrame or ndarray of shape (n_rows, n_features)
        What it was scored on.
    scored : ScoredRows
        The right labels, and the homes.
    """
    labels = dict(zip(label_texts(classifier.classes_), classifier.classes_.tolist(), strict=True))
    truth = np.empty(len(scored.truth), dtype=object)
    truth[:] = [labels[text] for text in scored.truth]
    permuted = permutation_importances(
        classifier, features, truth, groups=scored.homes, max_rows=SAMPLE, n_repeats=REPEATS
    )
    gain = _gain(classifier)
    found = [
        Importance(each, None if gain is None else sum(gain[column] for column in each.columns))
        for each in permuted
    ]
    return sorted(found, key=lambda each: -each.permuted.accuracy)


def _gain(classifier: Any) -> dict[str, float] | None:
    """Return each feature's share of the gain of all splits; None if there are no trees."""
    learner = classifier.learner_
    if isinstance(learner, BlendLearner):
        learner = learner.boosting
    if not isinstance(learner, BoostingLearner):
        return None
    gain: NDArray[np.float64] = np.zeros(learner.n_features)
    # Unnamed columns are f0, f1, ...; columns that no split looks at are left out.
    names = learner.booster.feature_names or [f"f{i}" for i in range(learner.n_features)]
    place = {name: i for i, name in enumerate(names)}
    for name, total in learner.booster.get_score(importance_type="total_gain").items():
        gain[place[name]] = total
    share = gain / gain.sum() if gain.sum() else gain
    return dict(zip((spec.name for spec in classifier.feature_specs_), share.tolist(), strict=True))
