"""Trees, random forests and extremely randomised trees of scikit-learn, which answer with a mean.

The leaves are divided by the number of trees, so that their sum is the mean. coremltools' own
converter, for scikit-learn up to 1.5, forgets this with three or more classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.converters.ensembles.ensemble import Ensemble, register_source
from novin_ml.coreml.converters.ensembles.sklearn_trees import (
    OF_THE_LARGEST,
    SEVERAL_OUTPUTS,
    arrays_of,
    ensemble_of,
    require_one_answer,
    subject_of,
)
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.subject import Subject

_SOURCE = "sklearn.forest"
_CLASSES = "tree ensemble with an output for each class; leaves divided by the number of trees"
_VALUES = "tree ensemble; leaves divided by the number of trees"
_VALUE_ROW = {"form": _VALUES, "tolerance": OF_THE_LARGEST, "refused": SEVERAL_OUTPUTS}
_CLASS_ROW = {"form": _CLASSES, "refused": SEVERAL_OUTPUTS}


@register_source(_SOURCE)
def _ensemble(dump: GivenTrees) -> Ensemble:
    n_classes, n_trees = dump.facts["n_classes"], len(dump.arrays["sizes"])
    value = dump.arrays["value"] * (1 / n_trees)
    if n_classes:
        return ensemble_of(dump, value, np.zeros(n_classes), None)
    return ensemble_of(dump, value.ravel(), np.zeros(1), np.zeros(n_trees, dtype=int))


@register_parser("sklearn.DecisionTreeClassifier", **_CLASS_ROW)
@register_parser("sklearn.DecisionTreeRegressor", **_VALUE_ROW)
def parse_tree(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted tree; ExtraTreeClassifier and ExtraTreeRegressor are subclasses."""
    facts = {"n_classes": require_one_answer(model)}
    dump = GivenTrees(_SOURCE, facts, arrays_of([model]))
    return subject_of(model, dump, feature_names, class_labels)


@register_parser("sklearn.RandomForestClassifier", **_CLASS_ROW)
@register_parser("sklearn.ExtraTreesClassifier", **_CLASS_ROW)
@register_parser("sklearn.RandomForestRegressor", **_VALUE_ROW)
@register_parser("sklearn.ExtraTreesRegressor", **_VALUE_ROW)
def parse_forest(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted forest."""
    facts = {"n_classes": require_one_answer(model)}
    dump = GivenTrees(_SOURCE, facts, arrays_of(model.estimators_))
    return subject_of(model, dump, feature_names, class_labels)
