"""Whether an exported model is its Python model, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from novin_ml.coreml.structure._forms import expected_model, is_known
from novin_ml.coreml.structure._messages import first_difference
from novin_ml.coreml.structure._trees import n_nodes, tree_difference
from novin_ml.coreml.subject import Subject


@dataclass(frozen=True)
class Structure:
    """The comparison of a spec with its Python model part by part.

    Attributes
    ----------
    compared : bool
        Whether every part was compared; False if this kind of model is not known here.
    nodes : int
        Number of tree nodes that were compared: feature, threshold, children, direction of missing
        values, and the value of a leaf.
    numbers : int
        Number of further values that were compared: weights, biases, medians, means and scales.
    difference : str
        The first difference, by its path in the spec; "" if there is none.
    """

    compared: bool
    nodes: int = 0
    numbers: int = 0
    difference: str = ""

    @property
    def passed(self) -> bool:
        """Whether no difference was found."""
        return not self.difference


NOT_COMPARED = Structure(False)


def compare_structure(spec: Any, subject: Subject) -> Structure:
    """Compare a spec with its Python model part by part.

    Inputs, outputs and their types, labels in their order, the version of the specification,
    stages, layers and weights are compared with a spec that is written anew from the Python model,
    without the converters. Tree nodes are compared with the trees one by one. Descriptions and
    metadata are not compared here.

    Parameters
    ----------
    spec : Model_pb2.Model
        The exported model.
    subject : Subject
        The Python model.

    Returns
    -------
    structure : Structure
        It names the first difference.
    """
    expected, trees = expected_model(subject)
    known = is_known(subject)
    clause = _difference_without_nodes(spec, expected, known)
    if not known:
        return Structure(False, difference=clause)
    if not clause:
        clauses = (
            tree_difference(parameters, own, path)
            for (path, parameters), own in zip(_ensembles(spec, ""), trees, strict=True)
        )
        clause = next(filter(None, clauses), "")
    return Structure(True, sum(map(n_nodes, trees)), _n_numbers(expected), clause)


def _difference_without_nodes(spec: Any, expected: Any, known: bool) -> str:
    bare = type(spec)()
    bare.CopyFrom(spec)
    description = bare.description
    for feature in (*description.input, *description.output, *description.trainingInput):
        feature.ClearField("shortDescription")
    bare.description.ClearField("metadata")
    if not known:
        bare.ClearField(bare.WhichOneof("Type"))
        bare.specificationVersion = expected.specificationVersion
        return first_difference(bare, expected)
    for _, parameters in _ensembles(bare, ""):
        parameters.ClearField("nodes")
        parameters.ClearField("basePredictionValue")
    return first_difference(bare, expected)


def ensembles_of(spec: Any) -> Iterator[Any]:
    """Yield the parameters of each tree ensemble of a spec.

    Parameters
    ----------
    spec : Model_pb2.Model
        A model, or a pipeline of models.

    Yields
    ------
    parameters : TreeEnsembleParameters
        Of each ensemble, in the order of the spec.
    """
    yield from (parameters for _, parameters in _ensembles(spec, ""))


def _ensembles(spec: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the path and the parameters of each tree ensemble of a spec."""
    kind = spec.WhichOneof("Type")
    if kind is None:
        return
    message = getattr(spec, kind)
    if kind.startswith("treeEnsemble"):
        yield f"{path}{kind}.treeEnsemble", message.treeEnsemble
    elif kind.startswith("pipeline"):
        models = (message if kind == "pipeline" else message.pipeline).models
        inner = kind if kind == "pipeline" else f"{kind}.pipeline"
        for place, stage in enumerate(models):
            yield from _ensembles(stage, f"{path}{inner}.models[{place}].")


def _n_numbers(message: Any) -> int:
    """Return how many floating-point numbers a message's lists hold."""
    number = 0
    for field, value in message.ListFields():
        if field.cpp_type in (field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT):
            number += len(value) if hasattr(value, "__len__") else 1
        elif field.cpp_type == field.CPPTYPE_MESSAGE:
            parts = value if hasattr(value, "__len__") else [value]
            number += sum(_n_numbers(part) for part in parts if hasattr(part, "ListFields"))
    return number
