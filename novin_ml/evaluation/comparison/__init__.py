"""Comparison of two models, or of a model and the rules, on the same rows."""

from novin_ml.evaluation.comparison._answers import compare_answers
from novin_ml.evaluation.comparison._comparison import (
    BETTER,
    WORSE,
    ClassChange,
    Comparison,
    Comparisons,
    Difference,
    p_words,
)
from novin_ml.evaluation.comparison._mcnemar import McNemar, group_swap_test, mcnemar
from novin_ml.evaluation.comparison._models import compare, compare_many
from novin_ml.evaluation.comparison._sample_size import SampleSize, fewest_groups

__all__ = [
    "BETTER",
    "WORSE",
    "ClassChange",
    "Comparison",
    "Comparisons",
    "Difference",
    "McNemar",
    "SampleSize",
    "compare",
    "compare_answers",
    "compare_many",
    "fewest_groups",
    "group_swap_test",
    "mcnemar",
    "p_words",
]
