"""What each operation computes, in float64: the model's own arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from novin_ml.coreml.given import Reading, Trees
from novin_ml.coreml.given.walking import sums

Blob = np.ndarray  # (n_rows, width), float64; text or integers for an input with a domain


def _join(op: Any, *parts: Blob) -> Blob:
    return np.hstack([part.astype(np.float64) for part in parts])


def _pick(op: Any, x: Blob) -> Blob:
    return x[:, op.settings["places"]]


def _impute(op: Any, x: Blob) -> Blob:
    return np.where(np.isnan(x), op.arrays["values"], x)


def _scale(op: Any, x: Blob) -> Blob:
    return op.arrays["scale"] * (x + op.arrays["shift"])


def _onehot(op: Any, x: Blob) -> Blob:
    return (x == np.asarray(op.settings["categories"])).astype(np.float64)


def _linear(op: Any, x: Blob) -> Blob:
    return x @ op.arrays["weights"].T + op.arrays["offset"]


def _trees(op: Any, x: Blob) -> Blob:
    # Trees compare float32 numbers, in the libraries as on the phone.
    return sums(Reading(trees_in(op), link="none", classes=0), x.astype(np.float32))


def trees_in(op: Any) -> Trees:
    """Return the trees of an operation of kind ``"trees"``.

    Parameters
    ----------
    op : Op

    Returns
    -------
    trees : Trees
    """
    whole = {name: op.arrays[name].astype(np.int64) for name in ("roots", "left", "right")}
    dimension = op.arrays.get("dimension")
    return Trees(
        **whole,
        feature=op.arrays["feature"].astype(np.int64),
        threshold=op.arrays["threshold"],
        missing_left=op.arrays["missing_left"].astype(bool),
        value=op.arrays["value"],
        dimension=None if dimension is None else dimension.astype(np.int64),
        base=op.arrays["base"],
        less_equal=op.settings["less_equal"],
    )


#: Kind -> function of the operation and its sources.
OPERATIONS: dict[str, Callable[..., Blob]] = {
    # Stages.
    "join": _join,
    "pick": _pick,
    "impute": _impute,
    "scale": _scale,
    "is_missing": lambda op, x: np.isnan(x[:, op.settings["places"]]).astype(np.float64),
    "onehot": _onehot,
    "linear": _linear,
    "trees": _trees,
    # Layers.
    "dense": _linear,
    "relu": lambda op, x: np.maximum(x, 0),
    "tanh": lambda op, x: np.tanh(x),
    "logistic": lambda op, x: expit(x),
    "softmax": lambda op, x: softmax(x, axis=1),
    "pair": lambda op, x: np.column_stack([expit(-x[:, 0]), expit(x[:, 0])]),
    "exp": lambda op, x: np.exp(x),
    "log": lambda op, x: np.log(x),
    "abs": lambda op, x: np.abs(x),
    "power": lambda op, x: x ** op.settings["exponent"],
    "at_least": lambda op, x: np.maximum(x, op.settings["least"]),
    "times": lambda op, *parts: np.prod(parts, axis=0),
    "plus": lambda op, *parts: np.sum(parts, axis=0),
    "largest": lambda op, x: x.max(axis=1, keepdims=True),
}


def evaluate(program: Any, X: np.ndarray) -> dict[str, Blob]:
    """Return all that a program makes of float32 rows, and its inputs, by name.

    Parameters
    ----------
    program : Program
        Its inputs with a domain hold places in that domain.
    X : ndarray of shape (n_rows, n_features), float32

    Returns
    -------
    blobs : dict of str to ndarray of shape (n_rows, width)
    """
    blobs: dict[str, Blob] = {}
    for place, domain in enumerate(program.domains):
        column = X[:, [place]]
        blobs[f"input {place}"] = (
            column.astype(np.float64)
            if domain is None
            else np.asarray(domain)[column.astype(np.int64) % len(domain)]
        )
    with np.errstate(all="ignore"):
        for op in program.ops:
            blobs[op.name] = OPERATIONS[op.kind](op, *(blobs[name] for name in op.sources))
    return blobs
