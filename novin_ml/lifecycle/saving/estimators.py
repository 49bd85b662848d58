"""Save estimators as JSON, npz and UBJ files with a manifest of hashes, without pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.families import FAMILIES, Family
from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle.saving._files import ESTIMATOR_FILE, check
from novin_ml.lifecycle.saving._forms import (
    CLASSIFIER,
    DETECTOR,
    Form,
    describe_fitted,
    restore_fitted,
)
from novin_ml.lifecycle.saving.monitors import (
    MONITOR_KIND,
    forest_of_monitor,
    monitor_from_files,
    monitor_to_files,
)
from novin_ml.lifecycle.saving.parameters import numpy_default, params_from_json, params_to_json
from novin_ml.lifecycle.saving.records import describe_record, restore_record
from novin_ml.lifecycle.saving.transformers import (
    describe_features,
    files_of_features,
    restore_features,
    transformers,
)
from novin_ml.plain import plural
from novin_ml.store import parsing, read_file, read_folder, write_file, write_folder

ESTIMATOR_KIND = "estimator"
#: Suffix of a path that is one file instead of a folder.
SUFFIX = ".novin"


def save_estimator(estimator: Any, path: str | Path, *, training_record: bool = True) -> Path:
    """Write a fitted estimator, or a pipeline of features and an estimator.

    Parameters
    ----------
    estimator : classifier, detector or monitor of novin_ml, or sklearn.pipeline.Pipeline
        Fitted. A pipeline has a feature transformer and an estimator of novin_ml.
    path : str or Path
        A folder, or one file if it ends in ``.novin``. Created if necessary. A saved estimator at
        this path is replaced as a whole; anything else is refused.
    training_record : bool, default=True
        Whether to save the hashes of the rows and homes that a classifier was trained on. Without
        them, no function warns if the classifier is tested on these. The hashes are not secret:
        anyone who guesses a home's name can test whether the model was trained on it.

    Returns
    -------
    path : Path
        The path that was written.

    Raises
    ------
    SavedModelError
        If the estimator is of another kind, has a parameter that JSON cannot hold, or something
        else is at the path.
    ValueError
        If the estimator is not fitted, or has an invalid parameter.

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
    path = Path(path)
    write = write_file if path.suffix == SUFFIX else write_folder
    return write(
        estimator_to_files(estimator, training_record=training_record), path, ESTIMATOR_KIND
    )


def load_estimator(path: str | Path) -> Any:
    """Read an estimator that `save_estimator` wrote. Nothing in its files is executed.

    Parameters
    ----------
    path : str or Path
        The folder, or the file that ends in ``.novin``.

    Returns
    -------
    estimator : classifier or detector of novin_ml, or sklearn.pipeline.Pipeline
        Its answers equal those of the saved one bit for bit.

    Raises
    ------
    SavedModelError
        If a file is missing, too large, changed since it was saved, or of an unknown protocol or
        kind.
    """
    path = Path(path)
    read = read_file if path.suffix == SUFFIX else read_folder
    return estimator_from_files(read(path, ESTIMATOR_KIND))


def estimator_to_files(estimator: Any, *, training_record: bool = True) -> dict[str, bytes]:
    """Return a fitted estimator as files, by name; raises as `save_estimator` does."""
    if type(estimator).__name__ == MONITOR_KIND:
        check_is_fitted(estimator)
        estimator._validate_params()
        forest = estimator_to_files(estimator.detector_, training_record=training_record)
        return monitor_to_files(estimator, forest)
    features, last = None, estimator
    if isinstance(estimator, Pipeline):
        if len(estimator.steps) != 2:
            raise _unknown(f"a pipeline of {plural(len(estimator.steps), 'step')}")
        features, last = (step for _, step in estimator.steps)
    kind = type(last).__name__
    family = _families().get(kind)
    if family is None or family.estimator is not type(last):
        raise _unknown(kind)
    check_is_fitted(last)
    last._validate_params()
    document = {"kind": kind, "params": params_to_json(last)}
    described, files = describe_fitted(_form_of(family), last)
    document |= described
    if features is not None:
        name = type(features).__name__
        if transformers().get(name) is not type(features):
            raise _unknown(f"a pipeline that begins with {name}")
        document["features"] = describe_features(features)
        document["steps"] = [name for name, _ in estimator.steps]
        files |= files_of_features(features)
    if training_record:
        described, of_record = describe_record(features, last)
        document |= described
        files |= of_record
    files[ESTIMATOR_FILE] = json.dumps(document, indent=1, default=numpy_default).encode()
    return files


def estimator_from_files(files: dict[str, bytes]) -> Any:
    """Rebuild an estimator from its files; the caller has checked their hashes."""
    expected = "estimator.json and its arrays, arrays.npz, must describe a fitted estimator"
    with parsing(expected, "Save the estimator again."):
        document = json.loads(files[ESTIMATOR_FILE])
        if document["kind"] == MONITOR_KIND:
            forest = estimator_from_files(forest_of_monitor(files))
            return monitor_from_files(document, files, forest)
        family = _families().get(document["kind"])
        if family is None:
            raise _unknown(document["kind"])
        estimator: Any = family.estimator(**params_from_json(document["params"]))
        estimator._validate_params()
        restore_fitted(_form_of(family), estimator, document, files)
        if "features" not in document:
            restore_record(document, None, estimator, files)
            return estimator
        if document["features"]["kind"] not in transformers():
            raise _unknown(f"a pipeline that begins with {document['features']['kind']}")
        features = restore_features(document["features"], estimator, files)
        restore_record(document, features, estimator, files)
        first, last = document["steps"]
        check(type(first) is type(last) is str and first != last, "steps", document["steps"])
        return Pipeline([(first, features), (last, estimator)])


def _families() -> dict[str, Family]:
    """Return the families by the name of their estimator's class."""
    return {family.estimator.__name__: family for family in FAMILIES.values()}


def _form_of(family: Family) -> Form:
    return DETECTOR if family.is_detector else CLASSIFIER


def _unknown(got: str) -> SavedModelError:
    return SavedModelError(
        f"A saved estimator must be one of {sorted(_families())}, alone or behind one of "
        f"{sorted(transformers())} in a pipeline. Got {got}. Use export_coreml for other models."
    )
