"""Convert feature transformers to a document and arrays, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.families import FAMILIES
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
    }


def files_of_features(features: Any) -> dict[str, bytes]:
    """Return the files of a fitted transformer that stores events, by name; empty for others."""
    if not hasattr(features, "_state_arrays") or not hasattr(features, "n_features_in_"):
        return {}
    return {_STATE_FILE: write_arrays(features._state_arrays())}


def restore_features(
    document: dict[str, Any], estimator: Any, files: dict[str, bytes]
) -> EventFeatures:
    """Rebuild a transformer, or raise ValueError if it does not fit the estimator behind it."""
    features: Any = transformers()[document["kind"]](**params_from_json(document["params"]))
    features._validate_params()
    names = features.get_feature_names_out().tolist()
    known = getattr(estimator, "feature_names_in_", np.array(names)).tolist()
    fit_together = len(names) == estimator.n_features_in_ and names == known
    check(fit_together, "features", document["kind"])
    check(document["output"] in _OUTPUTS, "output", document["output"])
    features.set_output(transform=document["output"])
    if document["fitted"]:
        features._note_inputs()
        if hasattr(features, "_set_state"):
            features._set_state(read_arrays(files[_STATE_FILE]))
    return features
