"""Core ML models evaluated by others: onnxmltools' converter from Core ML, and onnxruntime.

It takes trees, scalers, imputers and vectorizers; it has no networks in a pipeline.
"""

import importlib
import warnings

import numpy as np
import pytest


def onnx_stack():
    """Converter from Core ML and onnxruntime; skips the test where they are not installed."""
    pytest.importorskip("onnx", reason="onnx, for the second opinion, is not installed")
    onnxruntime = pytest.importorskip(
        "onnxruntime", reason="onnxruntime, for the second opinion, is not installed"
    )
    pytest.importorskip("onnxmltools", reason="onnxmltools, for the converter, is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnxmltools.convert.common import data_types

        # Lost in onnxmltools 1.13, https://github.com/onnx/onnxmltools/issues/735.
        if not hasattr(data_types, "find_type_conversion"):
            data_types.find_type_conversion = lambda source_type, target_type: "identity"
        # The registries that the converter looks into are filled by these imports.
        importlib.import_module("onnxmltools.convert.coreml.operator_converters")
        importlib.import_module("onnxmltools.convert.coreml.shape_calculators")
        from onnxmltools.convert.coreml.convert import convert
    return convert, onnxruntime


def with_array_input(spec, width, name="x"):
    """The same tree ensemble with one MultiArray input instead of scalars."""
    copy = type(spec)()
    copy.CopyFrom(spec)
    del copy.description.input[:]
    feature = copy.description.input.add(name=name)
    feature.type.multiArrayType.shape.append(width)
    feature.type.multiArrayType.dataType = feature.type.multiArrayType.ArrayDataType.Value("DOUBLE")
    return copy


def onnx_outputs(spec, X):
    """Outputs of each row, by name; rows are run one by one, as the converted models want it.

    Parameters
    ----------
    spec : Model_pb2.Model
        A model of one MultiArray input, or of scalar inputs in the order of the columns.
    X : array of shape (n_rows, n_input_values)
        Rows, rounded to float32.

    Returns
    -------
    outputs : list of dict
        Name to value, for each row.
    """
    convert, onnxruntime = onnx_stack()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = convert(spec, target_opset=15)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    inputs = [feature.name for feature in session.get_inputs()]
    is_array = spec.description.input[0].type.WhichOneof("Type") == "multiArrayType"
    results = []
    for row in np.asarray(X, dtype=np.float32):
        feed = {inputs[0]: row[None]} if is_array else dict(zip(inputs, row[:, None], strict=True))
        results.append(dict(zip(names, session.run(None, feed), strict=True)))
    return results


def onnx_predict_proba(spec, X):
    """Class probabilities of shape (n_rows, n_classes) by another converter and runtime.

    Parameters
    ----------
    spec : Model_pb2.Model
        A classifier, see `onnx_outputs`.
    X : array of shape (n_rows, n_input_values)
        Rows.

    Returns
    -------
    probabilities : ndarray
        Probabilities, in the order of the sorted labels.
    """
    name = spec.description.predictedProbabilitiesName
    maps = [row[name][0] for row in onnx_outputs(spec, X)]
    return np.array([[each[label] for label in sorted(each)] for each in maps])
