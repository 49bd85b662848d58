"""The trees of another library as that library stores them: a learner without its library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.coreml.given.reading import Reading, read_trees
from novin_ml.coreml.given.walking import sums
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural
from novin_ml.store import parsing

_FACTS, _ARRAYS, _TEXT = "trees.json", "trees.npz", "trees.txt"


@dataclass(frozen=True, eq=False)
class GivenTrees:
    """The trees of a fitted model of another library, unchanged.

    Attributes
    ----------
    source : str
        Who stores trees so, such as ``"sklearn.forest"``; see `read_trees`.
    facts : dict
        Parameters that the answer depends on, as JSON.
    arrays : dict of str to ndarray
        Arrays of the library's trees, one tree after the other.
    text : bytes
        A dump that is a text: xgboost's JSON, or LightGBM's file.
    """

    kind: ClassVar[str] = "given_trees"
    source: str
    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    text: bytes = b""

    @cached_property
    def reading(self) -> Reading:
        """The trees, as a proof reads them."""
        return read_trees(self)

    def margins(self, X: np.ndarray) -> NDArray[np.float64]:
        """Return the sums of the leaves before any link.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float32
            Rows, NaN where a value is missing.

        Returns
        -------
        sums : ndarray of shape (n_rows, n_outputs), float64
            Base and leaves.
        """
        return sums(self.reading, X)

    def answer(self, X: np.ndarray) -> NDArray[np.float64]:
        """Return the numbers of the answer, added in float64.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float32
            Rows, NaN where a value is missing.

        Returns
        -------
        numbers : ndarray of shape (n_rows, n_numbers), float64
            Probabilities of classes, or one value.
        """
        margins, link = self.margins(X), self.reading.link
        if link == "exponential":
            return np.exp(margins)
        if link == "logistic":
            second = np.asarray(expit(margins))
            return np.hstack([1 - second, second]) if self.reading.classes else second
        if link == "softmax":
            powers = np.exp(margins - margins.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)
        return margins

    predict_proba = answer
    values = answer

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files, of which none is a pickle.

        Returns
        -------
        files : dict of str to bytes
            Contents by name.
        """
        document = {"source": self.source, "facts": self.facts}
        files = {_FACTS: json.dumps(document, indent=1).encode()}
        if self.arrays:
            files[_ARRAYS] = write_arrays(self.arrays)
        if self.text:
            files[_TEXT] = self.text
        return files

    @classmethod
    def from_files(
        cls, files: Mapping[str, bytes], *, n_features: int, n_classes: int = 0
    ) -> GivenTrees:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            The result of `to_files`; the caller has checked the hashes.
        n_features : int
            Number of inputs of the model.
        n_classes : int, default=0
            Number of classes; 0 for a model of values.

        Returns
        -------
        learner : GivenTrees
            The same trees.

        Raises
        ------
        SavedModelError
            If the files do not form trees of so many features and classes.
        """
        with parsing("The trees must be as export_coreml wrote them", "Export the model again."):
            document = json.loads(files[_FACTS])
            learner = cls(
                source=document["source"],
                facts=document["facts"],
                arrays=read_arrays(files[_ARRAYS]) if _ARRAYS in files else {},
                text=files.get(_TEXT, b""),
            )
            reading = learner.reading
        reading.require_sound(n_features)
        if reading.classes != n_classes:
            raise SavedModelError(
                f"The trees must answer for {plural(n_classes, 'class')}. Got {reading.classes}. "
                "Export the model again."
            )
        return learner
