"""Estimators as folders of JSON, npz and UBJ behind a manifest of hashes, and no pickle."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml._store import parsing, read_arrays, read_folder, write_folder
from novin_ml.estimators._base import EventClassifier
from novin_ml.estimators._record import QUANTILES
from novin_ml.estimators.delivery import DeliveryClassifier
from novin_ml.estimators.learners import LEARNERS, FitReport, PartReport, SizeReport
from novin_ml.estimators.motion import MotionClassifier
from novin_ml.exceptions import SavedModelError
from novin_ml.features._base import EventFeatures
from novin_ml.features.delivery import DeliveryFeatures
from novin_ml.features.motion import MotionFeatures
from novin_ml.lifecycle._parameters import params_from_json, params_to_json, plain

ESTIMATOR_KIND = "estimator"
_CLASSIFIERS: dict[str, type[EventClassifier]] = {
    "DeliveryClassifier": DeliveryClassifier,
    "MotionClassifier": MotionClassifier,
}
_FEATURES: dict[str, type[EventFeatures]] = {
    "DeliveryFeatures": DeliveryFeatures,
    "MotionFeatures": MotionFeatures,
}
_OUTPUTS = (None, "default", "pandas", "polars")


def save_estimator(estimator: EventClassifier | Pipeline, folder: str | Path) -> Path:
    """Write a fitted estimator, or a pipeline of features and an estimator, as a folder.

    Parameters
    ----------
    estimator : EventClassifier or sklearn.pipeline.Pipeline
        Fitted; a pipeline has a feature transformer of novin_ml and a classifier of novin_ml.
    folder : str or Path
        Created; replaced as a whole if it holds a saved estimator, refused if it holds anything
        else.

    Returns
    -------
    folder : Path

    Raises
    ------
    SavedModelError
        If the estimator is of another kind, has a parameter that JSON cannot hold, or the folder
        has something else in it.
    ValueError
        If the estimator is not fitted, or has a parameter that no fit would accept.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from novin_ml import DeliveryClassifier
    >>> from novin_ml.lifecycle import load_estimator, save_estimator
    >>> X = np.arange(40.0).reshape(20, 2)
    >>> model = DeliveryClassifier(epochs=2).fit(X, X[:, 0] > 20)
    >>> folder = save_estimator(model, tempfile.mkdtemp() + "/model")
    >>> bool((load_estimator(folder).predict_proba(X) == model.predict_proba(X)).all())
    True
    """
    return write_folder(_to_files(estimator), Path(folder), ESTIMATOR_KIND)


def load_estimator(folder: str | Path) -> Any:
    """Read an estimator that `save_estimator` wrote. Nothing in the folder is executed.

    Parameters
    ----------
    folder : str or Path
        The folder.

    Returns
    -------
    estimator : EventClassifier or sklearn.pipeline.Pipeline
        Answers bit for bit as the one that was saved.

    Raises
    ------
    SavedModelError
        If a file is missing, too large, changed since it was saved, or of an unknown protocol or
        kind.
    """
    return _from_files(read_folder(Path(folder), ESTIMATOR_KIND))


def _to_files(estimator: Any) -> dict[str, bytes]:
    features = None
    classifier = estimator
    if isinstance(estimator, Pipeline):
        if len(estimator.steps) != 2:
            raise _unknown(f"a pipeline of {len(estimator.steps)} steps")
        features, classifier = (step for _, step in estimator.steps)
    kind = type(classifier).__name__
    if _CLASSIFIERS.get(kind) is not type(classifier):
        raise _unknown(kind)
    check_is_fitted(classifier)
    classifier._validate_params()
    document: dict[str, Any] = {
        "kind": kind,
        "params": params_to_json(classifier),
        "labels": classifier.classes_.tolist(),
        "labels_dtype": classifier.classes_.dtype.str,
        "n_features": classifier.n_features_in_,
        "feature_names": None,
        "n_iter": classifier.n_iter_,
        "training_data": classifier.training_data_,
        "size_report": vars(classifier.size_report_),
        "fit_report": {k: v for k, v in asdict(classifier.fit_report_).items() if k != "size"},
        "learner": classifier.learner_.kind,
    }
    if classifier.algorithm != document["learner"]:
        raise SavedModelError(
            f"The 'algorithm' parameter must be the one that was fitted, {document['learner']!r}, "
            f"to be saved. Got {classifier.algorithm!r}. Fit the estimator again."
        )
    if hasattr(classifier, "feature_names_in_"):
        document["feature_names"] = classifier.feature_names_in_.tolist()
    if features is not None:
        name = type(features).__name__
        if _FEATURES.get(name) is not type(features):
            raise _unknown(f"a pipeline that begins with {name}")
        features._validate_params()
        document["features"] = {
            "kind": name,
            "params": params_to_json(features),
            "fitted": hasattr(features, "n_features_in_"),
            "output": getattr(features, "_sklearn_output_config", {}).get("transform"),
        }
        document["steps"] = [name for name, _ in estimator.steps]
    files = classifier.learner_.to_files()
    files["estimator.json"] = json.dumps(document, indent=1, default=plain).encode()
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, feature_summary=classifier.feature_summary_)
    files["arrays.npz"] = buffer.getvalue()
    return files


def _from_files(files: dict[str, bytes]) -> Any:
    expected = "estimator.json and arrays.npz must describe a fitted estimator"
    with parsing(expected, "Save the estimator again."):
        document = json.loads(files["estimator.json"])
        classifier = _classifier(document, files)
        if "features" not in document:
            return classifier
        features = _features(document["features"], classifier)
        first, last = document["steps"]
        _check(type(first) is type(last) is str and first != last, "steps", document["steps"])
        return Pipeline([(first, features), (last, classifier)])


def _classifier(document: dict[str, Any], files: dict[str, bytes]) -> EventClassifier:
    classifier_class = _CLASSIFIERS.get(document["kind"])
    if classifier_class is None:
        raise _unknown(document["kind"])
    classifier = classifier_class(**params_from_json(document["params"]))
    classifier._validate_params()
    labels, n_features = document["labels"], document["n_features"]
    classifier.classes_ = np.array(labels, dtype=np.dtype(document["labels_dtype"]))
    is_sorted = np.unique(classifier.classes_).tolist() == labels
    are_plain = all(isinstance(label, (str, int, float)) for label in labels)
    _check(len(labels) >= 2 and is_sorted and are_plain, "labels", labels)
    _check(type(n_features) is int and n_features > 0, "n_features", n_features)
    classifier.n_features_in_ = n_features
    names = document["feature_names"]
    if names is not None:
        are_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
        _check(are_names and len(names) == n_features, "feature_names", names)
        classifier.feature_names_in_ = np.array(names, dtype=object)
    _check(type(document["n_iter"]) is int, "n_iter", document["n_iter"])
    classifier.n_iter_ = document["n_iter"]
    data = document["training_data"]
    _check(len(data["class_counts"]) == len(labels), "training_data", data)
    _check(type(data["n_samples"]) is int, "training_data", data)
    classifier.training_data_ = data
    classifier.size_report_ = SizeReport(**document["size_report"])
    report = document["fit_report"]
    report["parts"] = [PartReport(**part) for part in report.get("parts", [])]
    classifier.fit_report_ = FitReport(size=classifier.size_report_, **report)
    summary = read_arrays(files["arrays.npz"])["feature_summary"]
    _check(
        summary.shape == (QUANTILES + 1, n_features) and summary.dtype == np.float32,
        "feature_summary",
        f"{summary.dtype} of shape {summary.shape}",
    )
    classifier.feature_summary_ = summary
    _check(document["learner"] == classifier.algorithm, "learner", document["learner"])
    learner_class, _ = LEARNERS[document["learner"]]
    classifier.learner_ = learner_class.from_files(
        files, n_features=n_features, n_classes=len(labels)
    )
    return classifier


def _features(document: dict[str, Any], classifier: EventClassifier) -> EventFeatures:
    features_class = _FEATURES.get(document["kind"])
    if features_class is None:
        raise _unknown(f"a pipeline that begins with {document['kind']}")
    features = features_class(**params_from_json(document["params"]))
    features._validate_params()
    names = features.get_feature_names_out().tolist()
    known = getattr(classifier, "feature_names_in_", np.array(names)).tolist()
    fit_together = len(names) == classifier.n_features_in_ and names == known
    _check(fit_together, "features", document["kind"])
    _check(document["output"] in _OUTPUTS, "output", document["output"])
    features.set_output(transform=document["output"])
    if document["fitted"]:
        features._note_inputs()
    return features


def _check(holds: bool, name: str, got: Any) -> None:
    if not holds:
        raise ValueError(f"{name}={got!r}")


def _unknown(got: str) -> SavedModelError:
    return SavedModelError(
        f"A saved estimator must be one of {sorted(_CLASSIFIERS)}, alone or behind one of "
        f"{sorted(_FEATURES)} in a pipeline. Got {got}. Use export_coreml for other models."
    )
