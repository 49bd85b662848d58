"""Parse the estimators of novin_ml, alone or at the end of a pipeline."""

from __future__ import annotations

import json
from dataclasses import replace
from numbers import Real
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.answers import AlarmAnswers, ClassAnswers
from novin_ml.coreml.converters._registry import parse_model, register_parser
from novin_ml.coreml.converters.pipelines import parse_program
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import (
    Subject,
    detector_answers,
    given_labels,
    own_answers,
    own_columns,
    refuse_labels,
)
from novin_ml.estimators.families import family_of_features
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import NotExportableError


@register_parser("novin_ml.FamilyClassifier")
def parse_classifier(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted classifier of novin_ml."""
    check_is_fitted(model)
    columns = own_columns(model)
    labels = given_labels(class_labels, model.classes_)
    info = {
        "estimator": type(model).__name__,
        "algorithm": model.algorithm,
        "training_data_sha256": model.training_data_["sha256"],
        "training_rows": str(model.training_data_["n_samples"]),
        "class_counts": json.dumps(model.training_data_["class_counts"]),
        **model.decisions_.metadata(dict(zip(model.classes_.tolist(), labels, strict=True))),
    }
    if model.decision_prior_weight:
        info["decision_prior_weight"] = repr(float(model.decision_prior_weight))
    return Subject(
        learner=model.learner_,
        answers=ClassAnswers(labels),
        specs=input_specs(feature_names, columns, model.family_specs),
        columns=columns,
        feature_summary=model.feature_summary_,
        info=info,
        max_bytes=model.max_bytes,
        own_answer=own_answers(model, model.predict_proba),
    )


#: What a model says of itself to somebody who looks at it alone, by the state of a detector.
NOTES = {
    "learning": "Still learning what is usual: it never alarms.",
    "unproven": "Its log is too short to prove the budget of its alarms.",
}


@register_parser("novin_ml.BehaviorAnomalyDetector")
def parse_detector(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted detector; in the learning state, the decision is never below 0."""
    check_is_fitted(model)
    refuse_labels(model, class_labels)
    columns = own_columns(model)
    return Subject(
        learner=model.learner_,
        answers=AlarmAnswers(float(model.offset_)),
        specs=input_specs(feature_names, columns, model.family_specs),
        columns=columns,
        feature_summary=model.feature_summary_,
        allows_missing=False,
        info={
            "estimator": type(model).__name__,
            "algorithm": model.learner_.kind,
            "state": model.state_,
            "alarms_per_week": repr(float(model.alarms_per_week)),
            "confidence": repr(float(model.confidence)),
            "training_data_sha256": model.training_data_["sha256"],
            "training_rows": str(model.training_data_["n_samples"]),
            "training_days": repr(float(model.training_data_["days"])),
        },
        own_answer=detector_answers(model),
        note=NOTES.get(model.state_, ""),
    )


@register_parser("sklearn.Pipeline")
def parse_pipeline(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse the last step of a pipeline whose other steps make features of events.

    These steps run on the phone as code, before the model. Their feature specs describe the inputs
    of the model.
    """
    check_is_fitted(model)
    before = [step for _, step in model.steps[:-1] if step not in (None, "passthrough")]
    of_novin = any(hasattr(step, "feature_specs") for step in before) or any(
        base.__module__.startswith("novin_ml.") for base in type(model.steps[-1][1]).__mro__
    )
    if before and not of_novin:
        return parse_program(model, feature_names, class_labels)
    if not isinstance(model, Pipeline) or any(
        not hasattr(step, "feature_specs") for step in before
    ):
        raise NotExportableError(
            "Every step of a pipeline but the last must be a feature transformer of novin_ml. "
            f"Got {[type(step).__name__ for _, step in model.steps]}. "
            "Export the last step alone if the phone can do what comes before it."
        )
    subject = parse_model(model.steps[-1][1], feature_names, class_labels)
    known = {
        spec.name: spec
        for _, step in model.steps[:-1]
        for spec in getattr(step, "feature_specs", ())
    }
    specs = tuple(known.get(spec.name, spec) for spec in subject.specs)
    return replace(subject, specs=specs, info=subject.info | _of_features(model))


def _of_features(pipeline: Pipeline) -> dict[str, str]:
    """Return the parameters that a phone needs to compute the features of a pipeline.

    These are the numeric parameters of the transformer, and what it learnt; its switches change no
    feature.
    """
    features = pipeline.steps[0][1]
    family = family_of_features(features)
    if family is None or len(pipeline.steps) != 2:
        return {}
    numbers = {
        name: float(value)
        for name, value in features.get_params().items()
        if isinstance(value, Real) and not isinstance(value, bool)
    }
    entries = {
        "family": family.name,
        "feature_params": json.dumps(numbers),
        "feature_set": str(features.feature_set),
    }
    vocabulary = getattr(features, "vocabulary_", None)
    if vocabulary not in (None, Vocabulary.sdk()):
        entries["vocabulary"] = json.dumps(vocabulary.to_dict(), ensure_ascii=False)
    kinds = getattr(features, "trained_kinds_", None)
    if kinds is not None:
        entries["trained_kinds"] = json.dumps(kinds)
    return entries | features.exported_entries
