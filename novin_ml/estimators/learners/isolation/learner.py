"""The trained isolation forest, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.docstrings import sections_of, substitute
from novin_ml.estimators.learners.isolation._files import packed, unpacked
from novin_ml.estimators.learners.isolation._math import (
    average_path_length,
    mean_path_lengths,
)
from novin_ml.estimators.learners.isolation._screen import most_anomalous
from novin_ml.estimators.learners.isolation._trees import Trees
from novin_ml.estimators.learners.isolation._walk import Walker
from novin_ml.estimators.learners.learner import Learner
from novin_ml.estimators.learners.tree_walk import round_down
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural

_ROWS = """
X : ndarray of shape (n_samples, n_features), float32
    Features, finite and in C order.
"""


@dataclass(frozen=True, eq=False)
class IsolationLearner(Trees):
    """A trained isolation forest: its trees, and the scores that they give.

    Attributes
    ----------
    feature : ndarray of shape (n_nodes,), int32
        Column that a node splits on; -1 for a leaf.
    threshold : ndarray of shape (n_nodes,), float32
        A row goes left if its float32 value is at most this; 0 for a leaf.
    left, right : ndarray of shape (n_nodes,), int32
        Positions of the children in these arrays; -1 for a leaf.
    count : ndarray of shape (n_nodes,), int32
        Training rows that reach the node.
    tree_offsets : ndarray of shape (n_trees + 1,), int64
        Position of the root of each tree, and the end of the last tree.
    max_samples : int
        Number of training rows of each tree.
    n_features : int
        Number of columns of the training rows.
    """

    kind: ClassVar[str] = "isolation"

    @cached_property
    def denominator(self) -> float:
        """The sum of path lengths that gives a score of one half: trees times c(max_samples)."""
        return self.n_trees * float(average_path_length(np.array([self.max_samples]))[0])

    @substitute(rows=_ROWS)
    def score_samples(self, X: np.ndarray) -> np.ndarray:
        """Return the negative of the anomaly score, float64 of shape (n_samples,).

        Parameters
        ----------
        {rows}

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            From -1, the most anomalous, to 0, as in scikit-learn.
        """
        return self.scores_of(self.path_lengths(X))

    @substitute(rows=_ROWS)
    def path_lengths(self, X: np.ndarray) -> np.ndarray:
        """Return the path lengths summed over the trees.

        Parameters
        ----------
        {rows}

        Returns
        -------
        total : ndarray of shape (n_samples,), float64
            Small for rows that are isolated after few splits.
        """
        total = np.zeros(len(X))
        self.add_path_lengths(X, total, slice(0, self.n_trees))
        return total

    @substitute(rows=_ROWS)
    def add_path_lengths(self, X: np.ndarray, total: np.ndarray, trees: slice) -> None:
        """Add the path lengths in some of the trees to `total` in place, tree after tree.

        Parameters
        ----------
        {rows}
        total : ndarray of shape (n_samples,), float64
            The sums, changed in place.
        trees : slice
            The trees to walk through, by position.
        """
        self._walker.add_path_lengths(X, total, trees)

    def scores_of(self, path_lengths: np.ndarray) -> np.ndarray:
        """Return the scores of summed path lengths.

        Parameters
        ----------
        path_lengths : ndarray of shape (n_samples,), float64
            Sums over all trees.

        Returns
        -------
        scores : ndarray of shape (n_samples,), float64
            As `score_samples` returns them.
        """
        denominator = self.denominator
        if denominator == 0:  # trees of one row: all paths are the same
            return np.full(len(path_lengths), -1.0)
        return -(2 ** (-path_lengths / denominator))

    @substitute(rows=_ROWS)
    def contributions(self, X: np.ndarray) -> np.ndarray:
        """Return how much each feature lengthens the paths.

        A step from a node to its child changes `path_length`. The difference counts for the feature
        that the node splits on.

        Parameters
        ----------
        {rows}

        Returns
        -------
        contributions : ndarray of shape (n_samples, n_features), float64
            The sum of a row plus `root_path_length` is the path length of the row.
        """
        return self._walker.contributions(X, self.path_length)

    @substitute(rows=_ROWS)
    def shares(self, X: np.ndarray) -> np.ndarray:
        """Return how much each feature makes a row unusual.

        Parameters
        ----------
        {rows}

        Returns
        -------
        shares : ndarray of shape (n_samples, n_features), float64
            By how many steps a feature shortens the mean path, compared with the training rows.
        """
        return -self.contributions(X) / self.n_trees

    @substitute(rows=_ROWS)
    def most_anomalous(self, X: np.ndarray, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Return candidate rows that include the most anomalous ones, with their scores.

        Parameters
        ----------
        {rows}
        n_rows : int
            Rows to return at least, if there are so many.

        Returns
        -------
        rows : ndarray of shape (n_kept,), intp
            Their positions in `X`.
        scores : ndarray of shape (n_kept,), float64
            As `score_samples` has them.
        """
        return most_anomalous(self, X, n_rows)

    @cached_property
    def path_length(self) -> np.ndarray:
        """Path length of each node, float64 of shape (n_nodes,).

        For a leaf: its depth plus the mean further path length c(n) of its n training rows. For any
        other node: the mean over the training rows that reach it.
        """
        return mean_path_lengths(self.left, self.right, self.count, self.tree_offsets)

    @property
    def root_path_length(self) -> float:
        """The sum of the path lengths of all roots."""
        return float(self.path_length[self.tree_offsets[:-1]].sum())

    @cached_property
    def _walker(self) -> Walker:
        return Walker(self)

    def __getstate__(self) -> dict[str, Any]:
        derived = ("_walker", "denominator", "path_length")
        return {name: value for name, value in self.__dict__.items() if name not in derived}

    @substitute(sections=sections_of(Learner.to_files))
    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        {sections}
        """
        return {"isolation.npz": write_arrays(packed(self))}

    @classmethod
    def from_files(cls, files: dict[str, bytes], *, n_features: int) -> IsolationLearner:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            The result of `to_files`; the caller has checked the hashes.
        n_features : int
            Number of the estimator; the files must match it.

        Returns
        -------
        learner : IsolationLearner
            The saved learner.

        Raises
        ------
        SavedModelError
            If the files do not hold such a learner.
        """
        try:
            arrays = read_arrays(files["isolation.npz"])
            learner = cls(**unpacked(arrays), n_features=n_features)
            learner.check_arrays()
        except (KeyError, TypeError, ValueError) as error:
            raise SavedModelError(
                "isolation.npz must hold the trees of a forest of "
                f"{plural(n_features, 'feature')}. "
                f"Got: {error}. Save the estimator again."
            ) from None
        return learner


def from_sklearn(forest: Any) -> IsolationLearner:
    """Return a fitted IsolationForest of scikit-learn as a learner with the same scores.

    Parameters
    ----------
    forest : sklearn.ensemble.IsolationForest
        The fitted forest.

    Returns
    -------
    learner : IsolationLearner
        Its `score_samples` equals that of the forest on finite float32 rows. Thresholds are rounded
        down to float32, which changes no comparison with a float32 value.
    """
    check_is_fitted(forest)
    trees = [tree.tree_ for tree in forest.estimators_]
    offsets = np.cumsum([0] + [tree.node_count for tree in trees])
    starts = np.repeat(offsets[:-1], np.diff(offsets))

    def joined(name: str) -> np.ndarray:
        return np.concatenate([getattr(tree, name) for tree in trees])

    left, right, own = joined("children_left"), joined("children_right"), joined("feature")
    inner = left >= 0
    columns = np.stack(forest.estimators_features_)
    tree_of = np.repeat(np.arange(len(trees)), np.diff(offsets))
    feature = np.full(len(left), -1, dtype=np.int32)
    feature[inner] = columns[tree_of[inner], own[inner]]
    left, right = (np.where(inner, side + starts, -1).astype(np.int32) for side in (left, right))
    threshold = np.zeros(len(left), dtype=np.float32)
    threshold[inner] = round_down(joined("threshold")[inner])
    return IsolationLearner(
        feature=feature,
        threshold=threshold,
        left=left,
        right=right,
        count=joined("n_node_samples").astype(np.int32),
        tree_offsets=offsets.astype(np.int64),
        max_samples=int(forest.max_samples_),
        n_features=int(forest.n_features_in_),
    )
