"""The forest of a classifier: random forests and extra trees of scikit-learn.

Here a trained forest is flat arrays, in which all comparisons are of float32 numbers, so that a
phone makes the same ones. Its probabilities are the means of its trees' and of one that knows
nothing, so that none is 0.
"""

from novin_ml.estimators.learners.forest.fit import FOREST_NAMES, fit_forest
from novin_ml.estimators.learners.forest.learner import ForestLearner

__all__ = ["FOREST_NAMES", "ForestLearner", "fit_forest"]
