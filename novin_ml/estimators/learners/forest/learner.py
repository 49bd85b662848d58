"""The trained forest of a classifier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.docstrings import sections_of, substitute
from novin_ml.estimators.learners.calibration import (
    UNCALIBRATED,
    Calibration,
    calibration_file,
    calibration_from,
    probabilities_of,
)
from novin_ml.estimators.learners.forest._trees import Trees, packed, unpacked
from novin_ml.estimators.learners.learner import Learner, TreesCannotBeAveraged
from novin_ml.estimators.learners.tree_walk import TreeWalk
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural

_FILE = "forest.npz"


@dataclass(frozen=True, eq=False)
class ForestLearner(TreesCannotBeAveraged):
    """A trained random forest, or extra trees.

    The probability of a class is the mean of its shares in the leaves that a row comes to, over all
    trees and one more, which knows nothing: there all classes have the same share. So no
    probability is 0, and each has a logarithm, which calibration and the classes' shares change.

    Attributes
    ----------
    trees : Trees
        Their nodes, as flat arrays.
    importances : ndarray of shape (n_features,), float64
        Mean decrease in impurity, scaled to a sum of 1; all 0 if no tree splits.
    n_features, n_classes : int
    calibration : Calibration
        Calibration of the logarithms of the means.
    """

    kind: ClassVar[str] = "forest"
    trees: Trees
    importances: np.ndarray
    n_features: int
    n_classes: int
    calibration: Calibration = UNCALIBRATED

    @cached_property
    def _walk(self) -> TreeWalk:
        trees = self.trees
        with np.errstate(over="ignore"):  # above the largest number is infinity
            above = np.nextafter(trees.threshold, np.float32(np.inf))
        return TreeWalk(
            left=trees.left,
            right=trees.right,
            feature=trees.feature,
            threshold=above,  # what is at most the threshold is below the next number
            missing_left=trees.missing_left,
            roots=trees.tree_offsets[:-1],
        )

    @cached_property
    def _shares_of_nodes(self) -> tuple[np.ndarray, np.ndarray]:
        return self.trees.leaf_of, self.trees.shares.astype(np.float64)

    def means(self, X: np.ndarray) -> np.ndarray:
        """Return the mean shares of the classes, not calibrated.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        means : ndarray of shape (n_samples, n_classes), float64
            Probabilities, none of them 0.
        """
        leaf_of, shares = self._shares_of_nodes
        sums = np.empty((len(X), self.n_classes))
        X = np.ascontiguousarray(X)
        step = self._walk.rows_at_once
        for start in range(0, len(X), step):
            leaves = leaf_of.take(self._walk.leaves(X[start : start + step]))
            for code in range(self.n_classes):
                sums[start : start + step, code] = shares[:, code].take(leaves).sum(axis=0)
        return (sums + 1 / self.n_classes) / (self.trees.n_trees + 1)

    @substitute(sections=sections_of(Learner.predict_proba))
    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the class probabilities.

        {sections}
        """
        means = self.means(X)
        if not self.calibration.changes_nothing:
            means = probabilities_of(self.calibration(_margins_of(means)))
        return means.astype(np.float32)

    @substitute(sections=sections_of(Learner.margins))
    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the logarithms of the means, or for two classes of their ratio, calibrated.

        {sections}
        """
        return self.calibration(_margins_of(self.means(X))).astype(np.float32)

    def gain_shares(self) -> np.ndarray:
        """Return the share of each feature in the decrease in impurity.

        Returns
        -------
        shares : ndarray of shape (n_features,), float64
            They sum to 1, or are all 0 if no tree splits.
        """
        return self.importances.copy()

    def with_calibration(self, calibration: Calibration) -> ForestLearner:
        """Return the forest with its margins calibrated.

        Parameters
        ----------
        calibration : Calibration
            Of the margins, so that it comes after a calibration that is there.

        Returns
        -------
        learner : ForestLearner
            A calibrated copy; the original is unchanged.
        """
        return replace(self, calibration=calibration.after(self.calibration))

    @substitute(sections=sections_of(Learner.to_files))
    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        {sections}
        """
        arrays = packed(self.trees) | {"importances": self.importances}
        return {_FILE: write_arrays(arrays)} | calibration_file(self.calibration)

    @classmethod
    @substitute(sections=sections_of(Learner.from_files))
    def from_files(
        cls, files: dict[str, bytes], *, n_features: int, n_classes: int
    ) -> ForestLearner:
        """Rebuild a learner from its files.

        {sections}
        """
        try:
            arrays = read_arrays(files[_FILE])
            trees = unpacked(arrays, n_classes)
            trees.check(n_features, n_classes)
            importances = arrays["importances"]
            _check_importances(importances, n_features)
        except (KeyError, TypeError, ValueError) as error:
            raise SavedModelError(
                f"{_FILE} must hold the arrays of a forest of {plural(n_features, 'feature')} and "
                f"{plural(n_classes, 'class')}. Got: {error}. Save the estimator again."
            ) from None
        return cls(trees, importances, n_features, n_classes, calibration_from(files, n_classes))


def _margins_of(means: np.ndarray) -> np.ndarray:
    logs = np.log(means)
    return logs[:, 1:] - logs[:, :1] if means.shape[1] == 2 else logs


def _check_importances(importances: np.ndarray, n_features: int) -> None:
    if importances.shape != (n_features,) or importances.dtype != np.float64:
        raise ValueError(f"importances of shape {importances.shape} and dtype {importances.dtype}")
    if not np.all((importances >= 0) & (importances <= 1)):
        raise ValueError("importances that are no shares")
