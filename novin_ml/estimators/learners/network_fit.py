"""Training of the perceptron: scikit-learn's MLPClassifier, one epoch at a time."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from itertools import pairwise
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from novin_ml.estimators.learners._size import interface_bytes
from novin_ml.estimators.learners.calibration_fit import calibrated
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.estimators.learners.training import (
    FitOptions,
    FitReport,
    Rows,
    SizeReport,
    held_back_loss,
)
from novin_ml.parameters import nearest
from novin_ml.plain import plural, shown
from novin_ml.validation import Interval, validate_parameter_constraints

DEFAULTS: dict[str, Any] = {
    "hidden_layer_sizes": (128, 128),
    "learning_rate_init": 2e-3,
    "alpha": 1e-4,
    "activation": "relu",
    "batch_size": "auto",
    "patience": 8,
}
DEFAULT_EPOCHS = 50
# For a single column, numpy would sum the values in another order.
_COLUMNS_AT_ONCE = 4
_INTERRUPTED = "Training interrupted by user"
_CONSTRAINTS: dict[str, list[Any]] = {
    name: MLPClassifier._parameter_constraints[name]
    for name in sorted({*DEFAULTS, "beta_1", "beta_2", "epsilon"} - {"patience"})
} | {"patience": [Interval(Integral, 1, None, closed="left")]}
#: Name of a parameter -> the same: it has no alias.
NETWORK_NAMES: dict[str, str] = {name: name for name in _CONSTRAINTS}


def fit_network(
    train: Rows, held_back: Rows | None, options: FitOptions
) -> tuple[NetworkLearner, FitReport]:
    """Train a perceptron with Adam on median-imputed, standardised features.

    Parameters
    ----------
    train, held_back : Rows
        The held-back rows decide which epoch is kept and when to stop; None keeps the last.
    options : FitOptions
        ``options.params`` are those of MLPClassifier and ``patience``: training stops after this
        many epochs without improvement.

    Returns
    -------
    learner : NetworkLearner
        The network of the kept epoch.
    report : FitReport
        What happened during training.

    References
    ----------
    Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, as implemented by
    scikit-learn's MLPClassifier.
    """
    params = checked_params(options.params)
    patience = params.pop("patience")
    n_samples, n_features = len(train), train.n_features
    asked = tuple(np.atleast_1d(params["hidden_layer_sizes"]).tolist())
    hidden = _widths_within(asked, n_features, options)
    if params["batch_size"] == "auto":
        params["batch_size"] = int(np.clip(n_samples // 100, 32, 512))
    params["batch_size"] = min(params["batch_size"], n_samples)
    params["hidden_layer_sizes"] = hidden

    medians, mean, scale, inputs = _standardise(train)
    model = MLPClassifier(random_state=options.random_state, **params)

    def snapshot() -> NetworkLearner:
        return NetworkLearner(
            medians=medians,
            mean=mean,
            scale=scale,
            weights=[np.array(w, dtype=np.float32) for w in model.coefs_],
            biases=[np.array(b, dtype=np.float32) for b in model.intercepts_],
            activation=params["activation"],
            n_features=n_features,
            n_classes=options.n_classes,
        )

    best: NetworkLearner | None = None
    best_epoch = 0
    losses: list[float] = []
    epochs = DEFAULT_EPOCHS if options.epochs is None else options.epochs
    # A second BLAS thread saves a tenth of the time at these sizes on a quiet machine, and takes
    # seven to fifteen times as long on a busy one: threads of BLAS wait for each other by spinning.
    with threadpool_limits(1):
        for epoch in range(1, epochs + 1):
            _run_epoch(model, Rows(inputs, train.codes, train.weight), options)
            loss = None
            if held_back is not None:
                candidate = snapshot()
                loss = held_back_loss(candidate.predict_proba(held_back.X), held_back)
                if not losses or loss < min(losses):
                    best, best_epoch = candidate, epoch
                losses.append(loss)
            if options.progress is not None:
                options.progress(epoch, epochs, loss)
            if held_back is not None and epoch - best_epoch >= patience:
                break
    report = FitReport(
        epochs_planned=epochs,
        epochs_run=epoch,
        epochs_kept=best_epoch or epoch,
        size=_size_report(asked, hidden, n_features, options),
        validation_loss=losses,
    )
    return calibrated(best or snapshot(), held_back, options, report)


def _run_epoch(model: MLPClassifier, rows: Rows, options: FitOptions) -> None:
    classes = np.arange(options.n_classes)
    if rows.weight is None:
        interruptible(model.partial_fit, rows.X, rows.codes, classes=classes)
    elif "sample_weight" in inspect.signature(model.partial_fit).parameters:
        interruptible(
            model.partial_fit, rows.X, rows.codes, sample_weight=rows.weight, classes=classes
        )
    else:  # scikit-learn 1.6 takes no weights: draw rows in proportion to them in each epoch
        share = rows.weight / rows.weight.sum(dtype=np.float64)
        drawn = options.random_state.choice(len(share), size=len(share), p=share)
        interruptible(model.partial_fit, rows.X[drawn], rows.codes[drawn], classes=classes)


def interruptible(partial_fit: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Let Ctrl-C through; scikit-learn would turn it into a warning and a partial epoch."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=_INTERRUPTED, category=UserWarning)
        try:
            partial_fit(*args, **kwargs)
        except UserWarning as warning:
            if not str(warning).startswith(_INTERRUPTED):
                raise
            raise KeyboardInterrupt from None


def checked_params(given: Any) -> dict[str, Any]:
    """Return the defaults, updated with the given parameters, or raise ValueError."""
    unknown = sorted(set(given) - set(_CONSTRAINTS), key=str)
    if unknown:
        raise ValueError(
            f"The {shown(unknown[0])} entry of learner_params must be one of "
            f"{sorted(_CONSTRAINTS)} for algorithm='mlp'. "
            f"Got {unknown[0]}={shown(given[unknown[0]])} instead."
            f"{nearest(unknown[0], _CONSTRAINTS)} "
            "Epochs, seed and class weights are parameters of the estimator."
        )
    params = DEFAULTS | dict(given)
    validate_parameter_constraints(_CONSTRAINTS, params, caller_name="learner_params")
    if np.any(np.asarray(params["hidden_layer_sizes"]) < 1):
        raise ValueError(
            "The 'hidden_layer_sizes' entry of learner_params must have positive widths. "
            f"Got {shown(params['hidden_layer_sizes'])} instead."
        )
    return params


def _standardise(rows: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return medians, mean, 1 / standard deviation, and a copy of the rows, imputed and scaled."""
    return standardised(rows.table.copy() if rows.place is None else rows.X)


def standardised(filled: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return medians, mean, 1 / standard deviation, and the rows themselves, imputed and scaled.

    The numbers equal those of scikit-learn's SimpleImputer and StandardScaler, to the last bit.
    Those need several float64 arrays as large as the rows; here some columns are done at a time.

    Parameters
    ----------
    filled : ndarray of shape (n_samples, n_features), float32
        It is changed in place.
    """
    medians = np.array([_median(column) for column in filled.T], dtype=np.float32)
    np.copyto(filled, medians, where=np.isnan(filled))
    parts = np.array_split(filled, max(1, filled.shape[1] // _COLUMNS_AT_ONCE), axis=1)
    scalers = [StandardScaler().fit(part) for part in parts]
    mean = np.concatenate([scaler.mean_ for scaler in scalers]).astype(np.float32)
    deviation = np.concatenate([scaler.scale_ for scaler in scalers])
    # Below 3e-39, among the subnormal numbers, 1 / deviation is no float32 number. Such a column
    # counts as constant: the scaler has 1 for those, and many devices take its values for 0.
    deviation[1 / deviation > np.finfo(np.float32).max] = 1
    scale = (1 / deviation).astype(np.float32)
    filled -= mean
    filled *= scale
    return medians, mean, scale, filled


def _median(column: np.ndarray) -> np.float32:
    """Return the median of the known values of a column; 0 if none is known."""
    known = column[~np.isnan(column)]
    return np.median(known, overwrite_input=True) if len(known) else np.float32(0)


def network_bytes(hidden: Sequence[int], n_features: int, n_classes: int) -> int:
    """Return the bytes of a network in a Core ML file: 4 for each weight, 8 for each input."""
    widths = [n_features, *hidden, max(n_classes, 2)]
    n_weights = sum((a + 1) * b for a, b in pairwise(widths))
    return (
        4 * n_weights + 24 * n_features + 100 * len(widths) + interface_bytes(n_features, n_classes)
    )


def _widths_within(asked: tuple[int, ...], n_features: int, options: FitOptions) -> tuple[int, ...]:
    """Narrow all hidden layers by the same factor until the network fits the budget."""
    if options.max_bytes is None:
        return asked
    for share in np.linspace(1.0, 0.0, 201):
        hidden = tuple(max(1, int(width * share)) for width in asked)
        n_bytes = network_bytes(hidden, n_features, options.n_classes) + options.reserved_bytes
        if n_bytes <= options.max_bytes:
            return hidden
    raise ValueError(
        "The 'max_bytes' parameter must leave room for a network of one unit a layer, "
        f"{plural(n_bytes, 'byte')} with its other parts here. Got {options.max_bytes} instead."
    )


def _size_report(
    asked: tuple[int, ...], hidden: tuple[int, ...], n_features: int, options: FitOptions
) -> SizeReport:
    n_bytes = network_bytes(hidden, n_features, options.n_classes)
    if hidden == asked:
        return SizeReport(options.max_bytes, n_bytes, False, "The size budget cost nothing.")
    return SizeReport(
        options.max_bytes,
        n_bytes,
        True,
        f"max_bytes={options.max_bytes} narrowed the hidden layers from {asked} to {hidden} units"
        f" ({plural(n_bytes, 'byte')}).",
    )
