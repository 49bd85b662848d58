"""The public class of the interpreter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.coreml.runtime.forest import Forest
from novin_ml.coreml.runtime.inputs import read_inputs
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.runtime.spec import Features, input_features, require_made
from novin_ml.coreml.runtime.stages import build_stage
from novin_ml.exceptions import UnsupportedModelError


class CoreMLRuntime:
    """Evaluate a Core ML model in numpy, on any platform.

    A small reference interpreter, written from the comments of Apple's ``.proto`` files. It reads
    only the specification and uses no code of the library that wrote it. It supports tree
    ensembles, neural networks of fully connected layers, feature vectorizers and extractors,
    imputers, scalers and pipelines.
    The constructor refuses all other parts by name.

    Parameters
    ----------
    source : path, bytes, MLModel or Model_pb2.Model
        A ``.mlmodel`` file, a ``.mlpackage`` folder, the bytes of a ``.mlmodel`` file, or an object
        of coremltools.

    Attributes
    ----------
    input_names, output_names : tuple of str
        Names of the inputs and outputs, in the order of the specification.
    classes : ndarray of str or int64, or None
        Class labels in the order of the model; None if it is not a classifier.
    metadata : dict
        ``short_description``, ``author``, ``license``, ``version`` and ``user_defined``, a dict.
    spec : Model_pb2.Model
        The specification.

    Raises
    ------
    UnsupportedModelError
        If the source is not a Core ML model, is damaged, or has an unsupported part.

    Notes
    -----
    Inputs are rounded to float32. Trees compare float32 values with the doubles of the model and
    add their leaves in float64; imputers and scalers compute in float64; networks in float32.

    With two labels and one prediction dimension, the value of a tree ensemble belongs to the second
    label. The predicted label is that of the largest probability; of equal ones the first counts.
    Core ML does not document which one it takes.

    References
    ----------
    Apple, coremltools, ``mlmodel/format/*.proto``, https://github.com/apple/coremltools

    Examples
    --------
    >>> from novin_ml.coreml._coremltools import coremltools
    >>> from novin_ml.coreml.runtime import CoreMLRuntime
    >>> coremltools = coremltools()
    >>> builder = coremltools.models.tree_ensemble.TreeEnsembleClassifier(
    ...     [("duration", coremltools.models.datatypes.Double())],
    ...     class_labels=["no_delivery", "delivery"],
    ...     output_features="label",
    ... )
    >>> builder.set_default_prediction_value(0.0)
    >>> builder.set_post_evaluation_transform("Regression_Logistic")
    >>> builder.add_branch_node(0, 0, 0, 10.0, "BranchOnValueLessThan", 1, 2)
    >>> builder.add_leaf_node(0, 1, 2.0)
    >>> builder.add_leaf_node(0, 2, -2.0)
    >>> runtime = CoreMLRuntime(builder.spec)
    >>> runtime.predict_proba([[4.0], [10.0]]).round(3)
    array([[0.119, 0.881],
           [0.881, 0.119]])
    >>> runtime.predict({"duration": [4.0, 10.0]})["label"].tolist()
    ['delivery', 'no_delivery']
    """

    def __init__(self, source: Any):
        self.spec = read_spec(source)
        self._stage = build_stage(self.spec)
        description = self.spec.description
        self._inputs = input_features(description)
        self.input_names = tuple(feature.name for feature in self._inputs)
        self.output_names = tuple(output.name for output in description.output)
        self.classes = self._stage.classes
        self._scalars = {
            output.name
            for output in description.output
            if output.type.WhichOneof("Type") in ("doubleType", "int64Type")
        }

    def watch_trees(self) -> list[Forest]:
        """Make the trees of the model record the leaves that rows reach from now on.

        Returns
        -------
        forests : list of Forest
            The tree ensembles of the model, each with its record.
        """
        watch = getattr(self._stage, "watch", None)
        return [] if watch is None else watch()

    @property
    def metadata(self) -> dict[str, Any]:
        """Return the metadata of the model."""
        metadata = self.spec.description.metadata
        return {
            "short_description": metadata.shortDescription,
            "author": metadata.author,
            "license": metadata.license,
            "version": metadata.versionString,
            "user_defined": dict(metadata.userDefined),
        }

    def predict(self, X: Any) -> pd.DataFrame:
        """Compute all outputs as a table.

        Parameters
        ----------
        X : DataFrame, dict of array-likes, or array-like of shape (n_rows, n_input_values)
            A DataFrame is read by column names; their order and other columns do not matter. If the
            only input is a MultiArray, and in an array, the columns have the order of the inputs.

        Returns
        -------
        outputs : DataFrame
            One column for each output that is a number or a label. An array has the columns
            ``name[0]``, ``name[1]``, ..., and class probabilities one column per class,
            ``name[label]``, such as ``classProbability[delivery]``. The index is that of `X`, if it
            has one.

        Raises
        ------
        InvalidInputError
            If an input is missing, not a number, or of the wrong size.
        UnsupportedModelError
            If the model names an output that it does not compute.
        """
        table: dict[str, NDArray[Any]] = {}
        for name, values in self.predict_outputs(X).items():
            if values.ndim == 1:
                table[name] = values
                continue
            keys = self._column_keys(name, values.shape[1])
            table |= {f"{name}[{key}]": column for key, column in zip(keys, values.T, strict=True)}
        return pd.DataFrame(table, index=X.index if isinstance(X, pd.DataFrame) else None)

    def predict_outputs(self, X: Any) -> Features:
        """Compute all outputs by name.

        Parameters
        ----------
        X : DataFrame, dict of array-likes, or array-like of shape (n_rows, n_input_values)
            As for `predict`.

        Returns
        -------
        outputs : dict of ndarray
            Numbers and labels have shape (n_rows,), arrays (n_rows, size) and class probabilities
            (n_rows, n_classes).
        """
        inputs = read_inputs(X, self._inputs)
        with np.errstate(all="ignore"):  # As on a device: infinities and NaN, no warnings.
            outputs = self._stage(inputs)
        require_made(self.output_names, outputs, f"a {self.spec.WhichOneof('Type')}")
        return {
            name: outputs[name].ravel() if name in self._scalars else outputs[name]
            for name in self.output_names
        }

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Compute class probabilities of shape (n_rows, n_classes), in the order of `classes`.

        Parameters
        ----------
        X : DataFrame, dict of array-likes, or array-like of shape (n_rows, n_input_values)
            As for `predict`.

        Returns
        -------
        probabilities : ndarray of float64
            Probabilities.

        Raises
        ------
        UnsupportedModelError
            If the model has no output for them.
        """
        name = self._probabilities_name
        if self.classes is None or name not in self.output_names:
            raise self._no_output("class probabilities")
        return self.predict_outputs(X)[name]

    def predict_labels(self, X: Any) -> NDArray[Any]:
        """Predict the label of each row.

        Parameters
        ----------
        X : DataFrame, dict of array-likes, or array-like of shape (n_rows, n_input_values)
            As for `predict`.

        Returns
        -------
        labels : ndarray of str or int64, of shape (n_rows,)
            Labels of the most probable classes.

        Raises
        ------
        UnsupportedModelError
            If the model has no output for them.
        """
        name = self.spec.description.predictedFeatureName
        if self.classes is None or name not in self.output_names:
            raise self._no_output("a class label")
        return self.predict_outputs(X)[name]

    def _column_keys(self, name: str, width: int) -> Iterable[Any]:
        is_probability = self.classes is not None and name == self._probabilities_name
        return cast(NDArray[Any], self.classes) if is_probability else range(width)

    @property
    def _probabilities_name(self) -> str:
        return str(self.spec.description.predictedProbabilitiesName)

    def _no_output(self, what: str) -> UnsupportedModelError:
        return UnsupportedModelError(
            f"The model must have an output for {what}. Got a {self.spec.WhichOneof('Type')} with "
            f"outputs {', '.join(self.output_names)}; use predict or predict_outputs."
        )
