"""Why a model answers as it does."""

from novin_ml.evaluation.explanation.explain import Attribution, Reason, attribute, explain
from novin_ml.evaluation.explanation.importance import FeatureImportance, permutation_importances

__all__ = [
    "Attribution",
    "FeatureImportance",
    "Reason",
    "attribute",
    "explain",
    "permutation_importances",
]
