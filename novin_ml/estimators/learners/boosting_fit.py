"""Training of boosted trees: xgboost's histogram method, early stopping and a byte budget."""

from __future__ import annotations

import gc
import weakref
from numbers import Integral, Real
from typing import Any

from novin_ml.estimators.learners._byte_budget import ByteBudget
from novin_ml.estimators.learners.boosting import BoostingLearner, use_one_thread
from novin_ml.estimators.learners.boosting_defaults import (
    FEW_ROWS,
    default_params,
    default_rounds,
)
from novin_ml.estimators.learners.calibration_fit import calibrated
from novin_ml.estimators.learners.training import FitOptions, FitReport, Rows
from novin_ml.optional import import_optional
from novin_ml.parameters import nearest
from novin_ml.plain import as_python, shown
from novin_ml.validation import Interval, StrOptions, validate_parameter_constraints

# Above this size, a garbage collection is worth the tenth of a second that it takes.
_MANY_BYTES = 10_000_000

#: xgboost's other names of the same parameters.
_ALIASES = {
    "eta": "learning_rate",
    "min_split_loss": "gamma",
    "lambda": "reg_lambda",
    "alpha": "reg_alpha",
}
_SHARE = [Interval(Real, 0, 1, closed="right")]
_COUNT = [Interval(Integral, 0, None, closed="left")]
_AMOUNT = [Interval(Real, 0, None, closed="left")]
_CONSTRAINTS: dict[str, list[Any]] = {
    "colsample_bylevel": _SHARE,
    "colsample_bynode": _SHARE,
    "colsample_bytree": _SHARE,
    "gamma": _AMOUNT,
    "grow_policy": [StrOptions({"depthwise", "lossguide"})],
    "learning_rate": [Interval(Real, 0, None, closed="neither")],
    "max_bin": [Interval(Integral, 2, None, closed="left")],
    "max_delta_step": _AMOUNT,
    "max_depth": _COUNT,
    "max_leaves": _COUNT,
    "min_child_weight": _AMOUNT,
    "patience": [Interval(Integral, 1, None, closed="left")],
    "reg_alpha": _AMOUNT,
    "reg_lambda": _AMOUNT,
    "subsample": _SHARE,
}

#: Name of a parameter, or of an alias -> its first name.
BOOSTING_NAMES: dict[str, str] = {**{name: name for name in _CONSTRAINTS}, **_ALIASES}


def fit_boosting(
    train: Rows, held_back: Rows | None, options: FitOptions
) -> tuple[BoostingLearner, FitReport]:
    """Train boosted trees.

    Parameters
    ----------
    train, held_back : Rows
        The held-back rows decide when to stop; None trains all rounds.
    options : FitOptions
        ``options.params`` are xgboost's tree parameters and ``patience``: training stops after
        this many rounds without improvement. They replace those of `default_params`.

    Returns
    -------
    learner : BoostingLearner
        The trees of the kept rounds.
    report : FitReport
        What happened during training.

    References
    ----------
    Chen and Guestrin, "XGBoost: A Scalable Tree Boosting System", KDD 2016.
    """
    n_rows = len(train) + (0 if held_back is None else len(held_back))
    rounds = default_rounds(n_rows) if options.epochs is None else options.epochs
    params = _params_of(options, train.n_features, n_rows, rounds)
    patience = params.pop("patience")
    if params.get("subsample", 1) < 1 and n_rows < FEW_ROWS:
        train = train.in_order_of_content()  # so that the draw does not depend on their order
    budget = ByteBudget(options, params, rounds, n_features=train.n_features)
    booster, losses = _train(train, held_back, params, patience, budget)
    run = booster.num_boosted_rounds()
    kept = min(
        booster.best_iteration + 1 if held_back is not None else run,
        budget.rounds_that_fit(booster),
    )
    booster = booster[:kept]
    use_one_thread(booster)
    report = FitReport(
        epochs_planned=rounds,
        epochs_run=run,
        epochs_kept=kept,
        size=budget.report(booster, kept, losses),
        validation_loss=losses,
    )
    return calibrated(
        BoostingLearner(booster, train.n_features, options.n_classes), held_back, options, report
    )


def _params_of(options: FitOptions, n_features: int, n_rows: int, rounds: int) -> dict[str, Any]:
    """Return xgboost's parameters, and `patience`."""
    defaults = default_params(n_rows, options.n_classes, n_features, rounds)
    params = defaults | checked_params(options.params)
    binary = options.n_classes == 2
    params |= {
        "objective": "binary:logistic" if binary else "multi:softprob",
        "eval_metric": "logloss" if binary else "mlogloss",
        "tree_method": "hist",
        "nthread": options.n_jobs or 1,
        "seed": int(options.random_state.randint(2**31 - 1)),
        "verbosity": 0,
    }
    if not binary:
        params["num_class"] = options.n_classes
    return params


def _train(
    train: Rows, held_back: Rows | None, params: dict[str, Any], patience: int, budget: ByteBudget
) -> tuple[Any, list[float]]:
    """Train a booster; return it and the held-back loss after each round."""
    xgboost = import_optional("xgboost", extra="train", purpose="Training trees")
    training_matrix = _matrix(train, params)
    callbacks: list[Any] = [_callback(budget)]
    evals = []
    if held_back is not None:
        evals = [(_matrix(held_back, params, training_matrix), "held_back")]
        callbacks.append(xgboost.callback.EarlyStopping(rounds=patience))
    history: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        params,
        training_matrix,
        budget.rounds,
        evals=evals,
        evals_result=history,
        verbose_eval=False,
        callbacks=callbacks,
    )
    metrics = history.get("held_back", {}).values()
    return booster, [float(loss) for metric in metrics for loss in metric]


def _matrix(rows: Rows, params: dict[str, Any], ref: Any = None) -> Any:
    """Return rows in xgboost's bins; a copy of them that only this made is freed."""
    import xgboost

    X = rows.X
    made = xgboost.QuantileDMatrix(
        X,
        rows.codes,
        weight=rows.weight,
        max_bin=params["max_bin"],
        ref=ref,
        nthread=params["nthread"],
    )
    if rows.place is not None and X.nbytes > _MANY_BYTES:
        copy = weakref.ref(X)
        del X
        if copy() is not None:  # xgboost 2 leaves the matrix in a reference cycle
            gc.collect()
    return made


def checked_params(given: Any) -> dict[str, Any]:
    """Return the given parameters under xgboost's first names, or raise ValueError."""
    params: dict[str, Any] = {}
    for name, value in given.items():
        canonical = BOOSTING_NAMES.get(name)
        if canonical is None:
            raise ValueError(
                f"The {shown(name)} entry of learner_params must be one of {sorted(_CONSTRAINTS)} "
                f"for algorithm='boosting'. Got {name}={shown(value)} instead."
                f"{nearest(name, BOOSTING_NAMES)} "
                "Rounds, threads, seed and class weights are parameters of the estimator; options "
                "that Core ML cannot hold (such as booster='dart') are not offered."
            )
        if isinstance(as_python(value), bool):  # an int to the checks, and to xgboost a text
            raise ValueError(
                f"The {name!r} entry of learner_params must be a number or a text of xgboost's. "
                f"Got {name}={shown(value)} instead."
            )
        params[canonical] = value
    validate_parameter_constraints(_CONSTRAINTS, params, caller_name="learner_params")
    return params


def _callback(budget: ByteBudget) -> Any:
    import xgboost

    class StopAtBudget(xgboost.callback.TrainingCallback):
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            if budget.progress is not None:
                loss = next((m[-1] for data in evals_log.values() for m in data.values()), None)
                budget.progress(epoch + 1, budget.rounds, loss)
            return budget.passed(model, epoch + 1)

    return StopAtBudget()
