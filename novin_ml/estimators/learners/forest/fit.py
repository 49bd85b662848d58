"""Training of a forest: scikit-learn's trees, within a byte budget."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from novin_ml.estimators.learners._size import interface_bytes, joining_bytes
from novin_ml.estimators.learners.calibration_fit import calibrated
from novin_ml.estimators.learners.forest._bytes import forest_bytes
from novin_ml.estimators.learners.forest._trees import UNIT, Trees
from novin_ml.estimators.learners.forest.learner import ForestLearner
from novin_ml.estimators.learners.training import (
    FitOptions,
    FitReport,
    Rows,
    SizeReport,
)
from novin_ml.estimators.learners.tree_walk import round_down
from novin_ml.parameters import nearest
from novin_ml.plain import plural, shown
from novin_ml.validation import StrOptions, validate_parameter_constraints

#: With the tree that knows nothing they are a power of two, so that a mean is exact as well.
DEFAULT_TREES = 255
DEFAULTS: dict[str, Any] = {"splitter": "best", "criterion": "entropy", "min_samples_leaf": 2}
_CLASSES = {"best": "RandomForestClassifier", "random": "ExtraTreesClassifier"}
# Names alone: scikit-learn's forests take long to import, and loading a model needs none.
_NAMES = (
    "bootstrap",
    "criterion",
    "max_depth",
    "max_features",
    "max_leaf_nodes",
    "max_samples",
    "min_impurity_decrease",
    "min_samples_leaf",
    "min_samples_split",
    "min_weight_fraction_leaf",
    "splitter",
)
#: Name of a parameter -> the same: it has no alias.
FOREST_NAMES: dict[str, str] = {name: name for name in _NAMES}
# Trees that tell how many bytes a leaf takes, and the least that it takes with its branch.
_PILOT_TREES, _LEAST_BYTES_OF_LEAF = 8, 40
_LARGEST = np.finfo(np.float32).max


def fit_forest(
    train: Rows, held_back: Rows | None, options: FitOptions
) -> tuple[ForestLearner, FitReport]:
    """Train a random forest, or extra trees.

    Parameters
    ----------
    train, held_back : Rows
        The held-back rows calibrate the forest; they do not stop it, because more trees never
        overfit.
    options : FitOptions
        ``options.params`` are those of RandomForestClassifier, and ``splitter``: "best" is a random
        forest, "random" extra trees. ``options.epochs`` is the number of trees.

    Returns
    -------
    learner : ForestLearner
        The trees. Within ``options.max_bytes`` they have fewer leaves, and are fewer if need be.
    report : FitReport
        What happened during training.

    References
    ----------
    Breiman, "Random forests", Machine Learning 45, 2001. Geurts, Ernst and Wehenkel, "Extremely
    randomized trees", Machine Learning 63, 2006. Both as implemented by scikit-learn.
    """
    columns = {"max_features": default_columns(train.n_features)}
    params = columns | checked_params(options.params)
    n_trees = DEFAULT_TREES if options.epochs is None else options.epochs
    # The draws of a forest depend on the order of its rows, which means nothing.
    grower = _Grower(train.in_order_of_content(), params, options)
    room = _room(train.n_features, options)
    asked = params.get("max_leaf_nodes") or max(2, len(train))
    most_leaves = grower.leaves_within(room, n_trees, asked)
    model, trees = grower.grown(n_trees, most_leaves, options)
    sizes = forest_bytes(trees).cumsum()
    kept = n_trees
    if room is not None:
        kept = int(np.searchsorted(sizes, room, side="right"))
        if kept == 0:
            others = (options.max_bytes or 0) - room
            raise ValueError(
                "The 'max_bytes' parameter must leave room for one tree, "
                f"{plural(others + int(sizes[0]), 'byte')} here. "
                f"Got {options.max_bytes} instead. Raise it."
            )
    if kept < n_trees:
        model.estimators_, trees = model.estimators_[:kept], trees.first(kept)
    learner = ForestLearner(trees, model.feature_importances_, train.n_features, options.n_classes)
    n_bytes = interface_bytes(train.n_features, options.n_classes) + int(sizes[kept - 1])
    report = FitReport(
        epochs_planned=n_trees,
        epochs_run=n_trees,
        epochs_kept=kept,
        size=_size_report(options.max_bytes, n_bytes, n_trees, trees, (asked, most_leaves)),
    )
    return calibrated(learner, held_back, options, report)


def default_columns(n_columns: int) -> int:
    """Return how many columns each split tries: the square root, or a fifth if that is more.

    Parameters
    ----------
    n_columns : int
        Number of features.

    Returns
    -------
    n_tried : int
        The default of ``max_features``.
    """
    return max(1, int(n_columns**0.5), n_columns // 5)


def checked_params(given: Any) -> dict[str, Any]:
    """Return the defaults, updated with the given parameters, or raise ValueError."""
    unknown = sorted(set(given) - set(_NAMES), key=str)
    if unknown:
        raise ValueError(
            f"The {shown(unknown[0])} entry of learner_params must be one of "
            f"{sorted(_NAMES)} for algorithm='forest'. "
            f"Got {unknown[0]}={shown(given[unknown[0]])} instead."
            f"{nearest(unknown[0], _NAMES)} "
            "Trees, threads, seed and class weights are parameters of the estimator."
        )
    params = DEFAULTS | dict(given)
    validate_parameter_constraints(_constraints(), params, caller_name="learner_params")
    bootstrap = params.setdefault("bootstrap", params["splitter"] == "best")
    if params.get("max_samples") is not None and not bootstrap:
        raise ValueError(
            "The 'max_samples' entry of learner_params must be None for trees that take all rows. "
            f"Got {shown(params['max_samples'])} with bootstrap=False. Pass bootstrap=True."
        )
    return params


def _ensemble() -> Any:
    return importlib.import_module("sklearn.ensemble")


def _constraints() -> dict[str, list[Any]]:
    own = _ensemble().RandomForestClassifier._parameter_constraints
    return {name: own[name] for name in _NAMES[:-1]} | {"splitter": [StrOptions(set(_CLASSES))]}


class _Grower:
    """Rows to grow trees on."""

    def __init__(self, rows: Rows, params: dict[str, Any], options: FitOptions) -> None:
        self._X, self._weight = rows.X, rows.weight
        # A class may have no rows: those of weight 0 are left out.
        self._present, self._codes = np.unique(rows.codes, return_inverse=True)
        self._n_classes = options.n_classes
        own = {name: value for name, value in params.items() if name != "splitter"}
        self._model = getattr(_ensemble(), _CLASSES[params["splitter"]])(
            **own,
            n_jobs=options.n_jobs,
            random_state=int(options.random_state.randint(2**31 - 1)),
        )

    def leaves_within(self, room: int | None, n_trees: int, most: int) -> int:
        """Return how many leaves each of some trees may have so that all take the room at most."""
        if room is None:
            return most
        leaves = int(np.clip(room // (n_trees * _LEAST_BYTES_OF_LEAF), 2, most))
        while leaves > 2:
            _, trees = self.grown(min(n_trees, _PILOT_TREES), leaves)
            # A little less than all, because trees differ from those that were tried.
            share = 0.97 * room / (forest_bytes(trees).mean() * n_trees)
            if share >= 1:
                break
            leaves = max(2, min(leaves - 1, int(share * leaves)))
        return leaves

    def grown(
        self, n_trees: int, most_leaves: int, options: FitOptions | None = None
    ) -> tuple[Any, Trees]:
        """Return a trained model of scikit-learn, and its trees as arrays."""
        model = self._model.set_params(max_leaf_nodes=most_leaves, warm_start=False)
        progress = None if options is None else options.progress
        step = n_trees if progress is None else max(1, n_trees // 20)
        for done in range(step, n_trees + step, step):
            model.set_params(n_estimators=min(done, n_trees), warm_start=done > step)
            model.fit(self._X, self._codes, sample_weight=self._weight)
            if progress is not None:
                progress(min(done, n_trees), n_trees, None)
        return model, self._as_arrays(model.estimators_)

    def _as_arrays(self, estimators: list[Any]) -> Trees:
        trees = [estimator.tree_ for estimator in estimators]
        sizes = np.array([tree.node_count for tree in trees], dtype=np.int64)
        offsets = np.concatenate([[0], np.cumsum(sizes)])
        start = np.repeat(offsets[:-1], sizes)

        def joined(name: str) -> np.ndarray:
            return np.concatenate([getattr(tree, name) for tree in trees])

        left, right = joined("children_left"), joined("children_right")
        inner = left >= 0
        threshold = np.minimum(joined("threshold"), _LARGEST)  # infinite: only missing goes right
        return Trees(
            feature=np.where(inner, joined("feature"), -1).astype(np.int32),
            threshold=np.where(inner, round_down(threshold), 0).astype(np.float32),
            left=np.where(inner, left + start, -1).astype(np.int32),
            right=np.where(inner, right + start, -1).astype(np.int32),
            missing_left=joined("missing_go_to_left").astype(bool) & inner,
            tree_offsets=offsets,
            shares=self._shares(np.concatenate([tree.value[:, 0] for tree in trees])[~inner]),
        )

    def _shares(self, values: np.ndarray) -> np.ndarray:
        values = values / values.sum(axis=1, keepdims=True)
        shares = np.zeros((len(values), self._n_classes), dtype=np.float32)
        shares[:, self._present] = np.rint(values / UNIT) * UNIT
        return shares


def _room(n_features: int, options: FitOptions) -> int | None:
    """Return the bytes that trees may take, beside what a later prior would add; None: any."""
    if options.max_bytes is None:
        return None
    others = interface_bytes(n_features, options.n_classes) + joining_bytes(n_features, 2)
    others += options.reserved_bytes
    if options.max_bytes <= others:
        raise ValueError(
            "The 'max_bytes' parameter must leave room for a tree beside the model's "
            f"{plural(others, 'byte')} of names, descriptions and other parts. "
            f"Got {options.max_bytes} instead."
        )
    return options.max_bytes - others


def _size_report(
    max_bytes: int | None, n_bytes: int, planned: int, trees: Trees, leaves: tuple[int, int]
) -> SizeReport:
    kept, (asked, within) = trees.n_trees, leaves
    largest = np.add.reduceat(trees.feature < 0, trees.tree_offsets[:-1], dtype=np.int64).max()
    costs = []
    if largest == within < asked:
        costs.append(f"limited each tree to {plural(within, 'leaf', 'leaves')}")
    if kept < planned:
        costs.append(f"kept {kept} of {plural(planned, 'tree')}")
    if not costs:
        return SizeReport(max_bytes, n_bytes, False, "The size budget cost nothing.")
    cost = f"max_bytes={max_bytes} {' and '.join(costs)} ({plural(n_bytes, 'byte')})."
    return SizeReport(max_bytes, n_bytes, True, cost)
