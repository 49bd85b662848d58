"""The layers of a program's network, by the kind of operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from novin_ml.coreml.program.ops import Op


def _dense(builder: Any, op: Op, sources: list[str], target: str) -> None:
    weights = op.arrays["weights"].astype(np.float32)
    builder.add_inner_product(
        target,
        weights,
        np.ravel(op.arrays["offset"]).astype(np.float32),
        weights.shape[1],
        weights.shape[0],
        has_bias=True,
        input_name=sources[0],
        output_name=target,
    )


def _pair(builder: Any, op: Op, sources: list[str], target: str) -> None:
    """Two logits, 0 and z, as everywhere in novin_ml."""
    logits = f"{target}_logits"
    pair_of_logits(builder, sources[0], logits)
    builder.add_softmax(target, logits, target)


def pair_of_logits(builder: Any, source: str, logits: str, threshold: float = 0.0) -> None:
    """Add the logits of two classes: 0 and a margin less the threshold."""
    weights = np.array([[0.0], [1.0]], dtype=np.float32)
    builder.add_inner_product(
        logits,
        weights,
        np.array([0, -threshold], np.float32),
        1,
        2,
        has_bias=True,
        input_name=source,
        output_name=logits,
    )


def _activation(kind: str) -> Callable[[Any, Op, list[str], str], None]:
    def add(builder: Any, op: Op, sources: list[str], target: str) -> None:
        builder.add_activation(target, kind, sources[0], target)

    return add


def _unary(mode: str, setting: str | None = None) -> Callable[[Any, Op, list[str], str], None]:
    def add(builder: Any, op: Op, sources: list[str], target: str) -> None:
        alpha = {} if setting is None else {"alpha": float(op.settings[setting])}
        builder.add_unary(target, sources[0], target, mode, **alpha)

    return add


def _elementwise(mode: str) -> Callable[[Any, Op, list[str], str], None]:
    def add(builder: Any, op: Op, sources: list[str], target: str) -> None:
        builder.add_elementwise(target, sources, target, mode=mode)

    return add


LAYERS: dict[str, Callable[[Any, Op, list[str], str], None]] = {
    "abs": _unary("abs"),
    "at_least": _unary("threshold", "least"),
    "dense": _dense,
    "exp": _unary("exp"),
    "join": _elementwise("CONCAT"),
    "largest": lambda builder, op, sources, target: builder.add_reduce(
        target, sources[0], target, axis="C", mode="max"
    ),
    "log": _unary("log"),
    "logistic": _activation("SIGMOID"),
    "pair": _pair,
    "plus": _elementwise("ADD"),
    "power": _unary("power", "exponent"),
    "relu": _activation("RELU"),
    "softmax": lambda builder, op, sources, target: builder.add_softmax(target, sources[0], target),
    "tanh": _activation("TANH"),
    "times": _elementwise("MULTIPLY"),
}
