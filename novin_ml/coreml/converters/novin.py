"""novin_ml's own estimators, alone or at the end of a pipeline."""

from __future__ import annotations

import json
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.registry import adopt, register_adopter
from novin_ml.coreml.subject import Subject, exportable_labels
from novin_ml.exceptions import NotExportableError
from novin_ml.features.spec import specs_for


@register_adopter("novin_ml.EventClassifier")
def adopt_classifier(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Adopt a fitted classifier of novin_ml."""
    check_is_fitted(model)
    specs = model.feature_specs_
    if feature_names is not None:
        specs = specs_for(checked_names(feature_names, model.n_features_in_), model.family_specs)
    info = {
        "estimator": type(model).__name__,
        "algorithm": model.algorithm,
        "training_data_sha256": model.training_data_["sha256"],
        "training_rows": str(model.training_data_["n_samples"]),
        "class_counts": json.dumps(model.training_data_["class_counts"]),
    }
    return Subject(
        learner=model.learner_,
        labels=given_labels(class_labels, model.classes_),
        specs=specs,
        training_rows=model.training_rows_,
        info=info,
    )


@register_adopter("sklearn.Pipeline")
def adopt_pipeline(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Adopt the last step of a pipeline whose other steps make features of events.

    Those run on the phone as code, before the model.
    """
    check_is_fitted(model)
    if not isinstance(model, Pipeline) or any(
        step not in (None, "passthrough") and not hasattr(step, "feature_specs")
        for _, step in model.steps[:-1]
    ):
        raise NotExportableError(
            "Every step of a pipeline but the last must be a feature transformer of novin_ml. "
            f"Got {[type(step).__name__ for _, step in model.steps]}. "
            "Export the last step alone if the phone can do what comes before it."
        )
    return adopt(model.steps[-1][1], feature_names, class_labels)


def given_labels(class_labels: list[Any] | None, classes: Any) -> list[Any]:
    """Return the labels that the caller gave, or those of the model."""
    if class_labels is None:
        return exportable_labels(classes)
    if len(class_labels) != len(classes):
        raise NotExportableError(
            f"The 'class_labels' parameter must have {len(classes)} labels, one for each class. "
            f"Got {len(class_labels)}: {list(class_labels)}."
        )
    return exportable_labels(class_labels)


def checked_names(feature_names: list[str], n_features: int) -> list[str]:
    """Return the feature names that the caller gave."""
    if len(feature_names) != n_features:
        raise NotExportableError(
            f"The 'feature_names' parameter must have {n_features} names, one for each feature. "
            f"Got {len(feature_names)}."
        )
    names = [str(name) for name in feature_names]
    if len(set(names)) != len(names):
        raise NotExportableError(
            "The 'feature_names' parameter must have names that differ from each other. "
            f"Got {names}."
        )
    return names
