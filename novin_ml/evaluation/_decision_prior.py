"""What dividing the posterior by the classes' shares costs in accuracy, and gains in recall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, recall_score
from sklearn.pipeline import Pipeline

from novin_ml.estimators.steps import last_step


@dataclass(frozen=True)
class PriorEffect:
    """Accuracy and mean recall with `decision_prior_weight` and without.

    Attributes
    ----------
    weight : float
        The classifier's `decision_prior_weight`.
    accuracy, mean_recall : float
        With it, 0 to 1. Mean recall is over the labels that the rows have.
    undivided_accuracy, undivided_mean_recall : float
        Those of the posterior itself.
    """

    weight: float
    accuracy: float
    mean_recall: float
    undivided_accuracy: float
    undivided_mean_recall: float

    @property
    def sentence(self) -> str:
        """Both figures in words."""
        return (
            f"The posterior is divided by the labels' shares to the power of {self.weight:g}: "
            f"accuracy {self.accuracy:.1%}, mean recall {self.mean_recall:.1%}. Undivided it has "
            f"an accuracy of {self.undivided_accuracy:.1%} and a mean recall of "
            f"{self.undivided_mean_recall:.1%}."
        )


def prior_effect(model: Any, rows: Any, truth: np.ndarray) -> PriorEffect | None:
    """Measure a classifier, or a pipeline that ends with one; None if nothing is divided.

    Parameters
    ----------
    model : object
        Fitted.
    rows : object
        What the model answers for.
    truth : ndarray of shape (n_rows,), str
        The right labels.
    """
    estimator = last_step(model)
    weight = getattr(estimator, "decision_prior_weight", 0.0)
    if not weight:
        return None
    undivided = estimator.without_decision_prior()
    if isinstance(model, Pipeline):
        undivided = Pipeline([*model.steps[:-1], (model.steps[-1][0], undivided)])
    figures = []
    for each in (model, undivided):
        answer = np.asarray(each.predict(rows)).astype(str)
        recall = recall_score(
            truth, answer, labels=np.unique(truth), average="macro", zero_division=0
        )
        figures += [float(accuracy_score(truth, answer)), float(recall)]
    return PriorEffect(float(weight), *figures)
