"""Classes that Core ML has no exact form of: each is refused by name, with the reason."""

from __future__ import annotations

from novin_ml.coreml.converters.steps.registry import REFUSED

_NEIGHBOURS = (
    "Core ML must have an exact form of a model. Got a {name}: which of equally distant neighbours "
    "Core ML counts, and which of equally frequent labels it returns, its specification does not "
    "say, so that no answer could be proved, nor one after an update on the phone. Train a "
    "RandomForestClassifier or a LogisticRegression on the same rows."
)
_SEVERAL = (
    "A model must have one output. Got a {name}. Export one model for each output: its "
    "estimators_[0], estimators_[1], ..."
)
_CODE = (
    "A pipeline must have steps that Core ML can hold. Got a {name}, which is code. Such code "
    "belongs in the app, before the model: compute its columns there in the same way, and train "
    "the pipeline on them."
)
_CURVED = (
    "A pipeline must have steps that Core ML can hold exactly. Got a {name}, whose curves it "
    "cannot. Train with a StandardScaler or a RobustScaler; trees need neither."
)

_REASONS = {
    _NEIGHBOURS: (
        "KNeighborsClassifier",
        "KNeighborsRegressor",
        "NearestCentroid",
        "RadiusNeighborsClassifier",
        "RadiusNeighborsRegressor",
    ),
    _SEVERAL: (
        "ClassifierChain",
        "MultiOutputClassifier",
        "MultiOutputRegressor",
        "RegressorChain",
    ),
    _CODE: ("FunctionTransformer",),
    _CURVED: ("PowerTransformer", "QuantileTransformer", "SplineTransformer"),
}

REFUSED.update(
    {
        f"sklearn.{name}": reason.format(name=name)
        for reason, names in _REASONS.items()
        for name in names
    }
)
