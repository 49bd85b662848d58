"""The classes that evaluate each type of model, and pipelines of models."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from novin_ml.coreml.runtime.categories import OneHotEncoder
from novin_ml.coreml.runtime.forest import Forest
from novin_ml.coreml.runtime.linear import GLMClassifier, GLMRegressor
from novin_ml.coreml.runtime.network import NeuralNetwork, NeuralNetworkClassifier
from novin_ml.coreml.runtime.spec import Features, Stage, require_made
from novin_ml.coreml.runtime.transforms import (
    ArrayFeatureExtractor,
    FeatureVectorizer,
    Identity,
    Imputer,
    Scaler,
)
from novin_ml.coreml.runtime.trees import TreeEnsembleClassifier, TreeEnsembleRegressor
from novin_ml.exceptions import UnsupportedModelError


def build_stage(spec: Any) -> Stage:
    """Return the model of a specification, ready for evaluation.

    Raises
    ------
    UnsupportedModelError
        If the reference runtime does not evaluate its type, or the model is damaged.
    """
    kind = spec.WhichOneof("Type")
    if kind is None:
        raise UnsupportedModelError(
            "A Core ML model must have a type. Got a specification without one; "
            "check that this is a Core ML model."
        )
    if kind not in _STAGES:
        raise UnsupportedModelError(
            f"The model type must be one of {', '.join(sorted(_STAGES))} for the reference "
            f"runtime. Got {kind} instead; evaluate this model with Core ML itself."
        )
    return _STAGES[kind](spec)


class Pipeline:
    """Models one after the other; features are passed on by name."""

    classes: NDArray[Any] | None = None

    def __init__(self, spec: Any):
        message = getattr(spec, spec.WhichOneof("Type"))
        models = (message if hasattr(message, "models") else message.pipeline).models
        self._outputs = [output.name for output in spec.description.output]
        known = {feature.name for feature in spec.description.input}
        self._stages = []
        for position, model in enumerate(models):
            self._require([feature.name for feature in model.description.input], known, position)
            known |= {feature.name for feature in model.description.output}
            stage = build_stage(model)
            if stage.classes is not None:
                self.classes = stage.classes
            self._stages.append((stage, [output.name for output in model.description.output]))
        self._require(self._outputs, known, len(models))

    @staticmethod
    def _require(names: list[str], known: set[str], position: int) -> None:
        unknown = [name for name in names if name not in known]
        if unknown:
            raise UnsupportedModelError(
                "Features of a pipeline must come from its inputs or an earlier model. "
                f"Got {unknown[0]!r} at position {position} instead; rename it or add its model."
            )

    def watch(self) -> list[Forest]:
        """Make all trees record the leaves that rows reach; return them."""
        watching = (getattr(stage, "watch", None) for stage, _ in self._stages)
        return [forest for watch in watching if watch is not None for forest in watch()]

    def __call__(self, features: Features) -> Features:
        """Return the outputs of the last models."""
        features = dict(features)
        for position, (stage, outputs) in enumerate(self._stages):
            made = stage(features)
            require_made(outputs, made, f"the model at position {position} of a pipeline")
            features |= made
        return {name: features[name] for name in self._outputs}


_STAGES: dict[str, Callable[[Any], Stage]] = {
    "arrayFeatureExtractor": ArrayFeatureExtractor,
    "featureVectorizer": FeatureVectorizer,
    "glmClassifier": GLMClassifier,
    "glmRegressor": GLMRegressor,
    "identity": Identity,
    "imputer": Imputer,
    "neuralNetwork": NeuralNetwork,
    "neuralNetworkClassifier": NeuralNetworkClassifier,
    "neuralNetworkRegressor": NeuralNetwork,
    "oneHotEncoder": OneHotEncoder,
    "pipeline": Pipeline,
    "pipelineClassifier": Pipeline,
    "pipelineRegressor": Pipeline,
    "scaler": Scaler,
    "treeEnsembleClassifier": TreeEnsembleClassifier,
    "treeEnsembleRegressor": TreeEnsembleRegressor,
}
