"""The importance of each feature: by shuffling it, and by the gain of splits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from novin_ml.estimators.families import family_of
from novin_ml.estimators.learners import BlendLearner, BoostingLearner, ForestLearner
from novin_ml.estimators.words import Factor, factors_of
from novin_ml.evaluation._labels import label_texts
from novin_ml.evaluation._scored_rows import ScoredRows
from novin_ml.evaluation.explanation.explained_row import specs_of
from novin_ml.evaluation.explanation.importance import permutation_importances
from novin_ml.evaluation.report._parts import Importance
from novin_ml.features.spec import FeatureSpec

#: Number of rows to shuffle, in whole homes, and of shuffles of each feature.
SAMPLE, REPEATS = 2_000, 3


def importances(
    pipeline: Pipeline, features: Any, scored: ScoredRows, consent: NDArray[np.bool_]
) -> list[Importance]:
    """Return the importance of each feature, the one that costs most accuracy first.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted; ends with a classifier.
    features : DataFrame or ndarray of shape (n_rows, n_features)
        Features of the scored rows.
    scored : ScoredRows
        The right labels, and the homes.
    consent : ndarray of shape (n_rows,), bool
        Rows that may be shown as an example.
    """
    classifier = pipeline[-1]
    labels = dict(zip(label_texts(classifier.classes_), classifier.classes_.tolist(), strict=True))
    truth = np.empty(len(scored.truth), dtype=object)
    truth[:] = [labels[text] for text in scored.truth]
    permuted = permutation_importances(
        classifier, features, truth, groups=scored.homes, max_rows=SAMPLE, n_repeats=REPEATS
    )
    gain = _gain(classifier)
    specs = specs_of(pipeline, classifier)
    factors = {each.name: each for each in factors_of(specs, family_of(pipeline).name)}
    shown = np.asarray(features, dtype=np.float32)[consent]
    found = [
        Importance(
            each,
            None if gain is None else sum(gain[column] for column in each.columns),
            _example(factors[each.name], specs, shown),
        )
        for each in permuted
    ]
    return sorted(found, key=lambda each: -each.permuted.accuracy)


def _example(factor: Factor, specs: Sequence[FeatureSpec], X: NDArray[np.float32]) -> str:
    """Return a typical value in words: the middle one between the extremes, or the highest."""
    values = X[:, factor.columns[0]]
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return ""
    ordered = known[np.argsort(values[known], kind="stable")]
    lowest, highest = values[ordered[[0, -1]]]
    between = ordered[(values[ordered] > lowest) & (values[ordered] < highest)]
    place = between[len(between) // 2] if len(between) else ordered[-1]
    row = {spec.name: float(value) for spec, value in zip(specs, X[place], strict=True)}
    return factor.describe(row).text


def _gain(classifier: Any) -> dict[str, float] | None:
    """Return each feature's share of what all splits gain; None if there are no trees."""
    learner = classifier.learner_
    if isinstance(learner, BlendLearner):
        learner = learner.boosting
    if not isinstance(learner, BoostingLearner | ForestLearner):
        return None
    share = learner.gain_shares()
    return dict(zip((spec.name for spec in classifier.feature_specs_), share.tolist(), strict=True))
