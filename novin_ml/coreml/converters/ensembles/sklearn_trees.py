"""What trees of scikit-learn have in common: their arrays, and subjects of their models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.answers import ClassAnswers, ValueAnswers
from novin_ml.coreml.converters.ensembles.ensemble import Ensemble
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import Subject, given_labels, own_answers, own_columns, refuse_labels
from novin_ml.exceptions import NotExportableError

#: Phrases of the table of what is taken.
OF_THE_LARGEST = "1e-6 of the largest value"
SEVERAL_OUTPUTS = "several outputs: one model for each"

_TREES = (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor)
_ARRAYS = ("children_left", "children_right", "feature", "threshold", "missing_go_to_left")


def arrays_of(trees: Sequence[Any], n_classes: int = 0) -> dict[str, NDArray[Any]]:
    """Return the arrays of fitted trees one after the other, unchanged.

    Parameters
    ----------
    trees : sequence of DecisionTreeClassifier or DecisionTreeRegressor
    n_classes : int, default=0
        Number of classes of which a tree may have met some only, which are their numbers then.

    Returns
    -------
    arrays : dict of str to ndarray
        ``sizes`` has the number of nodes of each tree, and the others an entry for each node.
    """
    parts = [tree.tree_ for tree in trees]
    arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _ARRAYS}
    arrays = {
        name: array.astype(np.int32 if array.dtype.kind == "i" else array.dtype)
        for name, array in arrays.items()
    }
    values = [part.value.reshape(part.node_count, -1) for part in parts]
    for place, (tree, known) in enumerate(zip(trees, values, strict=True)):
        if known.shape[1] < n_classes:
            values[place] = np.zeros((len(known), n_classes))
            values[place][:, tree.classes_.astype(int)] = known
    return arrays | {
        "sizes": np.array([part.node_count for part in parts], dtype=np.int32),
        "value": np.concatenate(values),
    }


def ensemble_of(
    dump: GivenTrees,
    value: NDArray[np.float64],
    base: NDArray[np.float64],
    output: NDArray[Any] | None,
    link: str = "none",
) -> Ensemble:
    """Return an ensemble of the arrays of `arrays_of`."""
    arrays = dump.arrays
    return Ensemble(
        sizes=arrays["sizes"],
        left=arrays["children_left"],
        right=arrays["children_right"],
        feature=arrays["feature"],
        threshold=arrays["threshold"],
        missing_left=arrays["missing_go_to_left"],
        value=value,
        base=base,
        output=output,
        link=link,
    )


def require_trees(model: Any, estimators: Sequence[Any]) -> None:
    """Raise NotExportableError unless the parts of an ensemble are trees of scikit-learn."""
    for each in estimators:
        if type(each) not in _TREES:
            raise NotExportableError(
                f"A {type(model).__name__} must be made of trees of scikit-learn. "
                f"Got {type(each).__module__}.{type(each).__qualname__}. "
                "Train it with estimator=None, or over trees."
            )
        if getattr(each, "n_outputs_", 1) != 1:
            raise NotExportableError(
                f"A {type(model).__name__} must have one output. Got {each.n_outputs_}. "
                "Train one model for each output."
            )


def require_one_answer(model: Any) -> int:
    """Return the number of classes, 0 for a regressor; refuse what answers several questions."""
    check_is_fitted(model)
    name = type(model).__name__
    if getattr(model, "n_outputs_", 1) != 1:
        raise NotExportableError(
            f"A {name} must have one output. Got {model.n_outputs_}. "
            "Train one model for each output."
        )
    if not hasattr(model, "classes_"):
        return 0
    if len(model.classes_) < 2:
        raise NotExportableError(
            f"A {name} must have two classes or more. Got one. Train with more classes."
        )
    return len(model.classes_)


def subject_of(
    model: Any,
    dump: GivenTrees,
    feature_names: list[str] | None,
    class_labels: list[Any] | None,
    *,
    answer: Callable[[Any], np.ndarray] | None = None,
) -> Subject:
    """Return the subject of a fitted scikit-learn model whose trees are given.

    Parameters
    ----------
    model : object
        A fitted classifier or regressor.
    dump : GivenTrees
        Its trees.
    feature_names, class_labels : list or None
        As a parser gets them.
    answer : callable, default=None
        The model's own answer to a table; ``predict_proba`` or ``predict`` if None.
    """
    columns = own_columns(model)
    if dump.reading.classes:
        answers: Any = ClassAnswers(given_labels(class_labels, model.classes_))
    else:
        refuse_labels(model, class_labels)
        answers = value_answers(dump)
    own = own_answers(
        model,
        answer
        or (
            model.predict_proba
            if dump.reading.classes
            else (lambda X: model.predict(X).reshape(-1, 1))
        ),
    )
    return Subject(
        learner=dump,
        answers=answers,
        specs=input_specs(feature_names, columns),
        columns=columns,
        allows_missing=takes_missing(own, len(columns)),
        info={"estimator": type(model).__name__, "algorithm": "trees"},
        own_answer=own,
    )


def value_answers(dump: GivenTrees) -> ValueAnswers:
    """Return the answers of a regressor: its tolerance follows from its largest value."""
    reading = dump.reading
    if reading.link == "exponential":
        return ValueAnswers(scale=10.0, is_relative=True)
    if reading.link == "logistic":
        return ValueAnswers()
    return ValueAnswers(scale=float(reading.trees.largest_sums().max()) or 1.0)


def takes_missing(answer: Callable[[np.ndarray], np.ndarray], n_features: int) -> bool:
    """Return whether a model has an answer when features are missing: by asking it."""
    try:
        answer(np.full((1, n_features), np.nan, dtype=np.float32))
    except ValueError:
        return False
    return True
