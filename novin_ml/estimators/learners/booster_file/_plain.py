"""The trees of a booster's file without xgboost: it answers, and trains nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.estimators.learners.booster_file._model import Model
from novin_ml.estimators.learners.tree_walk import TreeWalk
from novin_ml.optional import not_installed


class PlainBooster:
    """What novin_ml asks of a booster, from its file and with numpy alone.

    Leaves are float32 and each class adds them in the order of the rounds, as in xgboost: margins
    of three and more classes are equal to the last bit. The logarithm of the intercept of two
    classes, and the exponentials of probabilities, may be rounded otherwise.

    Parameters
    ----------
    content : bytes
        The file, as xgboost wrote it.
    model : Model
        What it says, checked.
    n_classes : int
    """

    #: The columns of a saved booster have no names.
    feature_names = None

    def __init__(self, content: bytes, model: Model, n_classes: int) -> None:
        trees = model.trees
        self._content = content
        self._n_classes = n_classes
        self._intercepts = margin_intercepts(model.intercepts, n_classes)
        self._n_groups = 1 if n_classes == 2 else n_classes
        inner = trees.is_inner
        start = np.repeat(trees.roots, trees.sizes)
        self._walk = TreeWalk(
            left=np.where(inner, trees.left + start, -1),
            right=np.where(inner, trees.right + start, -1),
            feature=trees.feature,
            threshold=trees.value,
            missing_left=trees.default_left,
            roots=trees.roots,
        )
        self._value = trees.value.astype(np.float32)
        self._groups = trees.groups
        self._gains = (trees.feature[inner], trees.gain[inner].astype(np.float64))

    def inplace_predict(
        self, X: np.ndarray, predict_type: str = "value", validate_features: bool = False
    ) -> np.ndarray:
        """Return probabilities or margins, in the shapes of xgboost's method of this name."""
        margins = self._margins(np.ascontiguousarray(X, dtype=np.float32))
        if predict_type == "value":
            margins = _probabilities(margins)
        return margins[:, 0] if self._n_groups == 1 else margins

    def get_score(self, importance_type: str) -> dict[str, float]:
        """Return the total gain of each feature that splits, as xgboost's method of this name."""
        features, gains = self._gains
        totals = np.bincount(features, weights=gains)
        return {f"f{feature}": float(totals[feature]) for feature in np.unique(features).tolist()}

    def save_raw(self, raw_format: str) -> bytearray:
        """Return the file that it was made of, which is in UBJ."""
        if raw_format != "ubj":
            raise not_installed("xgboost", extra="train", purpose=f"A booster as {raw_format}")
        return bytearray(self._content)

    def set_param(self, params: dict[str, Any]) -> None:
        """Take parameters of prediction, of which only the number of threads is ever set."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # copies and pickles ask for what no class has to have
            raise AttributeError(name)
        raise not_installed("xgboost", extra="train", purpose=f"The {name} of a booster")

    def _margins(self, X: np.ndarray) -> np.ndarray:
        margins = np.empty((len(X), self._n_groups), dtype=np.float32)
        step = self._walk.rows_at_once
        for start in range(0, len(X), step):
            leaves = self._value.take(self._walk.leaves(X[start : start + step]))
            for group in range(self._n_groups):
                of_group = leaves[self._groups == group]
                first = np.full((1, leaves.shape[1]), self._intercepts[group], dtype=np.float32)
                # numpy's sum adds in pairs; xgboost adds one tree after the other.
                total = np.add.accumulate(np.concatenate([first, of_group]), axis=0)[-1]
                margins[start : start + step, group] = total
        return margins


def margin_intercepts(intercepts: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the intercept of each class on the scale of margins.

    Parameters
    ----------
    intercepts : ndarray
        As the file has them: a probability for two classes, else margins.
    n_classes : int
        Number of classes.

    Returns
    -------
    intercepts : ndarray, dtype float32
        One for two classes, else one a class.
    """
    if n_classes == 2:
        odds = np.float32(1) / intercepts - np.float32(1)
        return -np.log(odds.astype(np.float64)).astype(np.float32)
    return np.broadcast_to(intercepts, n_classes)


def _probabilities(margins: np.ndarray) -> np.ndarray:
    if margins.shape[1] == 1:
        # Beyond this, xgboost's sigmoid is flat too.
        return 1 / (1 + np.exp(np.minimum(-margins, np.float32(88.7))) + np.float32(1e-16))
    odds = np.exp(margins - margins.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)
