"""What classes of scikit-learn become; importing this registers them."""

from novin_ml.coreml.converters.steps import (
    calibrated,
    categories,
    columns,
    decisions,
    imputer,
    linear,
    logistic,
    mixing,
    one_vs_rest,
    perceptron,
    pipeline,
    regressors,
    scalers,
    search,
    stacking,
    voting,
)

__all__ = [
    "calibrated",
    "categories",
    "columns",
    "decisions",
    "imputer",
    "linear",
    "logistic",
    "mixing",
    "one_vs_rest",
    "perceptron",
    "pipeline",
    "regressors",
    "scalers",
    "search",
    "stacking",
    "voting",
]
