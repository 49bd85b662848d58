"""Whether a classifier's answer to an event stands, or is about what it was not trained on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.pipeline import Pipeline

from novin_ml.estimators.decisions import Decisions
from novin_ml.estimators.steps import last_step

#: The answer stands; the model does not know; or it was not trained on such events.
ANSWERED, UNKNOWN, NOT_APPLICABLE = "answered", "unknown", "not applicable"


def outcomes(model: Any, rows: Any, probabilities: ArrayLike | None = None) -> NDArray[np.object_]:
    """Return whether the answer to each row stands.

    Parameters
    ----------
    model : Pipeline or classifier
        Fitted. A pipeline that was trained on an event table knows its kinds of event.
    rows : DataFrame, Chains or array-like of shape (n_rows, ...)
        What the model takes.
    probabilities : array-like of shape (n_rows, n_classes), default=None
        The model's probabilities, if they are known; None asks the model.

    Returns
    -------
    outcomes : ndarray of shape (n_rows,), dtype object
        "not applicable" for an event of a kind that was not in the training set, so that nothing is
        an alarm; else "unknown" if the highest probability is below the abstention of the model;
        else "answered". The Swift package decides alike.

    See Also
    --------
    novin_ml.evaluation.conformalize : Choose when the answer is "don't know".

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline, outcomes
    >>> from novin_ml.features import training_rows
    >>> from novin_ml.simulation import simulate_deliveries
    >>> events = simulate_deliveries(500, random_state=0)
    >>> rows, n_without_consent = training_rows(events)
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> found = outcomes(model, events)
    >>> [str(found[list(events["kind"]).index(kind)]) for kind in ("motion", "vehicle")]
    ['answered', 'not applicable']
    """
    if isinstance(rows, (pd.DataFrame, np.ndarray)) and len(rows) == 0:
        return np.empty(0, dtype=object)  # a quiet day
    if probabilities is None:
        probabilities = model.predict_proba(rows)
    abstention = getattr(last_step(model), "decisions_", Decisions()).abstention
    kinds = getattr(model[0], "trained_kinds_", None) if isinstance(model, Pipeline) else None
    is_applicable = None
    if kinds is not None and isinstance(rows, pd.DataFrame) and "kind" in rows:
        is_applicable = rows["kind"].isin(kinds).to_numpy()
    return outcomes_of(
        np.asarray(probabilities, dtype=np.float32),
        None if abstention is None else abstention.abstain_below,
        is_applicable,
    )


def outcomes_of(
    probabilities: NDArray[np.float32],
    abstain_below: np.float32 | None,
    is_applicable: NDArray[np.bool_] | None,
) -> NDArray[np.object_]:
    """Return whether answers stand, by their probabilities.

    Parameters
    ----------
    probabilities : ndarray of shape (n_rows, n_classes), float32
    abstain_below : float32 or None
        If the highest probability is below, the model does not know.
    is_applicable : ndarray of shape (n_rows,), bool, or None
        Whether the model was trained on such rows; None if all are such.
    """
    found = np.full(len(probabilities), ANSWERED, dtype=object)
    if abstain_below is not None:
        found[probabilities.max(axis=1) < abstain_below] = UNKNOWN
    if is_applicable is not None:
        found[~is_applicable] = NOT_APPLICABLE
    return found
