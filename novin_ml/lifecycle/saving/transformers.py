"""Convert feature transformers to a document and arrays, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.families import FAMILIES
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.base import EventFeatures
from novin_ml.lifecycle.saving._files import check
from novin_ml.lifecycle.saving.parameters import params_from_json, params_to_json

_STATE_FILE = "features.npz"
_OUTPUTS = (None, "default", "pandas", "polars")


def transformers() -> dict[str, type[EventFeatures]]:
    """Return the transformers of the families by the names of their classes."""
    return {family.features.__name__: family.features for family in FAMILIES.values()}


def describe_features(features: EventFeatures) -> dict[str, Any]:
    """Return the part of the document for a transformer."""
    features._validate_params()
    return {
        "kind": type(features).__name__,
        "params": params_to_json(features),
        "fitted": hasattr(features, "n_features_in_"),
        "output": getattr(features, "_sklearn_output_config", {}).get("transform"),
        "feature_set": features.feature_set,
        **_vocabulary_entry(features),
        **_kinds_entry(features),
    }


def _kinds_entry(features: EventFeatures) -> dict[str, Any]:
    """Return the kinds of event that the model was trained on, if they are known."""
    kinds = getattr(features, "trained_kinds_", None)
    return {} if kinds is None else {"trained_kinds": list(kinds)}


def _vocabulary_entry(features: EventFeatures) -> dict[str, Any]:
    """Return the vocabulary of a fitted transformer; one that names none has that of the SDK."""
    vocabulary = getattr(features, "vocabulary_", None)
    if vocabulary in (None, Vocabulary.sdk()):
        return {}
    return {"vocabulary": vocabulary.to_dict()}


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def files_of_features(features: Any) -> dict[str, bytes]:
    """Return the files of a fitted transformer that learns, by name; empty for others."""
    if not features.keeps_state or not hasattr(features, "n_features_in_"):
        return {}
    return {_STATE_FILE: write_arrays(features._state_arrays())}


def restore_features(
    document: dict[str, Any], estimator: Any, files: dict[str, bytes]
) -> EventFeatures:
    """Rebuild a transformer, or raise ValueError if it does not fit the estimator behind it."""
    features: Any = transformers()[document["kind"]](**params_from_json(document["params"]))
    features._validate_params()
    if document["fitted"]:
        told = document.get("vocabulary")
        known = Vocabulary.sdk() if told is None else Vocabulary.from_dict(told)
        features.vocabulary_ = known
        kinds = document.get("trained_kinds")
        check(kinds is None or _are_texts(kinds), "trained_kinds", kinds)
        if kinds is not None:
            features.trained_kinds_ = tuple(kinds)
    # Older files tell no number: they have the columns of 0.1.
    feature_set = document.get("feature_set", 1)
    check(feature_set == features.feature_set, "feature_set", feature_set)
    names = features.get_feature_names_out().tolist()
    known = getattr(estimator, "feature_names_in_", np.array(names)).tolist()
    fit_together = len(names) == estimator.n_features_in_ and names == known
    check(fit_together, "features", document["kind"])
    check(document["output"] in _OUTPUTS, "output", document["output"])
    features.set_output(transform=document["output"])
    if document["fitted"]:
        features._note_inputs()
        if features.keeps_state:
            features._set_state(read_arrays(files[_STATE_FILE]))
    return features
