"""How far a program's vectors can be from those of the Python model, for all inputs in a box.

Each operation hands on three numbers of each element of a vector: the least and the largest value
that the Python model can give it, and how far the phone can be from that value. Stages round as
float64 does, layers as float32, in any order of addition. The bounds are those of N. J. Higham,
"Accuracy and Stability of Numerical Algorithms", SIAM 2002, chapters 3 and 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from novin_ml.coreml.program.evaluate import trees_in
from novin_ml.coreml.program.ops import Op, Program

_SINGLE, _DOUBLE = 2.0**-24, 2.0**-53
# Exponentials and the like are taken to be right to so many units in the last place.
_ULPS = 4


@dataclass(frozen=True)
class Reach:
    """Bounds of a vector's elements, and of its error.

    Attributes
    ----------
    low, high : ndarray of shape (width,), float64
    error : ndarray of shape (width,), float64
        Largest difference between the phone and the Python model.
    """

    low: np.ndarray
    high: np.ndarray
    error: np.ndarray

    @property
    def most(self) -> np.ndarray:
        """Largest absolute value."""
        return np.maximum(np.abs(self.low), np.abs(self.high))


def reach_of(
    program: Program, box: np.ndarray, *, of_labels: bool = False, split: bool = False
) -> Reach:
    """Return the bounds of a program's answer.

    Parameters
    ----------
    program : Program
    box : ndarray of shape (2, n_features)
        The least and the largest value of each input; of a missing one, what replaces it.
    of_labels : bool, default=False
        Whether the answer is probabilities: a network hands on what a stage makes.
    split : bool, default=False
        Whether a threshold follows them, before which no glmClassifier can be.
    """
    ops = {op.name: op for op in program.ops}
    known: dict[str, Reach] = {}
    for place, (low, high) in enumerate(np.asarray(box, dtype=np.float64).T):
        one = np.array([low]), np.array([high])
        known[f"input {place}"] = Reach(*one, np.zeros(1))
    in_double = of_labels and not split and _all_in_double(program)
    with np.errstate(all="ignore"):
        for op in program.ops:
            double = op.is_stage or (in_double and op.name == program.answer)
            sources = [
                known[s] if double or s not in ops or not ops[s].is_stage else _cast(known[s])
                for s in op.sources
            ]
            made = _RULES[op.kind](op, _DOUBLE if double else _SINGLE, *sources)
            error = np.where(np.isnan(made.error), np.inf, made.error)
            known[op.name] = Reach(made.low, made.high, error)
    answer = known[program.answer]
    return _cast(answer) if of_labels and ops[program.answer].is_stage else answer


def _all_in_double(program: Program) -> bool:
    """Whether the answer is the logistic function of a stage, a glmClassifier."""
    return [op.kind for op in program.ops[-3:]] == ["linear", "join", "pair"] and all(
        op.is_stage for op in program.ops[:-1]
    )


def _cast(x: Reach) -> Reach:
    return Reach(x.low, x.high, x.error + _SINGLE * (x.most + x.error))


def _join(op: Op, unit: float, *parts: Reach) -> Reach:
    return Reach(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("low", "high", "error"))
    )


def _pick(op: Op, unit: float, x: Reach) -> Reach:
    places = op.settings["places"]
    return Reach(x.low[places], x.high[places], x.error[places])


def _impute(op: Op, unit: float, x: Reach) -> Reach:
    values = op.arrays["values"]
    return Reach(np.minimum(x.low, values), np.maximum(x.high, values), x.error)


def _zero_or_one(op: Op, unit: float, *_: Reach) -> Reach:
    return Reach(np.zeros(op.width), np.ones(op.width), np.zeros(op.width))


def _trees(op: Op, unit: float, x: Reach) -> Reach:
    """All inputs reach the same leaves in both models; only adding them up rounds."""
    trees = trees_in(op)
    roots, n_outputs = trees.roots, len(trees.base)
    is_leaf = trees.left < 0
    value = trees.value.reshape(len(trees.left), -1)
    low = np.minimum.reduceat(np.where(is_leaf[:, None], value, np.inf), roots, axis=0)
    high = np.maximum.reduceat(np.where(is_leaf[:, None], value, -np.inf), roots, axis=0)
    sums = [trees.base.copy(), trees.base.copy()]
    for total, part in zip(sums, (low, high), strict=True):
        if trees.dimension is None:
            total += part.sum(axis=0)
        else:
            np.add.at(total, trees.dimension, part[:, 0])
    terms = len(roots) + 4
    # The phone may add in float32, and so do some libraries.
    share = 2 * terms * _SINGLE / (1 - terms * _SINGLE)
    return Reach(sums[0], sums[1], np.full(n_outputs, 1.0) * share * trees.largest_sums())


def _scale(op: Op, unit: float, x: Reach) -> Reach:
    scale, shift = op.arrays["scale"], op.arrays["shift"]
    ends = np.sort([scale * (x.low + shift), scale * (x.high + shift)], axis=0)
    size = np.abs(scale) * (x.most + np.abs(shift))
    return Reach(ends[0], ends[1], np.abs(scale) * x.error + 8 * unit * size)


def _sum(op: Op, unit: float, x: Reach) -> Reach:
    weights, offset = op.arrays["weights"], np.ravel(op.arrays["offset"])
    above, below = np.maximum(weights, 0), np.minimum(weights, 0)
    size = np.abs(weights)
    terms = (size != 0).sum(axis=1) + 3
    # Rounding of the weights, of products, and of their sum; and what float64 rounds in Python.
    share = terms * unit / (1 - terms * unit) + terms * _DOUBLE
    total = size @ (x.most + x.error) + np.abs(offset)
    return Reach(
        above @ x.low + below @ x.high + offset,
        above @ x.high + below @ x.low + offset,
        size @ x.error + share * total,
    )


def _monotone(function: Callable[..., Any], slope: float, ulps: int = 0) -> Callable[..., Reach]:
    def rule(op: Op, unit: float, x: Reach) -> Reach:
        low, high = function(op, x.low), function(op, x.high)
        size = np.maximum(np.abs(low), np.abs(high))
        return Reach(low, high, slope * x.error + ulps * unit * size)

    return rule


def _abs(op: Op, unit: float, x: Reach) -> Reach:
    least = np.where((x.low < 0) & (x.high > 0), 0, np.minimum(np.abs(x.low), np.abs(x.high)))
    return Reach(least, x.most, x.error)


def _softmax(op: Op, unit: float, x: Reach) -> Reach:
    n = len(x.low)
    span = 2 * (float(np.max(x.most)) + float(np.max(x.error)))
    # A share changes by half of what the logarithms of its terms change by, at most.
    apart = float(np.max(x.error)) + unit * (span + n + 2 * _ULPS)
    error = np.full(n, min(1.0, apart / 2 + (n + 2) * unit))
    return Reach(np.zeros(n), np.ones(n), error)


def _pair(op: Op, unit: float, x: Reach) -> Reach:
    ends = np.array([expit(-x.high[0]), expit(x.low[0])])
    tops = np.array([expit(-x.low[0]), expit(x.high[0])])
    error = min(1.0, float(x.error[0]) / 4 + unit * (2 * _ULPS + float(x.most[0]) / 4))
    return Reach(ends, tops, np.full(2, error))


def _exp(op: Op, unit: float, x: Reach) -> Reach:
    top = np.exp(x.high)
    return Reach(np.exp(x.low), top, top * (np.expm1(x.error) + _ULPS * unit))


def _log(op: Op, unit: float, x: Reach) -> Reach:
    nearest = x.low - x.error
    error = np.where(nearest > 0, x.error / nearest, np.inf)
    low, high = np.log(x.low), np.log(x.high)
    return Reach(low, high, error + _ULPS * unit * np.maximum(np.abs(low), np.abs(high)))


def _power(op: Op, unit: float, x: Reach) -> Reach:
    exponent = op.settings["exponent"]
    ends = np.sort([x.low**exponent, x.high**exponent], axis=0)
    nearest = x.low - x.error
    if exponent == -1:
        error = np.where(nearest > 0, x.error / (x.low * nearest), np.inf)
    else:
        error = np.minimum(np.sqrt(x.error), x.error / np.sqrt(np.maximum(nearest, 0)))
    return Reach(ends[0], ends[1], error + _ULPS * unit * ends[1])


def _times(op: Op, unit: float, *parts: Reach) -> Reach:
    made = parts[0]
    for part in parts[1:]:
        corners = [a * b for a in (made.low, made.high) for b in (part.low, part.high)]
        error = made.most * part.error + part.most * made.error + made.error * part.error
        low, high = np.min(corners, axis=0), np.max(corners, axis=0)
        size = (made.most + made.error) * (part.most + part.error)
        made = Reach(low, high, error + 2 * unit * size)
    return made


def _plus(op: Op, unit: float, *parts: Reach) -> Reach:
    low, high, error = (np.sum([getattr(p, k) for p in parts], axis=0) for k in _FIELDS)
    size = np.sum([p.most + p.error for p in parts], axis=0)
    return Reach(low, high, error + len(parts) * unit * size)


def _largest(op: Op, unit: float, x: Reach) -> Reach:
    return Reach(*(np.max(each, keepdims=True) for each in (x.low, x.high, x.error)))


_FIELDS = ("low", "high", "error")

_RULES: dict[str, Callable[..., Reach]] = {
    "abs": _abs,
    "at_least": _monotone(lambda op, x: np.maximum(x, op.settings["least"]), 1.0),
    "dense": _sum,
    "exp": _exp,
    "impute": _impute,
    "is_missing": _zero_or_one,
    "join": _join,
    "largest": _largest,
    "linear": _sum,
    "log": _log,
    "logistic": _monotone(lambda op, x: expit(x), 0.25, 2 * _ULPS),
    "onehot": _zero_or_one,
    "pair": _pair,
    "pick": _pick,
    "plus": _plus,
    "power": _power,
    "relu": _monotone(lambda op, x: np.maximum(x, 0), 1.0),
    "scale": _scale,
    "softmax": _softmax,
    "tanh": _monotone(lambda op, x: np.tanh(x), 1.0, _ULPS),
    "times": _times,
    "trees": _trees,
}
