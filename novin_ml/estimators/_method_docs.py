"""The sections that the docstrings of several methods of estimators share."""

from __future__ import annotations

ROWS = """
X : array-like of shape (n_samples, n_features)
    Features, as in `fit`.
"""

THE_SAME = """
self : object
    The same estimator.
"""

NO_ABSTENTION = """
ValueError
    If no abstention is set.
"""
