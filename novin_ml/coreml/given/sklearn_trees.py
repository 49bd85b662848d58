"""Read trees that scikit-learn grew: those of forests, boosting, AdaBoost and bagging."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.given.reading import Reading, register_reader
from novin_ml.coreml.given.trees import Trees


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


def _trees(
    dump: Any,
    value: NDArray[np.float64],
    base: NDArray[np.float64],
    dimension: NDArray[np.int64] | None,
) -> Trees:
    sizes = dump.arrays["sizes"].astype(np.int64)
    roots = np.cumsum(sizes) - sizes
    start = np.repeat(roots, sizes)
    left, right = (
        np.where(dump.arrays[side] < 0, -1, dump.arrays[side] + start)
        for side in ("children_left", "children_right")
    )
    feature = dump.arrays["feature"].astype(np.int64)
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
