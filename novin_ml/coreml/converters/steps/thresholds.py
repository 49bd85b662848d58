"""Classifiers with a threshold of their own: what it is, and of which number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from novin_ml.coreml.converters.steps.registry import names_of, refused


@dataclass(frozen=True)
class Threshold:
    """A threshold of two classes.

    Attributes
    ----------
    label : object
        The label that is chosen if its number is the threshold or more.
    value : float
    """

    label: Any
    value: float


def threshold_of(model: Any) -> Threshold | None:
    """Return the threshold of a model, of a pipeline's last step, or of what a search found."""
    names = names_of(model)
    if "sklearn.Pipeline" in names:
        return threshold_of(model.steps[-1][1])
    if hasattr(model, "best_estimator_"):
        return threshold_of(model.best_estimator_)
    if "sklearn.TunedThresholdClassifierCV" in names:
        return _checked(model, model.estimator_, float(model.best_threshold_))
    if "sklearn.FixedThresholdClassifier" in names:
        inner = getattr(model, "estimator_", model.estimator)
        value = model.threshold
        if value == "auto":
            value = 0.0 if _of_decision(model, inner) else 0.5
        return _checked(model, inner, float(value))
    return None


def _of_decision(model: Any, inner: Any) -> bool:
    method = model.response_method
    return method == "decision_function" or (
        method == "auto" and not hasattr(inner, "predict_proba")
    )


def _checked(model: Any, inner: Any, value: float) -> Threshold:
    if _of_decision(model, inner) and hasattr(inner, "predict_proba"):
        raise refused(
            model,
            "response_method='decision_function' of a model with probabilities",
            "Tune the threshold of its probabilities",
        )
    scorer = getattr(model, "_curve_scorer", None)
    label = getattr(model, "pos_label", None)
    if scorer is not None:
        label = scorer._get_pos_label()
    classes = inner.classes_
    label = classes[1] if label is None else label
    if _of_decision(model, inner) and label != classes[1]:
        raise refused(model, f"pos_label={label!r}", f"Train it with pos_label={classes[1]!r}")
    return Threshold(label, value)
