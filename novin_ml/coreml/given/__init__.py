"""Trees that other libraries trained: their own data, what they answer, and how they are read."""

from novin_ml.coreml.given import lightgbm_text, sklearn_trees, xgboost_json
from novin_ml.coreml.given.dump import GivenTrees
from novin_ml.coreml.given.reading import Reading, read_trees
from novin_ml.coreml.given.trees import Trees

__all__ = [
    "GivenTrees",
    "Reading",
    "Trees",
    "lightgbm_text",
    "read_trees",
    "sklearn_trees",
    "xgboost_json",
]
