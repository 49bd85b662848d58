"""Reasons for the answer of a model, found from its answers alone, as on a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.answers import ANOMALY_SCORE
from novin_ml.coreml.exported_features import exported_factors
from novin_ml.coreml.interface import typical_values
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.runtime.inputs import read_inputs
from novin_ml.estimators.reasons import Reason, told
from novin_ml.estimators.words import Factor
from novin_ml.exceptions import InvalidInputError, NotExportableError
from novin_ml.plain import plural

#: The largest number of reasons of an answer.
N_REASONS = 3

FloatRows = NDArray[np.float32]


def reason_codes(
    model: Any, X: Any, *, labels: Any = None, n_reasons: int = N_REASONS
) -> list[list[Reason]]:
    """Return the reasons for the answer of an exported model to each row.

    Each feature in turn is replaced by its median in the training data, and the model answers
    again. The feature's contribution is the loss of probability of the original answer. Columns
    that belong together, such as the sine and cosine of the hour, are replaced together and form
    one reason. Only answers of the model are used, so a phone with Core ML finds the same reasons;
    the Swift package of ``novin-ml ios`` does so.

    Parameters
    ----------
    model : CoreMLRuntime, path, bytes, MLModel or Model_pb2.Model
        A model that `novin_ml.export_coreml` wrote of an estimator of novin_ml.
    X : DataFrame, dict of array-likes, or array-like of shape (n_rows, n_features)
        Feature rows, as `CoreMLRuntime.predict` takes them; one at least.
    labels : array-like of shape (n_rows,), default=None
        The label to explain for each row, such as its alarm; by default the most probable label.
        Must be None for a detector, which explains why a row is unusual.
    n_reasons : int, default=3
        The largest number of reasons of an answer.

    Returns
    -------
    reasons : list of list of Reason
        For each row, the features with the largest positive contributions, the largest first. Equal
        contributions keep the order of the features. A contribution is the fall of the probability
        of the answer, or of the anomaly score, if the feature had its typical value. It is a
        float32 number, as on the phone. The words are those of `novin_ml.evaluation.explain`. A
        reason whose words repeat those of a stronger one is left out.

    Raises
    ------
    NotExportableError
        If the model has no typical values of its features.
    InvalidInputError
        If an input is missing or not a number, or the model does not have a label.

    See Also
    --------
    novin_ml.evaluation.explain : Exact contributions of trees, in Python.

    Notes
    -----
    A feature contributes nothing if it matters only together with another feature that has its
    typical value. Contributions do not add up to the probability. A feature that is missing in a
    row is replaced by its median. A feature that was always missing in the training data is
    replaced by a missing value.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from novin_ml import DeliveryClassifier, export_coreml
    >>> from novin_ml.coreml import reason_codes
    >>> X = np.random.default_rng(0).normal(size=(300, 3))
    >>> y = np.where(X[:, 1] > 0, "delivery", "no_delivery")
    >>> model = DeliveryClassifier(epochs=5).fit(X, y)
    >>> export = export_coreml(model, tempfile.mkdtemp() + "/delivery.mlmodel")
    >>> reason_codes(export.model, [[0.0, 3.0, 0.0]])[0][0].name
    'feature_1'
    """
    runtime = model if isinstance(model, CoreMLRuntime) else CoreMLRuntime(model)
    return [told(reasons)[:n_reasons] for reasons in all_reasons(runtime, X, labels=labels)]


def all_reasons(runtime: CoreMLRuntime, X: Any, *, labels: Any = None) -> list[list[Reason]]:
    """Return all reasons for the answer to each row, also those that repeat the words of others.

    Parameters are those of `reason_codes`.
    """
    typical = typical_values(runtime.metadata["user_defined"])
    if typical is None:
        raise NotExportableError(
            "The 'model' parameter must be a model with typical values of its features. "
            "Got one without the entry novin_ml.feature_typical. Export an estimator of novin_ml."
        )
    inputs = read_inputs(X, runtime._inputs)
    rows = np.hstack([inputs[name] for name in runtime.input_names])
    score = _score_of(runtime)
    numbers = score(rows)
    chosen = numbers.argmax(axis=1) if labels is None else _places_of(labels, runtime, len(rows))
    factors = exported_factors(runtime)
    shares = contributions(score, rows, typical, chosen, [each.columns for each in factors])
    return [
        _positive(row, own, factors, runtime.input_names)
        for row, own in zip(rows, shares, strict=True)
    ]


def contributions(
    score: Callable[[FloatRows], FloatRows],
    rows: FloatRows,
    typical: FloatRows,
    chosen: NDArray[np.intp],
    factors: Sequence[tuple[int, ...]],
) -> FloatRows:
    """Return the fall of a number when the columns of a factor become typical.

    Parameters
    ----------
    score : callable
        From rows to numbers, float32 of shape (n_rows, n_numbers).
    rows : ndarray of shape (n_rows, n_features), float32
    typical : ndarray of shape (n_features,), float32
    chosen : ndarray of shape (n_rows,), int
        The number that counts, for each row.
    factors : sequence of tuple of int
        Columns of each factor.

    Returns
    -------
    contributions : ndarray of shape (n_rows, n_factors), float32
    """
    own = score(rows)[np.arange(len(rows)), chosen]
    result = np.zeros((len(rows), len(factors)), dtype=np.float32)
    for place, columns in enumerate(map(list, factors)):
        own_columns, value = rows[:, columns], typical[columns]
        is_other = (own_columns != value) & ~(np.isnan(own_columns) & np.isnan(value))
        changes = np.flatnonzero(is_other.any(axis=1))
        if len(changes):
            replaced = rows[changes]
            replaced[:, columns] = value
            left = score(replaced)[np.arange(len(changes)), chosen[changes]]
            result[changes, place] = own[changes] - left
    return result


def _positive(
    row: FloatRows, contributed: FloatRows, factors: Sequence[Factor], names: tuple[str, ...]
) -> list[Reason]:
    """Return the reasons with positive contributions to the answer for one row."""
    values = dict(zip(names, map(float, row), strict=True))
    reasons = []
    for i in np.argsort(-contributed, kind="stable"):
        if contributed[i] > 0:
            factor, worded = factors[i], factors[i].describe(values)
            reasons.append(
                Reason(
                    name=factor.name,
                    value=worded.value,
                    contribution=float(contributed[i]),
                    text=worded.text,
                    meaning=factor.meaning,
                    unit=factor.unit,
                    columns=tuple(names[column] for column in factor.columns),
                    words=worded.words,
                )
            )
    return reasons


def _places_of(labels: Any, runtime: CoreMLRuntime, n_rows: int) -> NDArray[np.intp]:
    known = [] if runtime.classes is None else runtime.classes.tolist()
    wanted = np.asarray(labels).tolist()
    if len(wanted) != n_rows or any(label not in known for label in wanted):
        raise InvalidInputError(
            f"The 'labels' parameter must have one of {known} for each of {plural(n_rows, 'row')}. "
            f"Got {wanted}. Leave it out for the most probable ones."
        )
    return np.array([known.index(label) for label in wanted], dtype=np.intp)


def _score_of(runtime: CoreMLRuntime) -> Callable[[FloatRows], FloatRows]:
    """Return the probabilities of rows, or their anomaly score alone, as a function."""

    def score(rows: FloatRows) -> FloatRows:
        if runtime.classes is not None:
            return runtime.predict_proba(rows).astype(np.float32)
        return runtime.predict_outputs(rows)[ANOMALY_SCORE].astype(np.float32).reshape(-1, 1)

    return score
