"""Trees read from a library's own data; shares no code with the converters, whose proof it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.coreml.given.trees import Trees
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural


@dataclass(frozen=True, eq=False)
class Reading:
    """Trees, and what becomes of their sums.

    Attributes
    ----------
    trees : Trees
    link : {"none", "logistic", "softmax", "exponential"}
        The function from the sums to the answer.
    classes : int
        Number of classes; 0 if the answer is a value.
    adds_in_float32 : bool
        Whether the library itself adds leaves in float32.
    missing : float or None
        A number that stands for a missing value, besides NaN.
    """

    trees: Trees
    link: str
    classes: int
    adds_in_float32: bool = False
    missing: float | None = None

    def require_sound(self, n_features: int) -> None:
        """Raise SavedModelError unless the nodes form trees of so many features.

        Every child must come after its node and in the same tree, so that no walk goes round.

        Parameters
        ----------
        n_features : int
            Number of inputs of the model.
        """
        trees = self.trees
        size = len(trees.left)
        lengths = (trees.right, trees.feature, trees.threshold, trees.missing_left, trees.value)
        if any(len(array) != size for array in lengths):
            raise SavedModelError(
                "The trees must have as many entries in each array. Got others. "
                "Export the model again."
            )
        node = np.arange(size)
        inner = trees.left >= 0
        end = np.append(trees.roots[1:], size)
        last = end[np.searchsorted(trees.roots, node, side="right") - 1]
        sound = len(trees.roots) > 0 and trees.roots[0] == 0 and bool(np.all(np.diff(end) >= 0))
        for child in (trees.left[inner], trees.right[inner]):
            sound &= bool(np.all((child > node[inner]) & (child < last[inner])))
        sound &= bool(np.all((trees.feature[inner] >= 0) & (trees.feature[inner] < n_features)))
        if not sound or np.isnan(trees.threshold[inner]).any():
            raise SavedModelError(
                "The trees must have children after their nodes, and "
                f"{plural(n_features, 'feature')}. "
                "Got others. Export the model again."
            )


Reader = Callable[[Any], Reading]
_READERS: dict[str, Reader] = {}


def register_reader(*sources: str) -> Callable[[Reader], Reader]:
    """Register a function that reads the trees of a source.

    Parameters
    ----------
    *sources : str
        Values of `GivenTrees.source`.

    Returns
    -------
    register : callable
        A decorator that returns the function unchanged.
    """

    def register(read: Reader) -> Reader:
        _READERS.update(dict.fromkeys(sources, read))
        return read

    return register


def read_trees(dump: Any) -> Reading:
    """Return the trees of a dump.

    Parameters
    ----------
    dump : GivenTrees
        Trees as their library stores them.

    Returns
    -------
    reading : Reading
        The trees, in the form of a proof.
    """
    return _READERS[dump.source](dump)
