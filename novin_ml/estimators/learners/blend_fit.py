"""Training of trees and a perceptron on the same rows, and the choice of their weights."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import brentq

from novin_ml.estimators.learners import boosting_fit, network_fit
from novin_ml.estimators.learners._size import interface_bytes, joining_bytes
from novin_ml.estimators.learners.blend import BlendLearner
from novin_ml.estimators.learners.boosting_defaults import default_rounds
from novin_ml.estimators.learners.calibration_fit import (
    calibrated,
    calibration_report,
    cross_fitted,
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
        parts weigh the same.
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
    params = checked_params(options.params)
    n_features, n_classes = train.n_features, options.n_classes
    interface = interface_bytes(n_features, n_classes)
    joining = joining_bytes(n_features, n_classes)
    n_rows = len(train) + (0 if held_back is None else len(held_back))
    rounds = default_rounds(n_rows) if options.epochs is None else options.epochs
    # Each part is calibrated below, where the mixture is compared with that of the plain parts, and
    # draws what it would draw alone.
    apart = replace(options, calibrate=False)
    again = copy.deepcopy(options.random_state)
    plain_network, network_report = network_fit.fit_network(
        train,
        held_back,
        replace(
            apart,
            params=params["mlp"],
            reserved_bytes=(options.max_bytes or 0) // 2,
            progress=_within(options.progress, before=0, after=rounds),
        ),
    )
    beside_trees = network_report.size.model_bytes - interface
    plain_boosting, boosting_report = boosting_fit.fit_boosting(
        train,
        held_back,
        replace(
            apart,
            params=params["boosting"],
            random_state=again,
            reserved_bytes=beside_trees + joining,
            trees_apart=True,
            progress=_within(options.progress, before=network_report.epochs_run, after=0),
        ),
    )
    network, network_report = calibrated(plain_network, held_back, options, network_report)
    boosting, boosting_report = calibrated(plain_boosting, held_back, options, boosting_report)
    learner = BlendLearner(boosting, network, _EQUAL, n_features, n_classes)
    scores: list[tuple[float | None, float | None]] = [(None, None)] * 3
    calibration = boosting_report.calibration + network_report.calibration
    if held_back is not None:
        trees, dense = boosting.predict_proba(held_back.X), network.predict_proba(held_back.X)
        learner = replace(learner, weight=best_weight(trees, dense, held_back))
        both = learner.mix(trees, dense)
        scores = [_scores(answer, held_back) for answer in (trees, dense, both)]
        if calibration:
            parts: tuple[Learner, ...] = (plain_boosting, plain_network)
            plain = [part.predict_proba(held_back.X) for part in parts]
            after = [
                cross_fitted(part.margins(held_back.X), held_back) if effect.applied else answer
                for part, effect, answer in zip(parts, calibration, plain, strict=True)
            ]
            applied = any(effect.applied for effect in calibration)
            calibration.append(
                calibration_report(
                    "blend", learner.mix(*plain), learner.mix(*after), held_back, applied=applied
                )
            )
    size = _size_report(boosting_report.size, network_report.size, beside_trees + joining)
    alone = boosting_report.size.model_bytes, network_report.size.model_bytes
    shares = list(map(float, learner.shares))
    kept = boosting_report.epochs_kept, network_report.epochs_kept
    return learner, FitReport(
        epochs_planned=network_report.epochs_planned + boosting_report.epochs_planned,
        epochs_run=network_report.epochs_run + boosting_report.epochs_run,
        epochs_kept=sum(kept),
        size=size,
        validation_loss=network_report.validation_loss + boosting_report.validation_loss,
        parts=[
            PartReport("boosting", shares[0], kept[0], alone[0], *scores[0]),
            PartReport("mlp", shares[1], kept[1], alone[1], *scores[1]),
            PartReport("blend", 1.0, sum(kept), size.model_bytes, *scores[2]),
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
