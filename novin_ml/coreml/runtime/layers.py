"""Layers of neural networks on one vector per row, in float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from novin_ml.coreml.runtime.spec import softmax
from novin_ml.exceptions import UnsupportedModelError
from novin_ml.plain import plural

Blob = NDArray[np.float32]  # (n, width)
Layer = Callable[..., Any]  # blobs -> one blob, or a list of blobs

_ACTIVATIONS: dict[str, Callable[[Blob, Any], Blob]] = {
    "linear": lambda x, p: p.alpha * x + p.beta,
    "ReLU": lambda x, p: np.maximum(x, 0),
    "leakyReLU": lambda x, p: np.where(x >= 0, x, p.alpha * x),
    "thresholdedReLU": lambda x, p: np.where(x >= p.alpha, x, 0),
    "tanh": lambda x, p: np.tanh(x),
    "scaledTanh": lambda x, p: p.alpha * np.tanh(p.beta * x),
    "sigmoid": lambda x, p: np.asarray(expit(x)),
    "sigmoidHard": lambda x, p: np.clip(p.alpha * x + p.beta, 0, 1),
    "ELU": lambda x, p: np.where(x >= 0, x, p.alpha * np.expm1(np.minimum(x, 0))),
    "softsign": lambda x, p: x / (1 + np.abs(x)),
    "softplus": lambda x, p: np.logaddexp(x, np.float32(0)),
}

# UnaryFunctionLayerParams.Operation; x is already scaled and shifted.
_UNARY: dict[int, Callable[[Blob, np.float32, np.float32], Blob]] = {
    0: lambda x, alpha, epsilon: np.sqrt(x),
    1: lambda x, alpha, epsilon: 1 / np.sqrt(x + epsilon),
    2: lambda x, alpha, epsilon: np.reciprocal(x + epsilon),
    3: lambda x, alpha, epsilon: x**alpha,
    4: lambda x, alpha, epsilon: np.exp(x),
    5: lambda x, alpha, epsilon: np.log(x),
    6: lambda x, alpha, epsilon: np.abs(x),
    7: lambda x, alpha, epsilon: np.maximum(x, alpha),
}

# ReduceLayerParams.ReduceOperation, over the only axis that has a length.
_REDUCE: dict[int, Callable[[Blob], Blob]] = {
    0: lambda x: x.sum(axis=1, keepdims=True),
    1: lambda x: x.mean(axis=1, keepdims=True),
    2: lambda x: x.prod(axis=1, keepdims=True),
    4: lambda x: (x * x).sum(axis=1, keepdims=True),
    5: lambda x: np.abs(x).sum(axis=1, keepdims=True),
    6: lambda x: np.sqrt((x * x).sum(axis=1, keepdims=True)),
    7: lambda x: x.max(axis=1, keepdims=True),
    8: lambda x: x.min(axis=1, keepdims=True),
}


def build_layer(layer: Any, rank: int, axis: int) -> Layer:
    """Function that computes a layer.

    Parameters
    ----------
    layer : NeuralNetworkLayer
        The message; its parameters are read now.
    rank, axis : int
        Rank of the network's tensors, and the (negative) axis along which the vectors lie.

    Raises
    ------
    UnsupportedModelError
        If the reference runtime does not evaluate the layer, or its proto does not allow it here.
    """
    kind = layer.WhichOneof("layer")
    if kind not in _BUILDERS:
        raise _unsupported(layer, f"a layer of a supported type ({', '.join(sorted(_BUILDERS))})")
    if kind in _CHANNEL_LAYERS and axis != -3:
        raise _unsupported(layer, f"{kind} on channels, axis -3; the data lie on axis {axis}")
    return _BUILDERS[kind](layer, getattr(layer, kind), rank, axis)


def _inner_product(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    if axis != (-1 if rank <= 3 else -3):
        raise _unsupported(layer, f"innerProduct on its axis; the data lie on axis {axis}")
    if p.int8DynamicQuantize:
        raise _unsupported(layer, "float32 weights, not int8DynamicQuantize")
    weights = _weights(layer, p.weights, int(p.inputChannels * p.outputChannels))
    matrix = weights.reshape(int(p.outputChannels), int(p.inputChannels)).T
    if not p.hasBias:
        return lambda x: x @ matrix
    bias = _weights(layer, p.bias, int(p.outputChannels))
    return lambda x: x @ matrix + bias


def _activation(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    kind = p.WhichOneof("NonlinearityType")
    if kind not in _ACTIVATIONS:
        raise _unsupported(layer, f"an activation of {', '.join(_ACTIVATIONS)}; it is {kind}")
    function, parameters = _ACTIVATIONS[kind], getattr(p, kind)
    return lambda x: function(x, parameters)


def _softmax_nd(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    if p.axis not in (axis, axis + rank):
        raise _unsupported(layer, f"softmaxND on axis {axis}; it is on axis {p.axis}")
    return softmax


def _concat_nd(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    if p.interleave or p.axis not in (axis, axis + rank):
        raise _unsupported(layer, f"concatND on axis {axis}, not interleaved")
    return _side_by_side


def _concat(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    if p.sequenceConcat:
        raise _unsupported(layer, "concat on channels, not on the sequence")
    return _side_by_side


def _side_by_side(*x: Blob) -> Blob:
    return np.hstack(x)


def _add(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    alpha = np.float32(p.alpha)
    return lambda *x: x[0] + alpha if len(x) == 1 else _fold(np.add, x)


def _multiply(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    alpha = np.float32(p.alpha)
    return lambda *x: x[0] * alpha if len(x) == 1 else _fold(np.multiply, x)


def _folded(operation: np.ufunc) -> Callable[..., Layer]:
    return lambda layer, p, rank, axis: lambda *x: _fold(operation, x)


def _fold(operation: np.ufunc, blobs: tuple[Blob, ...]) -> Blob:
    result = blobs[0]
    for blob in blobs[1:]:
        result = operation(result, blob)
    return result


def _average(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    return lambda *x: _fold(np.add, x) / np.float32(len(x))


def _bias(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    bias = _weights(layer, p.bias, int(np.prod(p.shape)))
    return lambda x: x + bias


def _scale(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    scale = _weights(layer, p.scale, int(np.prod(p.shapeScale)))
    if not p.hasBias:
        return lambda x: x * scale
    bias = _weights(layer, p.bias, int(np.prod(p.shapeBias)))
    return lambda x: x * scale + bias


def _unary(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    function = _UNARY[p.type]
    scale, shift = np.float32(p.scale or 1), np.float32(p.shift)
    alpha, epsilon = np.float32(p.alpha), np.float32(p.epsilon or 1e-6)
    return lambda x: function(scale * x + shift, alpha, epsilon)


def _reduce(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    axes = p.DESCRIPTOR.enum_types_by_name["ReduceAxis"].values_by_number[p.axis].name
    if p.mode not in _REDUCE or axes not in ("C", "CHW"):
        raise _unsupported(layer, "reduce over C or CHW, not by LOGSUM or ARGMAX")
    return _REDUCE[p.mode]


def _split(layer: Any, p: Any, rank: int, axis: int) -> Layer:
    return lambda x: np.split(x, p.nOutputs, axis=1)


_BUILDERS: dict[str, Callable[[Any, Any, int, int], Layer]] = {
    "activation": _activation,
    "add": _add,
    "addBroadcastable": _folded(np.add),
    "average": _average,
    "bias": _bias,
    "concat": _concat,
    "concatND": _concat_nd,
    "innerProduct": _inner_product,
    "max": _folded(np.maximum),
    "min": _folded(np.minimum),
    "multiply": _multiply,
    "multiplyBroadcastable": _folded(np.multiply),
    "reduce": _reduce,
    "scale": _scale,
    "softmax": lambda layer, p, rank, axis: softmax,
    "softmaxND": _softmax_nd,
    "split": _split,
    "unary": _unary,
}

# Those that work on the channels, the third last axis.
_CHANNEL_LAYERS = frozenset({"bias", "concat", "reduce", "scale", "softmax", "split"})


def _weights(layer: Any, weights: Any, size: int) -> Blob:
    for field in ("float16Value", "rawValue", "int8RawValue"):
        if getattr(weights, field):
            raise _unsupported(layer, f"float32 weights, not {field}")
    values = np.array(weights.floatValue, dtype=np.float32)
    if len(values) != size:
        raise _unsupported(layer, f"{plural(size, 'weight')}; it has {len(values)}")
    return values


def _unsupported(layer: Any, expected: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        f"Layer {layer.name!r} of type {layer.WhichOneof('layer')} must be {expected}, for the "
        "reference runtime; evaluate this model with Core ML itself."
    )
