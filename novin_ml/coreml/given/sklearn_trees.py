"""Read trees that scikit-learn grew: those of forests, boosting, AdaBoost and bagging."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit
from scipy.stats import gmean

from novin_ml.coreml.given.reading import Reading, register_reader
from novin_ml.coreml.given.trees import Trees

#: Losses of histogram gradient boosting whose sums are logarithms.
_LOG_LINKS = {"gamma", "poisson"}


@register_reader("sklearn.forest")
def _forest(dump: Any) -> Reading:
    """Forests answer with the mean of their trees."""
    n_classes = int(dump.facts["n_classes"])
    n_trees = len(dump.arrays["sizes"])
    value = dump.arrays["value"] / n_trees
    return Reading(
        _trees(
            dump,
            value if n_classes else value[:, 0],
            np.zeros(max(n_classes, 1)),
            None if n_classes else np.zeros(n_trees, np.int64),
        ),
        link="none",
        classes=n_classes,
    )


@register_reader("sklearn.bagging")
def _bagging(dump: Any) -> Reading:
    """As forests, but the features of a tree are numbers of its own columns."""
    reading = _forest(dump)
    trees = reading.trees
    ends = np.append(trees.roots[1:], len(trees.left))
    feature = trees.feature.copy()
    for columns, start, end in zip(dump.arrays["columns"], trees.roots, ends, strict=True):
        inner = trees.left[start:end] >= 0
        feature[start:end][inner] = columns[feature[start:end][inner]]
    return replace(reading, trees=replace(trees, feature=feature))


@register_reader("sklearn.adaboost")
def _adaboost(dump: Any) -> Reading:
    """Each tree votes with its weight; of K classes the others lose a share of it.

    J. Zhu and others, "Multi-class AdaBoost", Statistics and Its Interface 2, 2009, equation 15.
    """
    n_classes, sizes = int(dump.facts["n_classes"]), dump.arrays["sizes"]
    weights = np.repeat(dump.arrays["weights"], sizes) / np.sum(dump.arrays["weights"])
    is_chosen = np.eye(n_classes, dtype=bool)[dump.arrays["value"].argmax(axis=1)]
    votes = np.where(is_chosen, weights[:, None], -weights[:, None] / (n_classes - 1))
    if n_classes == 2:
        trees = _trees(dump, votes[:, 1] - votes[:, 0], np.zeros(1), np.zeros(len(sizes), np.int64))
        return Reading(trees, "logistic", 2)
    trees = _trees(dump, votes / (n_classes - 1), np.zeros(n_classes), None)
    return Reading(trees, "softmax", n_classes)


@register_reader("sklearn.gradient_boosting")
def _gradient_boosting(dump: Any) -> Reading:
    """Each round has a tree for each sum; the sums begin with the link of the prior."""
    n_classes, prior = int(dump.facts["n_classes"]), dump.facts["prior"]
    width = n_classes if n_classes > 2 else 1
    factor = float(dump.facts["learning_rate"])
    if prior is None:
        base = np.zeros(width)
    elif not n_classes:
        base = np.array(prior, dtype=np.float64)
    else:
        most = 1 - np.finfo(np.float64).eps
        shares = np.clip(prior, 1 - most, most)
        base = np.log(shares / gmean(shares)) if width > 1 else logit(shares[1:])
    if dump.facts["loss"] == "exponential":
        factor *= 2  # and so half the log odds of the prior
    link = {0: "none", 2: "logistic"}.get(n_classes, "softmax")
    dimension = np.tile(np.arange(width), len(dump.arrays["sizes"]) // width)
    value = factor * dump.arrays["value"][:, 0]
    return Reading(_trees(dump, value, base, dimension), link, n_classes)


@register_reader("sklearn.hist_gradient_boosting")
def _hist_gradient_boosting(dump: Any) -> Reading:
    """As gradient boosting, with leaves that are scaled already."""
    arrays, n_classes = dump.arrays, int(dump.facts["n_classes"])
    base = np.array(dump.facts["baseline"], dtype=np.float64)
    inner = arrays["is_leaf"] == 0
    sizes = arrays["sizes"].astype(np.int64)
    roots = np.cumsum(sizes) - sizes
    children = [
        np.where(inner, arrays[side].astype(np.int64) + np.repeat(roots, sizes), -1)
        for side in ("left", "right")
    ]
    trees = Trees(
        roots=roots,
        left=children[0],
        right=children[1],
        feature=arrays["feature_idx"].astype(np.int64),
        threshold=arrays["num_threshold"].astype(np.float64),
        missing_left=arrays["missing_go_to_left"] != 0,
        value=arrays["value"],
        dimension=np.tile(np.arange(len(base)), len(sizes) // len(base)),
        base=base,
        less_equal=True,
        base_digits=1e-12,
    )
    if n_classes:
        return Reading(trees, "logistic" if n_classes == 2 else "softmax", n_classes)
    return Reading(trees, "exponential" if dump.facts["loss"] in _LOG_LINKS else "none", 0)


def _trees(
    dump: Any,
    value: NDArray[np.float64],
    base: NDArray[np.float64],
    dimension: NDArray[np.int64] | None,
) -> Trees:
    sizes = dump.arrays["sizes"].astype(np.int64)
    roots = np.cumsum(sizes) - sizes
    # Half of the memory of int64, which a large forest takes several times.
    index = np.int32 if sizes.sum() < 2**31 else np.int64
    start = np.repeat(roots.astype(index), sizes)
    left, right = (
        np.where(dump.arrays[side] < 0, -1, dump.arrays[side] + start)
        for side in ("children_left", "children_right")
    )
    feature = dump.arrays["feature"].astype(index)
    return Trees(
        roots=roots,
        left=left,
        right=right,
        feature=feature,
        threshold=dump.arrays["threshold"],
        missing_left=dump.arrays["missing_go_to_left"].astype(bool),
        value=value,
        dimension=dimension,
        base=base,
        less_equal=True,
        base_digits=1e-12,
    )
