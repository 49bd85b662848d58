"""Fits that the laws of training draw: every algorithm, and sizes around the limits."""

from __future__ import annotations

from typing import Any
from unittest import mock

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from novin_ml import DeliveryClassifier, EventChainClassifier, MotionClassifier
from novin_ml.estimators.learners import LEARNERS, Rows

CLASSIFIERS = (DeliveryClassifier, MotionClassifier, EventChainClassifier)
SMALL_NETWORK = {"hidden_layer_sizes": (6,), "learning_rate_init": 0.02}
# The default step depends on the number of rounds.
SMALL_TREES = {"max_depth": 3, "learning_rate": 0.2}
SMALL = {
    "boosting": SMALL_TREES,
    "mlp": SMALL_NETWORK,
    "blend": {"boosting": SMALL_TREES, "mlp": SMALL_NETWORK},
    "forest": {"max_leaf_nodes": 8},
}
algorithms = st.sampled_from(tuple(LEARNERS))
#: Those that are trained in rounds, so that held-back rows stop them.
in_rounds = st.sampled_from(tuple(kind for kind in LEARNERS if kind != "forest"))
seeds = st.integers(0, 2**32 - 1)
any_sizes = st.integers(8, 40) | st.sampled_from((300, 999, 1000, 1001))
any_groups = st.sampled_from((None, 2, 3, 12))
any_classes = st.sampled_from((2, 2, 3))
any_stopping = st.sampled_from((False, True, "auto"))


class Fit:
    """A small classifier and what it is fitted on."""

    def __init__(self, params: dict, X: np.ndarray, y: np.ndarray, groups: Any) -> None:
        self.params = params
        self.X, self.y, self.groups = X, y, groups

    def __repr__(self) -> str:
        groups = None if self.groups is None else len(set(self.groups))
        counts = np.bincount(self.y).tolist()
        return f"Fit({self.params}, rows of classes={counts}, groups={groups})"

    def model(self, kind: type = DeliveryClassifier, **params: Any) -> Any:
        """Return the classifier, not fitted."""
        return kind(**{**self.params, **params})

    def fitted(self, **params: Any) -> Any:
        """Return the classifier, fitted on all of it."""
        return self.model(**params).fit(self.X, self.y, groups=self.groups)


@st.composite
def fits(
    draw: st.DrawFn,
    *,
    sizes: st.SearchStrategy = any_sizes,
    groups: st.SearchStrategy = any_groups,
    stopping: st.SearchStrategy = any_stopping,
    kinds: st.SearchStrategy = algorithms,
    classes: st.SearchStrategy = any_classes,
) -> Fit:
    """Draw a fit; two classes are either as large as each other, or one of them is rare."""
    algorithm = draw(kinds)
    n_rows, n_classes = draw(sizes), draw(classes)
    rng = np.random.default_rng(draw(seeds))
    X = rng.normal(size=(n_rows, 3)).astype(np.float32)
    score = X[:, 0] + 0.3 * rng.normal(size=n_rows)
    share = 0.1 if draw(st.booleans()) else 1 / n_classes
    y = np.searchsorted(np.quantile(score, 1 - share * np.arange(n_classes)[:0:-1]), score)
    y[:n_classes] = np.arange(n_classes)
    X[rng.random(X.shape) < draw(st.sampled_from((0.0, 0.2)))] = np.nan
    n_groups = draw(groups)
    of_rows = None
    if n_groups is not None:
        of_rows = rng.integers(0, n_groups, n_rows)
        of_rows[:n_groups] = rng.permutation(n_groups)[:n_rows]
    assume(of_rows is None or can_be_held(y, of_rows))
    params = {
        "algorithm": algorithm,
        "epochs": 3,
        "early_stopping": draw(stopping),
        "calibrate": draw(st.booleans()),
        "learner_params": SMALL[algorithm],
        "random_state": draw(st.integers(0, 5)),
    }
    return Fit(params, X, y, of_rows)


def can_be_held(y: np.ndarray, groups: np.ndarray) -> bool:
    """Whether there is a group without which every class has a row."""
    return any(len(set(y[groups != each])) == len(set(y)) for each in set(groups.tolist()))


def learnt(model: Any) -> dict[str, Any]:
    """Return all that a fitted classifier holds of its training, for `assert_same`."""
    return {
        "classes": model.classes_.tolist(),
        "fit": model.fit_report_,
        "size": model.size_report_,
        "summary": model.feature_summary_,
        "data": model.training_data_,
        "n_iter": model.n_iter_,
        "files": model.learner_.to_files(),
    }


def assert_same(model: Any, other: Any, X: np.ndarray, *, but: tuple[str, ...] = ()) -> None:
    """Assert that two classifiers are one: the bits of their answers, and all that they hold."""
    np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))
    one, two = learnt(model), learnt(other)
    for name in one.keys() - set(but):
        np.testing.assert_equal(two[name], one[name], err_msg=name)


def parts_of(fit: Fit, **arguments: Any) -> tuple[Rows, Rows | None]:
    """Return the rows that a fit trains on and those that it holds back."""
    kind, train = LEARNERS[fit.params["algorithm"]]
    seen: list[tuple[Rows, Rows | None]] = []

    def recording(rows: Rows, held_back: Rows | None, options: Any) -> Any:
        seen.append((rows, held_back))
        return train(rows, held_back, options)

    with mock.patch.dict(LEARNERS, {fit.params["algorithm"]: (kind, recording)}):
        fit.model().fit(fit.X, fit.y, groups=fit.groups, **arguments)
    return seen[0]
