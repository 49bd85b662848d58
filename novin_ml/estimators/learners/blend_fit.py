"""Training of trees and a perceptron on the same rows, and the choice of their weights."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from novin_ml.estimators.learners import boosting_fit, network_fit
from novin_ml.estimators.learners._size import interface_bytes, joining_bytes
from novin_ml.estimators.learners.blend import BlendLearner
from novin_ml.estimators.learners.boosting_defaults import default_rounds
from novin_ml.estimators.learners.calibration import CalibrationReport
from novin_ml.estimators.learners.calibration_fit import (
    calibrated,
    calibration_report,
    cross_fitted,
    folds_of,
)
from novin_ml.estimators.learners.learner import Learner
from novin_ml.estimators.learners.training import (
    FitOptions,
    FitReport,
    PartReport,
    Progress,
    Rows,
    SizeReport,
    held_back_loss,
)
from novin_ml.parameters import nearest
from novin_ml.plain import shown

# Used without held-back rows, which would show the better part.
_EQUAL = np.float32(0.5)


def fit_blend(
    train: Rows, held_back: Rows | None, options: FitOptions
) -> tuple[BlendLearner, FitReport]:
    """Train a perceptron and boosted trees, and mix their probabilities.

    Parameters
    ----------
    train, held_back : Rows
        The held-back rows decide when each part stops. Then they decide the weight, which
        minimises the log loss of the mixture, a convex function of it. Without such rows, both
        parts weigh the same. The scores of the report are cross-fitted: the weight of a row, and
        its calibration, are of other folds.
    options : FitOptions
        ``options.params`` has up to two entries, ``"boosting"`` and ``"mlp"``, with the parameters
        of each part. ``options.epochs`` limits both the rounds and the passes over the data. The
        network may take half of ``options.max_bytes``, and the trees take the rest.

    Returns
    -------
    learner : BlendLearner
        Both parts, and the weight of the trees.
    report : FitReport
        What happened during training.

    References
    ----------
    Wolpert, "Stacked generalization", Neural Networks 5(2), 1992.
    """
    boosting, network = _fit_parts(train, held_back, options)
    n_features, n_classes = train.n_features, options.n_classes
    learner = BlendLearner(boosting.learner, network.learner, _EQUAL, n_features, n_classes)
    if held_back is None:
        scores: list[tuple[float | None, float | None]] = [(None, None)] * 3
        calibration = boosting.report.calibration + network.report.calibration
    else:
        of_trees, of_network = (
            each.learner.predict_proba(held_back.X) for each in (boosting, network)
        )
        learner = replace(learner, weight=best_weight(of_trees, of_network, held_back))
        scores, calibration = _cross_fitted_scores(boosting, network, held_back)
    return learner, _report(boosting, network, learner, scores, calibration)


class _Part(NamedTuple):
    """A part of a blend: as it was trained, as it is used, and what happened in training."""

    plain: Learner
    learner: Any
    report: FitReport


def _fit_parts(train: Rows, held_back: Rows | None, options: FitOptions) -> tuple[_Part, _Part]:
    """Train the trees and the network."""
    params = checked_params(options.params)
    n_features, n_classes = train.n_features, options.n_classes
    n_rows = len(train) + (0 if held_back is None else len(held_back))
    rounds = default_rounds(n_rows) if options.epochs is None else options.epochs
    # Each part is calibrated below, where the mixture is compared with that of the plain parts, and
    # draws what it would draw alone.
    apart = replace(options, calibrate=False)
    again = copy.deepcopy(options.random_state)
    network, network_report = network_fit.fit_network(
        train,
        held_back,
        replace(
            apart,
            params=params["mlp"],
            reserved_bytes=(options.max_bytes or 0) // 2,
            progress=_within(options.progress, before=0, after=rounds),
        ),
    )
    beside = _bytes_beside_trees(network_report, n_features, n_classes)
    boosting, boosting_report = boosting_fit.fit_boosting(
        train,
        held_back,
        replace(
            apart,
            params=params["boosting"],
            random_state=again,
            reserved_bytes=beside,
            trees_apart=True,
            progress=_within(options.progress, before=network_report.epochs_run, after=0),
        ),
    )
    return (
        _Part(boosting, *calibrated(boosting, held_back, options, boosting_report)),
        _Part(network, *calibrated(network, held_back, options, network_report)),
    )


def _bytes_beside_trees(network: FitReport, n_features: int, n_classes: int) -> int:
    """Return the bytes of a blend without its trees."""
    own = network.size.model_bytes - interface_bytes(n_features, n_classes)
    return own + joining_bytes(n_features, n_classes)


def _cross_fitted_scores(
    boosting: _Part, network: _Part, held_back: Rows
) -> tuple[list[tuple[float | None, float | None]], list[CalibrationReport]]:
    """Return log loss and accuracy of both parts and of their mixture, and what calibration did.

    Calibration and weight of a row are of other folds.
    """
    parts = (boosting, network)
    X = held_back.X
    plain = [part.plain.predict_proba(X) for part in parts]
    after = list(plain)
    calibration = boosting.report.calibration + network.report.calibration
    for place, effect in enumerate(calibration):
        if effect.applied:
            after[place] = cross_fitted(parts[place].plain.margins(X), held_back)
    weights = cross_fitted_weights(after[0], after[1], held_back)
    both = _mixed(after, weights)
    if calibration:
        applied = any(effect.applied for effect in calibration)
        before = _mixed(plain, weights)
        calibration.append(calibration_report("blend", before, both, held_back, applied=applied))
    return [_scores(answer, held_back) for answer in (*after, both)], calibration


def _report(
    boosting: _Part,
    network: _Part,
    learner: BlendLearner,
    scores: list[tuple[float | None, float | None]],
    calibration: list[CalibrationReport],
) -> FitReport:
    trees, layers = boosting.report, network.report
    beside = _bytes_beside_trees(layers, learner.n_features, learner.n_classes)
    size = _size_report(trees.size, layers.size, beside)
    shares = list(map(float, learner.shares))
    kept = trees.epochs_kept + layers.epochs_kept
    return FitReport(
        epochs_planned=layers.epochs_planned + trees.epochs_planned,
        epochs_run=layers.epochs_run + trees.epochs_run,
        epochs_kept=kept,
        size=size,
        validation_loss=layers.validation_loss + trees.validation_loss,
        parts=[
            PartReport(
                "boosting", shares[0], trees.epochs_kept, trees.size.model_bytes, *scores[0]
            ),
            PartReport("mlp", shares[1], layers.epochs_kept, layers.size.model_bytes, *scores[1]),
            PartReport("blend", 1.0, kept, size.model_bytes, *scores[2]),
        ],
        calibration=calibration,
    )


def checked_params(given: Any) -> dict[str, dict[str, Any]]:
    """Return the parameters of each part, or raise ValueError before any training."""
    params: dict[str, dict[str, Any]] = {"boosting": {}, "mlp": {}}
    for name, value in given.items():
        if name not in params:
            raise ValueError(
                f"The {shown(name)} entry of learner_params must be one of {sorted(params)} for "
                f"algorithm='blend'. Got {name}={shown(value)} instead."
                f"{nearest(name, params)} "
                "Put parameters of the trees into 'boosting' and those of the network into 'mlp'."
            )
        if not isinstance(value, Mapping):
            raise ValueError(
                f"The {shown(name)} entry of learner_params must be a dict of parameters for "
                f"algorithm='blend'. Got {shown(value)} instead."
            )
        params[name] = dict(value)
    boosting_fit.checked_params(params["boosting"])
    network_fit.checked_params(params["mlp"])
    return params


def best_weight(boosting: np.ndarray, network: np.ndarray, rows: Rows) -> np.float32:
    """Return the weight of the first of two models that minimises the log loss of their mixture.

    Parameters
    ----------
    boosting, network : ndarray of shape (n_samples, n_classes)
        Probabilities.
    rows : Rows
        Classes and weights of these rows.

    Returns
    -------
    weight : float32
        From 0 to 1; one half if both models give the same probability to the class of every row.
    """
    chosen = np.arange(len(rows.codes)), rows.codes
    least = np.finfo(np.float64).eps  # clip as scikit-learn's log loss does
    p = np.maximum(boosting[chosen].astype(np.float64), least)
    q = np.maximum(network[chosen].astype(np.float64), least)
    of_row = np.ones(len(p)) if rows.weight is None else rows.weight.astype(np.float64)
    if (p == q).all():
        return _EQUAL

    def slope(weight: float) -> float:
        return float(of_row @ ((q - p) / (weight * p + (1 - weight) * q)))

    # The loss is convex: its slope rises, and crosses zero at most once.
    if slope(0.0) >= 0:
        return np.float32(0)
    if slope(1.0) <= 0:
        return np.float32(1)
    return np.float32(brentq(slope, 0.0, 1.0, xtol=1e-9))


def cross_fitted_weights(boosting: np.ndarray, network: np.ndarray, rows: Rows) -> np.ndarray:
    """Return a weight of the first model for each row, chosen by the rows of the other folds.

    Parameters
    ----------
    boosting, network : ndarray of shape (n_samples, n_classes)
        Probabilities.
    rows : Rows
        Classes, weights and groups of these rows.

    Returns
    -------
    weights : ndarray of shape (n_samples,), float64
        As `best_weight` finds them; folds keep groups whole if there are two or more.
    """
    fold = folds_of(rows)
    weights = np.full(len(rows), float(_EQUAL))
    for each in np.unique(fold):
        rest = np.flatnonzero(fold != each)
        if len(rest) and (rows.weight is None or rows.weight[rest].any()):
            chosen = best_weight(boosting[rest], network[rest], rows.take(rest))
            weights[fold == each] = chosen
    return weights


def _mixed(parts: list[np.ndarray], weights: np.ndarray) -> np.ndarray:
    of_first = weights[:, np.newaxis]
    return of_first * parts[0].astype(np.float64) + (1 - of_first) * parts[1]


def _within(progress: Progress | None, *, before: int, after: int) -> Progress | None:
    """Shift the epochs of a part by those before it, so that both parts share one progress bar."""
    if progress is None:
        return None

    def advance(done: int, planned: int, loss: float | None) -> None:
        progress(before + done, before + planned + after, loss)

    return advance


def _scores(answer: np.ndarray, rows: Rows) -> tuple[float, float]:
    """Return log loss and accuracy."""
    right = answer.argmax(axis=1) == rows.codes
    return held_back_loss(answer, rows), float(np.average(right, weights=rows.weight))


def _size_report(boosting: SizeReport, network: SizeReport, beside_trees: int) -> SizeReport:
    bound = [part.cost for part in (network, boosting) if part.bound]
    return SizeReport(
        boosting.max_bytes,
        boosting.model_bytes + beside_trees,
        bool(bound),
        " ".join(bound) if bound else boosting.cost,
    )
