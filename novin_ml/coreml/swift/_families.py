"""The families of models in the Swift package: their features and their words."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.exported_features import MONITOR, exported_features, novin_entries
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.swift._requests import read_request
from novin_ml.estimators.families import family_named
from novin_ml.estimators.monitor import HomeMonitor
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS
from novin_ml.estimators.smoothing import MarkovSmoothing
from novin_ml.events import chains_from_events
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import NotExportableError
from novin_ml.features import BEHAVIOR_FEATURES, BehaviorHistory

FloatRows = NDArray[np.float32]


@dataclass(frozen=True)
class ModelFacts:
    """Facts about an exported model that a package needs, from its metadata.

    Attributes
    ----------
    family : {"delivery", "motion", "chains", "behavior", "monitor"}
        Models of release 0.1 have "anomaly" for behavior.
    params : dict of str to float
        Parameters of the features.
    labels : list of str
        Labels of a classifier, in the order of its probabilities.
    thresholds : dict of str to float32
    abstain_below, conformal_cut : float32 or None
    offset : float or None
        Offset of a detector.
    state : {"learning", "unproven", "ready"} or None
        State of a detector.
    entries : dict of str to str
        All entries of the metadata that novin_ml wrote, by key.
    vocabulary : Vocabulary
        That of the features.
    """

    family: str
    params: Mapping[str, float]
    labels: list[str] = field(default_factory=list)
    thresholds: Mapping[str, np.float32] = field(default_factory=dict)
    abstain_below: np.float32 | None = None
    conformal_cut: np.float32 | None = None
    offset: float | None = None
    state: str | None = None
    entries: Mapping[str, str] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=Vocabulary.sdk)

    @classmethod
    def of(cls, runtime: CoreMLRuntime) -> ModelFacts:
        """Read the metadata of a model.

        Raises
        ------
        NotExportableError
            If the model does not tell its family, or takes other features than the family has.
        """
        entries = novin_entries(runtime.metadata["user_defined"])
        known = set(entries)
        if not {"family", "feature_params", "feature_typical"} <= known or (
            _package_family(entries["family"]) is None
        ):
            raise NotExportableError(
                "A model in a Swift package must name the features that it takes: it must have "
                "been exported from a pipeline of novin_ml's features and estimator. Got one that "
                "does not. Train with novin-ml train, or make_..._pipeline, and export it again."
            )
        thresholds = json.loads(entries.get("thresholds", "{}"))
        facts = cls(
            family=_own_name(entries["family"]),
            params=json.loads(entries["feature_params"]),
            labels=[str(label) for label in json.loads(entries.get("class_labels", "[]"))],
            thresholds={label: np.float32(each) for label, each in thresholds.items()},
            abstain_below=_float(entries.get("abstain_below")),
            conformal_cut=_float(entries.get("conformal_cut")),
            offset=float(entries["offset"]) if "offset" in entries else None,
            state=entries.get("state"),
            entries=entries,
            vocabulary=Vocabulary.from_dict(json.loads(entries["vocabulary"]))
            if "vocabulary" in entries
            else Vocabulary.sdk(),
        )
        features = facts.features()
        if entries.get("feature_set", "1") != str(features.feature_set):
            raise NotExportableError(
                f"A model of {facts.family} in a Swift package must take the feature set "
                f"{features.feature_set}. Got one of {entries['feature_set']}. Write the package "
                "with the version of novin_ml that exported the model, or export it again."
            )
        expected = [spec.name for spec in features.feature_specs]
        if list(runtime.input_names) != expected:
            raise NotExportableError(
                f"A model of {facts.family} in a Swift package must take all features of its "
                f"family, by their names. Got {list(runtime.input_names)}. Export it without "
                "feature_names."
            )
        return facts

    def features(self) -> Any:
        """Return the transformer of the model's features, with what it learnt."""
        if self.family == MONITOR:
            return _MonitorColumns()
        return exported_features(self.entries)

    def smoothing(self) -> MarkovSmoothing | None:
        """Return how a stream smooths the model's answers, or None."""
        if "smoothing" not in self.entries:
            return None
        return MarkovSmoothing.from_document(json.loads(self.entries["smoothing"]))


@dataclass(frozen=True)
class PackageFamily:
    """A family in a package.

    Attributes
    ----------
    predictor : str
        The Swift type.
    rows_of : callable or None
        Function of a request, the model's facts and the history of a detector's home that returns
        features. A monitor follows streams instead.
    """

    predictor: str
    rows_of: Callable[[str, ModelFacts, BehaviorHistory | None], FloatRows] | None


def _event_rows(text: str, facts: ModelFacts, history: Any) -> FloatRows:
    return facts.features().transform(read_request(text, facts.vocabulary))


def _chain_rows(text: str, facts: ModelFacts, history: Any) -> FloatRows:
    return facts.features().transform(chains_from_events(read_request(text, facts.vocabulary)))


def _behavior_rows(text: str, facts: ModelFacts, history: BehaviorHistory | None) -> FloatRows:
    new = BehaviorHistory(vocabulary=facts.vocabulary)
    ongoing = new if history is None else copy.deepcopy(history)
    events = read_request(text, facts.vocabulary)
    rows = [ongoing.update(event) for _, event in events.iterrows()]
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(BEHAVIOR_FEATURES))


def _float(text: str | None) -> np.float32 | None:
    return None if text is None else np.float32(text)


class _MonitorColumns:
    """The columns of a monitor's forest."""

    feature_set = HomeMonitor.feature_set
    feature_specs = FOREST_COLUMNS


def _package_family(name: str) -> PackageFamily | None:
    try:
        return PACKAGE_FAMILIES.get(_own_name(name))
    except ValueError:
        return None


def _own_name(name: str) -> str:
    return name if name == MONITOR else family_named(name).name


#: Entries by the name of the family, for each family that a phone computes.
PACKAGE_FAMILIES = {
    "delivery": PackageFamily("DeliveryPredictor", _event_rows),
    "motion": PackageFamily("MotionPredictor", _event_rows),
    "chains": PackageFamily("EventChainPredictor", _chain_rows),
    "behavior": PackageFamily("BehaviorPredictor", _behavior_rows),
    MONITOR: PackageFamily("MonitorPredictor", None),
}
