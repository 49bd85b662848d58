"""Convert fitted classifiers and detectors to a document and files, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.alarm_budget import STATES
from novin_ml.estimators.decisions import Decisions
from novin_ml.estimators.learners import (
    DETECTORS,
    LEARNERS,
    CalibrationReport,
    FitReport,
    PartReport,
    SizeReport,
)
from novin_ml.estimators.record import QUANTILES
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle.saving._files import ARRAYS_FILE, check, checked_array

#: Limit for labels: an array reserves the size of its dtype for each one.
_MOST_BYTES_OF_A_LABEL = 100_000

Document = dict[str, Any]
Files = dict[str, bytes]


@dataclass(frozen=True)
class Form:
    """Functions that save and restore one kind of estimators, apart from their parameters.

    Attributes
    ----------
    describe : callable
        Returns the part of the document and the arrays of a fitted estimator.
    restore : callable
        ``restore(estimator, document, arrays, files)`` sets the attributes of `fit`.
    """

    describe: Callable[[Any], tuple[Document, dict[str, np.ndarray]]]
    restore: Callable[[Any, Document, dict[str, np.ndarray], Files], None]


def describe_fitted(form: Form, estimator: Any) -> tuple[Document, Files]:
    """Return the document and the files of a fitted estimator."""
    if estimator.algorithm != estimator.learner_.kind:
        raise SavedModelError(
            "The 'algorithm' parameter must be the one that was fitted, "
            f"{estimator.learner_.kind!r}, to be saved. Got {estimator.algorithm!r}. "
            "Fit the estimator again."
        )
    document, arrays = form.describe(estimator)
    document |= {
        "n_features": estimator.n_features_in_,
        "feature_names": None,
        "training_data": estimator.training_data_,
        "learner": estimator.learner_.kind,
    }
    if hasattr(estimator, "feature_names_in_"):
        document["feature_names"] = estimator.feature_names_in_.tolist()
    arrays = {"feature_summary": estimator.feature_summary_} | arrays
    return document, estimator.learner_.to_files() | {ARRAYS_FILE: write_arrays(arrays)}


def restore_fitted(form: Form, estimator: Any, document: Document, files: Files) -> None:
    """Set the attributes of `fit`; ValueError, TypeError or KeyError if the parts do not fit."""
    n_features, names = document["n_features"], document["feature_names"]
    check(type(n_features) is int and n_features > 0, "n_features", n_features)
    estimator.n_features_in_ = n_features
    if names is not None:
        are_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
        check(are_names and len(names) == n_features, "feature_names", names)
        estimator.feature_names_in_ = np.array(names, dtype=object)
    data = document["training_data"]
    check(type(data["n_samples"]) is int, "training_data", data)
    estimator.training_data_ = data
    arrays = read_arrays(files[ARRAYS_FILE])
    summary = checked_array(arrays, "feature_summary", np.float32, 2)
    check(summary.shape == (QUANTILES + 1, n_features), "feature_summary", summary.shape)
    estimator.feature_summary_ = summary
    form.restore(estimator, document, arrays, files)


# Classifiers.


def _describe_classifier(classifier: Any) -> tuple[Document, dict[str, np.ndarray]]:
    report = asdict(classifier.fit_report_)
    document = {
        "labels": classifier.classes_.tolist(),
        "labels_dtype": classifier.classes_.dtype.str,
        "n_iter": classifier.n_iter_,
        "size_report": vars(classifier.size_report_),
        "fit_report": {key: value for key, value in report.items() if key != "size"},
    }
    if classifier.decisions_:
        document["decisions"] = classifier.decisions_.to_document()
    return document, {}


def _restore_classifier(
    classifier: Any, document: Document, arrays: dict[str, np.ndarray], files: Files
) -> None:
    labels, dtype = document["labels"], np.dtype(document["labels_dtype"])
    check(dtype.itemsize <= _MOST_BYTES_OF_A_LABEL, "labels_dtype", dtype)
    classifier.classes_ = np.array(labels, dtype=dtype)
    is_sorted = np.unique(classifier.classes_).tolist() == labels
    are_plain = all(isinstance(label, (str, int, float)) for label in labels)
    check(len(labels) >= 2 and is_sorted and are_plain, "labels", labels)
    check(type(document["n_iter"]) is int, "n_iter", document["n_iter"])
    classifier.n_iter_ = document["n_iter"]
    classifier.decisions_ = Decisions.from_document(document.get("decisions"), labels)
    counts = classifier.training_data_["class_counts"]
    check(len(counts) == len(labels), "training_data", counts)
    classifier.size_report_ = SizeReport(**document["size_report"])
    report = document["fit_report"]
    # Older files have neither calibration nor parts.
    report["parts"] = [PartReport(**part) for part in report.get("parts", [])]
    report["calibration"] = [CalibrationReport(**each) for each in report.get("calibration", [])]
    classifier.fit_report_ = FitReport(size=classifier.size_report_, **report)
    check(document["learner"] == classifier.algorithm, "learner", document["learner"])
    learner_class, _ = LEARNERS[document["learner"]]
    classifier.learner_ = learner_class.from_files(
        files, n_features=classifier.n_features_in_, n_classes=len(labels)
    )


CLASSIFIER = Form(_describe_classifier, _restore_classifier)

# Detectors.

#: Numbers that a detector's `fit` sets, and their types.
_NUMBERS: dict[str, type[int] | type[float]] = {
    "alarm_bound_": float,
    "n_alarms_in_training_": int,
    "n_days_": float,
    "offset_": float,
    "required_days_": float,
}


def _describe_detector(detector: Any) -> tuple[Document, dict[str, np.ndarray]]:
    document = {
        "state": detector.state_,
        "numbers": {name: kind(getattr(detector, name)) for name, kind in _NUMBERS.items()},
    }
    return document, {"calibration_scores": detector.calibration_scores_}


def _restore_detector(
    detector: Any, document: Document, arrays: dict[str, np.ndarray], files: Files
) -> None:
    check(document["state"] in STATES, "state", document["state"])
    detector.state_ = document["state"]
    for name, kind in _NUMBERS.items():
        number = document["numbers"][name]
        check(type(number) is kind and number == number, name, number)
        setattr(detector, name, number)
    scores = checked_array(arrays, "calibration_scores", np.float64, 1)
    in_order = not np.isnan(scores).any() and bool(np.all(np.diff(scores) >= 0))
    check(in_order, "calibration_scores", "scores in another order")
    detector.calibration_scores_ = scores
    _check_threshold(detector)
    check(document["learner"] == detector.algorithm, "learner", document["learner"])
    learner_class = DETECTORS[document["learner"]]
    detector.learner_ = learner_class.from_files(files, n_features=detector.n_features_in_)


def _check_threshold(detector: Any) -> None:
    """Refuse a state that contradicts the days, or a threshold that contradicts state or scores."""
    ready = detector.state_ == "ready"
    check(ready == (detector.n_days_ >= detector.required_days_), "state", detector.state_)
    n_alarms, offset = detector.n_alarms_in_training_, detector.offset_
    alarms = detector.state_ != "learning"
    check(alarms or offset == -1, "offset_", offset)
    below = int(np.sum(detector.calibration_scores_ < offset)) if alarms else 0
    check(n_alarms == below, "n_alarms_in_training_", n_alarms)
    check(
        detector.alarm_bound_ > 0 if alarms else detector.alarm_bound_ == 0,
        "alarm_bound_",
        detector.alarm_bound_,
    )


DETECTOR = Form(_describe_detector, _restore_detector)
