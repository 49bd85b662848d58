"""Operations, and a program of them: data that is saved beside a model and executes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.coreml.program.evaluate import OPERATIONS, evaluate
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural

#: Operations that are models of a pipeline, computed in double; all others are layers of a network.
STAGES = frozenset({"impute", "is_missing", "join", "linear", "onehot", "pick", "scale", "trees"})

_DOCUMENT, _NUMBERS = "program.json", "program.npz"


@dataclass(frozen=True)
class Op:
    """One operation: from vectors by name to a vector.

    Attributes
    ----------
    kind : str
        One of `novin_ml.coreml.program.evaluate.OPERATIONS`.
    name : str
        Name of what it makes.
    sources : tuple of str
        Names of what it takes: earlier operations, or inputs as ``input 0``, ``input 1``, ...
    width : int
        Length of what it makes.
    is_stage : bool
        Whether it is a model of the pipeline; else a layer of the network at its end.
    arrays : dict of str to ndarray, float64
    settings : dict of str to JSON value
    """

    kind: str
    name: str
    sources: tuple[str, ...]
    width: int
    is_stage: bool
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Program:
    """The learner of an export: operations from the inputs to the answer.

    Attributes
    ----------
    ops : tuple of Op
        In an order in which each takes what earlier ones made.
    answer : str
        Name of the operation whose vector is the answer.
    n_features : int
        Number of inputs.
    domains : tuple of (list or None)
        For each input None for a number, or all texts or integers that it is checked with. A row
        holds the place of its value in the list.
    """

    kind: ClassVar[str] = "program"

    ops: tuple[Op, ...]
    answer: str
    n_features: int
    domains: tuple[list[Any] | None, ...]

    def blobs(self, X: np.ndarray) -> dict[str, np.ndarray]:
        """Return every vector of rows in float64, by name; of a domain, its values.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float32
            Of an input with a domain, places in the domain.

        Returns
        -------
        blobs : dict of str to ndarray
            Vectors of shape (n_rows, width).
        """
        return evaluate(self, X)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the numbers of the answer.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features), float32
            As for `blobs`.

        Returns
        -------
        numbers : ndarray of shape (n_rows, n_numbers), float64
            Probabilities of classes, or other numbers.
        """
        return self.blobs(X)[self.answer]

    values = predict_proba

    def to_files(self) -> dict[str, bytes]:
        """Return the program as files.

        Returns
        -------
        files : dict of str to bytes
            Contents by file name; none is a pickle.
        """
        document = {
            "answer": self.answer,
            "domains": self.domains,
            "ops": [
                {
                    "kind": op.kind,
                    "name": op.name,
                    "sources": op.sources,
                    "width": op.width,
                    "is_stage": op.is_stage,
                    "settings": dict(op.settings),
                    "arrays": sorted(op.arrays),
                }
                for op in self.ops
            ],
        }
        numbers = {f"{op.name} {key}": op.arrays[key] for op in self.ops for key in op.arrays}
        return {
            _DOCUMENT: json.dumps(document, indent=1).encode(),
            _NUMBERS: write_arrays(numbers),
        }

    @classmethod
    def from_files(cls, files: dict[str, bytes], *, n_features: int, n_classes: int = 0) -> Program:
        """Rebuild a program from its files; executes nothing.

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
        program : Program
            The saved program.

        Raises
        ------
        SavedModelError
            If the files do not hold such a program.
        """
        try:
            document = json.loads(files[_DOCUMENT])
            numbers = read_arrays(files[_NUMBERS])
            ops = tuple(_read_op(each, numbers) for each in document["ops"])
            program = cls(ops, document["answer"], n_features, tuple(document["domains"]))
            program.check(n_classes)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SavedModelError(
                f"{_DOCUMENT} must hold a program of {plural(n_features, 'input')}. Got: {error}. "
                "Export the model again."
            ) from None
        return program

    @property
    def tree_inputs(self) -> list[list[int | None] | None]:
        """For each tree ensemble of its stages the inputs that it reads, in their order.

        None in the place of an element that is no input; None for trees that say what is missing.
        """
        kinds = ("is_missing", "trees")
        ensembles = [op for op in self.ops if op.is_stage and op.kind in kinds]
        return [op.settings["places"] if op.kind == "trees" else None for op in ensembles]

    def check(self, n_classes: int = 0) -> None:
        """Raise ValueError unless each operation is known and takes what was made before it.

        Parameters
        ----------
        n_classes : int, default=0
            Number of classes of which the answer must have a number; 0 for any.
        """
        if len(self.domains) != self.n_features:
            raise ValueError(f"domains of {plural(len(self.domains), 'input')}")
        made = {f"input {place}" for place in range(self.n_features)}
        for op in self.ops:
            if op.kind not in OPERATIONS or not made.issuperset(op.sources) or op.name in made:
                raise ValueError(f"an operation {op.kind!r} {op.name!r} of {list(op.sources)}")
            made.add(op.name)
        widths = {op.name: op.width for op in self.ops}
        if self.answer not in widths or (n_classes and widths[self.answer] != n_classes):
            raise ValueError(f"an answer {self.answer!r} for {plural(n_classes, 'class')}")


def _read_op(document: Mapping[str, Any], numbers: Mapping[str, np.ndarray]) -> Op:
    name = document["name"]
    return Op(
        kind=document["kind"],
        name=name,
        sources=tuple(document["sources"]),
        width=int(document["width"]),
        is_stage=bool(document["is_stage"]),
        arrays={key: numbers[f"{name} {key}"] for key in document["arrays"]},
        settings=dict(document["settings"]),
    )
