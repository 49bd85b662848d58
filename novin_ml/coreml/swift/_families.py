"""The families of models as the Swift package knows them: their features, and their words."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.interface import PREFIX
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.swift._requests import read_request
from novin_ml.estimators.families import family_named
from novin_ml.events import chains_from_events
from novin_ml.exceptions import NotExportableError
from novin_ml.features import BEHAVIOR_FEATURES, BehaviorHistory

FloatRows = NDArray[np.float32]


@dataclass(frozen=True)
class ModelFacts:
    """What a package must know of an exported model, from its metadata.

    Attributes
    ----------
    family : {"delivery", "motion", "chains", "behavior"}
        Models of release 0.1 say "anomaly" for the last.
    params : dict of str to float
        Parameters of its features.
    labels : list of str
        Of a classifier, in the order of its probabilities.
    thresholds : dict of str to float32
    abstain_below, conformal_cut : float32 or None
    offset : float or None
        Of a detector.
    state : {"learning", "ready"} or None
        Of a detector.
    """

    family: str
    params: Mapping[str, float]
    labels: list[str] = field(default_factory=list)
    thresholds: Mapping[str, np.float32] = field(default_factory=dict)
    abstain_below: np.float32 | None = None
    conformal_cut: np.float32 | None = None
    offset: float | None = None
    state: str | None = None

    @classmethod
    def of(cls, runtime: CoreMLRuntime) -> ModelFacts:
        """Read the metadata of a model.

        Raises
        ------
        NotExportableError
            If the model does not tell its family, or takes other features than the family has.
        """
        entries = {
            key.removeprefix(PREFIX): value
            for key, value in runtime.metadata["user_defined"].items()
        }
        known = set(entries)
        if not {"family", "feature_params", "feature_typical"} <= known or (
            _package_family(entries["family"]) is None
        ):
            raise NotExportableError(
                "A model in a Swift package must tell whose features it takes: it must have been "
                "exported from a pipeline of novin_ml's features and estimator. Got one that does "
                "not. Train with novin-ml train, or make_..._pipeline, and export it again."
            )
        thresholds = json.loads(entries.get("thresholds", "{}"))
        facts = cls(
            family=family_named(entries["family"]).name,
            params=json.loads(entries["feature_params"]),
            labels=[str(label) for label in json.loads(entries.get("class_labels", "[]"))],
            thresholds={label: np.float32(each) for label, each in thresholds.items()},
            abstain_below=_float(entries.get("abstain_below")),
            conformal_cut=_float(entries.get("conformal_cut")),
            offset=float(entries["offset"]) if "offset" in entries else None,
            state=entries.get("state"),
        )
        expected = [spec.name for spec in _features_of(facts).feature_specs]
        if list(runtime.input_names) != expected:
            raise NotExportableError(
                f"A model of {facts.family} in a Swift package must take all features of its "
                f"family, by their names. Got {list(runtime.input_names)}. Export it without "
                "feature_names."
            )
        return facts


@dataclass(frozen=True)
class PackageFamily:
    """A family in a package.

    Attributes
    ----------
    predictor : str
        Its Swift type.
    rows_of : callable
        From a request, the model's facts and, of a detector, its home's history, to features.
    """

    predictor: str
    rows_of: Callable[[str, ModelFacts, BehaviorHistory | None], FloatRows]


def _event_rows(text: str, facts: ModelFacts, history: Any) -> FloatRows:
    return _features_of(facts).transform(read_request(text))


def _chain_rows(text: str, facts: ModelFacts, history: Any) -> FloatRows:
    return _features_of(facts).transform(chains_from_events(read_request(text)))


def _behavior_rows(text: str, facts: ModelFacts, history: BehaviorHistory | None) -> FloatRows:
    ongoing = BehaviorHistory() if history is None else copy.deepcopy(history)
    rows = [ongoing.update(event) for _, event in read_request(text).iterrows()]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(BEHAVIOR_FEATURES))


def _float(text: str | None) -> np.float32 | None:
    return None if text is None else np.float32(text)


def _package_family(name: str) -> PackageFamily | None:
    try:
        return PACKAGE_FAMILIES.get(family_named(name).name)
    except ValueError:
        return None


def _features_of(facts: ModelFacts) -> Any:
    """Return the transformer of a model's features, with its parameters."""
    return family_named(facts.family).features(**facts.params)


#: By the name of the family; a family that a phone must compute has its entry here.
PACKAGE_FAMILIES = {
    "delivery": PackageFamily("DeliveryPredictor", _event_rows),
    "motion": PackageFamily("MotionPredictor", _event_rows),
    "chains": PackageFamily("EventChainPredictor", _chain_rows),
    "behavior": PackageFamily("BehaviorPredictor", _behavior_rows),
}
