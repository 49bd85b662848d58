"""Parse the IsolationForest of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.answers import AlarmAnswers
from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import (
    Subject,
    detector_answers,
    own_columns,
    refuse_labels,
)
from novin_ml.estimators.learners import from_sklearn
from novin_ml.exceptions import NotExportableError


@register_parser(
    "sklearn.IsolationForest",
    form="tree ensemble of the logarithm of the score, exponential, and distance from the offset",
    refused="missing values in training, max_samples=1",
)
def parse_isolation_forest(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted IsolationForest; its offset holds the contamination."""
    check_is_fitted(model)
    refuse_labels(model, class_labels)
    if _knows_missing_values(model):
        raise NotExportableError(
            "An IsolationForest must be trained without missing values. Got one that sends them a "
            "way of their own. Fill them in, or leave these rows out, before training."
        )
    if model.max_samples_ < 2:
        raise NotExportableError(
            "An IsolationForest must draw two rows or more for each tree. Got max_samples=1, by "
            "which all rows have one score. Train with more."
        )
    columns = own_columns(model)
    return Subject(
        learner=from_sklearn(model),
        answers=AlarmAnswers(float(model.offset_)),
        specs=input_specs(feature_names, columns),
        columns=columns,
        allows_missing=False,
        info={
            "estimator": type(model).__name__,
            "algorithm": "isolation",
            "contamination": str(model.contamination),
        },
        own_answer=detector_answers(model),
    )


def _knows_missing_values(model: Any) -> bool:
    """Return whether trees were trained with missing values, which scikit-learn 1.6 does not store.

    At a node without missing values in training, they go with the larger part of the rows; at any
    other node, to a random side.
    """
    for each in model.estimators_:
        tree = each.tree_
        inner = tree.children_left >= 0
        left, right = tree.children_left[inner], tree.children_right[inner]
        larger = tree.n_node_samples[left] > tree.n_node_samples[right]
        if np.any(tree.missing_go_to_left[inner].astype(bool) != larger):
            return True
    return False
