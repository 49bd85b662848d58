"""Wrappers that only chose or keep a model: what they found is exported."""

from __future__ import annotations

from typing import Any

from novin_ml.coreml.converters.steps import registry
from novin_ml.coreml.converters.steps.registry import Role, register_step
from novin_ml.coreml.program.builder import Builder, Value

#: Searches, whose best model is exported as it would be alone.
SEARCHES = ("GridSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RandomizedSearchCV")
_THRESHOLDS = ("FixedThresholdClassifier", "TunedThresholdClassifierCV")
_BUILD = {
    "transform": registry.transformed,
    "probabilities": registry.probabilities,
    "decision": registry.decision,
    "value": registry.value_of,
}


def _register(role: Role) -> None:
    @register_step(
        *(f"sklearn.{name}" for name in SEARCHES),
        role=role,
        form="the best model of the search",
        is_alone=False,
    )
    def found(model: Any, value: Value, builder: Builder) -> Any:
        return _BUILD[role](model.best_estimator_, value, builder)


def _register_threshold(role: Role) -> None:
    @register_step(
        *(f"sklearn.{name}" for name in _THRESHOLDS),
        role=role,
        form="its estimator; the label is that of the threshold",
    )
    def wrapped(model: Any, value: Value, builder: Builder) -> Any:
        return _BUILD[role](getattr(model, "estimator_", model.estimator), value, builder)


def _register_frozen(role: Role) -> None:
    @register_step("sklearn.FrozenEstimator", role=role, form="its estimator", is_alone=False)
    def frozen(model: Any, value: Value, builder: Builder) -> Any:
        return _BUILD[role](model.estimator, value, builder)


for _role in _BUILD:
    _register_frozen(_role)  # type: ignore[arg-type]
    _register(_role)  # type: ignore[arg-type]
for _role in ("probabilities", "decision"):
    _register_threshold(_role)  # type: ignore[arg-type]
