"""The transformer of an exported model's features, made again from the model's metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from novin_ml.coreml.interface import PREFIX
from novin_ml.estimators.families import family_named
from novin_ml.events.vocabulary.vocabulary import Vocabulary

#: What models of monitors call their family in the metadata.
MONITOR = "monitor"


def novin_entries(user_defined: Mapping[str, str]) -> dict[str, str]:
    """Return the entries of the metadata that novin_ml wrote, without their prefix."""
    return {
        key.removeprefix(PREFIX): value
        for key, value in user_defined.items()
        if key.startswith(PREFIX)
    }


def exported_features(entries: Mapping[str, str]) -> Any:
    """Return the transformer that computes the inputs of an exported model, with its parameters.

    Parameters
    ----------
    entries : mapping of str to str
        Those of `novin_entries`.

    Returns
    -------
    features : EventFeatures or None
        With the window, the channels, the vocabulary and all else that it was fitted with. None if
        the model was not exported from a pipeline of a family, or is that of a monitor, which
        counts what it needs.
    """
    if not {"family", "feature_params"} <= set(entries) or entries["family"] == MONITOR:
        return None
    family = family_named(entries["family"])
    features = family.features.from_exported(json.loads(entries["feature_params"]), entries)
    features.vocabulary_ = (
        Vocabulary.from_dict(json.loads(entries["vocabulary"]))
        if "vocabulary" in entries
        else Vocabulary.sdk()
    )
    return features
