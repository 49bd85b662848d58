"""Explanations of a model's answers."""

from novin_ml.evaluation.explanation._moments import happened
from novin_ml.evaluation.explanation.explain import Attribution, Reason, attribute, explain
from novin_ml.evaluation.explanation.importance import FeatureImportance, permutation_importances
from novin_ml.evaluation.explanation.rows import ExplainedRow, explain_rows

__all__ = [
    "Attribution",
    "ExplainedRow",
    "FeatureImportance",
    "Reason",
    "attribute",
    "explain",
    "explain_rows",
    "happened",
    "permutation_importances",
]
