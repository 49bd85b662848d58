"""Read trees that LightGBM grew, from the text in which it saves a model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.given.reading import Reading, register_reader
from novin_ml.coreml.given.trees import Trees

# Bits of a node's decision: where a missing value goes, and which values are missing.
_DEFAULT_LEFT, _MISSING, _NAN = 2, 12, 8
_LINKS = {
    "binary": "logistic",
    "cross_entropy": "logistic",
    "multiclass": "softmax",
    "poisson": "exponential",
    "gamma": "exponential",
    "tweedie": "exponential",
}


@register_reader("lightgbm")
def _lightgbm(dump: Any) -> Reading:
    """Each block of the text is a tree: first its splits, then its leaves."""
    head, *blocks = dump.text.decode().split("\nTree=")
    header = _entries(head)
    objective, *options = header.get("objective", "none").split(" ")
    parts = [_tree(_entries(block)) for block in blocks]
    sizes = np.array([len(part["left"]) for part in parts], dtype=np.int64)
    roots = np.cumsum(sizes) - sizes
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    start = np.repeat(roots, sizes)
    width = int(header["num_tree_per_iteration"])
    factor = 1.0
    if objective == "binary":
        factor = float(dict(option.split(":") for option in options).get("sigmoid", 1))
    if "\naverage_output\n" in head:
        factor /= len(sizes) // width
    trees = Trees(
        roots=roots,
        left=np.where(joined["left"] < 0, -1, joined["left"] + start),
        right=np.where(joined["right"] < 0, -1, joined["right"] + start),
        feature=joined["feature"],
        threshold=joined["threshold"],
        missing_left=joined["missing_left"],
        value=joined["value"] * factor,
        dimension=np.tile(np.arange(width), len(sizes) // width),
        base=np.zeros(width),
        less_equal=True,
        base_digits=1e-12,
    )
    classes = 0 if dump.facts["is_value"] else max(width, 2)
    return Reading(trees, _LINKS.get(objective, "none"), classes)


def _entries(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.split("\n\n\n")[0].splitlines())
    return {key: value for key, _, value in lines}


def _tree(entries: dict[str, str]) -> dict[str, NDArray[Any]]:
    """Return a tree's arrays: splits, whose children below 0 are leaves, and then the leaves."""
    n_leaves = int(entries["num_leaves"])
    n_splits = n_leaves - 1
    threshold = _numbers(entries["threshold"], float)
    decision = _numbers(entries["decision_type"], int)
    # Where NaN is not missing by itself, it is compared as 0, or missing as 0 is.
    as_zero = np.where(decision & _MISSING, decision & _DEFAULT_LEFT != 0, threshold >= 0)
    missing_left = np.where(decision & _MISSING == _NAN, decision & _DEFAULT_LEFT != 0, as_zero)
    none = np.full(n_leaves, -1)
    found = {"missing_left": np.append(missing_left.astype(bool), np.zeros(n_leaves, bool))}
    for side in ("left", "right"):
        child = _numbers(entries[f"{side}_child"], int)
        found[side] = np.append(np.where(child < 0, n_splits + ~child, child), none)
    found["feature"] = np.append(_numbers(entries["split_feature"], int), np.zeros(n_leaves, int))
    # Rows lose what is no larger than this before they come to a tree, and are 0 there.
    least = np.float64(np.float32(1e-35))
    threshold[(threshold >= 0) & (threshold < least)] = least
    threshold[(threshold < 0) & (threshold >= -least)] = np.nextafter(-least, -np.inf)
    found["threshold"] = np.append(threshold, np.zeros(n_leaves))
    found["value"] = np.append(np.zeros(n_splits), _numbers(entries["leaf_value"], float))
    return found


def _numbers(text: str, kind: type) -> NDArray[Any]:
    return np.array([kind(word) for word in text.split()], dtype=kind)
