"""The transformer of an exported model's features, made again from the model's metadata."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from novin_ml.coreml.interface import PREFIX, UNITS
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.estimators.families import family_named
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS
from novin_ml.estimators.words import Factor, factors_of
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.spec import FeatureSpec

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


def exported_factors(runtime: CoreMLRuntime) -> tuple[Factor, ...]:
    """Return the factors of an exported model's inputs, which words tell.

    Parameters
    ----------
    runtime : CoreMLRuntime
        A model that novin_ml exported of an estimator of its own.
    """
    metadata = runtime.metadata["user_defined"]
    entries = novin_entries(metadata)
    units = json.loads(metadata[UNITS])
    known = {spec.name: spec for spec in _known_specs(entries)}
    specs = [
        known[name]
        if unit != "" and name in known
        else FeatureSpec(name, unit, -math.inf, math.inf, name)
        for name, unit in zip(runtime.input_names, units, strict=True)
    ]
    family = entries.get("family")
    return factors_of(specs, family if family in (None, MONITOR) else family_named(family).name)


def _known_specs(entries: Mapping[str, str]) -> Sequence[FeatureSpec]:
    if entries.get("family") == MONITOR:
        return FOREST_COLUMNS
    features = exported_features(entries)
    if features is not None:
        specs: Sequence[FeatureSpec] = features.feature_specs
        return specs
    return family_named(entries["family"]).features().feature_specs if "family" in entries else ()
