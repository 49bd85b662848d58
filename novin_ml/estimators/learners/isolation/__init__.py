"""The isolation forest."""

from novin_ml.estimators.learners.isolation.learner import IsolationLearner

__all__ = [
    "IsolationLearner",
]
