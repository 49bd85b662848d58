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

from novin_ml._store import read_arrays, read_folder, write_folder
from novin_ml.estimators._base import EventClassifier
from novin_ml.estimators.delivery import DeliveryClassifier
from novin_ml.estimators.learners import LEARNERS, FitReport, PartReport, SizeReport
from novin_ml.estimators.motion import MotionClassifier
from novin_ml.exceptions import SavedModelError
from novin_ml.features.delivery import DeliveryFeatures
from novin_ml.features.motion import MotionFeatures

_KIND = "estimator"
_CLASSIFIERS: dict[str, type[EventClassifier]] = {
    "DeliveryClassifier": DeliveryClassifier,
    "MotionClassifier": MotionClassifier,
}
_FEATURES: dict[str, type] = {
    "DeliveryFeatures": DeliveryFeatures,
    "MotionFeatures": MotionFeatures,
}


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
    return write_folder(_to_files(estimator), Path(folder), _KIND)


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
    return _from_files(read_folder(Path(folder), _KIND))


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
    document: dict[str, Any] = {
        "kind": kind,
        "params": _jsonable_params(classifier),
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
    if hasattr(classifier, "feature_names_in_"):
        document["feature_names"] = classifier.feature_names_in_.tolist()
    if features is not None:
        name = type(features).__name__
        if _FEATURES.get(name) is not type(features):
            raise _unknown(f"a pipeline that begins with {name}")
        document["features"] = {"kind": name, "params": _jsonable_params(features)}
        document["steps"] = [name for name, _ in estimator.steps]
    files = classifier.learner_.to_files()
    files["estimator.json"] = json.dumps(document, indent=1).encode()
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, training_rows=classifier.training_rows_)
    files["arrays.npz"] = buffer.getvalue()
    return files


def _from_files(files: dict[str, bytes]) -> Any:
    try:
        document = json.loads(files["estimator.json"])
        classifier_class = _CLASSIFIERS.get(document["kind"])
        if classifier_class is None:
            raise _unknown(document["kind"])
        classifier = classifier_class(**_params_from_json(document["params"]))
        labels = np.array(document["labels"], dtype=np.dtype(document["labels_dtype"]))
        classifier.classes_ = labels
        classifier.n_features_in_ = int(document["n_features"])
        if document["feature_names"] is not None:
            classifier.feature_names_in_ = np.array(document["feature_names"], dtype=object)
        classifier.n_iter_ = document["n_iter"]
        classifier.training_data_ = document["training_data"]
        classifier.size_report_ = SizeReport(**document["size_report"])
        report = document["fit_report"]
        report["parts"] = [PartReport(**part) for part in report.get("parts", [])]
        classifier.fit_report_ = FitReport(size=classifier.size_report_, **report)
        classifier.training_rows_ = read_arrays(files["arrays.npz"])["training_rows"]
        learner_class, _ = LEARNERS[document["learner"]]
        classifier.learner_ = learner_class.from_files(
            files, n_features=classifier.n_features_in_, n_classes=len(labels)
        )
        if "features" not in document:
            return classifier
        features_class = _FEATURES.get(document["features"]["kind"])
        if features_class is None:
            raise _unknown(f"a pipeline that begins with {document['features']['kind']}")
        features = features_class(**_params_from_json(document["features"]["params"]))
        features.set_output(transform="pandas")
        first, last = document["steps"]
    except (
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        if isinstance(error, SavedModelError):
            raise
        raise SavedModelError(
            f"estimator.json and arrays.npz must describe a fitted estimator. Got {error!r}. "
            "Save the estimator again."
        ) from None
    return Pipeline([(first, features), (last, classifier)])


def _unknown(got: str) -> SavedModelError:
    return SavedModelError(
        f"A saved estimator must be one of {sorted(_CLASSIFIERS)}, alone or behind one of "
        f"{sorted(_FEATURES)} in a pipeline. Got {got}. Use export_coreml for other models."
    )


def _jsonable_params(estimator: Any) -> dict[str, Any]:
    """Return parameters as JSON; dictionaries become pairs, as their keys may be no text."""
    params = {}
    for name, value in estimator.get_params(deep=False).items():
        if name == "random_state" and isinstance(value, np.random.RandomState):
            value = None  # its position is spent; the fitted model does not depend on it
        params[name] = _to_json(value)
        try:
            json.dumps(params[name])
        except TypeError:
            raise SavedModelError(
                f"The {name!r} parameter must be a plain number, text, list or dict to be saved. "
                f"Got {value!r}. Set it so before saving."
            ) from None
    return params


def _to_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {"pairs": [[_to_json(k), _to_json(v)] for k, v in value.items()]}
    return value.item() if isinstance(value, np.generic) else value


def _params_from_json(params: dict[str, Any]) -> dict[str, Any]:
    return {name: _from_json(value) for name, value in params.items()}


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _from_json(v) for k, v in value["pairs"]}
    return tuple(value) if isinstance(value, list) else value
